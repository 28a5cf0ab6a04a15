// SPDX-License-Identifier: MPL-2.0

package chunking

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// vector is a line of testdata: a text, settings, and Elasticsearch's chunks.
type vector struct {
	ID              string   `json:"id"`
	Category        string   `json:"category"`
	Strategy        string   `json:"strategy"`
	MaxChunkSize    int      `json:"max_chunk_size"`
	Overlap         int      `json:"overlap"`
	SentenceOverlap int      `json:"sentence_overlap"`
	Separators      []string `json:"separators"`
	SeparatorGroup  string   `json:"separator_group"`
	JavaOnly        bool     `json:"java_only_regex"`
	Text            string   `json:"text"`
	Chunks          []struct {
		Start     int `json:"start"`
		End       int `json:"end"`
		StartByte int `json:"start_byte"`
		EndByte   int `json:"end_byte"`
	} `json:"chunks"`
}

func (v vector) settings() Settings {
	return Settings{
		Strategy: v.Strategy, MaxChunkSize: v.MaxChunkSize, Overlap: v.Overlap, SentenceOverlap: v.SentenceOverlap,
		Separators: v.Separators, SeparatorGroup: v.SeparatorGroup,
	}
}

func (v vector) want() []Chunk {
	chunks := make([]Chunk, len(v.Chunks))
	for i, c := range v.Chunks {
		chunks[i] = Chunk(c)
	}
	return chunks
}

// beginsWithProlongedSound reports whether the answer of ICU4J to a text depends on
// the texts before it.
func (v vector) beginsWithProlongedSound() bool {
	return strings.HasPrefix(v.Text, "\u30FC") || strings.HasPrefix(v.Text, "\uFF70")
}

func readVectors(tb testing.TB, strategy string) []vector {
	tb.Helper()
	packed, err := os.ReadFile(filepath.Join("testdata", strategy+".jsonl.gz"))
	if err != nil {
		tb.Fatal(err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		tb.Fatal(err)
	}
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(nil, 1<<20)
	var vectors []vector
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			tb.Fatal(err)
		}
		vectors = append(vectors, v)
	}
	if err := lines.Err(); err != nil {
		tb.Fatal(err)
	}
	return vectors
}

func TestVectors(t *testing.T) {
	for _, strategy := range []string{StrategyWord, StrategySentence, StrategyRecursive} {
		t.Run(strategy, func(t *testing.T) {
			right, all := map[string]int{}, map[string]int{}
			for _, v := range readVectors(t, strategy) {
				if v.beginsWithProlongedSound() {
					continue
				}
				category := v.Category
				if v.JavaOnly {
					category = "java_only_regex"
				}
				all[category]++
				if isRight(t, v) {
					right[category]++
				}
			}
			if len(all) == 0 {
				t.Fatal("no vectors")
			}
			for _, category := range slices.Sorted(maps.Keys(all)) {
				t.Logf("%-20s %3d of %3d", category, right[category], all[category])
			}
		})
	}
}

func isRight(t *testing.T, v vector) bool {
	t.Helper()
	chunker, err := New(v.settings())
	if err != nil {
		t.Errorf("%s: %v", v.ID, err)
		return false
	}
	got, err := chunker.Chunks(v.Text)
	if err != nil {
		t.Errorf("%s: %v", v.ID, err)
		return false
	}
	if want := v.want(); !slices.Equal(got, want) {
		i := 0
		for i < len(got) && i < len(want) && got[i] == want[i] {
			i++
		}
		t.Errorf("%s (%s) differs from chunk %d on:\n got %v\nwant %v", v.ID, v.Category, i, got[i:], want[i:])
		return false
	}
	return true
}
