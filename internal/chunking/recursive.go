package chunking

import (
	"time"
	"unicode/utf8"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/segment"
)

// recursive splits before separators, each tried on what the one before left
// too long, and joins neighbours as far as size words allow.
type recursive struct {
	size       int
	separators []separator
}

// timeLimit bounds the search for all separators of one text.
const timeLimit = 5 * time.Second

func (r recursive) cut(text string) ([]span, error) {
	s := &splitting{recursive: r, text: text, index: segment.NewIndex(text), deadline: time.Now().Add(timeLimit)}
	err := s.piece(span{0, len(text)}, 0)
	return s.spans, err
}

// splitting is a text on its way into chunks.
type splitting struct {
	recursive
	text     string
	index    segment.Index
	deadline time.Time
	spans    []span
}

// piece cuts a piece of the text by the separators from number i on.
func (s *splitting) piece(p span, i int) error {
	if s.isShort(p) || s.index.Count(p.start, p.end) <= s.size {
		s.spans = append(s.spans, p)
		return nil
	}
	// What is split further begins and ends between code points.
	if p = (span{alignDown(s.text, p.start), alignDown(s.text, p.end)}); p.start == p.end {
		return nil
	}
	if i == len(s.separators) {
		return s.bySentences(p)
	}
	starts, err := s.separators[i].starts(s.text, p, s.deadline)
	if err != nil {
		return &SeparatorError{Index: i, Separator: s.separators[i].source, Err: err}
	}
	for _, joined := range s.join(pieces(p, starts)) {
		if err := s.piece(joined, i+1); err != nil {
			return err
		}
	}
	return nil
}

// isShort tells of less than two UTF-16 code units, which are never split.
func (s *splitting) isShort(p span) bool {
	r, size := utf8.DecodeRuneInString(s.text[p.start:p.end])
	return size == p.end-p.start && r <= 0xFFFF
}

// pieces splits p at starts, which ascend.
func pieces(p span, starts []int) []span {
	var all []span
	start := p.start
	for _, next := range append(starts, p.end) {
		if start < next {
			all = append(all, span{start, next})
		}
		start = next
	}
	return all
}

// join puts neighbours together as long as their words, each counted apart, fit.
func (s *splitting) join(pieces []span) []span {
	joined, words := pieces[:1], s.index.Count(pieces[0].start, pieces[0].end)
	for _, p := range pieces[1:] {
		more := s.index.Count(p.start, p.end)
		if words+more <= s.size {
			joined[len(joined)-1].end = p.end
			words += more
			continue
		}
		joined = append(joined, p)
		words = more
	}
	return joined
}

// bySentences cuts a piece that no separator does.
func (s *splitting) bySentences(p span) error {
	spans, err := sentences{size: s.size}.cut(s.text[p.start:p.end])
	for _, part := range spans {
		s.spans = append(s.spans, span{p.start + part.start, p.start + part.end})
	}
	return err
}
