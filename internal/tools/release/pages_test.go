// SPDX-License-Identifier: MPL-2.0

package release

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// maxPage is the size up to which the registries show a page, in bytes.
const maxPage = 500_000

var (
	frontMatter = regexp.MustCompile(`(?s)^---\n(.*?)\n---\n`)
	// link matches a link to a page of the documentation.
	link = regexp.MustCompile(`\]\(([a-z._/-]+\.md)(?:#([a-z0-9_-]+))?\)`)
	// heading matches a heading, whose anchor is made of its text.
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	// anchor matches an explicit anchor.
	anchor = regexp.MustCompile(`<a id="([^"]+)"></a>`)
)

// TestPages checks that the registries can show every page: its directory, front matter and
// size, and that its links lead to pages and headings that exist.
func TestPages(t *testing.T) {
	t.Parallel()
	pages := map[string]string{}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		pages[filepath.ToSlash(strings.TrimPrefix(path, filepath.Join(root, "docs")+string(filepath.Separator)))] = string(text)
		return err
	})
	if err != nil || len(pages) < 25 {
		t.Fatalf("found %d pages, %v", len(pages), err)
	}
	kinds := []string{".", "actions", "data-sources", "ephemeral-resources", "functions", "guides", "list-resources", "resources"}
	for page, text := range pages {
		if !strings.HasSuffix(page, ".md") || !slices.Contains(kinds, filepath.ToSlash(filepath.Dir(page))) {
			t.Errorf("docs/%s is not where a registry looks for pages", page)
		}
		if len(text) > maxPage {
			t.Errorf("docs/%s has %d bytes, and registries show at most %d", page, len(text), maxPage)
		}
		checkFrontMatter(t, page, text)
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			target := filepath.ToSlash(filepath.Join(filepath.Dir(page), found[1]))
			there, exists := pages[target]
			if !exists {
				t.Errorf("docs/%s refers to %s, which does not exist", page, found[1])
			} else if found[2] != "" && !slices.Contains(anchors(there), found[2]) {
				t.Errorf("docs/%s refers to %s#%s, and that page has no such heading", page, found[1], found[2])
			}
		}
	}
}

func checkFrontMatter(t *testing.T, page, text string) {
	t.Helper()
	var matter map[string]string
	found := frontMatter.FindStringSubmatch(text)
	if found == nil || yaml.Unmarshal([]byte(found[1]), &matter) != nil {
		t.Errorf("docs/%s has no front matter", page)
		return
	}
	if matter["page_title"] == "" || strings.TrimSpace(matter["description"]) == "" {
		t.Errorf("docs/%s has no title or no description", page)
	}
	// A subcategory groups the resources of a provider with many of them.
	if subcategory, set := matter["subcategory"]; set == (page == "index.md") || subcategory != "" {
		t.Errorf("docs/%s: subcategory is set: %t, %q; want it empty on each page but the first", page, set, subcategory)
	}
}

// anchors returns the anchors of the headings of a page, as GitHub and the registries make
// them.
func anchors(text string) []string {
	var found []string
	for _, title := range heading.FindAllStringSubmatch(text, -1) {
		id := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', r >= 'a' && r <= 'z', r >= '0' && r <= '9':
				return r
			}
			return -1
		}, strings.ToLower(title[1]))
		found = append(found, id)
	}
	for _, explicit := range anchor.FindAllStringSubmatch(text, -1) {
		found = append(found, explicit[1])
	}
	return found
}

// entry matches an entry of the changelog: a new resource, or a change with its scope.
var entry = regexp.MustCompile(`^\* (\*\*New [A-Z][A-Za-z ]+:\*\* ` + "`[a-z_]+`" + `|((provider|serve|embedded)|(resource|data-source|ephemeral|list|action|function)/[a-z_]+)(, (data-source|ephemeral)/[a-z_]+)*: [A-Z]|[A-Z])`)

// TestChangelog checks that the changelog is written as those of HashiCorp's providers: the
// version and its date, the sections in their order, and the scope of each entry; and that
// its newest version is the one that "make build" stamps on the provider.
func TestChangelog(t *testing.T) {
	t.Parallel()
	version := regexp.MustCompile(`^## (\d+\.\d+\.\d+) \((Unreleased|(January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4})\)$`)
	sections := []string{"BREAKING CHANGES:", "NOTES:", "FEATURES:", "ENHANCEMENTS:", "BUG FIXES:"}
	var newest, section string
	for number, line := range strings.Split(read(t, "CHANGELOG.md"), "\n") {
		found := version.FindStringSubmatch(line)
		switch {
		case strings.HasPrefix(line, "## "):
			if section = ""; found == nil {
				t.Errorf("line %d: got %q, want a version with its date or \"Unreleased\"", number+1, line)
			} else if newest == "" {
				newest = found[1]
			}
		case strings.HasSuffix(line, ":") && line == strings.ToUpper(line):
			if slices.Index(sections, line) <= slices.Index(sections, section) {
				t.Errorf("line %d: section %q after %q, want the order %q", number+1, line, section, sections)
			}
			section = line
		case strings.HasPrefix(line, "* "):
			if section == "" || !entry.MatchString(line) || !strings.HasSuffix(line, ".") && !strings.HasPrefix(line, "* **New ") {
				t.Errorf("line %d: the entry has no section, scope, capital letter or period: %s", number+1, line)
			}
			if section != "NOTES:" && regexp.MustCompile(`^\* [A-Z]`).MatchString(line) {
				t.Errorf("line %d: the entry has no scope: %s", number+1, line)
			}
		case line != "" && newest != "":
			t.Errorf("line %d: neither a section nor an entry: %s", number+1, line)
		}
	}
	if want := regexp.MustCompile(`(?m)^VERSION \?= (\S+)$`).FindStringSubmatch(read(t, "GNUmakefile")); want == nil || want[1] != newest {
		t.Errorf("the newest version of the changelog is %s, and the Makefile has %q", newest, want)
	}
}

// TestSupport checks the versions and platforms in the guide "Versions and support" against
// what is built and tested.
func TestSupport(t *testing.T) {
	t.Parallel()
	guide := read(t, "templates/guides/versions-and-support.md")
	module := func(path, name string) string {
		found := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(name) + ` v?(\d\S+)`).FindStringSubmatch(read(t, path))
		if found == nil {
			t.Fatalf("%s has no version of %s", path, name)
		}
		return found[1]
	}
	wanted := []string{
		module("internal/tools/terraform/oldest/go.mod", "github.com/hashicorp/terraform") + " and " + module("internal/tools/terraform/newest/go.mod", "github.com/hashicorp/terraform"),
		"| " + module("internal/tools/opentofu/go.mod", "github.com/opentofu/opentofu") + ", for each change",
		module("go.mod", "go") + " and newer",
	}
	newest := regexp.MustCompile(`Newest = "([0-9.]+)"`).FindStringSubmatch(read(t, "internal/elasticsearch/elasticsearchtest/server.go"))
	if newest == nil {
		t.Fatal("the newest version of the double was not found")
	}
	wanted = append(wanted, "up to version "+newest[1])
	for _, image := range regexp.MustCompile(`- elasticsearch:(\S+)`).FindAllStringSubmatch(workflows(t)["live.yml"], -1) {
		wanted = append(wanted, image[1])
	}
	for _, platform := range platforms(load(t)) {
		wanted = append(wanted, "`"+strings.ReplaceAll(platform, "/", "_")+"`")
	}
	for _, text := range wanted {
		if !strings.Contains(guide, text) {
			t.Errorf("the guide does not contain %q", text)
		}
	}
	if got, want := strings.Count(guide, "`windows_")+strings.Count(guide, "`linux_")+strings.Count(guide, "`darwin_")+strings.Count(guide, "`freebsd_"), len(platforms(load(t))); got != want {
		t.Errorf("the guide names %d platforms, and %d are built", got, want)
	}
}
