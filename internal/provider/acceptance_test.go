package provider_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
)

const endpoint = "inference_endpoint.this"

// factories serve the provider in the process of the test, so that tests can share
// simulators with it and the race detector covers it.
var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"inference": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test")(), nil },
}

// acceptance runs steps with Terraform or OpenTofu. After each step that applies, the test
// framework checks that the plan is empty, with and without a refresh.
func acceptance(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories, Steps: steps})
}

// embedded returns a provider block for the embedded target with the simulator and a
// temporary file.
func embedded(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf(`
provider "inference" {
  embedded = { path = %q }
  bedrock  = { simulate = true }
}
`, filepath.Join(t.TempDir(), "target", "endpoints.db"))
}

// endpointConfig returns a resource block. settings are lines of service_settings, more
// are lines of the resource.
func endpointConfig(id, task, settings string, more ...string) string {
	return fmt.Sprintf(`
resource "inference_endpoint" "this" {
  inference_id = %q
  task_type    = %q
  service_settings = {
    %s
  }
  %s
}
`, id, task, settings, strings.Join(more, "\n  "))
}

const (
	keys = `access_key = "AKIATEST"
    secret_key = "secret-one"
    `
	titanEmbedding = keys + `region   = "us-east-1"
    provider = "amazontitan"
    model    = "amazon.titan-embed-text-v2:0"`
	titanText = keys + `region   = "us-east-1"
    provider = "amazontitan"
    model    = "amazon.nova-lite-v1:0"`
	claude = keys + `region   = "us-east-1"
    provider = "anthropic"
    model    = "us.anthropic.claude-sonnet-4-6"`
)

// planned returns a check that a step plans an action for the endpoint.
func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(endpoint, action)}}
}
