package release

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// pinned is an action by the hash of a commit, with the version for people.
var pinned = regexp.MustCompile(`^\s*(?:- )?uses: [\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

type workflow struct {
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]struct {
		TimeoutMinutes int `yaml:"timeout-minutes"`
	} `yaml:"jobs"`
}

// TestWorkflows: whoever moves a tag of an action changes nothing here, no job
// runs for hours, and none may write unless it says so itself.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimRight(line, "\n"); strings.Contains(line, "uses:") && !pinned.MatchString(line) {
				t.Errorf("%s: not pinned by commit and version: %s", file, line)
			}
		}
		var parsed workflow
		if err := yaml.Unmarshal(text, &parsed); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if len(parsed.Permissions) != 1 || parsed.Permissions["contents"] != "read" {
			t.Errorf("%s: every job has permissions %v, want to read contents only", file, parsed.Permissions)
		}
		for name, job := range parsed.Jobs {
			if job.TimeoutMinutes == 0 {
				t.Errorf("%s: job %s has no timeout", file, name)
			}
		}
	}
}

// TestSameChecks checks that the workflow runs every check of .ci/run.
func TestSameChecks(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, ".github", "workflows", "test.yml"))
	if err != nil {
		t.Fatal(err)
	}
	local := regexp.MustCompile(`for target in ([^;]+);`).FindSubmatch(script)
	remote := regexp.MustCompile(`target: \[([^\]]+)\]`).FindSubmatch(text)
	if local == nil || remote == nil {
		t.Fatal("the lists of checks are not where they were")
	}
	there := strings.Split(string(remote[1]), ", ")
	for _, check := range strings.Fields(string(local[1])) {
		if !slices.Contains(there, check) {
			t.Errorf("the workflow does not run %s", check)
		}
	}
}
