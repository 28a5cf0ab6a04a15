// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestErrorsGuide checks that each summary that the guide quotes is in the source.
func TestErrorsGuide(t *testing.T) {
	t.Parallel()
	literals := literalsOf(t)
	quoted := regexp.MustCompile("`([^`]+)`|with \"([^\"]+)\"")
	for line := range strings.Lines(guide(t, "errors-and-remedies.md")) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || strings.Contains(cells[1], "---") {
			continue
		}
		for _, quote := range quoted.FindAllStringSubmatch(cells[1], -1) {
			text := quote[1] + quote[2]
			if quote[1] == "Cannot ..." || quote[1] == "Cannot create ..." {
				continue
			}
			part := func(literal string) bool { return quote[2] != "" && strings.Contains(literal, text) }
			if !isConcatenation(literals, text, 3) && !slices.ContainsFunc(slices.Collect(maps.Keys(literals)), part) {
				t.Errorf("the guide quotes %q, which is not in the source", text)
			}
		}
	}
}

// summaryArguments maps functions that create violations to the index of the argument that
// is the summary.
var summaryArguments = map[string]int{"Errorf": 1, "Warningf": 1}

// TestErrorsGuideIsComplete checks that the guide has the summary of every rule.
func TestErrorsGuideIsComplete(t *testing.T) {
	t.Parallel()
	page := guide(t, "errors-and-remedies.md")
	inSource(t, func(node ast.Node) {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return
		}
		var name string
		switch function := call.Fun.(type) {
		case *ast.Ident:
			name = function.Name
		case *ast.SelectorExpr:
			name = function.Sel.Name
		}
		summary, ok := summaryArguments[name]
		if !ok || len(call.Args) <= summary {
			return
		}
		if literal, ok := call.Args[summary].(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if summary, err := strconv.Unquote(literal.Value); err != nil || !strings.Contains(page, "`"+summary+"`") {
				t.Errorf("the guide does not quote the summary %s", literal.Value)
			}
		}
	})
}

// isConcatenation reports whether a text is a concatenation of at most a number of literals.
func isConcatenation(literals map[string]bool, text string, most int) bool {
	if literals[text] {
		return true
	}
	for i := range text {
		if most > 1 && literals[text[:i]] && isConcatenation(literals, text[i:], most-1) {
			return true
		}
	}
	return false
}

// literalsOf returns the strings in the source, with ID in the place of formatting verbs.
func literalsOf(t *testing.T) map[string]bool {
	t.Helper()
	literals := map[string]bool{}
	inSource(t, func(node ast.Node) {
		if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil && text != "" {
				literals[strings.NewReplacer("%q", `"ID"`, "%s", "ID").Replace(text)] = true
			}
		}
	})
	return literals
}

// inSource calls visit for all nodes of the source without tests.
func inSource(t *testing.T, visit func(ast.Node)) {
	t.Helper()
	err := filepath.WalkDir("..", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			visit(node)
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestEnvironmentDocumented checks that the index page documents each environment variable
// that the provider reads.
func TestEnvironmentDocumented(t *testing.T) {
	t.Parallel()
	index, err := os.ReadFile(filepath.Join(templatesDir, "index.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`^(ELASTICSEARCH|INFERENCE|AWS)_[A-Z_]+$`)
	for literal := range literalsOf(t) {
		// AWS_BEARER_TOKEN_BEDROCK is documented by the AWS SDK.
		if name.MatchString(literal) && !strings.Contains(string(index), "`"+literal+"`") && literal != "AWS_BEARER_TOKEN_BEDROCK" {
			t.Errorf("the index page does not document %s", literal)
		}
	}
}
