// SPDX-License-Identifier: MPL-2.0

package chunking

import (
	"time"
	"unicode/utf8"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/segment"
)

// recursive divides a text before each match of a separator and joins neighbors
// that together have at most size words. Parts that are still too long are divided
// by the next separator.
type recursive struct {
	size       int
	separators []separator
}

// timeLimit is the time for the search for all separators of one text.
const timeLimit = 5 * time.Second

func (r recursive) cut(text string) ([]span, error) {
	s := &splitting{recursive: r, text: text, index: segment.NewIndex(text), deadline: time.Now().Add(timeLimit)}
	defer s.index.Release()
	err := s.divide(span{0, len(text)}, 0)
	return s.spans, err
}

// splitting is the state of the division of one text.
type splitting struct {
	recursive
	text     string
	index    segment.Index
	deadline time.Time
	spans    []span
}

// divide divides a part of the text by the separators from number i on.
func (s *splitting) divide(p span, i int) error {
	if s.isShort(p) || s.index.Count(p.start, p.end) <= s.size {
		s.spans = append(s.spans, p)
		return nil
	}
	// Elasticsearch aligns a part that it divides further to code points.
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
	for _, joined := range s.join(split(p, starts)) {
		if err := s.divide(joined, i+1); err != nil {
			return err
		}
	}
	return nil
}

// isShort reports whether a part has less than two UTF-16 code units. Such a part is
// never divided.
func (s *splitting) isShort(p span) bool {
	r, size := utf8.DecodeRuneInString(s.text[p.start:p.end])
	return size == p.end-p.start && r <= 0xFFFF
}

// split divides p at starts, which ascend.
func split(p span, starts []int) []span {
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

// join joins neighbors whose numbers of words, counted separately, add up to at
// most size.
func (s *splitting) join(parts []span) []span {
	joined, words := parts[:1], s.index.Count(parts[0].start, parts[0].end)
	for _, p := range parts[1:] {
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

// bySentences divides a part that is too long after all separators.
func (s *splitting) bySentences(p span) error {
	spans, err := sentences{size: s.size}.cut(s.text[p.start:p.end])
	for _, part := range spans {
		s.spans = append(s.spans, span{p.start + part.start, p.start + part.end})
	}
	return err
}
