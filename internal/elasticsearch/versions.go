// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"slices"

	goversion "github.com/hashicorp/go-version"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// serverless is the build flavor of Elastic's serverless offer. Its version number
// has no meaning; it counts as newer than every version.
const serverless = "serverless"

// parseVersion parses "9.1.0", "9.1" or "9.1.0-SNAPSHOT". A pre-release counts as
// the release.
func parseVersion(text string) (*goversion.Version, bool) {
	parsed, err := goversion.NewVersion(text)
	if err != nil || len(parsed.Segments()) > 3 {
		return nil, false
	}
	return parsed.Core(), true
}

// Release describes one version of Elasticsearch.
type Release struct {
	backend.Capabilities
	// CreateTimeout and UpdateTimeout report whether the requests that create and
	// update an endpoint accept the parameter timeout.
	CreateTimeout, UpdateTimeout bool
}

// Basis is how a row of the version table was established.
type Basis string

// The bases of rows.
const (
	// Run means that classes of Elasticsearch were executed.
	Run Basis = "run"
	// Read means that sources, release notes or dates of merges were read.
	Read Basis = "read"
)

// Row is one row of the version table: a difference between versions.
type Row struct {
	// Name identifies the row.
	Name string
	// Since lists the first release with the change in each minor version that got
	// it as a backport, and at last the first release of all later versions.
	Since []string
	// Change describes what is different from then on.
	Change string
	// Source lists pull requests of elastic/elasticsearch.
	Source string
	Basis  Basis

	apply func(*Release)
}

// In reports whether a version has the change. A text that is not a version counts
// as the newest one.
func (r Row) In(version string) bool {
	parsed, ok := parseVersion(version)
	return !ok || r.in(parsed)
}

func (r Row) in(version *goversion.Version) bool {
	for i, text := range r.Since {
		since := goversion.Must(goversion.NewVersion(text))
		sameMinor := slices.Equal(version.Segments()[:2], since.Segments()[:2])
		if last := i == len(r.Since)-1; (last || sameMinor) && version.GreaterThanOrEqual(since) {
			return true
		}
	}
	return false
}

// versionTable holds all differences between versions, oldest first. A change that
// no release note mentions counts from the first release after its merge.
var versionTable = []Row{
	{
		Name: "service", Since: []string{"8.15.0"}, Basis: Run, Source: "#110248, #110545",
		Change: "The service `amazonbedrock` exists, with `text_embedding` and `completion`",
		apply: func(r *Release) {
			r.Supported, r.Requirement = true, ""
			r.TaskTypes = []inference.TaskType{inference.TextEmbedding, inference.Completion}
		},
	},
	{
		Name: "chunking", Since: []string{"8.16.0"}, Basis: Run, Source: "#112074, #113604, #115130, #115331",
		Change: "`chunking_settings` with the strategies `word` and `sentence`, and at most 300 words in a chunk",
		apply: func(r *Release) {
			r.Strategies = []string{inference.StrategyWord, inference.StrategySentence}
			r.MaxChunkSize = 300
		},
	},
	{
		// Such an update succeeds only if the request reaches the elected master
		// (run on 8.16.0, 8.17.0 and 8.17.10).
		Name: "update_local", Since: []string{"8.16.0"}, Basis: Run, Source: "#114457, #122278",
		Change: "`_update` exists, but the nodes of a cluster cannot pass it on to each other. It counts as missing",
		apply: func(r *Release) {
			r.UpdateMissing = "its nodes cannot pass an update on to each other, which was fixed in 8.18.0"
		},
	},
	{
		Name: "update", Since: []string{"8.18.0"}, Basis: Run, Source: "#114734, #122278",
		Change: "`_update` changes keys and task settings, also if another node has to carry it out. It resets the chunking settings",
		apply: func(r *Release) {
			r.UpdateMissing = ""
			r.Update = backend.UpdateCapabilities{Keys: true, TaskSettings: true, ResetsChunking: true}
		},
	},
	{
		Name: "none", Since: []string{"8.19.0", "9.1.0"}, Basis: Run, Source: "#129150, #129324",
		Change: "The strategy `none`",
		apply:  func(r *Release) { r.Strategies = append(r.Strategies, inference.StrategyNone) },
	},
	{
		Name: "recursive", Since: []string{"8.19.0", "9.1.0"}, Basis: Run, Source: "#129656, #131227, #131228",
		Change: "The strategy `recursive`, with `separators` and `separator_group`",
		apply:  func(r *Release) { r.Strategies = append(r.Strategies, inference.StrategyRecursive) },
	},
	{
		Name: "truncate", Since: []string{"8.19.0", "9.1.0"}, Basis: Read, Source: "transport version AMAZON_BEDROCK_TASK_SETTINGS_8_19",
		Change: "The task setting `truncate`",
		apply:  func(r *Release) { r.Truncate = true },
	},
	{
		Name: "create_timeout", Since: []string{"8.19.0", "9.1.0"}, Basis: Run, Source: "#126805",
		Change: "The request that creates an endpoint accepts `timeout`",
		apply:  func(r *Release) { r.CreateTimeout = true },
	},
	{
		Name: "input_type", Since: []string{"8.19.0", "9.1.0"}, Basis: Run, Source: "#122638, #125049",
		Change: "A run accepts `input_type`",
		apply:  func(r *Release) { r.NoInputType = false },
	},
	{
		// Merged on 2025-08-28, after 9.1.
		Name: "chunk_size", Since: []string{"9.2.0"}, Basis: Read, Source: "#133718",
		Change: "Chunks may have more than 300 words",
		apply:  func(r *Release) { r.MaxChunkSize = 0 },
	},
	{
		Name: "mappings", Since: []string{"8.19.7", "9.1.7", "9.2.1"}, Basis: Read, Source: "#137055, #137587, #137584",
		Change: "A create is refused while mappings of indices use the id with other settings",
		apply:  func(r *Release) { r.ChecksMappings = true },
	},
	{
		// 9.0 and 9.1 have no fix.
		Name: "chunking_reset", Since: []string{"8.19.12", "9.2.6", "9.3.1", "9.4.0"}, Basis: Run, Source: "#139574, #140003, #141557, #141682, #141687",
		Change: "`_update` no longer resets the chunking settings",
		apply:  func(r *Release) { r.Update.ResetsChunking = false },
	},
	{
		Name: "chat_completion", Since: []string{"9.4.0"}, Basis: Read, Source: "#139411",
		Change: "The task type `chat_completion`, whose task settings are ignored",
		apply:  func(r *Release) { r.TaskTypes = append(r.TaskTypes, inference.ChatCompletion) },
	},
	{
		Name: "limits_with_keys", Since: []string{"9.4.0"}, Basis: Read, Source: "#144749",
		Change: "`_update` changes `rate_limit` and `max_input_tokens` if the request contains both keys",
		apply: func(r *Release) {
			r.Update.RateLimit, r.Update.MaxInputTokens, r.Update.LimitsNeedKeys = true, true, true
		},
	},
	{
		Name: "chat_settings", Since: []string{"9.4.2"}, Basis: Read, Source: "#149268",
		Change: "The task settings of `chat_completion` have an effect",
		apply:  func(r *Release) { r.ChatSettingsIgnored = false },
	},
	{
		Name: "limits_without_keys", Since: []string{"9.5.0"}, Basis: Run, Source: "#149628",
		Change: "`_update` changes `rate_limit` and `max_input_tokens` without the keys",
		apply:  func(r *Release) { r.Update.LimitsNeedKeys = false },
	},
	{
		Name: "chunking_in_place", Since: []string{"9.5.0"}, Basis: Run, Source: "#149723",
		Change: "`_update` changes the chunking settings",
		apply:  func(r *Release) { r.Update.Chunking = true },
	},
	{
		Name: "update_timeout", Since: []string{"9.5.0"}, Basis: Run, Source: "#152179, elasticsearch-specification#6380",
		Change: "`_update` accepts `timeout`",
		apply:  func(r *Release) { r.UpdateTimeout = true },
	},
	{
		Name: "keys_unknown", Since: []string{"9.5.0"}, Basis: Read, Source: "#149430, #151881",
		Change: "`_update` refuses keys as unknown fields",
		apply:  func(r *Release) { r.Update.Keys = false },
	},
	{
		Name: "keys_known", Since: []string{"9.5.3"}, Basis: Run, Source: "#157214, #157413",
		Change: "`_update` accepts keys again",
		apply:  func(r *Release) { r.Update.Keys = true },
	},
	{
		Name: "separators", Since: []string{"9.5.5"}, Basis: Read, Source: "#158589, #159084",
		Change: "At most 50 `separators`",
		apply:  func(r *Release) { r.MaxSeparators = 50 },
	},
}

// VersionTable returns the differences between the versions of Elasticsearch that
// matter here, oldest first.
func VersionTable() []Row { return slices.Clone(versionTable) }

// CapabilitiesOf returns the capabilities of a version, such as "8.18.0". A text
// that is empty or not a version counts as the newest known version.
func CapabilitiesOf(version string) backend.Capabilities { return ReleaseOf(version, "").Capabilities }

// ReleaseOf returns the release of a version number and a build flavor. A number
// that is empty or not a version counts as the newest known version.
func ReleaseOf(number, flavor string) Release {
	parsed, known := parseVersion(number)
	newest := !known || flavor == serverless
	r := Release{
		Capabilities: backend.Capabilities{
			Name:                nameOf(number, flavor, known),
			Assumed:             number == "" && flavor == "",
			Requirement:         "The service came with Elasticsearch 8.15.0: upgrade the cluster.",
			NoInputType:         true,
			ChatSettingsIgnored: true,
			MinOverlap:          1, // WordBoundaryChunkingSettings
			MaxTopK:             1, // AmazonBedrockChatCompletionTaskSettings limits it like a probability
			TopKIgnored:         true,
			KeysRequired:        true, // AwsSecretSettings
			SharedRateLimit:     true, // RequestExecutorService groups requests by the key pair
			UpdateMissing:       "this version has no API for updates",
		},
	}
	for _, row := range versionTable {
		if newest || row.in(parsed) {
			row.apply(&r)
		}
	}
	return r
}

func nameOf(number, flavor string, known bool) string {
	switch {
	case flavor == serverless || number == serverless:
		return "Elasticsearch Serverless"
	case known:
		return "Elasticsearch " + number
	}
	return "Elasticsearch of unknown version"
}
