// SPDX-License-Identifier: MPL-2.0

package chunking

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"unicode/utf16"
)

// readRows reads a compressed JSON array without its first element, which
// describes the source.
func readRows[T any](t *testing.T, name string) []T {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // The file is only read.
	decompressor, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var rows []T
	if err := json.NewDecoder(decompressor).Decode(&rows); err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// TestElasticsearch compares chunks with those of the classes of Elasticsearch
// 9.5.3.
func TestElasticsearch(t *testing.T) {
	type row struct {
		Kind     string   `json:"kind"`
		Settings vector   `json:"settings"`
		Text     string   `json:"text"`
		Chunks   [][2]int `json:"chunks"`
	}
	for _, r := range readRows[row](t, "elasticsearch-9.5.3.json.gz") {
		if got := utf16Offsets(mustChunk(t, r.Settings.settings(), r.Text)); !slices.Equal(got, r.Chunks) {
			i := 0
			for i < len(got) && i < len(r.Chunks) && got[i] == r.Chunks[i] {
				i++
			}
			units := utf16.Encode([]rune(r.Text))
			end := min(len(units), got[i][1]+30)
			t.Errorf("%s: %+v differs from chunk %d on:\n got %v\nwant %v\nat %q", r.Kind, r.Settings.settings(), i, got[i:], r.Chunks[i:],
				string(utf16.Decode(units[got[i][0]:end])))
		}
	}
}

// TestJavaSeparators compares chunks by one separator with those of Elasticsearch
// 9.5.3 on Java 25.
func TestJavaSeparators(t *testing.T) {
	type row struct {
		Separator    string   `json:"separator"`
		MaxChunkSize int      `json:"max_chunk_size"`
		Text         string   `json:"text"`
		Chunks       [][2]int `json:"chunks"`
		Fails        string   `json:"fails"`
	}
	for _, r := range readRows[row](t, "java-separators.json.gz") {
		s := Settings{Strategy: StrategyRecursive, MaxChunkSize: r.MaxChunkSize, Separators: []string{r.Separator}}
		chunker, err := New(s)
		switch {
		case r.Fails != "":
			if err == nil {
				t.Errorf("separator %q: no error, Java has %q", r.Separator, r.Fails)
			}
			continue
		case err != nil:
			t.Errorf("separator %q: %v", r.Separator, err)
			continue
		}
		chunks, err := chunker.Chunks(r.Text)
		if got := utf16Offsets(chunks); err != nil || !slices.Equal(got, r.Chunks) {
			t.Errorf("separator %q on %q: got %v, %v, want %v", r.Separator, r.Text, got, err, r.Chunks)
		}
	}
}
