// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend/backendtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// TestConformance runs the conformance suite of targets through the client for
// Elasticsearch.
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

// TestClientChats runs a chat_completion endpoint through the client for
// Elasticsearch.
func TestClientChats(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	s.make("chat_completion", "chat", endpointBody("chat_completion"))
	client, err := elasticsearch.New(elasticsearch.Config{Endpoints: []string{s.URL}})
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := client.Get(t.Context(), "chat")
	if err != nil {
		t.Fatal(err)
	}
	result, err := client.Run(t.Context(), endpoint, inference.Request{Input: []string{"one", "two words"}})
	if err != nil || len(result.Completions) != 2 || !strings.HasSuffix(result.Completions[1].Text, "You wrote: two words") || result.Completions[0].StopReason != "stop" {
		t.Errorf("%+v, %v", result, err)
	}
	if result.Usage.InputTokens == nil || *result.Usage.InputTokens == 0 {
		t.Errorf("usage %+v", result.Usage)
	}
}

// TestClientSeesTheFile verifies that the uuid of the cluster is the one of the
// file, and stays.
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

// TestClientKnowsTheLimits verifies that a plan refuses what this API would
// refuse, although Elasticsearch accepts it, and the reverse.
func TestClientKnowsTheLimits(t *testing.T) {
	t.Parallel()
	client, err := elasticsearch.New(elasticsearch.Config{Endpoints: []string{simulated(t).URL}})
	if err != nil {
		t.Fatal(err)
	}
	capabilities, err := client.Capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var words, top inference.Config
	chunks := func(size int64) inference.Config {
		words.Chunking = validation.Given(inference.ChunkingConfig{MaxChunkSize: validation.Given(size)})
		return words
	}
	topK := func(value float64) inference.Config {
		top.TaskSettings.TopK = validation.Given(value)
		return top
	}
	image := inference.Config{TaskType: validation.Given(inference.TextEmbedding)}
	image.ServiceSettings.Model = validation.Given("amazon.titan-embed-image-v1")
	for _, test := range []struct {
		config inference.Config
		path   validation.Path
	}{
		{chunks(300), ""},
		{chunks(301), "chunking_settings.max_chunk_size"},
		{topK(5), ""},
		{topK(0.5), "task_settings.top_k"},
		{topK(501), "task_settings.top_k"},
		{image, "service_settings.model"},
		{inference.Config{InferenceID: validation.Given(strings.Repeat("a", 40_000))}, "inference_id"},
	} {
		found := capabilities.Check(test.config)
		switch {
		case test.path == "" && len(found) > 0, test.path != "" && (len(found) != 1 || found[0].Warning || found[0].Path != test.path):
			t.Errorf("at %q: %v", test.path, found)
		}
	}
	if capabilities.SharedRateLimit || capabilities.LocalRequests || !capabilities.Update.Keys {
		t.Errorf("%+v", capabilities)
	}
}
