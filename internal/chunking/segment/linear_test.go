// SPDX-License-Identifier: MPL-2.0

package segment

import (
	"strings"
	"testing"
)

// TestLinear compares the number of bytes read with the length of texts in which a
// rule often needs to look ahead.
func TestLinear(t *testing.T) {
	const most = 4 // times each byte
	for _, unit := range []string{
		"a", "1", " ", ".", "'", "\u0301", "a'\u0301", "a.", "1,", "A.", "1. ", "a. 1 ", ".)", ". \u0301", "א\"", "\U0001F1E6",
		"\u200D\U0001F600", "ก.ข", "中", "カ", "한", "!\u0301", "A\u0301.", "?a", ". (", "\r\n", "_", "\u0085.",
	} {
		text := strings.Repeat(unit, 20_000/len(unit))
		for _, text := range []string{text, text + "x", "x" + text + " Y"} {
			words := NewWords(text)
			for words.Next() {
			}
			if words.scanned > most*len(text) {
				t.Errorf("words of %q, repeated: read %d bytes of %d", unit, words.scanned, len(text))
			}
			sentences := NewIndex(text).Sentences()
			for sentences.Next() {
			}
			if sentences.scanned > most*len(text) {
				t.Errorf("sentences of %q, repeated: read %d bytes of %d", unit, sentences.scanned, len(text))
			}
		}
	}
}
