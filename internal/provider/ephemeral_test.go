// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// TestEphemeral checks that ephemeral resources, also with keys of their own, return the
// same results as data sources. The echo provider makes the results visible.
func TestEphemeral(t *testing.T) {
	t.Parallel()
	providers := map[string]func() (tfprotov6.ProviderServer, error){"echo": echoprovider.NewProviderServer()}
	for name, factory := range factories {
		providers[name] = factory
	}
	seen := func(path tfjsonpath.Path, check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("echo.seen", path, check)
	}
	data := tfjsonpath.New("data")
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{{
			Config: embedded(t) + `
ephemeral "inference_completion" "this" {
  service_settings = {
    access_key = "AKIAOWN"
    secret_key = "own"
    region     = "us-east-1"
    provider   = "anthropic"
    model      = "us.anthropic.claude-sonnet-4-6"
  }
  input    = ["one", "two"]
  timeouts = { open = "1m" }
}
ephemeral "inference_text_embedding" "this" {` + inlineTitan + `
  input = ["one text", "another text"]
}
data "inference_text_embedding" "this" {` + inlineTitan + `
  input = ["one text", "another text"]
}
provider "echo" {
  data = {
    results    = ephemeral.inference_completion.this.results
    stopped    = ephemeral.inference_completion.this.stop_reason
    dimensions = ephemeral.inference_text_embedding.this.dimensions
    same       = ephemeral.inference_text_embedding.this.embeddings == data.inference_text_embedding.this.embeddings
    read       = ephemeral.inference_text_embedding.this.usage.input_tokens
    written    = ephemeral.inference_text_embedding.this.usage.output_tokens == null
  }
}
resource "echo" "seen" {}
`,
			ConfigStateChecks: []statecheck.StateCheck{
				seen(data.AtMapKey("results"), knownvalue.TupleExact([]knownvalue.Check{knownvalue.StringExact(claudeSays + "one"), knownvalue.StringExact(claudeSays + "two")})),
				seen(data.AtMapKey("stopped"), knownvalue.StringExact("end_turn")),
				seen(data.AtMapKey("dimensions"), knownvalue.Int64Exact(1024)),
				seen(data.AtMapKey("same"), knownvalue.Bool(true)),
				seen(data.AtMapKey("read"), knownvalue.Int64Exact(4)),
				seen(data.AtMapKey("written"), knownvalue.Bool(true)),
			},
		}},
	})
}

// TestEphemeralOfNewEndpoint checks that the open of an ephemeral resource is deferred
// while the plan creates its endpoint.
func TestEphemeralOfNewEndpoint(t *testing.T) {
	t.Parallel()
	config := embedded(t) + endpointConfig("c", "completion", claude) + `
ephemeral "inference_completion" "this" {
  inference_id = inference_endpoint.this.id
  input        = ["one"]
  lifecycle {
    postcondition {
      condition     = endswith(self.result, "You wrote: one")
      error_message = "The answer was ${self.result}"
    }
  }
}
`
	terraform := newCLI(t, config)
	terraform.succeeds("plan", "-no-color", "-out=create.tfplan")
	terraform.succeeds("apply", "-no-color", "create.tfplan")
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")

	terraform.rewrite("You wrote: one", "You wrote: nothing")
	terraform.fails("plan", "-no-color") // proves that the condition is evaluated
}

// TestEphemeralBeforeProvider checks that a run is deferred while settings of the provider
// are unknown.
func TestEphemeralBeforeProvider(t *testing.T) {
	t.Parallel()
	terraform := newCLI(t, fmt.Sprintf("resource \"terraform_data\" \"file\" {\n  input = %q\n}\n", filepath.Join(t.TempDir(), "x.db"))+
		"provider \"inference\" {\n  embedded = { path = terraform_data.file.output }\n  bedrock = { simulate = true }\n}\n"+
		endpointConfig("e", "completion", claude)+
		"ephemeral \"inference_completion\" \"this\" {\n  inference_id = inference_endpoint.this.id\n  input = [\"x\"]\n}\n")
	terraform.succeeds("plan", "-no-color")
	terraform.succeeds(apply...)
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
}
