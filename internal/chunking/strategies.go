// SPDX-License-Identifier: MPL-2.0

package chunking

import (
	"time"
	"unicode/utf8"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/segment"
)

// words divides a text after every size words. The last overlap words of a chunk
// are also the first of the next.
type words struct{ size, overlap int }

func (w words) cut(text string) ([]span, error) {
	spans, _ := w.split(text)
	return spans, nil
}

// split also returns the number of words in the last chunk.
func (w words) split(text string) (spans []span, inLast int) {
	index, step := segment.NewIndex(text), w.size-w.overlap
	defer index.Release()
	all, passed := index.Words(), 0
	for ; passed+w.size <= all; passed += step {
		spans = append(spans, span{index.WordEnd(passed), index.WordEnd(passed + w.size)})
	}
	// Elasticsearch drops text without a word after a chunk that is exactly full.
	if passed+w.overlap == all && len(spans) > 0 {
		return spans, w.size
	}
	return append(spans, span{index.WordEnd(passed), len(text)}), all - passed
}

// sentences fills chunks of at most size words with whole sentences.
type sentences struct {
	size int
	// overlap repeats the last sentence of a chunk at the start of the next.
	overlap bool
}

// maxOverlap is the largest number of words that two chunks share, within a
// sentence that is divided and of the sentence before.
const maxOverlap = 20

func (s sentences) cut(text string) ([]span, error) {
	f := filling{sentences: s, text: text, index: segment.NewIndex(text)}
	defer f.index.Release()
	// Not declared by the loop, because each iteration would then copy the iterator.
	walk := f.index.Sentences()
	for walk.Next() {
		f.add(walk.End)
	}
	return f.finish(), nil
}

// filling is the state of the division of one text.
type filling struct {
	sentences
	text  string
	index segment.Index
	spans []span

	// start is the start of the current chunk, words the number of its words.
	start, words int
	// The start and the end of the last sentence, and the number of its words.
	lastStart, lastEnd, lastWords int
}

// add adds the sentence that ends at end.
func (f *filling) add(end int) {
	words := f.index.Count(f.lastEnd, end)
	if f.words+words <= f.size {
		f.words += words
	} else {
		total := words
		if f.words > 0 {
			f.spans = append(f.spans, span{f.start, f.lastEnd})
			f.begin(words)
			total = f.words
		}
		if total > f.size {
			f.split(end)
		}
	}
	f.lastStart, f.lastEnd, f.lastWords = f.lastEnd, end, words
}

// begin begins a chunk for a sentence of the given number of words. With overlap,
// the chunk begins with the last sentence, or with the end of it.
func (f *filling) begin(words int) {
	switch {
	case !f.overlap:
		f.start, f.words = f.lastEnd, words
	case f.lastWords+words <= f.size:
		f.start, f.words = f.lastStart, f.lastWords+words
	default:
		skipped := max(0, f.lastWords-min(f.size/2, maxOverlap))
		f.start = min(f.index.Skip(f.lastStart, skipped), f.lastEnd)
		f.words = f.lastWords - skipped + words
	}
}

// split divides the current chunk, which is too long, at words. The last part
// becomes the current chunk.
func (f *filling) split(end int) {
	parts, words := words{f.size, min(maxOverlap, (f.size-1)/2)}.split(f.text[f.start:end])
	last := len(parts) - 1
	for _, part := range parts[:last] {
		f.spans = append(f.spans, span{f.start + part.start, f.start + part.end})
	}
	f.start, f.words = f.start+parts[last].start, words
}

// finish ends the last chunk, which includes text without words at its end.
func (f *filling) finish() []span {
	if f.words > 0 {
		f.spans = append(f.spans, span{f.start, len(f.text)})
	}
	if len(f.spans) == 0 {
		return []span{{0, len(f.text)}}
	}
	return f.spans
}

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
