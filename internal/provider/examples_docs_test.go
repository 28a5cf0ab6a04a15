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

// example is a directory of examples/ as a user has it who copied it.
func example(t *testing.T, name string, env ...string) *cli {
	t.Helper()
	terraform := newCLI(t, "", env...)
	terraform.adopt(filepath.Join(examplesDir, name))
	terraform.succeeds("init", "-no-color")
	return terraform
}

// adopt puts a copy of a directory in the place of the configuration.
func (c *cli) adopt(source string) {
	c.t.Helper()
	if err := os.Remove(filepath.Join(c.dir, "main.tf")); err != nil {
		c.t.Fatal(err)
	}
	if err := os.CopyFS(c.dir, os.DirFS(source)); err != nil {
		c.t.Fatal(err)
	}
}

// simulated is the environment in which an example needs neither an account nor
// a cluster.
func simulated(t *testing.T) []string {
	t.Helper()
	return []string{"INFERENCE_BEDROCK_SIMULATE=true", "INFERENCE_EMBEDDED_PATH=" + filepath.Join(t.TempDir(), "target", "endpoints.db")}
}

// TestExamplesApply: each directory applies as it stands, and then plans nothing.
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
		t.Errorf("the module's tests:\n%s", out)
	}
	if strings.Contains(out, "planned twice") { // one provider plans for all runs of a file
		t.Errorf("warned of an endpoint that one resource makes:\n%s", out)
	}
}

// TestExampleProduction: the keys go from the secret store to the cluster and
// nowhere else, new ones arrive as updates, and nothing can be destroyed.
func TestExampleProduction(t *testing.T) {
	t.Parallel()
	const apiKey, first, second = "ZXhhbXBsZTphcGkta2V5LWNhbmFyeQ==", "first-canary-key", "second-canary-key"
	server := elasticsearchtest.New(t, elasticsearchtest.APIKey(apiKey))
	terraform := newCLI(t, "", `TF_VAR_elasticsearch_endpoints=["`+server.URL+`"]`, secrets(t, apiKey, first))
	terraform.adopt(filepath.Join(examplesDir, "elasticsearch-production"))
	terraform.mirrorWithSecrets()
	texts := map[string]string{
		"init":  terraform.succeeds("init", "-no-color"),
		"apply": terraform.succeeds("apply", "-no-color", "-auto-approve"),
		"again": terraform.succeeds("plan", "-no-color", "-detailed-exitcode"),
	}
	terraform.env = append(terraform.env, secrets(t, apiKey, second))
	texts["rotation"] = terraform.succeeds("plan", "-no-color", "-out=rotation.tfplan")
	if !strings.Contains(texts["rotation"], "0 to add, 2 to change, 0 to destroy") {
		t.Errorf("new keys do not arrive as updates:\n%s", texts["rotation"])
	}
	terraform.succeeds("apply", "-no-color", "rotation.tfplan")
	texts["settled"] = terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	if texts["destroy"] = terraform.fails("plan", "-no-color", "-destroy"); !strings.Contains(texts["destroy"], "prevent_destroy") {
		t.Errorf("destroying was not prevented:\n%s", texts["destroy"])
	}
	reveals(t, terraform.dir, texts, []string{apiKey, first, second})
}

// secrets is what the double of the secret store answers.
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

// mirrorWithSecrets makes a mirror that has, beside the provider, the double of
// hashicorp/aws.
func (c *cli) mirrorWithSecrets() {
	c.t.Helper()
	c.mirror("hashicorp", "aws")
	var built string
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		place := filepath.Join(c.dir, "mirror", host, "hashicorp", "aws", "0.1.0", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-aws_v0.1.0")
		if err := os.Remove(place); err != nil { // it is the provider under another name
			c.t.Fatal(err)
		}
		if built == "" {
			if out, err := exec.CommandContext(c.t.Context(), "go", "build", "-o", place, "./testdata/secretsmanager").CombinedOutput(); err != nil {
				c.t.Fatal(string(out))
			}
			built = place
			continue
		}
		if err := os.Symlink(built, place); err != nil {
			c.t.Fatal(err)
		}
	}
}

// TestExamplePolicy asks the policy about real plans.
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
			t.Errorf("%s: the policy says %q, want %q", name, out, test.want)
		}
	}
}

// TestExamplePolicyUse: the policy reads from the warnings what uses an endpoint.
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
		t.Errorf("the policy does not name what uses the endpoint: %q", out)
	}
}

// checkPolicy runs check.sh as a pipeline would, and returns what it says.
func (c *cli) checkPolicy(env ...string) string {
	c.t.Helper()
	script, err := filepath.Glob(filepath.Join(c.dir, "*", "check.sh"))
	if err != nil || script == nil {
		script = []string{filepath.Join(c.dir, "check.sh")}
	}
	command := exec.CommandContext(c.t.Context(), "sh", script[0])
	command.Dir = c.dir
	command.Env = append(append([]string{}, c.env...), append(env, "PATH="+c.named("terraform")+string(os.PathListSeparator)+os.Getenv("PATH"))...)
	out, err := command.Output()
	if broken := len(out) > 0; broken != (err != nil) {
		c.t.Fatalf("the policy says %q and ends with %v", out, err)
	}
	return string(out)
}

// named is a directory in which the CLI under test has the name that people type.
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

// TestExampleQuery runs the example of the list resource where an endpoint is.
func TestExampleQuery(t *testing.T) {
	t.Parallel()
	needs(t, "1.14.0")
	terraform := newCLI(t, endpointConfig("found", "text_embedding", titanEmbedding), simulated(t)...)
	terraform.succeeds("apply", "-no-color", "-auto-approve")
	example, err := os.ReadFile(filepath.Join(examplesDir, "list-resources", "inference_endpoint", "list-resource.tfquery.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	terraform.write("endpoints.tfquery.hcl", string(example))
	if out := terraform.succeeds("query", "-no-color", "-generate-config-out=endpoints.tf"); !strings.Contains(out, "inference_id=found") {
		t.Errorf("the query did not find the endpoint:\n%s", out)
	}
}
