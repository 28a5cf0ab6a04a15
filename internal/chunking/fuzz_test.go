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
	f.Fuzz(func(t *testing.T, text string) {
		layout := layoutOf(strings.ToValidUTF8(text, ""))
		for i, chunker := range chunkers {
			chunks, err := chunker.Chunks(text)
			if !utf8.ValidString(text) {
				if err == nil {
					t.Fatalf("%+v: no error on invalid UTF-8", allSettings[i])
				}
				continue
			}
			if err != nil {
				t.Fatalf("%+v: %v", allSettings[i], err)
			}
			layout.check(t, allSettings[i], chunks)
		}
	})
}

// layout is what there is to know of a text to check chunks of it.
type layout struct {
	units []int // by byte, -1 within a code point
	words []span
}

func layoutOf(text string) layout {
	l := layout{units: make([]int, len(text)+1)}
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

// check tells of chunks that lie outside of the text, cut a code point, leave
// out a word or are too large.
func (l layout) check(t *testing.T, s Settings, chunks []Chunk) {
	t.Helper()
	covered, size := 0, len(l.units)-1
	for i, c := range chunks {
		if c.StartByte < 0 || c.StartByte > c.EndByte || c.EndByte > size || i > 0 && c.StartByte == c.EndByte {
			t.Fatalf("%+v: chunk %+v in a text of %d bytes", s, c, size)
		}
		if c.Start != l.units[c.StartByte] || c.End != l.units[c.EndByte] {
			t.Fatalf("%+v: chunk %+v is from %d to %d in UTF-16", s, c, l.units[c.StartByte], l.units[c.EndByte])
		}
		if words := l.wordsIn(covered, c.StartByte); words > 0 {
			t.Fatalf("%+v: %d words before chunk %+v in none", s, words, c)
		}
		covered = max(covered, c.EndByte)
		if words := l.wordsIn(c.StartByte, c.EndByte); s.Strategy != StrategyNone && words > s.MaxChunkSize {
			t.Fatalf("%+v: chunk %+v has %d words", s, c, words)
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
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		for source, known := range knownSeparators {
			want, err := slow[source].Starts(nil, text, time.Now().Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			if got := known(nil, text); !slices.Equal(got, want) {
				t.Fatalf("%q on %q: got %v, want %v", source, text, got, want)
			}
		}
	})
}
