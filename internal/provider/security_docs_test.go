// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityPage checks that the tests and files that SECURITY.md names exist.
func TestSecurityPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	tests, files := map[string]bool{}, map[string]bool{}
	err = filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[filepath.ToSlash(strings.TrimPrefix(path, filepath.FromSlash("../../")))] = true
		files[filepath.Base(path)] = true
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, test := range declared.FindAllStringSubmatch(string(text), -1) {
			tests[test[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, quote := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(string(page), -1) {
		text := quote[1]
		switch {
		case regexp.MustCompile(`^(Test|Fuzz)\w+$`).MatchString(text):
			named++
			if !tests[text] {
				t.Errorf("the test %s does not exist", text)
			}
		case regexp.MustCompile(`\.(go|yml|sum|json)$`).MatchString(text) && !files[text]:
			t.Errorf("the file %s does not exist", text)
		case strings.HasPrefix(text, "internal/") && !files[text]:
			if _, err := os.Stat(filepath.Join("../..", text)); err != nil {
				t.Error(err)
			}
		}
	}
	if named < 30 {
		t.Errorf("got %d names of tests, want at least 30", named)
	}
}
