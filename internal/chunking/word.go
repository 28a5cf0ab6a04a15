package chunking

import "github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/segment"

// words cuts after every size words, of which overlap also begin the next chunk.
type words struct{ size, overlap int }

func (w words) cut(text string) ([]span, error) {
	spans, _ := w.split(text)
	return spans, nil
}

// split also answers how many words the last chunk has.
func (w words) split(text string) (spans []span, inLast int) {
	index, step := segment.NewIndex(text), w.size-w.overlap
	all, passed := index.Words(), 0
	for ; passed+w.size <= all; passed += step {
		spans = append(spans, span{index.WordEnd(passed), index.WordEnd(passed + w.size)})
	}
	// What follows an exactly full chunk has no word of its own: it is lost.
	if passed+w.overlap == all && len(spans) > 0 {
		return spans, w.size
	}
	return append(spans, span{index.WordEnd(passed), len(text)}), all - passed
}
