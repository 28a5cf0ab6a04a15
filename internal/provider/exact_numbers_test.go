// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// float32Samples returns, for both signs and each exponent of a float32, the significands
// at which rounding is critical and some random ones.
func float32Samples() []float32 {
	random := rand.New(rand.NewPCG(1, 2))
	var numbers []float32
	for exponent := range uint32(255) { // 255 is for infinity and NaN
		significands := []uint32{0, 1, 2, 1 << 22, 1<<22 + 1, 1<<23 - 2, 1<<23 - 1, random.Uint32N(1 << 23), random.Uint32N(1 << 23)}
		for _, significand := range significands {
			number := math.Float32frombits(exponent<<23 | significand)
			numbers = append(numbers, number, -number)
		}
	}
	return numbers
}

// sameFloats checks that a list has exactly these float32 numbers, each as the shortest
// decimal that rounds to it.
type sameFloats []float32

func (want sameFloats) CheckValue(value any) error {
	got, ok := value.([]any)
	if !ok || len(got) != len(want) {
		return fmt.Errorf("got a %T of %d numbers, want %d", value, len(got), len(want))
	}
	for i, number := range want {
		text, ok := got[i].(json.Number)
		if !ok {
			return fmt.Errorf("number %d: got a %T, want a json.Number", i, got[i])
		}
		read, err := strconv.ParseFloat(text.String(), 32)
		if err != nil || float32(read) != number {
			return fmt.Errorf("number %d: got %s, want %v, error %w", i, text, number, err)
		}
		shortest, err := strconv.ParseFloat(strconv.FormatFloat(float64(number), 'g', -1, 32), 64)
		if exact, parseErr := text.Float64(); err != nil || parseErr != nil || exact != shortest {
			return fmt.Errorf("number %d: got %s, want the shortest decimal of %v", i, text, number)
		}
	}
	return nil
}

func (want sameFloats) String() string { return fmt.Sprintf("%d numbers", len(want)) }

// vectors returns the URL of a Bedrock server whose responses have this vector.
func vectors(tb testing.TB, vector []float32) (address string) {
	tb.Helper()
	body, err := json.Marshal(map[string]any{"embedding": vector, "inputTextTokenCount": 1})
	if err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	tb.Cleanup(server.Close)
	return server.URL
}

// TestExactNumbers checks that the state has the numbers of an embedding exactly.
func TestExactNumbers(t *testing.T) {
	t.Parallel()
	numbers := float32Samples()
	acceptance(t, step{
		config: fmt.Sprintf("provider \"inference\" {\n  bedrock = { endpoint = %q, access_key = \"AKIA\", secret_key = \"x\" }\n}\n", vectors(t, numbers)) + `data "inference_text_embedding" "this" {` + inlineTitan + `input = ["x"]
}`,
		state: []statecheck.StateCheck{statecheck.ExpectKnownValue("data.inference_text_embedding.this",
			tfjsonpath.New("embeddings"), knownvalue.ListExact([]knownvalue.Check{sameFloats(numbers)}))},
	})
}

// BenchmarkLargeEmbedding measures the read of 100 vectors of 1,536 dimensions from a model
// without latency.
func BenchmarkLargeEmbedding(b *testing.B) {
	vector := make([]float32, 1536)
	for i := range vector {
		vector[i] = float32(math.Sin(float64(i)))
	}
	protocol := newProtocol(b)
	protocol.configure(b, object{"bedrock": object{"endpoint": vectors(b, vector), "access_key": "AKIA", "secret_key": "x"}})
	config := object{
		"input":            slices.Repeat([]any{"a text"}, 100),
		"service_settings": inline("amazontitan", "amazon.titan-embed-text-v1", object{"rate_limit": object{"requests_per_minute": 60_000_000}}),
	}
	const name = "inference_text_embedding"
	request := encoded(b, protocol.schema.DataSourceSchemas[name], config)
	b.ReportAllocs()
	for b.Loop() {
		read, err := protocol.server.ReadDataSource(b.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: request})
		if err != nil || len(read.Diagnostics) > 0 {
			b.Fatal(read.Diagnostics, err)
		}
	}
}
