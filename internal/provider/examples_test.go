// SPDX-License-Identifier: MPL-2.0

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

// least maps examples to the version of Terraform that they need, if it is newer than the
// oldest one that the provider supports.
var least = map[string]string{
	"actions/inference_verify": "1.14.0",
}

// pages are the directories with one example for each page of the documentation. The
// others are complete configurations and have tests of their own.
var pages = []string{"actions", "data-sources", "ephemeral-resources", "functions", "provider", "resources"}

// TestPageExamples checks that the example of each page applies unchanged with the simulator
// and the embedded target, that the second plan is empty, and that destroy succeeds.
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
				t.Run(filepath.ToSlash(name), func(t *testing.T) { runPageExample(t, dir, least[filepath.ToSlash(name)]) })
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	if found < 10 {
		t.Errorf("got %d examples, want at least 10", found)
	}
}

// runPageExample applies, plans and destroys an example.
func runPageExample(t *testing.T, dir, version string) {
	t.Helper()
	t.Parallel()
	if version != "" {
		needs(t, version)
	}
	terraform := pageExample(t, dir)
	terraform.succeeds(apply...)
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	terraform.succeeds("destroy", "-no-color", "-auto-approve")
}

// exampleIn returns the configuration in a directory without its import blocks, which
// TestImportExamples checks.
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

// pageExample returns a directory with an example and the environment variables that it
// needs.
func pageExample(t *testing.T, dir string) *cli {
	t.Helper()
	config := exampleIn(t, dir)
	if !strings.Contains(config, "required_providers") {
		config = requiredProviders + config
	}
	terraform := newProcessCLI(t, "", append(simulated(t),
		"TF_VAR_aws_access_key=AKIAEXAMPLE", "TF_VAR_aws_secret_key=example", "TF_VAR_elasticsearch_api_key=id:example")...)
	terraform.write("main.tf", config)
	return terraform
}

// TestImportExamples checks that each import example of the resource imports the endpoints
// without a change.
func TestImportExamples(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(examplesDir, "resources", "inference_endpoint")
	terraform := pageExample(t, dir)
	terraform.succeeds("apply", "-no-color", "-auto-approve")
	imported := func(names ...string) {
		t.Helper()
		terraform.succeeds("apply", "-no-color", "-auto-approve") // records the digest of the keys
		if listed := terraform.succeeds("state", "list"); strings.Count(listed, "inference_endpoint.") != 2 {
			t.Errorf("got the state %s after the import by %s, want 2 endpoints", listed, names)
		}
		terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	}

	terraform.succeeds("state", "rm", "inference_endpoint.embeddings", "inference_endpoint.completion")
	terraform.script(filepath.Join(dir, "import.sh"))
	imported("import.sh")

	files := []string{"import-by-string-id.tf"}
	if newer(t, "1.12.0") {
		files = append(files, "import-by-identity.tf")
	}
	for _, file := range files {
		terraform.succeeds("state", "rm", "inference_endpoint.embeddings")
		terraform.write("import.tf", exampleFile(t, filepath.Join(dir, file)))
		if plan := terraform.succeeds("plan", "-no-color"); !regexp.MustCompile(`1 to import, 0 to add`).MatchString(plan) {
			t.Errorf("%s: got the plan, want one import:\n%s", file, plan)
		}
		imported(file)
	}
}

// script runs a shell script that runs terraform import.
func (c *cli) script(path string) {
	c.t.Helper()
	cli, err := exec.LookPath(cliPath())
	if err != nil {
		c.t.Fatal(err)
	}
	text := strings.ReplaceAll(exampleFile(c.t, path), "terraform import", `"$CLI" import -no-color`)
	command := exec.CommandContext(c.t.Context(), "sh", "-ec", text)
	variable, stop := c.attach()
	defer stop()
	command.Dir, command.Env = c.dir, slices.Concat(c.env, []string{"CLI=" + cli, variable})
	if out, err := command.CombinedOutput(); err != nil {
		c.t.Fatalf("%v:\n%s", err, out)
	}
}

// TestSemanticCheck checks that the example of a check block warns only if the model ranks
// texts in the wrong order.
func TestSemanticCheck(t *testing.T) {
	t.Parallel()
	terraform := example(t, "semantic-check", simulated(t)...)
	const warning = "Check block assertion failed"
	if out := terraform.succeeds("apply", "-no-color", "-auto-approve"); strings.Contains(out, warning) {
		t.Errorf("got a warning about the right order, want none:\n%s", out)
	}
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	terraform.rewrite("[local.question, local.answer, local.other]", "[local.question, local.other, local.answer]")
	out := strings.Join(strings.Fields(terraform.succeeds("plan", "-no-color")), " ")
	if !strings.Contains(out, warning) || !strings.Contains(out, "as near to the question as its answer") {
		t.Errorf("got no warning about the wrong order:\n%s", out)
	}
}
