// SPDX-License-Identifier: MPL-2.0

package backend

import (
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestCheck states each rule of a target on both sides of its bound.
func TestCheck(t *testing.T) {
	t.Parallel()
	old := Capabilities{
		Name: "Elasticsearch 8.16.0", Supported: true, TaskTypes: []inference.TaskType{inference.TextEmbedding, inference.Completion},
		Strategies: []string{"word", "sentence"}, MaxChunkSize: 300, MinOverlap: 1, MaxTopK: 1, TopKIgnored: true, KeysRequired: true,
	}
	first := old
	first.Strategies = nil
	embedded := Capabilities{
		Name: "the embedded target", Supported: true, TaskTypes: old.TaskTypes, Strategies: inference.Strategies(),
		MaxChunkSize: 300, MaxTopK: 500, WholeTopK: true, Truncate: true, MaxIDLength: 10,
	}
	id := func(length int) inference.Config {
		return inference.Config{InferenceID: validation.Given(strings.Repeat("a", length))}
	}
	chunking := func(c inference.ChunkingConfig) inference.Config {
		return inference.Config{Chunking: validation.Given(c)}
	}
	topK := func(k float64) inference.Config {
		return inference.Config{TaskSettings: inference.TaskConfig{TopK: validation.Given(k)}}
	}
	truncate := inference.Config{TaskSettings: inference.TaskConfig{Truncate: validation.Given("END")}}
	tests := map[string]struct {
		capabilities Capabilities
		config       inference.Config
		want         []validation.Path
	}{
		"no service":          {Capabilities{Name: "Elasticsearch 8.14.0", Requirement: "It came with 8.15."}, inference.Config{}, []validation.Path{"service"}},
		"nothing written":     {old, inference.Config{}, nil},
		"id of 10":            {embedded, id(10), nil},
		"id of 11":            {embedded, id(11), []validation.Path{"inference_id"}},
		"id without bound":    {old, id(100_000), nil},
		"id unknown":          {embedded, inference.Config{InferenceID: validation.Unknown[string]()}, nil},
		"task":                {old, inference.Config{TaskType: validation.Given(inference.Completion)}, nil},
		"task lacking":        {old, inference.Config{TaskType: validation.Given(inference.ChatCompletion)}, []validation.Path{"task_type"}},
		"strategy":            {old, chunking(inference.ChunkingConfig{Strategy: validation.Given("word")}), nil},
		"strategy lacking":    {old, chunking(inference.ChunkingConfig{Strategy: validation.Given("recursive")}), []validation.Path{"chunking_settings.strategy"}},
		"chunking lacking":    {first, chunking(inference.ChunkingConfig{}), []validation.Path{"chunking_settings"}},
		"size 300":            {old, chunking(inference.ChunkingConfig{MaxChunkSize: validation.Given(int64(300))}), nil},
		"size 301":            {old, chunking(inference.ChunkingConfig{MaxChunkSize: validation.Given(int64(301))}), []validation.Path{"chunking_settings.max_chunk_size"}},
		"overlap 1":           {old, chunking(inference.ChunkingConfig{Overlap: validation.Given(int64(1))}), nil},
		"overlap 0":           {old, chunking(inference.ChunkingConfig{Overlap: validation.Given(int64(0))}), []validation.Path{"chunking_settings.overlap"}},
		"overlap 0, embedded": {embedded, chunking(inference.ChunkingConfig{Overlap: validation.Given(int64(0))}), nil},
		"top_k 1 warns":       {old, topK(1), []validation.Path{"task_settings.top_k?"}},
		"top_k 1.5":           {old, topK(1.5), []validation.Path{"task_settings.top_k"}},
		"top_k 500":           {embedded, topK(500), nil},
		"top_k 501":           {embedded, topK(501), []validation.Path{"task_settings.top_k"}},
		"top_k in between":    {embedded, topK(0.5), []validation.Path{"task_settings.top_k"}},
		"truncate":            {embedded, truncate, nil},
		"truncate lacking":    {old, truncate, []validation.Path{"task_settings.truncate"}},
	}
	for name, test := range tests {
		var got []validation.Path
		for _, violation := range test.capabilities.Check(test.config) {
			path := violation.Path
			if violation.Warning {
				path += "?"
			}
			got = append(got, path)
			if !strings.Contains(violation.Detail, test.capabilities.Name) && violation.Summary != "Not a whole number" {
				t.Errorf("%s: does not say which target: %s", name, violation.Detail)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	if got := old.CheckKeys(inference.Config{}); len(got) != 2 {
		t.Errorf("missing keys: %v", got)
	}
	if got := embedded.CheckKeys(inference.Config{}); len(got) != 0 {
		t.Errorf("keys that are not needed: %v", got)
	}
	unknown := inference.Config{ServiceSettings: inference.ServiceConfig{
		AccessKey: validation.Unknown[redact.Secret](), SecretKey: validation.Unknown[redact.Secret](),
	}}
	if got := old.CheckKeys(unknown); len(got) != 0 {
		t.Errorf("unknown keys: %v", got)
	}
}
