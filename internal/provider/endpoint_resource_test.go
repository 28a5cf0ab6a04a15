package provider_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
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
		resource.TestStep{
			Config:           provider + endpointConfig("my-embeddings", "text_embedding", titanEmbedding),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
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
		resource.TestStep{
			ResourceName: endpoint, ImportState: true, ImportStateId: "my-embeddings",
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "inference_id",
		},
		resource.TestStep{
			ResourceName: endpoint, ImportState: true, ImportStateId: "text_embedding/my-embeddings",
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "inference_id",
		},
		resource.TestStep{
			ResourceName: endpoint, ImportState: true, ImportStateId: "completion/my-embeddings",
			ExpectError: regexp.MustCompile(`has\s+task\s+type\s+text_embedding,\s+not\s+completion`),
		},
		resource.TestStep{
			Config: provider + endpointConfig("my-embeddings", "text_embedding", titanEmbedding+"\n    rate_limit = { requests_per_minute = 60 }",
				`chunking_settings = { strategy = "word", max_chunk_size = 100 }`),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				holds(service("rate_limit").AtMapKey("requests_per_minute"), knownvalue.Int64Exact(60)),
				holds(tfjsonpath.New("chunking_settings").AtMapKey("overlap"), knownvalue.Int64Exact(50)),
				holds(tfjsonpath.New("chunking_settings").AtMapKey("sentence_overlap"), knownvalue.Null()),
			},
		},
		resource.TestStep{ // removed settings get their defaults
			Config:           provider + endpointConfig("my-embeddings", "text_embedding", titanEmbedding),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				holds(service("rate_limit").AtMapKey("requests_per_minute"), knownvalue.Int64Exact(240)),
				holds(tfjsonpath.New("chunking_settings").AtMapKey("strategy"), knownvalue.StringExact("sentence")),
			},
		},
		resource.TestStep{
			Config: provider + endpointConfig("my-embeddings", "text_embedding", keys+`region   = "us-east-1"
    provider = "cohere"
    model    = "cohere.embed-english-v3"`),
			ConfigPlanChecks: planned(plancheck.ResourceActionReplace),
		},
	)
}

// TestEndpointCompletion checks that task settings can be changed and removed in place.
func TestEndpointCompletion(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	task := tfjsonpath.New("task_settings")
	acceptance(t,
		resource.TestStep{
			Config: provider + endpointConfig("my-completion", "completion", claude, `task_settings = { top_p = 0.5, top_k = 40, max_new_tokens = 64 }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				// The plan of a completion has no attributes of embeddings.
				plancheck.ExpectKnownValue(endpoint, service("similarity"), knownvalue.Null()),
				plancheck.ExpectKnownValue(endpoint, service("dimensions"), knownvalue.Null()),
				plancheck.ExpectKnownValue(endpoint, tfjsonpath.New("chunking_settings"), knownvalue.Null()),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				holds(task.AtMapKey("top_k"), knownvalue.Float64Exact(40)),
				holds(task.AtMapKey("temperature"), knownvalue.Null()),
			},
		},
		resource.TestStep{ // a removed setting is removed on the target too
			Config:            provider + endpointConfig("my-completion", "completion", claude, `task_settings = { max_new_tokens = 32 }`),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{holds(task.AtMapKey("top_p"), knownvalue.Null())},
		},
		resource.TestStep{
			Config:           provider + endpointConfig("my-completion", "completion", claude, `task_settings = {}`),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			Config:           provider + endpointConfig("my-completion", "completion", claude),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			ResourceName: endpoint, ImportState: true, ImportStateId: "my-completion",
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "inference_id",
		},
	)
}

// TestEndpointSeparators checks that the state keeps a group of separators, or its
// list, as it is configured, although targets treat both alike.
func TestEndpointSeparators(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	chunking := tfjsonpath.New("chunking_settings")
	acceptance(t,
		resource.TestStep{
			Config: provider + endpointConfig("e", "text_embedding", titanEmbedding, `chunking_settings = { strategy = "recursive" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				holds(chunking.AtMapKey("separator_group"), knownvalue.StringExact("plaintext")),
				holds(chunking.AtMapKey("separators"), knownvalue.Null()),
			},
		},
		resource.TestStep{
			ResourceName: endpoint, ImportState: true, ImportStateId: "e",
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "inference_id",
		},
		resource.TestStep{
			Config: provider + endpointConfig("e", "text_embedding", titanEmbedding,
				`chunking_settings = { strategy = "recursive", separators = ["(?<!\\n)\\n\\n(?!\\n)", "(?<!\\n)\\n(?!\\n)"] }`),
			ConfigStateChecks: []statecheck.StateCheck{
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
		resource.TestStep{Config: provider + first},
		resource.TestStep{Config: provider + first + second, ExpectError: regexp.MustCompile(`already\s+manages\s+inference\s+endpoint\s+"one"`)},
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
	acceptance(t, resource.TestStep{
		Config: provider + variables + later,
		ConfigVariables: config.Variables{
			"text": config.MapVariable(map[string]config.Variable{
				"access_key": config.StringVariable("AKIATEST"), "secret_key": config.StringVariable("secret"),
				"region": config.StringVariable("us-east-1"), "provider": config.StringVariable("amazontitan"),
				"model": config.StringVariable("amazon.titan-embed-text-v2:0"), "similarity": config.StringVariable("dot_product"),
				"strategy": config.StringVariable("word"),
			}),
			"size": config.IntegerVariable(40),
		},
		ConfigStateChecks: []statecheck.StateCheck{
			holds(service("similarity"), knownvalue.StringExact("dot_product")),
			holds(tfjsonpath.New("chunking_settings").AtMapKey("overlap"), knownvalue.Int64Exact(20)),
		},
	})
}
