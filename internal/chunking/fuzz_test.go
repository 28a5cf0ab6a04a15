// SPDX-License-Identifier: MPL-2.0

package chunking

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/javaregexp"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/segment"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/vectors"
)

// allSettings has small chunks, so that short texts are cut.
var allSettings = []Settings{
	{Strategy: StrategyNone},
	{Strategy: StrategyWord, MaxChunkSize: 1},
	{Strategy: StrategyWord, MaxChunkSize: 5, Overlap: 2},
	{Strategy: StrategySentence, MaxChunkSize: 1, SentenceOverlap: 1},
	{Strategy: StrategySentence, MaxChunkSize: 6},
	{Strategy: StrategySentence, MaxChunkSize: 6, SentenceOverlap: 1},
	{Strategy: StrategyRecursive, MaxChunkSize: 4},
	{Strategy: StrategyRecursive, MaxChunkSize: 4, SeparatorGroup: "markdown"},
	{Strategy: StrategyRecursive, MaxChunkSize: 3, Separators: []string{"\n", `\s+`, `x*`, `$`}},
}

func seeds(f *testing.F) {
	f.Helper()
	seen := map[string]bool{}
	for _, v := range readVectors(f, StrategySentence) {
		if !seen[v.Category] && len(v.Text) < 2000 {
			seen[v.Category] = true
			f.Add(v.Text)
		}
	}
	f.Add("ก.ขก.ข Title\n---\r\n\n\u0301x 𠀀𠀁\xff")
}

func FuzzChunks(f *testing.F) {
	seeds(f)
	var chunkers []*Chunker
	for _, s := range allSettings {
		chunker, err := New(s)
		if err != nil {
			f.Fatal(err)
		}
		chunkers = append(chunkers, chunker)
	}
	f.Fuzz(func(t *testing.T, input string) {
		for i, chunker := range chunkers {
			if _, err := chunker.Chunks(input); (err == nil) != utf8.ValidString(input) {
				t.Fatalf("%+v: got error %v", allSettings[i], err)
			}
		}
		for _, text := range []string{strings.ToValidUTF8(input, "\uFFFD"), vectors.Spell(input)} {
			layout := layoutOf(text)
			for i, chunker := range chunkers {
				chunks, err := chunker.Chunks(text)
				if err != nil {
					t.Fatalf("%+v on %q: %v", allSettings[i], text, err)
				}
				layout.check(t, allSettings[i], chunks)
			}
		}
	})
}

// layout describes a text, so that its chunks can be checked.
type layout struct {
	text  string
	units []int // by byte, -1 within a code point
	words []span
}

func layoutOf(text string) layout {
	l := layout{text: text, units: make([]int, len(text)+1)}
	for i := range l.units {
		l.units[i] = -1
	}
	units := 0
	for i, r := range text {
		l.units[i] = units
		units += utf16.RuneLen(r)
	}
	l.units[len(text)] = units
	from := 0
	for walk := segment.NewWords(text); walk.Next(); from = walk.End {
		if walk.Status != segment.None {
			l.words = append(l.words, span{from, walk.End})
		}
	}
	return l
}

// wordsIn counts the words that lie between two offsets.
func (l layout) wordsIn(start, end int) (words int) {
	for _, w := range l.words {
		if w.start >= start && w.end <= end {
			words++
		}
	}
	return words
}

// check fails the test if a chunk is outside of the text, divides a code point or is
// too large, or if no chunk contains a word.
func (l layout) check(t *testing.T, s Settings, chunks []Chunk) {
	t.Helper()
	covered, size := 0, len(l.units)-1
	for i, c := range chunks {
		if c.StartByte < 0 || c.StartByte > c.EndByte || c.EndByte > size || i > 0 && c.Start == c.End {
			t.Fatalf("%+v: chunk %+v in a text of %d bytes", s, c, size)
		}
		// An offset can be between the halves of a surrogate pair.
		inPair := func(units int) bool { return units == 1 && s.Strategy == StrategyRecursive }
		start, end := c.Start-l.units[c.StartByte], c.End-l.units[c.EndByte]
		if start != 0 && !inPair(start) || end != 0 && !inPair(end) {
			t.Fatalf("%+v: chunk %+v is from %d to %d in UTF-16", s, c, l.units[c.StartByte], l.units[c.EndByte])
		}
		if words := l.wordsIn(covered, c.StartByte); words > 0 {
			t.Fatalf("%+v: %d words before chunk %+v in none", s, words, c)
		}
		covered = max(covered, c.EndByte)
		if s.Strategy != StrategyNone && l.wordsIn(c.StartByte, c.EndByte) > s.MaxChunkSize {
			// Without the text before the chunk, its first code point may not be a
			// word.
			if alone := segment.NewIndex(l.text[c.StartByte:c.EndByte]).Words(); alone > s.MaxChunkSize {
				t.Fatalf("%+v on %q: chunk %+v has %d words", s, l.text, c, alone)
			}
		}
	}
	if words := l.wordsIn(covered, size); words > 0 {
		t.Fatalf("%+v: %d words after the last chunk", s, words)
	}
}

func FuzzKnownSeparators(f *testing.F) {
	f.Add("a\nTitle\n--\n\nb\n\n\nc\n \t\n==\n")
	f.Add("\n\u0085\n--\n\r\n\n--\nx\ny\u2028\n==\n\nz\n=\n\n=\n")
	slow := map[string]*javaregexp.Regexp{}
	for source := range knownSeparators {
		compiled, err := javaregexp.Compile(source)
		if err != nil {
			f.Fatal(err)
		}
		slow[source] = compiled
	}
	f.Fuzz(func(t *testing.T, input string) {
		text := strings.ToValidUTF8(input, "\u2028")
		for source, known := range knownSeparators {
			want, err := slow[source].Starts(text, time.Now().Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			if got := known(text); !slices.Equal(got, want) {
				t.Fatalf("%q on %q: got %v, want %v", source, text, got, want)
			}
		}
	})
}
