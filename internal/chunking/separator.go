package chunking

import (
	"fmt"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/javaregexp"
)

// The separators that each group stands for, as Elasticsearch lists them.
var separatorGroups = map[string][]string{
	"plaintext": {`(?<!\n)\n\n(?!\n)`, `(?<!\n)\n(?!\n)`},
	"markdown": {
		"\n# ", "\n## ", "\n### ", "\n#### ", "\n##### ", "\n###### ",
		"\n^(?!\\s*$).*\n-{1,}\n", "\n^(?!\\s*$).*\n={1,}\n",
	},
}

// SeparatorError says which separator cannot be used.
type SeparatorError struct {
	// Index is that in Separators, from 0.
	Index     int
	Separator string
	Err       error
}

func (e *SeparatorError) Error() string {
	return fmt.Sprintf("separator %d %q: %v", e.Index, e.Separator, e.Err)
}

func (e *SeparatorError) Unwrap() error { return e.Err }

// separator finds where pieces begin.
type separator struct {
	source string
	// known searches for separators of the groups, compiled for others.
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

// starts finds where the matches in a piece of text begin.
func (s separator) starts(text string, p span, deadline time.Time) (starts []int, err error) {
	piece := text[p.start:p.end]
	if s.known != nil {
		starts = s.known(nil, piece)
	} else {
		starts, err = s.compiled.Starts(nil, piece, deadline)
	}
	for i := range starts {
		starts[i] += p.start
	}
	return starts, err
}
