// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// TestID checks that id is unknown in the plan of a new endpoint and of a
// replacement, and keeps its value in an update and an import.
func TestID(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	id := tfjsonpath.New("id")
	unknownID := []plancheck.PlanCheck{plancheck.ExpectUnknownValue(endpoint, id)}
	equal := []statecheck.StateCheck{statecheck.CompareValuePairs(endpoint, id, endpoint, tfjsonpath.New("inference_id"), compare.ValuesSame())}
	acceptance(t,
		step{config: provider + endpointConfig("e", "completion", claude), action: plancheck.ResourceActionCreate, plan: unknownID, state: equal},
		step{
			config: provider + endpointConfig("e", "completion", claude, "force_destroy = true"), state: equal,
			plan: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(endpoint, plancheck.ResourceActionUpdate), plancheck.ExpectKnownValue(endpoint, id, knownvalue.StringExact("e")),
			},
		},
		step{config: provider + endpointConfig("e", "completion", titanText), action: plancheck.ResourceActionReplace, plan: unknownID, state: equal},
		step{config: provider + endpointConfig("f", "completion", titanText), action: plancheck.ResourceActionReplace, plan: unknownID, state: equal},
		step{importID: "completion/f", ignored: []string{"credentials_revision"}},
	)
}

// moduleWithOutput is a module with an endpoint; the output returns one of its
// attributes.
const moduleWithOutput = `
terraform {
  required_providers {
    inference = { source = "terraform-provider-inference/inference" }
  }
}
resource "inference_endpoint" "this" {
  inference_id = "e"
  task_type    = "text_embedding"
  service_settings = {
    region   = "us-east-1"
    provider = "amazontitan"
    model    = "amazon.titan-embed-text-v2:0"
  }
}
output "id" {
  value = inference_endpoint.this.ATTRIBUTE
}
`

// TestDataSourceOrder runs the model of an endpoint that the same configuration
// creates. Through a local or the output of a module, inference_id is known during
// planning, so that the data source is read too early; id is not. The message of
// the failure names both remedies.
func TestDataSourceOrder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		attribute, id, dependsOn string
		fails                    bool
	}{
		"id of a module":           {"id", "module.m.id", "", false},
		"id in a local":            {"id", "local.id", "", false},
		"inference_id of a module": {"inference_id", "module.m.id", "", true},
		"inference_id in a local":  {"inference_id", "local.id", "", true},
		"literal":                  {"id", `"e"`, "", true},
		"literal, depends on":      {"id", `"e"`, "depends_on = [module.m]", false},
		"inference_id, depends_on": {"inference_id", "module.m.id", "depends_on = [module.m]", false},
		"id in a template":         {"id", `"${module.m.id}"`, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terraform := newCLI(t, "")
			if err := os.Mkdir(filepath.Join(terraform.dir, "m"), 0o700); err != nil {
				t.Fatal(err)
			}
			terraform.write("m/main.tf", strings.Replace(moduleWithOutput, "ATTRIBUTE", test.attribute, 1))
			terraform.write("main.tf", fmt.Sprintf(`
terraform {
  required_providers {
    inference = { source = "terraform-provider-inference/inference" }
  }
}
provider "inference" {
  embedded = { path = %q }
  bedrock  = { simulate = true }
}
module "m" {
  source = "./m"
}
locals {
  id = module.m.id
}
data "inference_text_embedding" "this" {
  inference_id = %s
  input        = ["x"]
  %s
}
`, filepath.Join(t.TempDir(), "e.db"), test.id, test.dependsOn))
			terraform.succeeds("init", "-no-color")
			if !test.fails {
				terraform.succeeds(apply...)
				terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
				return
			}
			out := words(terraform.fails("plan", "-no-color"))
			for _, want := range []string{`No inference endpoint "e"`, "inference_endpoint.NAME.id", "depends_on = [module.NAME]"} {
				if !strings.Contains(out, want) {
					t.Errorf("got the output, want it to contain %q:\n%s", want, out)
				}
			}
		})
	}
}
