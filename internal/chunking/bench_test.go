package chunking

import (
	"strings"
	"testing"
)

// benchmarkText repeats the texts of some categories of vectors, each once a
// round, up to about size bytes.
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

// BenchmarkChunks reports beside each figure that of the reference, Java with
// ICU4J after warming up, on a text of the same size and kind, in one thread.
func BenchmarkChunks(b *testing.B) {
	texts := []struct{ name, text string }{
		{"english", benchmarkText(b, 122_000, "english_prose", "long_english")},
		{"mixed", benchmarkText(b, 96_000, "long_mixed")},
	}
	benchmarks := []struct {
		settings Settings
		javaMBs  []float64 // by text
	}{
		{Settings{Strategy: StrategyWord, MaxChunkSize: 250, Overlap: 100}, []float64{74, 83}},
		{Settings{Strategy: StrategySentence, MaxChunkSize: 250, SentenceOverlap: 1}, []float64{55, 65}},
		{Settings{Strategy: StrategyRecursive, MaxChunkSize: 250}, []float64{25, 33}},
	}
	for i, text := range texts {
		for _, bm := range benchmarks {
			b.Run(text.name+"/"+bm.settings.Strategy, func(b *testing.B) {
				chunker, err := New(bm.settings)
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
				b.ReportMetric(bm.javaMBs[i], "java-MB/s")
			})
		}
	}
}
