// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/vectors"
)

// plannedUpdates are updates that plans rely on: the body, what the endpoint shows
// afterwards if the update changes it, and whether the planner counts on it.
var plannedUpdates = []struct {
	body, shows string
	planned     func(backend.UpdateCapabilities) bool
}{
	{`{"service_settings":{"rate_limit":{"requests_per_minute":7}}}`, `"requests_per_minute":7}`, func(c backend.UpdateCapabilities) bool { return c.RateLimit && !c.LimitsNeedKeys }},
	{`{"service_settings":{"max_input_tokens":9}}`, `"max_input_tokens":9`, func(c backend.UpdateCapabilities) bool { return c.MaxInputTokens && !c.LimitsNeedKeys }},
	{`{"service_settings":{"access_key":"A2","secret_key":"S2"}}`, `"inference_id"`, func(c backend.UpdateCapabilities) bool { return c.Keys }},
	{`{"task_settings":{"temperature":0.9}}`, `"temperature":0.9`, func(c backend.UpdateCapabilities) bool { return c.TaskSettings }},
	{`{"chunking_settings":{"strategy":"word","max_chunk_size":100,"overlap":10}}`, `"max_chunk_size":100`, func(c backend.UpdateCapabilities) bool { return c.Chunking }},
	// Null removes nothing.
	{`{"task_settings":{"temperature":null}}`, `"task_settings":{}`, func(c backend.UpdateCapabilities) bool { return c.UnsetTaskSettings }},
	{`{"service_settings":{"max_input_tokens":null}}`, `"inference_id"`, func(c backend.UpdateCapabilities) bool { return c.UnsetTaskSettings }},
}

// TestPlannedUpdates compares the planner with what Elasticsearch's own classes did
// with the updates.
func TestPlannedUpdates(t *testing.T) {
	rows := vectors.Rows[struct {
		Versions []string        `json:"versions"`
		Input    json.RawMessage `json:"input"`
		Output   json.RawMessage `json:"output"`
		Error    json.RawMessage `json:"error"`
	}](t, "bedrock-settings.json.gz")
	for _, update := range plannedUpdates {
		var compared []string
		for _, row := range rows {
			var input struct{ Op, Task, Body string }
			if json.Unmarshal(row.Input, &input) != nil || input.Op != "update" || input.Body != update.body {
				continue
			}
			// The settings of another task type are no updates that a plan can have.
			embeds := input.Task == "text_embedding"
			if strings.Contains(update.body, "task_settings") == embeds || strings.Contains(update.body, "max_input_tokens") && !embeds || strings.Contains(update.body, "chunking") && !embeds {
				continue
			}
			var output struct {
				Shown string `json:"shown"`
			}
			_ = json.Unmarshal(row.Output, &output)
			works := row.Error == nil && strings.Contains(output.Shown, update.shows)
			for _, version := range row.Versions {
				version, _, _ = strings.Cut(version, "-")
				compared = append(compared, version)
				if planned := update.planned(elasticsearch.CapabilitiesOf(version).Update); planned != works {
					t.Errorf("%s on %s (%s): planned in place %v, works %v", update.body, version, input.Task, planned, works)
				}
			}
		}
		if !slices.Contains(compared, "9.1.0") || !slices.Contains(compared, "9.5.3") {
			t.Errorf("%s: compared on %q only", update.body, compared)
		}
	}
}
