// SPDX-License-Identifier: MPL-2.0

package chunking

import "github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/segment"

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
