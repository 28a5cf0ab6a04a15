package provider_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// least is the oldest Terraform that knows what an example shows, for those that
// are newer than the oldest one that the provider works with.
var least = map[string]string{
	"actions/inference_verify": "1.14.0",
}

// pages are the directories that have one example for each page of the
// documentation. The others are whole configurations, with tests of their own.
var pages = []string{"actions", "data-sources", "ephemeral-resources", "functions", "provider", "resources"}

// TestPageExamples plans and applies every example of a page as it stands, with
// the simulator and the embedded target. The second plan is empty, and nothing is
// left.
func TestPageExamples(t *testing.T) {
	t.Parallel()
	found := 0
	for _, page := range pages {
		err := filepath.WalkDir(filepath.Join(examplesDir, page), func(dir string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.IsDir() || exampleIn(t, dir) == "" {
				return err
			}
			found++
			name, err := filepath.Rel(examplesDir, dir)
			if err == nil {
				t.Run(filepath.ToSlash(name), func(t *testing.T) { tryPage(t, dir, least[filepath.ToSlash(name)]) })
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	if found < 10 {
		t.Errorf("only %d examples were found", found)
	}
}

func tryPage(t *testing.T, dir, version string) {
	t.Helper()
	t.Parallel()
	if version != "" {
		needs(t, version)
	}
	terraform := pageExample(t, dir)
	terraform.succeeds("plan", "-no-color", "-out=example.tfplan")
	terraform.succeeds("apply", "-no-color", "example.tfplan")
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	terraform.succeeds("destroy", "-no-color", "-auto-approve")
}

// exampleIn joins the configuration in a directory. The ways to import what it
// has are tried by TestImportExamples.
func exampleIn(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	var config strings.Builder
	for _, file := range files {
		if !strings.HasPrefix(filepath.Base(file), "import-") {
			config.WriteString(exampleFile(t, file))
		}
	}
	return config.String()
}

func exampleFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// pageExample is a directory with an example in it, and the variables that people
// who try it would set.
func pageExample(t *testing.T, dir string) *cli {
	t.Helper()
	config, begin := exampleIn(t, dir), newCLI
	if strings.Contains(config, "required_providers") {
		begin = initCLI
	}
	return begin(t, config, append(simulated(t),
		"TF_VAR_aws_access_key=AKIAEXAMPLE", "TF_VAR_aws_secret_key=example", "TF_VAR_elasticsearch_api_key=id:example")...)
}

// TestImportExamples imports what the example of the resource has made, in each
// of the ways that stand beside it, and finds nothing to change.
func TestImportExamples(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(examplesDir, "resources", "inference_endpoint")
	terraform := pageExample(t, dir)
	terraform.succeeds("apply", "-no-color", "-auto-approve")
	imported := func(names ...string) {
		t.Helper()
		terraform.succeeds("apply", "-no-color", "-auto-approve") // keys are recorded, nothing else is new
		if listed := terraform.succeeds("state", "list"); strings.Count(listed, "inference_endpoint.") != 2 {
			t.Errorf("after the import of %s the state has %s", names, listed)
		}
		terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	}

	terraform.succeeds("state", "rm", "inference_endpoint.embeddings", "inference_endpoint.completion")
	terraform.script(filepath.Join(dir, "import.sh"))
	imported("import.sh")

	ways := []string{"import-by-string-id.tf"}
	if newer(t, "1.12.0") {
		ways = append(ways, "import-by-identity.tf")
	}
	for _, way := range ways {
		terraform.succeeds("state", "rm", "inference_endpoint.embeddings")
		terraform.write("import.tf", exampleFile(t, filepath.Join(dir, way)))
		if plan := terraform.succeeds("plan", "-no-color"); !regexp.MustCompile(`1 to import, 0 to add`).MatchString(plan) {
			t.Errorf("%s: the plan is\n%s", way, plan)
		}
		imported(way)
	}
}

// script runs a shell script in which the CLI is called terraform.
func (c *cli) script(path string) {
	c.t.Helper()
	cli, err := exec.LookPath(cliPath())
	if err != nil {
		c.t.Fatal(err)
	}
	text := strings.ReplaceAll(exampleFile(c.t, path), "terraform import", `"$CLI" import -no-color`)
	command := exec.CommandContext(c.t.Context(), "sh", "-ec", text)
	command.Dir, command.Env = c.dir, slices.Concat(c.env, []string{"CLI=" + cli})
	if out, err := command.CombinedOutput(); err != nil {
		c.t.Fatalf("%v:\n%s", err, out)
	}
}

// TestSemanticCheck: the check is silent while the model ranks as it should, and
// warns when it does not.
func TestSemanticCheck(t *testing.T) {
	t.Parallel()
	terraform := example(t, "semantic-check", simulated(t)...)
	const warning = "Check block assertion failed"
	if said := terraform.succeeds("apply", "-no-color", "-auto-approve"); strings.Contains(said, warning) {
		t.Errorf("it warns of a model that ranks as it should:\n%s", said)
	}
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	terraform.rewrite("[local.question, local.answer, local.other]", "[local.question, local.other, local.answer]")
	said := strings.Join(strings.Fields(terraform.succeeds("plan", "-no-color")), " ")
	if !strings.Contains(said, warning) || !strings.Contains(said, "as near to the question as its answer") {
		t.Errorf("it does not warn of a model that ranks the other way round:\n%s", said)
	}
}
