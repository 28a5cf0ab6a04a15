package api_test

import (
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend/backendtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestConformance: to the client for Elasticsearch, which knows nothing of us,
// the API is a target like any other.
func TestConformance(t *testing.T) {
	t.Parallel()
	backendtest.Run(t, func(t *testing.T) backend.Target {
		t.Helper()
		client, err := elasticsearch.New(elasticsearch.Config{Endpoints: []string{simulated(t).URL}})
		if err != nil {
			t.Fatal(err)
		}
		return client
	}, inference.Keys{AccessKey: "access", SecretKey: "secret"})
}

// TestClientSeesTheFile: the uuid of the file is the cluster's for the client,
// and stays.
func TestClientSeesTheFile(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	var ids [2]string
	for i := range ids {
		client, err := elasticsearch.New(elasticsearch.Config{Endpoints: []string{s.URL}})
		if err != nil {
			t.Fatal(err)
		}
		if ids[i], err = client.ID(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if ids[0] != ids[1] || len(ids[0]) != len("elasticsearch:")+22 {
		t.Errorf("targets %q", ids)
	}
}
