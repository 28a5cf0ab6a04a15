// SPDX-License-Identifier: MPL-2.0

package chunking

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func mustChunk(tb testing.TB, s Settings, text string) []Chunk {
	tb.Helper()
	chunker, err := New(s)
	if err != nil {
		tb.Fatal(err)
	}
	chunks, err := chunker.Chunks(text)
	if err != nil {
		tb.Fatal(err)
	}
	return chunks
}

func utf16Offsets(chunks []Chunk) (offsets [][2]int) {
	for _, c := range chunks {
		offsets = append(offsets, [2]int{c.Start, c.End})
	}
	return offsets
}

func TestComputedCases(t *testing.T) {
	data, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name string `json:"name"`
		vector
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			want := utf16Offsets(c.want())
			if got := utf16Offsets(mustChunk(t, c.settings(), c.Text)); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// numbers is the text "0 1 2 ... n-1 ".
func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d ", i)
	}
	return b.String()
}

func TestNumberOfWordChunks(t *testing.T) {
	for _, c := range []struct{ numbers, size, overlap, want int }{
		{8, 10, 3, 1},
		{9, 10, 3, 1},
		{10, 10, 2, 1},
		{10, 10, 3, 1},
		{10, 10, 4, 1},
		{10, 20, 4, 1},
		{10, 20, 10, 1},
		{22, 10, 2, 3},
		{22, 10, 4, 3},
		{22, 20, 4, 2},
		{22, 20, 10, 2},
		{50, 10, 2, 6},
		{50, 20, 4, 3},
		{50, 20, 10, 4},
		{73, 10, 4, 12},
		{73, 20, 4, 5},
		{73, 20, 10, 7},
		{100, 10, 2, 13},
		{100, 10, 4, 16},
		{100, 20, 10, 9},
	} {
		s := Settings{Strategy: StrategyWord, MaxChunkSize: c.size, Overlap: c.overlap}
		if got := len(mustChunk(t, s, numbers(c.numbers))); got != c.want {
			t.Errorf("%d numbers, size %d, overlap %d: got %d chunks, want %d", c.numbers, c.size, c.overlap, got, c.want)
		}
	}
}

func TestTexts(t *testing.T) {
	word := func(size, overlap int) Settings {
		return Settings{Strategy: StrategyWord, MaxChunkSize: size, Overlap: overlap}
	}
	sentence := func(size, overlap int) Settings {
		return Settings{Strategy: StrategySentence, MaxChunkSize: size, SentenceOverlap: overlap}
	}
	recursive := func(size int, separators ...string) Settings {
		return Settings{Strategy: StrategyRecursive, MaxChunkSize: size, Separators: separators}
	}
	const ten = "This is a test sentence that has ten total words. "
	for _, c := range []struct {
		name     string
		settings Settings
		text     string
		want     []string
	}{
		{"comma opens the next chunk", word(1, 0), "Comma, separated", []string{"Comma", ", separated"}},
		{"short", word(10, 0), "Won't you chunk", []string{"Won't you chunk"}},
		{"no text, words", word(10, 5), "", []string{""}},
		{"no text, sentences", sentence(100, 1), "", []string{""}},
		{"no text, none", Settings{Strategy: StrategyNone}, "", []string{""}},
		{"no text, recursive", recursive(10, "\n\n", "\n"), "", []string{""}},
		{"blank", sentence(100, 1), "   ", []string{"   "}},
		{"comma alone", sentence(100, 0), " ,", []string{" ,"}},
		{"one long word", sentence(100, 1), strings.Repeat("a", 32000), []string{strings.Repeat("a", 32000)}},
		{"none", Settings{Strategy: StrategyNone}, ten + ten, []string{ten + ten}},
		{
			"trailing blanks are lost after a full chunk", word(2, 0), "one two three four.  ",
			[]string{"one two", " three four"},
		},
		{"one split", recursive(10, "\n\n", "\n"), ten + "\n\n" + ten, []string{ten, "\n\n" + ten}},
		{
			"two separators, merged", recursive(25, "\n\n", "\n"), ten + "\n" + ten + "\n\n" + ten + "\n" + ten,
			[]string{ten + "\n" + ten, "\n\n" + ten + "\n" + ten},
		},
		{
			"sentences after all separators", recursive(10, "#", "\t"), ten + ten + "#" + ten + ten,
			[]string{ten, ten, "#" + ten, ten},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, chunk := range mustChunk(t, c.settings, c.text) {
				got = append(got, c.text[chunk.StartByte:chunk.EndByte])
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
