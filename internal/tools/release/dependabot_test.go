// SPDX-License-Identifier: MPL-2.0

package release

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestDependabot checks that updates are proposed for every module and package of the
// repository, except for those that have to stay at their version.
func TestDependabot(t *testing.T) {
	t.Parallel()
	var parsed struct {
		Updates []struct {
			Ecosystem   string   `yaml:"package-ecosystem"`
			Directory   string   `yaml:"directory"`
			Directories []string `yaml:"directories"`
		} `yaml:"updates"`
	}
	if err := yaml.Unmarshal([]byte(read(t, ".github/dependabot.yml")), &parsed); err != nil {
		t.Fatal(err)
	}
	covered := []string{
		"gomod /internal/tools/terraform/oldest",   // the oldest supported version
		"gomod /internal/tools/terraform/stubs",    // part of this repository
		"maven /internal/tools/conformance/driver", // the version that serve follows
		"maven /internal/tools/clients/java",       // scripts/clients.sh sets the versions
	}
	for _, update := range parsed.Updates {
		for _, directory := range append(update.Directories, update.Directory) {
			covered = append(covered, update.Ecosystem+" "+directory)
		}
	}
	found := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() && slices.Contains([]string{"node_modules", ".git", "testdata"}, entry.Name()) {
			return fs.SkipDir
		}
		ecosystem := ecosystemOf(filepath.Base(path))
		if err != nil || ecosystem == "" {
			return err
		}
		found++
		directory := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), filepath.Clean(root)))
		if directory == "" {
			directory = "/"
		}
		if !slices.Contains(covered, ecosystem+" "+directory) {
			t.Errorf(".github/dependabot.yml has no %s %s", ecosystem, directory)
		}
		return nil
	})
	if err != nil || found < 15 {
		t.Errorf("found %d modules and packages, %v", found, err)
	}
}

// ecosystemOf returns Dependabot's name of what a file declares dependencies of, or "".
func ecosystemOf(file string) string {
	switch {
	case file == "go.mod":
		return "gomod"
	case file == "package.json":
		return "npm"
	case file == "pom.xml":
		return "maven"
	case strings.HasPrefix(file, "requirements"):
		return "pip"
	}
	return ""
}

// read returns a file of the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
