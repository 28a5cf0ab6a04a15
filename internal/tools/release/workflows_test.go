// SPDX-License-Identifier: MPL-2.0

package release

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// pinned matches an action that is pinned to a commit, with its version in a comment.
var pinned = regexp.MustCompile(`^\s*(?:- )?uses: [\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

type workflow struct {
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]struct {
		TimeoutMinutes int `yaml:"timeout-minutes"`
	} `yaml:"jobs"`
}

// workflows returns the text of each workflow by the name of its file.
func workflows(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	texts := map[string]string{}
	for _, file := range files {
		texts[filepath.Base(file)] = read(t, ".github/workflows/"+filepath.Base(file))
	}
	return texts
}

// TestWorkflows checks that actions are pinned to commits, that each job has a timeout, and
// that jobs may write only if they say so themselves.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	for file, text := range workflows(t) {
		for line := range strings.Lines(text) {
			if line = strings.TrimRight(line, "\n"); strings.Contains(line, "uses:") && !pinned.MatchString(line) {
				t.Errorf("%s: not pinned by commit and version: %s", file, line)
			}
		}
		var parsed workflow
		if err := yaml.Unmarshal([]byte(text), &parsed); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if len(parsed.Permissions) != 1 || parsed.Permissions["contents"] != "read" {
			t.Errorf("%s: jobs have the permissions %v, want only contents: read", file, parsed.Permissions)
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
	local := regexp.MustCompile(`for target in ([^;]+);`).FindStringSubmatch(read(t, ".ci/run"))
	remote := regexp.MustCompile(`target: \[([^\]]+)\]`).FindStringSubmatch(workflows(t)["test.yml"])
	if local == nil || remote == nil {
		t.Fatal("the lists of checks were not found")
	}
	there := strings.Split(remote[1], ", ")
	for _, check := range strings.Fields(local[1]) {
		if !slices.Contains(there, check) {
			t.Errorf("the workflow does not run %s", check)
		}
	}
}

// TestTargets checks that every make target that a workflow runs exists, and that
// vulnerabilities are looked for every night and before a release.
func TestTargets(t *testing.T) {
	t.Parallel()
	makefile, texts := read(t, "GNUmakefile"), workflows(t)
	for file, text := range texts {
		for _, target := range regexp.MustCompile(`run: make ([a-z-]+)`).FindAllStringSubmatch(text, -1) {
			if !strings.Contains(makefile, "\n"+target[1]+":") {
				t.Errorf("%s: make has no target %s", file, target[1])
			}
		}
	}
	for file, want := range map[string]string{"vulnerabilities.yml": "schedule:", "release.yml": "make vulncheck"} {
		if text := texts[file]; !strings.Contains(text, want) || !strings.Contains(text, "make vulncheck") {
			t.Errorf("%s does not look for vulnerabilities", file)
		}
	}
}

// TestReleaseNotes checks that a release has the notes of its version, and that there is
// none for a version without a dated section.
func TestReleaseNotes(t *testing.T) {
	t.Parallel()
	if text := workflows(t)["release.yml"]; !strings.Contains(text, "scripts/release-notes.sh") || !strings.Contains(text, "--release-notes") {
		t.Error("release.yml does not pass the release notes to goreleaser")
	}
	directory := t.TempDir()
	for name, text := range map[string]string{
		"scripts/release-notes.sh": read(t, "scripts/release-notes.sh"),
		"CHANGELOG.md":             "# Changelog\n\n## 0.3.0 (Unreleased)\n\nthree\n\n## 0.2.0 (March 2, 2026)\n\ntwo\n\n## 0.1.0 (March 1, 2026)\n\none\n",
	} {
		write(t, filepath.Join(directory, name), text)
	}
	notes := func(version string) string {
		out, _ := exec.CommandContext(t.Context(), "bash", filepath.Join(directory, "scripts", "release-notes.sh"), version).Output()
		return strings.TrimSpace(string(out))
	}
	for version, want := range map[string]string{"0.2.0": "two", "0.1.0": "one", "0.3.0": "", "0.1": "", "1.0.0": ""} {
		if got := notes(version); got != want {
			t.Errorf("version %s: got the notes %q, want %q", version, got, want)
		}
	}
}
