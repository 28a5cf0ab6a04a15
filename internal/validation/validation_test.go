// SPDX-License-Identifier: MPL-2.0

package validation

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	choices := []string{"cosine", "dot_product", "l2_norm", "us-east-1"}
	for value, want := range map[string]string{
		"Cosine": "cosine", " cosine": "cosine", "cosine\n": "cosine", "c\u043esine": "cosine", "co\u200bsine": "cosine",
		"cosin": "cosine", "ocsine": "cosine", "cosinne": "cosine", "dotproduct": "dot_product", "dot-product": "dot_product", "12_norm": "l2_norm",
		"us\u2011east\u20111": "us-east-1", "us-east-1 ": "us-east-1",
		"": "", " ": "", "x": "", "euclidean": "", "product": "", "cos": "",
	} {
		got, ok := Nearest(value, choices)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %t, want %q", value, got, ok, want)
		}
	}
}

// TestSuggestSaysWhy checks that a suggestion names the difference that a reader
// cannot see.
func TestSuggestSaysWhy(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"COSINE": "Upper and lower case", "\tcosine": "blanks around", "Cosine\t": "blanks around", "c\u043esine": "look alike", "cosin": `Did you mean "cosine"?`,
	} {
		if got := Suggest(value, []string{"cosine"}); !strings.Contains(got, want) || !strings.Contains(got, `"cosine"`) {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
	if got := Suggest("euclidean", []string{"cosine"}); got != "" {
		t.Errorf("got %q for a value that is like none", got)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"a": `"a"`, "": `""`, "\u0430": `"а"`, "a\nb": `"a\nb"`,
		"grüße": `"grüße"`, "模型": `"模型"`, "модель": `"модель"`, "mоdel": `"m\u043edel"`, "а/b": `"\u0430/b"`,
		"a\u202eb": `"a\u202eb"`, "a\u200b": `"a\u200b"`, "a\u00a0": `"a\u00a0"`, "\x1b[31m": `"\x1b[31m"`, "\xff": `"\xff"`,
	} {
		if got := Quote(value); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := Quote(strings.Repeat("x", 5000)); len(got) > 200 || !strings.Contains(got, "5000 characters") {
		t.Errorf("got %s", got)
	}
}

func TestFilePath(t *testing.T) {
	t.Parallel()
	for file, says := range map[string]string{
		"":                           "",
		"x.db":                       "",
		"./~/x.db":                   "",
		"~x.db":                      "", // a file, not a user
		"a/~/x.db":                   "",
		"/var/lib/x.db":              "",
		`C:\Users\me\x.db`:           "",
		"C:/Users/me/x.db":           "",
		"$x.db":                      "",
		"~":                          `directory or file "~"`,
		"~/x.db":                     `directory or file "~"`,
		`~\x.db`:                     `directory or file "~"`,
		"~me/x.db":                   `directory or file "~me"`,
		"$HOME/x.db":                 `directory or file "$HOME"`,
		"${HOME}/x.db":               `directory or file "${HOME}"`,
		`$env:USERPROFILE\x.db`:      `directory or file "$env:USERPROFILE"`,
		`%USERPROFILE%\x.db`:         `directory or file "%USERPROFILE%"`,
		"file:///var/lib/x.db":       `directory "file:"`,
		"s3://bucket/endpoints/x.db": `directory "s3:"`,
		" ":                          `blanks, which would be part of the name. Write the path of a file`,
		"x.db ":                      `Write "x.db"`,
		"\tdir/x y.db\n":             `Write "dir/x y.db"`,
	} {
		found := FilePath("embedded.path", file)
		if (len(found) == 0) != (says == "") || len(found) > 0 && (!strings.Contains(found[0].Detail, says) || found[0].Path != "embedded.path") {
			t.Errorf("%q: got %+v, want %q", file, found, says)
		}
	}
}

// TestFileError checks that every kind of a loop of symbolic links is named with its
// links, and that other errors are returned unchanged.
func TestFileError(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	for link, target := range map[string]string{
		"self": "self", "a": "b", "b": in("c"), "c": "../" + filepath.Base(dir) + "/a", "to-a": "a", "missing": "nowhere", "up": "down/x", "down": "up",
	} {
		if err := os.Symlink(target, in(link)); err != nil {
			t.Skipf("no symbolic links: %v", err)
		}
	}
	if err := os.WriteFile(in("file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		in("self"):           {in("self"), in("self")},
		in("self/below/x"):   {in("self"), in("self")},
		in("a"):              {in("a"), in("b"), in("c"), in("a")},
		in("to-a"):           {in("a"), in("b"), in("c"), in("a")},
		in("up"):             {in("up"), in("down"), in("up")},
		in("missing"):        nil,
		in("file/x"):         nil,
		in("nothing"):        nil,
		in("nothing/self/x"): nil,
	} {
		_, opened := os.Open(path)
		if opened == nil {
			t.Fatalf("%s can be opened", path)
		}
		err := FileError(opened)
		loop := new(LinkLoopError)
		switch {
		case want == nil && err != opened: //nolint:errorlint // the same error
			t.Errorf("%s: got %v, want %v", path, err, opened)
		case want != nil && (!errors.As(err, &loop) || !slices.Equal(loop.Links, want)):
			t.Errorf("%s: got %v, want the links %q", path, err, want)
		}
	}
}
