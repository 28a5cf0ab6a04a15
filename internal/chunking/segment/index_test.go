// SPDX-License-Identifier: MPL-2.0

package segment

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/vectors"
)

// naive does what an Index does, with an iterator only.
type naive struct {
	ends     []int
	statuses []Status
}

func newNaive(text string) naive {
	ends, statuses := wordsOf(text)
	return naive{append([]int{0}, ends...), append([]Status{None}, statuses...)}
}

// preceding returns the number of the last boundary before offset, 0 for 0.
func (n naive) preceding(offset int) int {
	i, _ := slices.BinarySearch(n.ends, offset)
	return max(0, i-1)
}

func (n naive) count(start, end int) (words int) {
	for i := n.preceding(start); i < len(n.ends) && n.ends[i] <= end; i++ {
		if n.statuses[i] != None {
			words++
		}
	}
	return words
}

func (n naive) skip(start, words int) int {
	i := n.preceding(start)
	for ; words > 0 && i+1 < len(n.ends); i++ {
		if n.statuses[i] != None {
			words--
		}
	}
	return n.ends[i]
}

// FuzzIndex compares the windows of ASCII with the state machine, and an Index with
// an iterator.
func FuzzIndex(f *testing.F) {
	seen := map[string]bool{}
	for _, v := range readVectors(f) {
		if !seen[v.Category] && len(v.Text) < 2000 {
			seen[v.Category] = true
			f.Add(v.Text)
		}
	}
	const padding = "It's 3.14 or 1,000;2 of a.b:c e-mails, isn't it? 'Yes' -- a_b, x.1 1.x 1:2 a;b."
	f.Add(padding + padding)
	f.Add(padding + "\u0301" + padding + "\r\n" + padding + " \u2003  x'\u0301y" + padding)
	f.Fuzz(func(t *testing.T, input string) {
		for _, text := range []string{strings.ToValidUTF8(input, "\uFFFD"), vectors.Spell(input)} {
			compareIndex(t, text)
			// In another place of a window, and with ASCII after it.
			compareIndex(t, "a"+text+padding)
		}
	})
}

func compareIndex(t *testing.T, text string) {
	t.Helper()
	index, want := NewIndex(text), newNaive(text)
	for i, end := range want.ends {
		if i > 0 && index.following(want.ends[i-1]) != end {
			t.Fatalf("%q: boundary %d after %d, want %d", text, index.following(want.ends[i-1]), want.ends[i-1], end)
		}
	}
	words := 0
	for i, end := range want.ends {
		if want.statuses[i] == None {
			continue
		}
		words++
		if got := index.WordEnd(words); got != end {
			t.Fatalf("%q: word %d ends at %d, want %d", text, words, got, end)
		}
	}
	if got := index.Words(); got != words {
		t.Fatalf("%q: got %d words, want %d", text, got, words)
	}
	step := len(text)/16 + 1
	for start := 0; start <= len(text); start += step {
		for end := start; end <= len(text); end += step {
			if got, want := index.Count(start, end), want.count(start, end); got != want {
				t.Fatalf("%q: got %d words from %d to %d, want %d", text, got, start, end, want)
			}
		}
		for skipped := range index.Count(start, len(text)) {
			if got, want := index.Skip(start, skipped), want.skip(start, skipped); got != want {
				t.Fatalf("%q: skipping %d words from %d leads to %d, want %d", text, skipped, start, got, want)
			}
		}
	}
}

// TestSizesInRuns checks what package dictionary requires of the code points in the
// runs that it divides: at least two bytes in a run of Han, three in one of Thai, Lao,
// Khmer or Burmese.
func TestSizesInRuns(t *testing.T) {
	t.Parallel()
	const surrogates, afterSurrogates = 0xD800, 0xE000
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if r == surrogates {
			r = afterSurrogates
		}
		value, size := property(string(r), 0)
		switch engine := value >> engineShift; engine {
		case engineNone, engineCommon:
		case engineHan, engineHanCommon, engineHanExtend:
			if size < 2 {
				t.Errorf("%U of engine %d has %d bytes", r, engine, size)
			}
		default:
			if size != 3 {
				t.Errorf("%U of engine %d has %d bytes", r, engine, size)
			}
		}
	}
}
