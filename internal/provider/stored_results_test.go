// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"archive/zip"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
)

// simulatorWithKeys returns a simulator that accepts a key pair besides its own, and a
// provider block with its address and invalid keys, which each block must override.
func simulatorWithKeys(t *testing.T, access, secret string) (*bedrocksim.Simulator, string) {
	t.Helper()
	simulator := bedrocksim.New()
	t.Cleanup(simulator.Close)
	simulator.Trust(access, secret)
	return simulator, "provider \"inference\" {\n  bedrock = { endpoint = \"" + simulator.URL() + "\", access_key = \"AKIAWRONG\", secret_key = \"wrong\" }\n}\n"
}

const promptVariables = `
variable "prompt" {
  type      = string
  ephemeral = true
}
variable "access" {
  type      = string
  ephemeral = true
}
variable "secret" {
  type      = string
  ephemeral = true
}
`

// TestEphemeralStoresNothing checks that the input and result of an ephemeral completion
// are in no state and no plan, and that its keys are also in no output and log.
func TestEphemeralStoresNothing(t *testing.T) {
	t.Parallel()
	access, secret, prompt := "AKIA"+rand.Text(), newCanary(), "prompt"+rand.Text()
	simulator, provider := simulatorWithKeys(t, access, secret)
	terraform := newCLI(t, provider+promptVariables+`
ephemeral "inference_completion" "this" {
  service_settings = {
    access_key = var.access
    secret_key = var.secret
    region     = "us-east-1"
    provider   = "anthropic"
    model      = "us.anthropic.claude-sonnet-4-6"
  }
  input = [var.prompt]
}
output "unrelated" { value = "no result" }
`, "TF_LOG=TRACE", "TF_LOG_PATH=trace.log", "TF_VAR_access="+access, "TF_VAR_secret="+secret, "TF_VAR_prompt="+prompt)
	texts := map[string]string{
		"plan":         terraform.succeeds("plan", "-no-color", "-out=run.tfplan"),
		"plan file":    terraform.planFile("run.tfplan"),
		"plan as JSON": terraform.succeeds("show", "-json", "run.tfplan"),
		"apply":        terraform.succeeds("apply", "-no-color", "run.tfplan"),
		"state":        terraform.succeeds("show", "-json"),
		"state file":   terraform.read("terraform.tfstate"),
	}
	if simulator.Calls() == 0 { // Terraform and OpenTofu differ in the number of calls
		t.Error("got 0 calls of the model, want at least one")
	}
	for source, text := range texts {
		if strings.Contains(text, prompt) {
			t.Errorf("%s contains the input or the result of the model", source)
		}
	}
	terraform.env = append(terraform.env, "TF_VAR_secret="+newCanary())
	texts["refusal"] = terraform.fails("plan", "-no-color")
	if !strings.Contains(strings.Join(strings.Fields(texts["refusal"]), " "), "Check that secret_key belongs to access_key") {
		t.Errorf("the error about wrong keys does not name them:\n%s", texts["refusal"])
	}
	checkNoSecrets(t, terraform.dir, texts, []string{access, secret})
}

// TestDataSourceIsStored checks that the result of a data source is in the plan file and
// in the state, as its documentation says, and that the documentation of the ephemeral
// resource says that it is not.
func TestDataSourceIsStored(t *testing.T) {
	t.Parallel()
	prompt := "prompt" + rand.Text()
	terraform := newCLI(t, `
provider "inference" {
  bedrock = { simulate = true }
}
data "inference_completion" "this" {`+inlineClaude+`
  input = ["`+prompt+`"]
}
output "length" { value = length(data.inference_completion.this.result) }
`)
	terraform.succeeds("plan", "-no-color", "-out=run.tfplan")
	answer := claudeSays + prompt
	if !strings.Contains(terraform.planFile("run.tfplan"), answer) {
		t.Error("the plan file does not contain the result")
	}
	terraform.succeeds("apply", "-no-color", "run.tfplan")
	if !strings.Contains(terraform.read("terraform.tfstate"), answer) {
		t.Error("the state does not contain the result")
	}
	protocol := newProtocol(t)
	dataSource := protocol.schema.DataSourceSchemas["inference_completion"].Block.Description
	if !strings.Contains(dataSource, "runs at every plan and apply") || !strings.Contains(dataSource, "kept in the state and in plan files") {
		t.Errorf("got the description %q, want it to say that the result is stored", dataSource)
	}
	ephemeral := protocol.schema.EphemeralResourceSchemas["inference_completion"].Block.Description
	if !strings.Contains(ephemeral, "Nothing of it is kept") {
		t.Errorf("got the description %q, want it to say that nothing is stored", ephemeral)
	}
}

// planFile returns the uncompressed contents of a plan file.
func (c *cli) planFile(name string) string {
	c.t.Helper()
	archive, err := zip.OpenReader(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	defer archive.Close() //nolint:errcheck // opened for reading only
	var text strings.Builder
	for _, file := range archive.File {
		part, err := file.Open()
		if err != nil {
			c.t.Fatal(err)
		}
		if _, err := io.Copy(&text, part); err != nil {
			c.t.Fatal(err)
		}
		part.Close()
	}
	return text.String()
}

func (c *cli) read(name string) string {
	c.t.Helper()
	data, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(data)
}
