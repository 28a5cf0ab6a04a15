// SPDX-License-Identifier: MPL-2.0

package chunking

import (
	"fmt"
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
	known    func(starts []int, text string) []int
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
		starts = s.known(nil, part)
	} else {
		starts, err = s.compiled.Starts(nil, part, deadline)
	}
	for i := range starts {
		starts[i] += p.start
	}
	return starts, err
}
