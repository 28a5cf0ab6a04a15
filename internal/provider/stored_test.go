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

// keyed is a simulator that knows one pair of keys besides its own, and the
// provider block that reaches it with the keys of whoever asks.
func keyed(t *testing.T, access, secret string) (*bedrocksim.Simulator, string) {
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

// TestEphemeralStoresNothing: an ephemeral completion is in no state and in no
// plan, and the keys of its own are nowhere at all.
func TestEphemeralStoresNothing(t *testing.T) {
	t.Parallel()
	access, secret, prompt := "AKIA"+rand.Text(), newCanary(), "prompt"+rand.Text()
	simulator, provider := keyed(t, access, secret)
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
output "nothing" { value = "is shown of it" }
`, "TF_LOG=TRACE", "TF_LOG_PATH=trace.log", "TF_VAR_access="+access, "TF_VAR_secret="+secret, "TF_VAR_prompt="+prompt)
	texts := map[string]string{
		"plan":         terraform.succeeds("plan", "-no-color", "-out=run.tfplan"),
		"plan file":    terraform.planFile("run.tfplan"),
		"plan as JSON": terraform.succeeds("show", "-json", "run.tfplan"),
		"apply":        terraform.succeeds("apply", "-no-color", "run.tfplan"),
		"state":        terraform.succeeds("show", "-json"),
		"state file":   terraform.read("terraform.tfstate"),
	}
	if simulator.Calls() == 0 { // how often, Terraform and OpenTofu decide differently
		t.Error("the model was never asked")
	}
	for place, text := range texts {
		if strings.Contains(text, prompt) {
			t.Errorf("%s holds what the model was asked or what it answered", place)
		}
	}
	terraform.env = append(terraform.env, "TF_VAR_secret="+newCanary())
	texts["refusal"] = terraform.fails("plan", "-no-color")
	if !strings.Contains(strings.Join(strings.Fields(texts["refusal"]), " "), "Check that secret_key belongs to access_key") {
		t.Errorf("the refusal of wrong keys says nothing of them:\n%s", texts["refusal"])
	}
	reveals(t, terraform.dir, texts, []string{access, secret})
}

// TestDataSourceIsStored: what its documentation says of it is true.
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
		t.Error("the answer is not in the plan file")
	}
	terraform.succeeds("apply", "-no-color", "run.tfplan")
	if !strings.Contains(terraform.read("terraform.tfstate"), answer) {
		t.Error("the answer is not in the state")
	}
	protocol := newProtocol(t)
	stored := protocol.schema.DataSourceSchemas["inference_completion"].Block.Description
	if !strings.Contains(stored, "runs at every plan and apply") || !strings.Contains(stored, "kept in the state and in plan files") {
		t.Errorf("the documentation does not say that it is stored: %s", stored)
	}
	nothing := protocol.schema.EphemeralResourceSchemas["inference_completion"].Block.Description
	if !strings.Contains(nothing, "Nothing of it is kept") {
		t.Errorf("the documentation does not say that nothing is stored: %s", nothing)
	}
}

// planFile is all that a plan file holds, uncompressed.
func (c *cli) planFile(name string) string {
	c.t.Helper()
	archive, err := zip.OpenReader(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	defer archive.Close() //nolint:errcheck // it was only read
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
