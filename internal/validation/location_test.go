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

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for address, says := range map[string]string{
		"https://es:9200":                     "",
		"http://127.0.0.1/path":               "",
		"https://[::1]:9200":                  "",
		"":                                    "does not begin with http:// or https://",
		"es:9200":                             "does not begin with http:// or https://",
		"ftp://u:secret@es":                   "does not begin with http:// or https://",
		"https://":                            "names no host",
		"https://u:secret@":                   "names no host",
		"https://u:secret@es:x":               "cannot be read as a URL",
		"elastic:secret@es:9200":              "does not begin with http:// or https://",
		"https:/u:secret@es":                  "names no host",
		"https:u:secret@es":                   "names no host",
		"u:secret":                            "does not begin with http:// or https://",
		"https://u:secret":                    "cannot be read as a URL",
		"//u:secret@es":                       "does not begin with http:// or https://",
		"es:9200?key=secret":                  "does not begin with http:// or https://",
		"https://es:65535":                    "",
		"https://es:":                         "",
		"https://es:65536":                    `"https://es:65536" has a port that is not a number from 1 to 65535`,
		"https://es:0":                        "a port that is not a number from 1 to 65535",
		"https://[::1]:92000":                 "a port that is not a number from 1 to 65535",
		"http://10.0.0.1:99999":               "a port that is not a number from 1 to 65535",
		"https://es:920092009200920092009200": "a port that is not a number from 1 to 65535",
		"https://10.0.0.256:9200":             `"10.0.0.256", which is not an IPv4 address`,
		"https://127.0.1":                     `"127.0.1", which is not an IPv4 address`,
		"https://1.2.3.4.5/es":                `"1.2.3.4.5", which is not an IPv4 address`,
	} {
		base, fault := ParseAddress("endpoint", address, "https://localhost")
		switch {
		case (fault == nil) != (says == "") || (base == nil) != (fault != nil):
			t.Errorf("%q: got %v, %v", address, base, fault)
		case fault == nil:
		case !strings.Contains(fault.Detail, says) || !strings.Contains(fault.Detail, `Write for example "https://localhost".`) || fault.Path != "endpoint":
			t.Errorf("%q: got %+v, want %q", address, fault, says)
		case strings.Contains(fault.Detail, "secret"):
			t.Errorf("%q: the message repeats the password: %s", address, fault.Detail)
		}
	}
}
