// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

const benchTexts = 1000

func manyTexts() inference.Request {
	return inference.Request{Input: slices.Repeat([]string{"a text of a few words"}, benchTexts)}
}

// BenchmarkTitan embeds 1,000 texts on a model of 50 ms, 8 at a time, which
// takes 6.25 s at best; the ratio is to that.
func BenchmarkTitan(b *testing.B) {
	const latency, concurrency = 50 * time.Millisecond, 8
	simulator := newSimulator(b, bedrocksim.WithLatency(latency))
	runner := New(Config{Simulator: simulator, MaxConcurrency: concurrency})
	for b.Loop() {
		if _, err := runner.Run(b.Context(), titan(), noKeys, manyTexts()); err != nil {
			b.Fatal(err)
		}
	}
	ideal := benchTexts / concurrency * latency
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/ideal.Seconds(), "x-ideal")
	b.ReportMetric(float64(simulator.Calls())/float64(b.N), "calls/op")
}

// BenchmarkCohere embeds 1,000 texts, for which 11 calls of 96 are enough; the
// ratio is to that.
func BenchmarkCohere(b *testing.B) {
	simulator := newSimulator(b, bedrocksim.WithLatency(50*time.Millisecond))
	runner := New(Config{Simulator: simulator})
	for b.Loop() {
		if _, err := runner.Run(b.Context(), cohere(), noKeys, manyTexts()); err != nil {
			b.Fatal(err)
		}
	}
	calls := float64(simulator.Calls()) / float64(b.N)
	b.ReportMetric(calls, "calls/op")
	b.ReportMetric(calls/11, "x-ideal")
}

// BenchmarkRateLimitOverARealMinute sends as many requests as an endpoint with 240
// requests per minute permits for 75 s, independently of b.N, and counts the
// requests of every minute.
func BenchmarkRateLimitOverARealMinute(b *testing.B) {
	const perMinute = 240
	var mu sync.Mutex
	var arrivals []time.Time
	simulator := newSimulator(b, bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault {
		mu.Lock()
		defer mu.Unlock()
		arrivals = append(arrivals, time.Now())
		return nil
	}))
	endpoint := titan()
	endpoint.InferenceID = "limited"
	endpoint.ServiceSettings.RequestsPerMinute = perMinute
	ctx, cancel := context.WithCancel(b.Context())
	time.AfterFunc(75*time.Second, cancel)
	_, err := New(Config{Simulator: simulator}).Run(ctx, endpoint, noKeys, manyTexts())
	if ctx.Err() == nil {
		b.Fatal(err)
	}

	mu.Lock()
	defer mu.Unlock()
	most, least := 0, perMinute
	for i, first := range arrivals {
		end := first.Add(time.Minute)
		within, _ := slices.BinarySearchFunc(arrivals[i:], end, time.Time.Compare)
		most = max(most, within)
		if !end.After(arrivals[len(arrivals)-1]) {
			least = min(least, within)
		}
	}
	b.ReportMetric(float64(most), "most/minute")
	b.ReportMetric(float64(least)/perMinute, "least-used")
	if burst := burstOf(perMinute); most > perMinute+burst {
		b.Errorf("%d requests in a minute, the limit is %d and the burst %d", most, perMinute, burst)
	}
	if float64(least) < 0.98*perMinute {
		b.Errorf("only %d requests in a minute of load", least)
	}
}

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
