// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

func titan(id string) inference.Endpoint {
	return inference.Endpoint{
		InferenceID: id, TaskType: inference.TextEmbedding, Service: inference.Service,
		ServiceSettings: inference.ServiceSettings{Region: "us-east-1", Provider: inference.AmazonTitan, Model: "amazon.titan-embed-text-v2:0"},
	}
}

func claude(id string, task inference.TaskType) inference.Endpoint {
	return inference.Endpoint{
		InferenceID: id, TaskType: task, Service: inference.Service,
		ServiceSettings: inference.ServiceSettings{Region: "us-east-1", Provider: inference.Anthropic, Model: "anthropic.claude-3-haiku-20240307-v1:0"},
	}
}

func embed(id string) inference.Endpoint {
	endpoint := titan(id)
	endpoint.ServiceSettings.Provider, endpoint.ServiceSettings.Model = inference.Cohere, "cohere.embed-english-v3"
	return endpoint
}

func pointer[T any](value T) *T { return &value }

// every lists the releases in which something changed, each with the one before.
var every = []string{
	"8.14.3", "8.15.0", "8.15.5", "8.16.0", "8.17.0", "8.18.0", "8.18.8", "8.19.0", "8.19.11", "8.19.12", "9.0.0", "9.0.8", "9.1.0", "9.1.10",
	"9.2.0", "9.2.5", "9.2.6", "9.3.0", "9.3.1", "9.3.8", "9.4.0", "9.4.8", "9.5.0", "9.5.2", "9.5.3", "9.5.5", "9.6.0",
}

// TestTableAgreesWithServers tries every capability on every version: it works if and
// only if the table says so.
func TestTableAgreesWithServers(t *testing.T) {
	for _, number := range every {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			client := connect(t, config(elasticsearchtest.New(t, elasticsearchtest.Version(number))))
			able, err := client.Capabilities(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, trial := range append(creations(able), updates(able)...) {
				if worked := trial.try(t.Context(), client); worked != trial.promised {
					t.Errorf("%s: worked %v, promised %v", trial.name, worked, trial.promised)
				}
			}
		})
	}
}

// trial is one capability of a version.
type trial struct {
	name     string
	promised bool
	try      func(context.Context, *elasticsearch.Client) bool
}

func creating(name string, promised bool, endpoint inference.Endpoint) trial {
	return trial{name, promised, func(ctx context.Context, client *elasticsearch.Client) bool {
		_, err := client.Create(ctx, endpoint, keys)
		return err == nil
	}}
}

func creations(able backend.Capabilities) []trial {
	var trials []trial
	for _, task := range inference.TaskTypes() {
		endpoint := claude("task-"+string(task), task)
		if task == inference.TextEmbedding {
			endpoint = titan("task-" + string(task))
		}
		trials = append(trials, creating("task type "+string(task), slices.Contains(able.TaskTypes, task), endpoint))
	}
	for _, strategy := range inference.Strategies() {
		endpoint := titan("strategy-" + strategy)
		endpoint.Chunking = &inference.ChunkingSettings{Strategy: strategy, MaxChunkSize: 40, Overlap: 20}
		switch strategy {
		case inference.StrategySentence:
			endpoint.Chunking.Overlap = 0
		case inference.StrategyRecursive:
			endpoint.Chunking.Overlap, endpoint.Chunking.SeparatorGroup = 0, inference.GroupPlaintext
		case inference.StrategyNone:
			endpoint.Chunking = &inference.ChunkingSettings{Strategy: strategy}
		}
		trials = append(trials, creating("strategy "+strategy, slices.Contains(able.Strategies, strategy), endpoint))
	}
	chunks := func(size, overlap int64) inference.Endpoint {
		endpoint := titan("chunks")
		endpoint.Chunking = &inference.ChunkingSettings{Strategy: inference.StrategyWord, MaxChunkSize: size, Overlap: overlap}
		return endpoint
	}
	large, bare, truncated := chunks(301, 1), chunks(40, 0), embed("truncated")
	large.InferenceID, bare.InferenceID = "large-chunks", "bare-chunks"
	truncated.TaskSettings.Truncate = "END"
	sampled := func(id string, topK float64) inference.Endpoint {
		endpoint := claude(id, inference.Completion)
		endpoint.TaskSettings.TopK = &topK
		return endpoint
	}
	return append(
		trials,
		creating("chunks of 301 words", len(able.Strategies) > 0 && able.MaxChunkSize == 0, large),
		creating("51 separators", slices.Contains(able.Strategies, inference.StrategyRecursive) && able.MaxSeparators == 0, separated(51)),
		creating("50 separators", slices.Contains(able.Strategies, inference.StrategyRecursive), separated(50)),
		creating("no overlap", len(able.Strategies) > 0 && able.MinOverlap == 0, bare),
		creating("truncate", able.Truncate, truncated),
		creating("top_k at the bound", able.Supported && able.MaxTopK >= 1, sampled("top-k-1", 1)),
		creating("top_k above it", able.Supported && able.MaxTopK > 1, sampled("top-k-2", 1.5)),
		trial{"no keys", able.Supported && !able.KeysRequired, func(ctx context.Context, client *elasticsearch.Client) bool {
			_, err := client.Create(ctx, titan("no-keys"), inference.Keys{})
			return err == nil
		}},
	)
}

// updating creates an endpoint and updates it.
func updating(name string, promised bool, endpoint inference.Endpoint, update inference.Update) trial {
	return trial{name, promised, func(ctx context.Context, client *elasticsearch.Client) bool {
		prior, err := client.Create(ctx, endpoint, keys)
		if err != nil {
			return false
		}
		_, err = client.Update(ctx, prior, update)
		return err == nil
	}}
}

func updates(able backend.Capabilities) []trial {
	can := able.Update
	// Chunking settings that an update of an old version does not change.
	safe := titan("update-limits")
	if can.ResetsChunking {
		safe.Chunking = pointer(inference.LegacyChunking())
	}
	safeKeys := safe
	safeKeys.InferenceID = "update-keys"
	completion := claude("update-task", inference.Completion)
	completion.TaskSettings.Temperature = pointer(0.5)
	tokens := safe
	tokens.InferenceID = "update-tokens"
	removed := titan("update-no-tokens")
	removed.ServiceSettings.MaxInputTokens = 100
	newKeys := inference.Keys{AccessKey: "AKIANEWNEW", SecretKey: "newnewnew"}
	return []trial{
		updating("rate limit", can.RateLimit && !can.LimitsNeedKeys, safe, inference.Update{RequestsPerMinute: 9}),
		updating("rate limit with keys", can.RateLimit && can.Keys, withID(safe, "update-limits-keys"), inference.Update{RequestsPerMinute: 9, Keys: keys}),
		updating("max_input_tokens", can.MaxInputTokens && !can.LimitsNeedKeys, tokens, inference.Update{MaxInputTokens: pointer(int64(9))}),
		updating("max_input_tokens removed", can.UnsetTaskSettings, removed, inference.Update{MaxInputTokens: pointer(int64(0))}),
		updating("task settings", can.TaskSettings, completion, inference.Update{TaskSettings: inference.TaskSettings{Temperature: pointer(1.0)}}),
		updating("chunking", can.Chunking, titan("update-chunks"), inference.Update{
			Chunking: &inference.ChunkingSettings{Strategy: inference.StrategySentence, MaxChunkSize: 30},
		}),
		updating("keys", can.Keys, safeKeys, inference.Update{Keys: newKeys}),
		updating("keys beside default chunking", can.Keys && !can.ResetsChunking, titan("update-keys-2"), inference.Update{Keys: newKeys}),
	}
}

func withID(endpoint inference.Endpoint, id string) inference.Endpoint {
	endpoint.InferenceID = id
	return endpoint
}

func TestVersionRows(t *testing.T) {
	for number, want := range map[string]struct {
		noInputType, chatIgnored, limitsNeedKeys, updates bool
		separators                                        int
	}{
		"8.17.10": {true, true, false, false, 0},
		"8.18.0":  {true, true, false, true, 0},
		"8.19.0":  {false, true, false, true, 0},
		"9.0.8":   {true, true, false, true, 0},
		"9.4.1":   {false, true, true, true, 0},
		"9.4.2":   {false, false, true, true, 0},
		"9.5.4":   {false, false, false, true, 0},
		"9.5.5":   {false, false, false, true, 50},
	} {
		got := elasticsearch.CapabilitiesOf(number)
		if got.NoInputType != want.noInputType || got.ChatSettingsIgnored != want.chatIgnored || got.MaxSeparators != want.separators ||
			got.Update.LimitsNeedKeys != want.limitsNeedKeys || got.Update.TaskSettings != want.updates {
			t.Errorf("%s: got %+v", number, got)
		}
	}
}

// separated returns an endpoint whose chunking settings have n separators.
func separated(n int) inference.Endpoint {
	endpoint := titan(fmt.Sprintf("separators-%d", n))
	endpoint.Chunking = &inference.ChunkingSettings{Strategy: inference.StrategyRecursive, MaxChunkSize: 40}
	for i := range n {
		endpoint.Chunking.Separators = append(endpoint.Chunking.Separators, fmt.Sprintf("s%d", i))
	}
	return endpoint
}
