// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"testing"
)

// BenchmarkDecode decodes the largest answers of both formats.
func BenchmarkDecode(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	vectors := func(count, dimensions int) [][]float32 {
		vectors := make([][]float32, count)
		for i := range vectors {
			vectors[i] = make([]float32, dimensions)
			for j := range vectors[i] {
				vectors[i][j] = random.Float32()*2 - 1
			}
		}
		return vectors
	}
	for _, c := range []struct {
		name   string
		body   any
		decode func([]byte, http.Header) ([][]float32, *int64, error)
	}{
		{"titan of 1024", map[string]any{"embedding": vectors(1, 1024)[0], "inputTextTokenCount": 5}, decodeTitan},
		{"cohere of 96x1536", map[string]any{"embeddings": map[string]any{"float": vectors(96, 1536)}}, decodeCohere},
	} {
		b.Run(c.name, func(b *testing.B) {
			body, err := json.Marshal(c.body)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := c.decode(body, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
