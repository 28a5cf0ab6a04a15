package chunking

import "github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/segment"

// sentences fills chunks with whole sentences, as far as size words allow.
type sentences struct {
	size int
	// overlap begins a chunk with the sentence before.
	overlap bool
}

// maxOverlap bounds the words that chunks share, within a sentence that is cut
// and of the sentence before.
const maxOverlap = 20

func (s sentences) cut(text string) ([]span, error) {
	f := filling{sentences: s, text: text, index: segment.NewIndex(text)}
	for walk := segment.NewSentences(text); walk.Next(); {
		f.add(walk.End)
	}
	return f.finish(), nil
}

// filling is a text on its way into chunks.
type filling struct {
	sentences
	text  string
	index segment.Index
	spans []span

	// start and words are those of the open chunk.
	start, words int
	// The last sentence: where it begins and ends, and its words.
	lastStart, lastEnd, lastWords int
}

// add takes the sentence that ends at end.
func (f *filling) add(end int) {
	words := f.index.Count(f.lastEnd, end)
	if f.words+words <= f.size {
		f.words += words
	} else {
		total := words
		if f.words > 0 {
			f.spans = append(f.spans, span{f.start, f.lastEnd})
			f.open(words)
			total = f.words
		}
		if total > f.size {
			f.split(end)
		}
	}
	f.lastStart, f.lastEnd, f.lastWords = f.lastEnd, end, words
}

// open begins a chunk for a sentence of so many words: before it, with overlap,
// the last sentence, or the end of that.
func (f *filling) open(words int) {
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

// split cuts what is too long at words. The last part stays open.
func (f *filling) split(end int) {
	parts, words := words{f.size, min(maxOverlap, (f.size-1)/2)}.split(f.text[f.start:end])
	last := len(parts) - 1
	for _, part := range parts[:last] {
		f.spans = append(f.spans, span{f.start + part.start, f.start + part.end})
	}
	f.start, f.words = f.start+parts[last].start, words
}

// finish closes the last chunk, wordless text at the end included.
func (f *filling) finish() []span {
	if f.words > 0 {
		f.spans = append(f.spans, span{f.start, len(f.text)})
	}
	if len(f.spans) == 0 {
		return []span{{0, len(f.text)}}
	}
	return f.spans
}
