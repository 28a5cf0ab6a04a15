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
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// everyClass has, for both signs and every exponent that a float32 can have, the
// significands at which rounding could go wrong, and some by chance.
func everyClass() []float32 {
	chance := rand.New(rand.NewPCG(1, 2))
	var numbers []float32
	for exponent := range uint32(255) { // 255 is infinity and what is no number
		significands := []uint32{0, 1, 2, 1 << 22, 1<<22 + 1, 1<<23 - 2, 1<<23 - 1, chance.Uint32N(1 << 23), chance.Uint32N(1 << 23)}
		for _, significand := range significands {
			number := math.Float32frombits(exponent<<23 | significand)
			numbers = append(numbers, number, -number)
		}
	}
	return numbers
}

// sameFloats expects a list of numbers that read as exactly those float32s, each
// written as the shortest decimal that does.
type sameFloats []float32

func (want sameFloats) CheckValue(value any) error {
	got, ok := value.([]any)
	if !ok || len(got) != len(want) {
		return fmt.Errorf("%d numbers were sent, the state has a %T of %d", len(want), value, len(got))
	}
	for i, number := range want {
		text, ok := got[i].(json.Number)
		if !ok {
			return fmt.Errorf("number %d is a %T", i, got[i])
		}
		read, err := strconv.ParseFloat(text.String(), 32)
		if err != nil || float32(read) != number {
			return fmt.Errorf("number %d: %v became %s: %w", i, number, text, err)
		}
		shortest, err := strconv.ParseFloat(strconv.FormatFloat(float64(number), 'g', -1, 32), 64)
		if exactly, again := text.Float64(); err != nil || again != nil || exactly != shortest {
			return fmt.Errorf("number %d: %v is %s in the state, not the shortest decimal", i, number, text)
		}
	}
	return nil
}

func (want sameFloats) String() string { return fmt.Sprintf("%d numbers", len(want)) }

// vectors is the address of a Bedrock whose every answer is this vector.
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

// TestExactNumbers sends one number of every kind through Amazon Bedrock's
// protocol, Terraform's, and the state.
func TestExactNumbers(t *testing.T) {
	t.Parallel()
	numbers := everyClass()
	acceptance(t, resource.TestStep{
		Config: fmt.Sprintf("provider \"inference\" {\n  bedrock = { endpoint = %q, access_key = \"AKIA\", secret_key = \"x\" }\n}\n", vectors(t, numbers)) + `data "inference_text_embedding" "this" {` + inlineTitan + `input = ["x"]
}`,
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("data.inference_text_embedding.this",
			tfjsonpath.New("embeddings"), knownvalue.ListExact([]knownvalue.Check{sameFloats(numbers)}))},
	})
}

// BenchmarkLargeEmbedding reads 100 vectors of 1,536 dimensions as Terraform
// does, from a model that takes no time.
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
	asked := encoded(b, protocol.schema.DataSourceSchemas[name], config)
	b.ReportAllocs()
	for b.Loop() {
		read, err := protocol.server.ReadDataSource(b.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: asked})
		if err != nil || len(read.Diagnostics) > 0 {
			b.Fatal(read.Diagnostics, err)
		}
	}
}
