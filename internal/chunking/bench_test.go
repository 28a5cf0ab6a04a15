// SPDX-License-Identifier: MPL-2.0

package chunking

import (
	"strings"
	"testing"
)

// benchmarkText repeats the texts of some categories of vectors up to about size
// bytes.
func benchmarkText(tb testing.TB, size int, categories ...string) string {
	tb.Helper()
	var round strings.Builder
	seen := map[string]bool{}
	for _, strategy := range []string{StrategyWord, StrategySentence, StrategyRecursive} {
		for _, v := range readVectors(tb, strategy) {
			for _, category := range categories {
				if v.Category == category && !seen[v.Text] {
					seen[v.Text] = true
					round.WriteString(v.Text + "\n\n")
				}
			}
		}
	}
	text := strings.Repeat(round.String(), size/round.Len()+1)
	return strings.ToValidUTF8(text[:size], "")
}

// BenchmarkChunks measures each strategy. "make chunking-speed" compares it with
// Elasticsearch's own classes.
func BenchmarkChunks(b *testing.B) {
	texts := []struct{ name, text string }{
		{"english", benchmarkText(b, 122_000, "english_prose", "long_english")},
		{"mixed", benchmarkText(b, 96_000, "long_mixed")},
		{"thai", benchmarkText(b, 100_000, "thai")},
		{"south-east asian", benchmarkText(b, 100_000, "se_asian")},
		{"chinese", benchmarkText(b, 100_000, "chinese")},
	}
	benchmarks := []Settings{
		{Strategy: StrategyWord, MaxChunkSize: 250, Overlap: 100},
		{Strategy: StrategySentence, MaxChunkSize: 250, SentenceOverlap: 1},
		{Strategy: StrategyRecursive, MaxChunkSize: 250},
	}
	for _, text := range texts {
		for _, settings := range benchmarks {
			b.Run(text.name+"/"+settings.Strategy, func(b *testing.B) {
				chunker, err := New(settings)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(text.text)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := chunker.Chunks(text.text); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
