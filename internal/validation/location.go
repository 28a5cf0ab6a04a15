// SPDX-License-Identifier: MPL-2.0

package validation

import (
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// shellPath matches the first element of a path that only a shell or a URL client
// interprets: a home directory, a variable of a POSIX shell, PowerShell or cmd.exe,
// or the scheme of a URL.
var shellPath = regexp.MustCompile(`^(~$|~[A-Za-z0-9._-]*[/\\]|(?:\$[A-Za-z_]\w*|\$\{\w+\}|\$env:\w+|%\w+%)[/\\]|[A-Za-z][A-Za-z0-9+.-]+:/[/])`)

// FilePath returns a violation if a path begins or ends with blanks, or if the
// operating system would take its beginning literally although it is meant to be
// expanded, such as "~/x.db".
func FilePath(path Path, file string) Violations {
	if trimmed := strings.TrimSpace(file); trimmed != file {
		advice := "Write " + Quote(trimmed) + "."
		if trimmed == "" {
			advice = "Write the path of a file."
		}
		return Violations{Errorf(path, "Blanks around a path", "%s begins or ends with blanks, which would be part of the name. %s", Quote(file), advice)}
	}
	first := shellPath.FindString(file)
	if first == "" {
		return nil
	}
	first = strings.TrimRight(first, `/\`)
	if strings.HasSuffix(first, ":") {
		return Violations{Errorf(path, "URL instead of a path",
			"%s is a URL; as a path, it names a directory %q in the working directory. Write the path of the file without \"%s//\".", Quote(file), first, first)}
	}
	return Violations{Errorf(path, "Path is not expanded",
		"%s begins with %q, which only a shell replaces: here it names a directory or file %q in the working directory. Write an absolute or a relative path.", Quote(file), first, first)}
}

// LinkLoopError is the error of a path whose symbolic links lead back to each other.
// Operating systems only say that there are too many of them.
type LinkLoopError struct {
	// Links are the links of the loop; the last one is the first one again.
	Links []string
}

// Error names the links.
func (e *LinkLoopError) Error() string {
	return "its symbolic links form a loop: " + strings.Join(e.Links, " -> ")
}

// FileError returns a *LinkLoopError if err is the error of a file operation that failed
// because of a loop of symbolic links, and err otherwise.
func FileError(err error) error {
	var failed *fs.PathError
	if !errors.As(err, &failed) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	if links := linkLoop(failed.Path); links != nil {
		return &LinkLoopError{links}
	}
	return err
}

// maxLinks is more than the links that any operating system follows in one path.
const maxLinks = 256

// linkLoop follows the symbolic links of a path, and returns those that form a loop.
func linkLoop(path string) []string {
	var followed []string
	for path = filepath.Clean(path); len(followed) < maxLinks; {
		link, rest := firstBrokenLink(path)
		if link == "" {
			return nil
		}
		if i := slices.Index(followed, link); i >= 0 {
			return append(followed[i:], link)
		}
		followed = append(followed, link)
		target, err := os.Readlink(link)
		if err != nil {
			return nil
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(link), target)
		}
		path = filepath.Join(target, rest)
	}
	return nil
}

// firstBrokenLink returns the first element of a path that is a symbolic link and cannot
// be followed, with the elements before it, and the elements after it.
func firstBrokenLink(path string) (link, rest string) {
	volume := filepath.VolumeName(path)
	elements := strings.Split(path[len(volume):], string(filepath.Separator))
	for i := range elements {
		link := volume + strings.Join(elements[:i+1], string(filepath.Separator))
		info, err := os.Lstat(link)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		if _, err := os.Stat(link); err != nil {
			return link, filepath.Join(elements[i+1:]...)
		}
	}
	return "", ""
}

// ParseAddress parses the URL of a server. Messages quote example. They repeat the
// address only if it cannot contain a password.
func ParseAddress(path Path, address, example string) (*url.URL, *Violation) {
	base, err := url.Parse(address)
	var violation Violation
	switch {
	case err != nil:
		violation = Errorf(path, "Not a URL", "%s cannot be read as a URL. Write for example %q.", quoteAddress(address), example)
	case base.Scheme != "http" && base.Scheme != "https":
		violation = Errorf(path, "Not a URL of http or https", "%s does not begin with http:// or https://. Write for example %q.", quoteAddress(address), example)
	case base.Hostname() == "":
		violation = Errorf(path, "URL without a host", "%s names no host. Write for example %q.", quoteAddress(address), example)
	case !isPort(base.Port()):
		violation = Errorf(path, "URL with an invalid port", "%s has a port that is not a number from 1 to 65535. Write for example %q.", quoteAddress(address), example)
	case dottedNumbers.MatchString(base.Hostname()) && net.ParseIP(base.Hostname()) == nil:
		violation = Errorf(path, "URL with an invalid IP address", "%s has host %s, which is not an IPv4 address: that is four numbers from 0 to 255. Write for example %q.", quoteAddress(address), Quote(base.Hostname()), example)
	default:
		return base, nil
	}
	return nil, &violation
}

// dottedNumbers matches a host that can only be meant as an IPv4 address.
var dottedNumbers = regexp.MustCompile(`^[0-9]+(\.[0-9]+)+$`)

// isPort reports whether a port of a URL is absent or can be connected to.
func isPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && number > 0
}

// plainAddress matches a host, a port and a path: nothing that could be a password,
// which malformed URLs may have in any place.
var plainAddress = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([a-z]{1,8}://)?[A-Za-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?$`)
})

func quoteAddress(address string) string {
	if plainAddress().MatchString(address) {
		return Quote(address)
	}
	return "The address (not repeated here, because it may contain a password)"
}
