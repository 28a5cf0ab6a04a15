// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"
)

// TestSimulationWarning checks that the warning about the simulator is shown once a
// command, by commands with simulated results only.
func TestSimulationWarning(t *testing.T) {
	t.Parallel()
	const warning = "Amazon Bedrock is simulated"
	two := endpointConfig("e", "text_embedding", titanEmbedding) + strings.Replace(endpointConfig("f", "text_embedding", titanEmbedding), `"this"`, `"other"`, 1)
	terraform := newInstalledCLI(t, embedded(t)+two)
	expect := func(count int, args ...string) {
		t.Helper()
		if out := terraform.succeeds(append(args, "-no-color")...); strings.Count(out, warning) != count {
			t.Errorf("%v: got %d warnings, want %d:\n%s", args, strings.Count(out, warning), count, out)
		}
	}
	expect(0, "validate")
	expect(1, "plan")
	expect(1, "apply", "-auto-approve")
	expect(0, "plan", "-detailed-exitcode")
	expect(0, "apply", "-auto-approve")
	terraform.rewrite("secret-one", "secret-two")
	expect(1, "apply", "-auto-approve")
	run := `
data "inference_text_embedding" "a" {
  inference_id = "e"
  input        = ["x"]
}
data "inference_completion" "b" {
  service_settings = { region = "us-east-1", provider = "anthropic", model = "us.anthropic.claude-sonnet-4-6" }
  input            = ["x"]
}
`
	terraform.write("runs.tf", run)
	expect(1, "plan")
	expect(1, "apply", "-auto-approve")
	terraform.write("runs.tf", "")
	expect(0, "destroy", "-auto-approve")
}

// TestSimulationWarningInTests checks that runs of a file of tests warn only if they
// create the endpoint or plan to. Terraform starts a provider for each run.
func TestSimulationWarningInTests(t *testing.T) {
	t.Parallel()
	terraform := newInstalledCLI(t, endpointConfig("e", "text_embedding", titanEmbedding), "INFERENCE_BEDROCK_SIMULATE=true")
	terraform.write("main.tftest.hcl", "run \"create\" {}\nrun \"again\" {}\nrun \"unchanged\" {\n  command = plan\n}\n")
	if out := terraform.succeeds("test", "-no-color"); strings.Count(out, "Amazon Bedrock is simulated") != 1 {
		t.Errorf("got the output, want one warning:\n%s", out)
	}
}

// TestRegionWarning checks that there is one warning about an unknown region, not one for
// each endpoint and run. A plan of Terraform validates twice, in two processes of the
// provider.
func TestRegionWarning(t *testing.T) {
	t.Parallel()
	three := endpointConfig("e", "text_embedding", titanEmbedding, "count = 3")
	three = strings.NewReplacer("us-east-1", "us-east-9", `"e"`, `"e-${count.index}"`).Replace(three)
	three += `
data "inference_text_embedding" "run" {
  service_settings = { region = "us-east-9", provider = "amazontitan", model = "amazon.titan-embed-text-v2:0" }
  input            = ["x"]
}
`
	terraform := newInstalledCLI(t, embedded(t)+three)
	for _, command := range []string{"validate", "plan"} {
		out := terraform.succeeds(command, "-no-color")
		if strings.Count(out, "Region not known") != 1 || strings.Contains(out, "more similar warnings") {
			t.Errorf("%s: got the output, want one warning:\n%s", command, out)
		}
	}
}
