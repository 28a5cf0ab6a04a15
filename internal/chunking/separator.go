// SPDX-License-Identifier: MPL-2.0

package chunking

import (
	"fmt"
	"strings"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/javaregexp"
)

// The separators of each group, as in Elasticsearch.
var separatorGroups = map[string][]string{
	"plaintext": {`(?<!\n)\n\n(?!\n)`, `(?<!\n)\n(?!\n)`},
	"markdown": {
		"\n# ", "\n## ", "\n### ", "\n#### ", "\n##### ", "\n###### ",
		"\n^(?!\\s*$).*\n-{1,}\n", "\n^(?!\\s*$).*\n={1,}\n",
	},
}

// SeparatorError is returned for a separator that cannot be used.
type SeparatorError struct {
	// Index is the position in Separators, from 0.
	Index     int
	Separator string
	Err       error
}

// Error returns the message, which names the separator.
func (e *SeparatorError) Error() string {
	return fmt.Sprintf("separator %d %q: %v", e.Index, e.Separator, e.Err)
}

// Unwrap returns the error of the regular expression.
func (e *SeparatorError) Unwrap() error { return e.Err }

// separator finds the offsets at which parts of a text begin.
type separator struct {
	source string
	// known is the search for a separator of a group, nil for others. compiled is
	// the regular expression of the others.
	known    func(text string) []int
	compiled *javaregexp.Regexp
}

func compileSeparators(sources []string, group string) ([]separator, error) {
	if len(sources) == 0 {
		if group == "" {
			group = "plaintext"
		}
		if sources = separatorGroups[group]; sources == nil {
			return nil, fmt.Errorf("unknown separator_group %q", group)
		}
	}
	separators := make([]separator, len(sources))
	for i, source := range sources {
		separators[i] = separator{source: source, known: knownSeparators[source]}
		if separators[i].known != nil {
			continue
		}
		var err error
		if separators[i].compiled, err = javaregexp.Compile(source); err != nil {
			return nil, &SeparatorError{Index: i, Separator: source, Err: err}
		}
	}
	return separators, nil
}

// starts returns the offsets at which the matches in a part of text begin.
func (s separator) starts(text string, p span, deadline time.Time) (starts []int, err error) {
	part := text[p.start:p.end]
	if s.known != nil {
		starts = s.known(part)
	} else {
		starts, err = s.compiled.Starts(part, deadline)
	}
	for i := range starts {
		starts[i] += p.start
	}
	return starts, err
}

// knownSeparators are searches for the separators of the groups that are regular
// expressions with look-around. They find the same matches several times faster.
var knownSeparators = map[string]func(text string) []int{
	separatorGroups["plaintext"][0]: newlineRuns(2),
	separatorGroups["plaintext"][1]: newlineRuns(1),
	separatorGroups["markdown"][6]:  underlined('-'),
	separatorGroups["markdown"][7]:  underlined('='),
}

// newlineRuns returns a search for runs of exactly length line feeds.
func newlineRuns(length int) func(text string) []int {
	return func(text string) (starts []int) {
		for at := 0; ; {
			i := strings.IndexByte(text[at:], '\n')
			if i < 0 {
				return starts
			}
			start := at + i
			for at = start + 1; at < len(text) && text[at] == '\n'; {
				at++
			}
			if at-start == length {
				starts = append(starts, start)
			}
		}
	}
}

// underlined returns a search for the line feed before each title: a line that is
// not blank, followed by a line that consists of the given byte.
func underlined(line byte) func(text string) []int {
	return func(text string) (starts []int) {
		for at := 0; ; {
			i := strings.IndexByte(text[at:], '\n')
			if i < 0 {
				return starts
			}
			at += i + 1
			if end := underlineEnd(text, at, line); end > 0 {
				starts = append(starts, at-1)
				at = end
			}
		}
	}
}

// underlineEnd returns the offset after the underline of the title at text[at:], or
// 0 if there is no such title.
func underlineEnd(text string, at int, line byte) int {
	length := strings.IndexByte(text[at:], '\n')
	end := at + length + 1
	if length < 0 || end == len(text) || text[end] != line || !isTitle(text[at:end-1]) {
		return 0
	}
	for end < len(text) && text[end] == line {
		end++
	}
	if end == len(text) || text[end] != '\n' {
		return 0
	}
	return end + 1
}

// isTitle reports whether a line is not blank and contains none of Java's line
// terminators.
func isTitle(line string) bool {
	return strings.Trim(line, " \t\v\f") != "" && !strings.ContainsAny(line, "\r\u0085\u2028\u2029")
}
