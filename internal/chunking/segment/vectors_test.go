// SPDX-License-Identifier: MPL-2.0

package segment

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// vector is a line of testdata: a text with the boundaries that ICU4J finds.
type vector struct {
	ID           string   `json:"text_id"`
	Category     string   `json:"category"`
	Text         string   `json:"text"`
	WordEnds     []int    `json:"word_end_bytes"`
	Statuses     []Status `json:"word_status"`
	SentenceEnds []int    `json:"sentence_end_bytes"`
	Words        int      `json:"count_words"`
}

func readVectors(tb testing.TB) (vectors []vector) {
	tb.Helper()
	packed, err := os.ReadFile("testdata/boundaries.jsonl.gz")
	if err != nil {
		tb.Fatal(err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		tb.Fatal(err)
	}
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			tb.Fatal(err)
		}
		// The answer of ICU4J to these depends on the texts before them.
		if !strings.HasPrefix(v.Text, "\u30FC") && !strings.HasPrefix(v.Text, "\uFF70") {
			vectors = append(vectors, v)
		}
	}
	if err := lines.Err(); err != nil || len(vectors) == 0 {
		tb.Fatalf("%d vectors, %v", len(vectors), err)
	}
	return vectors
}

func wordsOf(text string) (ends []int, statuses []Status) {
	for walk := NewWords(text); walk.Next(); {
		ends, statuses = append(ends, walk.End), append(statuses, walk.Status)
	}
	return ends, statuses
}

func sentencesOf(text string) (ends []int) {
	for walk := NewIndex(text).Sentences(); walk.Next(); {
		ends = append(ends, walk.End)
	}
	return ends
}

func TestVectors(t *testing.T) {
	right, all := map[string]int{}, map[string]int{}
	for _, v := range readVectors(t) {
		all[v.Category]++
		ends, statuses := wordsOf(v.Text)
		switch {
		case !slices.Equal(ends, v.WordEnds):
			t.Errorf("%s: other word boundaries: %s", v.ID, difference(v.Text, ends, v.WordEnds))
		case !slices.Equal(statuses, v.Statuses):
			t.Errorf("%s: got statuses %v, want %v", v.ID, statuses, v.Statuses)
		case !slices.Equal(sentencesOf(v.Text), v.SentenceEnds):
			t.Errorf("%s: other sentence boundaries: %s", v.ID, difference(v.Text, sentencesOf(v.Text), v.SentenceEnds))
		case NewIndex(v.Text).Words() != v.Words:
			t.Errorf("%s: got %d words, want %d", v.ID, NewIndex(v.Text).Words(), v.Words)
		default:
			right[v.Category]++
		}
	}
	for _, category := range slices.Sorted(maps.Keys(all)) {
		t.Logf("%-20s %3d of %3d", category, right[category], all[category])
	}
}

// difference quotes the text up to the first offset that only one list has.
func difference(text string, got, want []int) string {
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	from := 0
	if i > 0 {
		from = got[i-1]
	}
	quote := func(ends []int) string {
		if i == len(ends) {
			return "no boundary"
		}
		return text[from:ends[i]]
	}
	return "got " + quote(got) + ", want " + quote(want)
}
