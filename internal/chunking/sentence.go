// SPDX-License-Identifier: MPL-2.0

package chunking

import "github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/segment"

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
