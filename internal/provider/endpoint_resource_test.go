// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// holds returns a check for a value of the endpoint in the state.
func holds(path tfjsonpath.Path, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(endpoint, path, check)
}

// service returns the path of a member of service_settings.
func service(name string) tfjsonpath.Path {
	return tfjsonpath.New("service_settings").AtMapKey(name)
}

// TestEndpointEmbeddings checks that settings that are left out get their values, and
// that plans after create, import and update are empty.
func TestEndpointEmbeddings(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	acceptance(t,
		step{
			config: provider + endpointConfig("my-embeddings", "text_embedding", titanEmbedding),
			action: plancheck.ResourceActionCreate,
			state: []statecheck.StateCheck{
				holds(tfjsonpath.New("service"), knownvalue.StringExact("amazonbedrock")),
				holds(tfjsonpath.New("target"), knownvalue.StringExact("embedded")),
				holds(tfjsonpath.New("credentials_revision"), knownvalue.Int64Exact(1)),
				holds(tfjsonpath.New("task_settings"), knownvalue.Null()),
				holds(service("access_key"), knownvalue.Null()),
				holds(service("secret_key"), knownvalue.Null()),
				holds(service("provider"), knownvalue.StringExact("amazontitan")),
				holds(service("dimensions"), knownvalue.Int64Exact(1024)),
				holds(service("similarity"), knownvalue.StringExact("cosine")),
				holds(service("rate_limit").AtMapKey("requests_per_minute"), knownvalue.Int64Exact(240)),
				holds(tfjsonpath.New("chunking_settings"), knownvalue.ObjectExact(map[string]knownvalue.Check{
					"strategy": knownvalue.StringExact("sentence"), "max_chunk_size": knownvalue.Int64Exact(250),
					"sentence_overlap": knownvalue.Int64Exact(1), "overlap": knownvalue.Null(),
					"separators": knownvalue.Null(), "separator_group": knownvalue.Null(),
				})),
			},
		},
		step{importID: "my-embeddings"},
		step{importID: "text_embedding/my-embeddings"},
		step{
			importID: "completion/my-embeddings",
			fails:    `has\s+task\s+type\s+text_embedding,\s+not\s+completion`,
		},
		step{
			config: provider + endpointConfig("my-embeddings", "text_embedding", titanEmbedding+"\n    rate_limit = { requests_per_minute = 60 }",
				`chunking_settings = { strategy = "word", max_chunk_size = 100 }`),
			action: plancheck.ResourceActionUpdate,
			state: []statecheck.StateCheck{
				holds(service("rate_limit").AtMapKey("requests_per_minute"), knownvalue.Int64Exact(60)),
				holds(tfjsonpath.New("chunking_settings").AtMapKey("overlap"), knownvalue.Int64Exact(50)),
				holds(tfjsonpath.New("chunking_settings").AtMapKey("sentence_overlap"), knownvalue.Null()),
			},
		},
		step{ // removed settings get their defaults
			config: provider + endpointConfig("my-embeddings", "text_embedding", titanEmbedding),
			action: plancheck.ResourceActionUpdate,
			state: []statecheck.StateCheck{
				holds(service("rate_limit").AtMapKey("requests_per_minute"), knownvalue.Int64Exact(240)),
				holds(tfjsonpath.New("chunking_settings").AtMapKey("strategy"), knownvalue.StringExact("sentence")),
			},
		},
		step{
			config: provider + endpointConfig("my-embeddings", "text_embedding", keys+`region   = "us-east-1"
    provider = "cohere"
    model    = "cohere.embed-english-v3"`),
			action: plancheck.ResourceActionReplace,
		},
	)
}

// TestEndpointCompletion checks that task settings can be changed and removed in place.
func TestEndpointCompletion(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	task := tfjsonpath.New("task_settings")
	acceptance(t,
		step{
			config: provider + endpointConfig("my-completion", "completion", claude, `task_settings = { top_p = 0.5, top_k = 40, max_new_tokens = 64 }`),
			plan: []plancheck.PlanCheck{
				// The plan of a completion has no attributes of embeddings.
				plancheck.ExpectKnownValue(endpoint, service("similarity"), knownvalue.Null()),
				plancheck.ExpectKnownValue(endpoint, service("dimensions"), knownvalue.Null()),
				plancheck.ExpectKnownValue(endpoint, tfjsonpath.New("chunking_settings"), knownvalue.Null()),
			},
			state: []statecheck.StateCheck{
				holds(task.AtMapKey("top_k"), knownvalue.Float64Exact(40)),
				holds(task.AtMapKey("temperature"), knownvalue.Null()),
			},
		},
		step{ // a removed setting is removed on the target too
			config: provider + endpointConfig("my-completion", "completion", claude, `task_settings = { max_new_tokens = 32 }`),
			action: plancheck.ResourceActionUpdate,
			state:  []statecheck.StateCheck{holds(task.AtMapKey("top_p"), knownvalue.Null())},
		},
		step{
			config: provider + endpointConfig("my-completion", "completion", claude, `task_settings = {}`),
			action: plancheck.ResourceActionUpdate,
		},
		step{
			config: provider + endpointConfig("my-completion", "completion", claude),
			action: plancheck.ResourceActionUpdate,
		},
		step{importID: "my-completion"},
	)
}

// TestEndpointSeparators checks that the state keeps a group of separators, or its
// list, as it is configured, although targets treat both alike.
func TestEndpointSeparators(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	chunking := tfjsonpath.New("chunking_settings")
	acceptance(t,
		step{
			config: provider + endpointConfig("e", "text_embedding", titanEmbedding, `chunking_settings = { strategy = "recursive" }`),
			state: []statecheck.StateCheck{
				holds(chunking.AtMapKey("separator_group"), knownvalue.StringExact("plaintext")),
				holds(chunking.AtMapKey("separators"), knownvalue.Null()),
			},
		},
		step{importID: "e"},
		step{
			config: provider + endpointConfig("e", "text_embedding", titanEmbedding,
				`chunking_settings = { strategy = "recursive", separators = ["(?<!\\n)\\n\\n(?!\\n)", "(?<!\\n)\\n(?!\\n)"] }`),
			state: []statecheck.StateCheck{
				holds(chunking.AtMapKey("separator_group"), knownvalue.Null()),
				holds(chunking.AtMapKey("separators"), knownvalue.ListSizeExact(2)),
			},
		},
	)
}

// TestEndpointAlreadyExists checks that a second resource with the same id is an
// error, and does not take the endpoint over.
func TestEndpointAlreadyExists(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	first := endpointConfig("one", "completion", titanText)
	second := `
resource "inference_endpoint" "second" {
  inference_id     = "one"
  task_type        = "completion"
  service_settings = inference_endpoint.this.service_settings
}
`
	acceptance(t,
		step{config: provider + first},
		step{config: provider + first + second, fails: `already\s+manages\s+inference\s+endpoint\s+"one"`},
	)
}

// TestEndpointUnknown checks that values that are unknown during validation and
// planning are accepted.
func TestEndpointUnknown(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	variables := `
variable "text" { type = map(string) }
variable "size" { type = number }
resource "terraform_data" "later" { input = var.text }
locals { later = terraform_data.later.output }
`
	later := endpointConfig("unknown", "text_embedding", `access_key = local.later.access_key
    secret_key = local.later.secret_key
    region     = local.later.region
    provider   = local.later.provider
    model      = local.later.model
    similarity = local.later.similarity`,
		`chunking_settings = { strategy = local.later.strategy, max_chunk_size = var.size }`)
	acceptance(t, step{
		config: provider + variables + later,
		values: map[string]any{
			"text": map[string]string{
				"access_key": "AKIATEST", "secret_key": "secret", "region": "us-east-1", "provider": "amazontitan",
				"model": "amazon.titan-embed-text-v2:0", "similarity": "dot_product", "strategy": "word",
			},
			"size": 40,
		},
		state: []statecheck.StateCheck{
			holds(service("similarity"), knownvalue.StringExact("dot_product")),
			holds(tfjsonpath.New("chunking_settings").AtMapKey("overlap"), knownvalue.Int64Exact(20)),
		},
	})
}
