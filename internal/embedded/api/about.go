package api

import "context"

// Version is the Elasticsearch whose _inference API this is, for clients and
// for the provider, which reads off it what an endpoint may be.
const Version = "9.1.0"

type aboutBody struct {
	Name        string       `json:"name"`
	ClusterName string       `json:"cluster_name"`
	ClusterUUID string       `json:"cluster_uuid"`
	Version     aboutVersion `json:"version"`
	Tagline     string       `json:"tagline"`
}

type aboutVersion struct {
	Number                           string `json:"number"`
	BuildFlavor                      string `json:"build_flavor"`
	BuildType                        string `json:"build_type"`
	BuildHash                        string `json:"build_hash"`
	BuildDate                        string `json:"build_date"`
	BuildSnapshot                    bool   `json:"build_snapshot"`
	LuceneVersion                    string `json:"lucene_version"`
	MinimumWireCompatibilityVersion  string `json:"minimum_wire_compatibility_version"`
	MinimumIndexCompatibilityVersion string `json:"minimum_index_compatibility_version"`
}

// about answers GET /. The names say what it is; the rest is what clients of an
// Elasticsearch of this version expect to read.
func (h *Handler) about(ctx context.Context, _ *call) (any, error) {
	uuid, err := h.target.FileUUID(ctx)
	if err != nil {
		return nil, err
	}
	return aboutBody{
		Name: "embedded", ClusterName: "terraform-provider-inference", ClusterUUID: uuid,
		Version: aboutVersion{
			Number: Version, BuildFlavor: "default", BuildType: "tar",
			BuildHash: "unknown", BuildDate: "2025-07-24T00:00:00.000Z",
			LuceneVersion: "10.2.2", MinimumWireCompatibilityVersion: "8.19.0", MinimumIndexCompatibilityVersion: "8.0.0",
		},
		Tagline: "You Know, for Search",
	}, nil
}
