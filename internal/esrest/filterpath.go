// SPDX-License-Identifier: MPL-2.0

package esrest

import (
	"bytes"
	"encoding/json"
	"strings"
)

// A FilterPath selects parts of a body, as the parameter filter_path does. The
// zero value selects everything.
type FilterPath struct {
	include, exclude []pattern
}

// pattern is one path: names with wildcards, where ** stands for one name or more.
type pattern []string

// ParseFilterPath reads the value of the parameter: a list of patterns with
// commas. Patterns that begin with "-" exclude.
func ParseFilterPath(text string) (filter FilterPath) {
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimFunc(item, func(char rune) bool { return char <= ' ' }) // as Java's trim
		excluded, isExclusion := strings.CutPrefix(item, "-")
		switch {
		case item == "" || item == "-":
		case isExclusion:
			filter.exclude = append(filter.exclude, parsePattern(excluded))
		default:
			filter.include = append(filter.include, parsePattern(item))
		}
	}
	return filter
}

// parsePattern splits at dots that no backslash escapes.
func parsePattern(text string) (path pattern) {
	start := 0
	for i := range len(text) {
		if text[i] == '.' && (i == 0 || text[i-1] != '\\') {
			path = append(path, strings.ReplaceAll(text[start:i], `\.`, "."))
			start = i + 1
		}
	}
	return append(path, strings.ReplaceAll(text[start:], `\.`, "."))
}

// Apply returns the selected parts of a JSON object. Objects and lists that the
// filter empties are dropped.
func (f FilterPath) Apply(encoded []byte) ([]byte, error) {
	var err error
	if len(f.include) > 0 {
		encoded, _, err = filterValue(encoded, f.include, true)
	}
	if len(f.exclude) > 0 && err == nil {
		encoded, _, err = filterValue(encoded, f.exclude, false)
	}
	if len(encoded) == 0 {
		encoded = []byte("{}")
	}
	return encoded, err
}

// filterValue returns what is left of a value below the given patterns, and
// whether it is to be kept.
func filterValue(encoded []byte, patterns []pattern, include bool) (left []byte, kept bool, err error) {
	encoded = bytes.TrimSpace(encoded)
	if len(encoded) == 0 || (encoded[0] != '{' && encoded[0] != '[') {
		return encoded, !include, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	if _, err := decoder.Token(); err != nil {
		return nil, false, err
	}
	out, items := []byte{encoded[0]}, 0
	for decoder.More() {
		var name []byte
		below, matched := patterns, false
		items++
		if encoded[0] == '{' {
			token, err := decoder.Token()
			if err != nil {
				return nil, false, err
			}
			text, _ := token.(string)
			below, matched = match(patterns, text)
			if name, err = Encode(text); err != nil {
				return nil, false, err
			}
			name = append(name, ':')
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, false, err
		}
		keep := matched == include
		if !matched && len(below) > 0 {
			if value, keep, err = filterValue(value, below, include); err != nil {
				return nil, false, err
			}
		}
		if keep {
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = append(append(out, name...), value...)
		}
	}
	empty := len(out) == 1
	return append(out, encoded[len(encoded)-1]), !empty || (!include && items == 0), nil
}

// match returns the rests of the patterns after a name, and whether the name is
// the last one of a pattern.
func match(patterns []pattern, name string) (below []pattern, matched bool) {
	for _, path := range patterns {
		switch {
		case path[0] == "**" && len(path) == 1:
			return nil, true
		case path[0] == "**":
			below = append(below, path, path[1:])
		case !wildcard(path[0], name):
		case len(path) == 1:
			matched = true
		default:
			below = append(below, path[1:])
		}
	}
	return below, matched
}

// wildcard reports whether a name fits a pattern in which * stands for any text.
func wildcard(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}
