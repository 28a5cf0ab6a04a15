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

// TestDependabot: each module and package of the repository is kept up to date,
// but those that have to stay what they are.
func TestDependabot(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, ".github", "dependabot.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Updates []struct {
			Ecosystem   string   `yaml:"package-ecosystem"`
			Directory   string   `yaml:"directory"`
			Directories []string `yaml:"directories"`
		} `yaml:"updates"`
	}
	if err := yaml.Unmarshal(text, &parsed); err != nil {
		t.Fatal(err)
	}
	// The oldest Terraform is the oldest that is supported; the stubs are our own.
	covered := []string{"gomod /internal/tools/terraform/oldest", "gomod /internal/tools/terraform/stubs"}
	for _, update := range parsed.Updates {
		for _, directory := range append(update.Directories, update.Directory) {
			covered = append(covered, update.Ecosystem+" "+directory)
		}
	}
	ecosystems := map[string]string{"go.mod": "gomod", "package.json": "npm"}
	found := 0
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() && slices.Contains([]string{"node_modules", ".git", "testdata"}, entry.Name()) {
			return fs.SkipDir
		}
		ecosystem, is := ecosystems[filepath.Base(path)]
		if err != nil || !is {
			return err
		}
		found++
		directory := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), filepath.Clean(root)))
		if directory == "" {
			directory = "/"
		}
		if !slices.Contains(covered, ecosystem+" "+directory) {
			t.Errorf("nobody looks for news of %s %s", ecosystem, directory)
		}
		return nil
	})
	if err != nil || found < 10 {
		t.Errorf("%d modules and packages were found, %v", found, err)
	}
}
