// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
)

const examplesDir = "../../examples"

// example returns a copy of a directory of examples/ after init.
func example(t *testing.T, name string, env ...string) *cli {
	t.Helper()
	terraform := newProcessCLI(t, "", env...)
	terraform.useConfigDir(filepath.Join(examplesDir, name))
	terraform.succeeds("init", "-no-color")
	return terraform
}

// useConfigDir replaces the configuration by a copy of a directory.
func (c *cli) useConfigDir(source string) {
	c.t.Helper()
	if err := os.Remove(filepath.Join(c.dir, "main.tf")); err != nil {
		c.t.Fatal(err)
	}
	if err := os.CopyFS(c.dir, os.DirFS(source)); err != nil {
		c.t.Fatal(err)
	}
}

// simulated returns an environment in which examples need neither an AWS account nor a
// cluster.
func simulated(t *testing.T) []string {
	t.Helper()
	return []string{"INFERENCE_BEDROCK_SIMULATE=true", "INFERENCE_EMBEDDED_PATH=" + filepath.Join(t.TempDir(), "target", "endpoints.db")}
}

// TestExamplesApply checks that examples apply unchanged and that their second plan is empty.
func TestExamplesApply(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"quickstart", "plan-policy"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terraform := example(t, name, simulated(t)...)
			terraform.succeeds("apply", "-no-color", "-auto-approve")
			terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
			terraform.succeeds("destroy", "-no-color", "-auto-approve")
		})
	}
}

// TestExampleModule runs the module's own tests.
func TestExampleModule(t *testing.T) {
	t.Parallel()
	out := example(t, "module-with-tests").succeeds("test", "-no-color")
	if !strings.Contains(out, "6 passed, 0 failed") {
		t.Errorf("got the output, want 6 passed tests:\n%s", out)
	}
	if strings.Contains(out, "planned twice") { // all runs of a file use one provider
		t.Errorf("got a warning about a duplicate, want none:\n%s", out)
	}
}

// TestExampleProduction checks that the secrets are only sent to the cluster, that new keys
// are updates, and that nothing can be destroyed.
func TestExampleProduction(t *testing.T) {
	t.Parallel()
	const apiKey, first, second = "ZXhhbXBsZTphcGkta2V5LWNhbmFyeQ==", "first-canary-key", "second-canary-key"
	server := elasticsearchtest.New(t, elasticsearchtest.APIKey(apiKey))
	terraform := newInstalledCLI(t, "", `TF_VAR_elasticsearch_endpoints=["`+server.URL+`"]`, secrets(t, apiKey, first))
	terraform.useConfigDir(filepath.Join(examplesDir, "elasticsearch-production"))
	terraform.mirrorWithSecrets()
	texts := map[string]string{
		"init":  terraform.succeeds("init", "-no-color"),
		"apply": terraform.succeeds("apply", "-no-color", "-auto-approve"),
		"again": terraform.succeeds("plan", "-no-color", "-detailed-exitcode"),
	}
	terraform.env = append(terraform.env, secrets(t, apiKey, second))
	texts["rotation"] = terraform.succeeds("plan", "-no-color", "-out=rotation.tfplan")
	if !strings.Contains(texts["rotation"], "0 to add, 2 to change, 0 to destroy") {
		t.Errorf("got the plan, want new keys as updates:\n%s", texts["rotation"])
	}
	terraform.succeeds("apply", "-no-color", "rotation.tfplan")
	texts["settled"] = terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	if texts["destroy"] = terraform.fails("plan", "-no-color", "-destroy"); !strings.Contains(texts["destroy"], "prevent_destroy") {
		t.Errorf("got the output, want the error of prevent_destroy:\n%s", texts["destroy"])
	}
	checkNoSecrets(t, terraform.dir, texts, []string{apiKey, first, second})
}

// secrets returns the environment variable with the contents of the fake secret store.
func secrets(t *testing.T, apiKey, secretKey string) string {
	t.Helper()
	text, err := json.Marshal(map[string]string{
		"inference/elasticsearch": `{"api_key":"` + apiKey + `"}`,
		"inference/bedrock":       `{"access_key":"AKIACANARY","secret_key":"` + secretKey + `"}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	return "FAKE_SECRETS=" + string(text)
}

// mirrorWithSecrets makes Terraform use a mirror that also has a fake of hashicorp/aws.
func (c *cli) mirrorWithSecrets() {
	c.t.Helper()
	c.mirror("hashicorp", "aws")
	var built string
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		path := filepath.Join(c.dir, "mirror", host, "hashicorp", "aws", "0.1.0", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-aws_v0.1.0")
		if err := os.Remove(path); err != nil { // this provider under another name
			c.t.Fatal(err)
		}
		if built == "" {
			if out, err := exec.CommandContext(c.t.Context(), "go", "build", "-ldflags=-s -w", "-o", path, "./testdata/secretsmanager").CombinedOutput(); err != nil {
				c.t.Fatal(string(out))
			}
			built = path
			continue
		}
		if err := os.Symlink(built, path); err != nil {
			c.t.Fatal(err)
		}
	}
}

// TestExamplePolicy checks what the policy reports about plans.
func TestExamplePolicy(t *testing.T) {
	t.Parallel()
	terraform := example(t, "plan-policy", simulated(t)...)
	terraform.succeeds("apply", "-no-color", "-auto-approve")
	for name, test := range map[string]struct{ variable, want string }{
		"nothing changes": {"TF_VAR_temperature=0.2", ""},
		"temperature":     {"TF_VAR_temperature=0.9", "inference_endpoint.answers: temperature is 0.9"},
		"model":           {"TF_VAR_documents_model=amazon.titan-embed-text-v1", "inference_endpoint.documents: embeddings are replaced because of service_settings.model"},
	} {
		if out := terraform.checkPolicy(test.variable); (test.want == "") != (out == "") || !strings.Contains(out, test.want) {
			t.Errorf("%s: got %q from the policy, want %q", name, out, test.want)
		}
	}
}

// TestExamplePolicyUse checks that the policy reports what uses an endpoint, which it reads
// from the warnings of the plan.
func TestExamplePolicyUse(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, elasticsearchtest.Newest)
	terraform := newCLI(t, provider+endpointConfig("e", "text_embedding", titanEmbedding))
	terraform.succeeds("apply", "-no-color", "-auto-approve")
	server.Use("e", []string{"ingest-docs"}, nil)
	terraform.rewrite(endpointConfig("e", "text_embedding", titanEmbedding), "")
	if err := os.CopyFS(filepath.Join(terraform.dir, "policy"), os.DirFS(filepath.Join(examplesDir, "plan-policy"))); err != nil {
		t.Fatal(err)
	}
	if out := terraform.checkPolicy(); !strings.Contains(out, "ingest-docs") {
		t.Errorf("got %q from the policy, want it to name ingest-docs", out)
	}
}

// checkPolicy runs check.sh as a pipeline does, and returns its output.
func (c *cli) checkPolicy(env ...string) string {
	c.t.Helper()
	script, err := filepath.Glob(filepath.Join(c.dir, "*", "check.sh"))
	if err != nil || script == nil {
		script = []string{filepath.Join(c.dir, "check.sh")}
	}
	command := exec.CommandContext(c.t.Context(), "sh", script[0])
	command.Dir = c.dir
	variable, stop := c.attach()
	defer stop()
	command.Env = append(append([]string{variable}, c.env...), append(env, "PATH="+c.named("terraform")+string(os.PathListSeparator)+os.Getenv("PATH"))...)
	out, err := command.Output()
	if violated := len(out) > 0; violated != (err != nil) {
		c.t.Fatalf("got %q and error %v from the policy, want both or neither", out, err)
	}
	return string(out)
}

// named returns a directory in which the CLI under test has a name.
func (c *cli) named(name string) string {
	c.t.Helper()
	path, err := exec.LookPath(cliPath())
	if err != nil {
		c.t.Fatal(err)
	}
	dir := c.t.TempDir()
	if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
		c.t.Fatal(err)
	}
	return dir
}

// TestExampleQuery checks that the example of the list resource finds an endpoint.
func TestExampleQuery(t *testing.T) {
	t.Parallel()
	needs(t, "1.14.0")
	terraform := newProcessCLI(t, endpointConfig("found", "text_embedding", titanEmbedding), simulated(t)...)
	terraform.succeeds("apply", "-no-color", "-auto-approve")
	example, err := os.ReadFile(filepath.Join(examplesDir, "list-resources", "inference_endpoint", "list-resource.tfquery.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	terraform.write("endpoints.tfquery.hcl", string(example))
	if out := terraform.succeeds("query", "-no-color", "-generate-config-out=endpoints.tf"); !strings.Contains(out, "inference_id=found") {
		t.Errorf("got the output, want the endpoint in it:\n%s", out)
	}
}
