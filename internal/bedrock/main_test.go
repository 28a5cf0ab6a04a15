// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestMain removes the AWS settings of the developer.
func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			_ = os.Unsetenv(name)
		}
	}
	nowhere := filepath.Join(os.TempDir(), "no-such-directory")
	for name, value := range map[string]string{
		"AWS_EC2_METADATA_DISABLED":   "true",
		"AWS_CONFIG_FILE":             nowhere,
		"AWS_SHARED_CREDENTIALS_FILE": nowhere,
	} {
		_ = os.Setenv(name, value)
	}
	os.Exit(m.Run())
}

// recorded is a received request.
type recorded struct {
	path   string
	header http.Header
	body   map[string]any
}

// recorder is a server that records requests and answers with respond.
type recorder struct {
	*httptest.Server

	mu       sync.Mutex
	received []recorded
}

func newRecorder(tb testing.TB, respond func(http.ResponseWriter, recorded)) *recorder {
	tb.Helper()
	server := &recorder{}
	server.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request := recorded{path: r.URL.EscapedPath(), header: r.Header}
		if err := json.NewDecoder(r.Body).Decode(&request.body); err != nil {
			if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.As(err, new(net.Error)) { // the errors of a canceled call
				tb.Errorf("body: %v", err)
			}
			return
		}
		server.mu.Lock()
		server.received = append(server.received, request)
		server.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		respond(w, request)
	}))
	tb.Cleanup(server.Close)
	return server
}

func (s *recorder) requests() []recorded {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.received)
}

// plainAnswer returns a minimal valid response.
func plainAnswer(r recorded) map[string]any {
	if texts, ok := r.body["texts"].([]any); ok {
		return map[string]any{"embeddings": slices.Repeat([][]float32{{1}}, len(texts))}
	}
	if r.body["inputText"] != nil {
		return map[string]any{"embedding": []float32{1}}
	}
	return map[string]any{"output": map[string]any{"message": map[string]any{
		"role": "assistant", "content": []any{map[string]any{"text": "answer"}},
	}}}
}

func answerPlainly(w http.ResponseWriter, r recorded) { writeJSON(w, plainAnswer(r)) }

func writeJSON(w http.ResponseWriter, body any) {
	_ = json.NewEncoder(w).Encode(body)
}

func newSimulator(tb testing.TB, options ...bedrocksim.Option) *bedrocksim.Simulator {
	tb.Helper()
	simulator := bedrocksim.New(options...)
	tb.Cleanup(simulator.Close)
	return simulator
}

// Endpoints for tests, with a rate that is never reached.
func titan() inference.Endpoint {
	return embedding(inference.AmazonTitan, "amazon.titan-embed-text-v2:0")
}

func cohere() inference.Endpoint { return embedding(inference.Cohere, "cohere.embed-english-v3") }

func embedding(provider inference.Provider, model string) inference.Endpoint {
	return inference.Endpoint{TaskType: inference.TextEmbedding, ServiceSettings: service(provider, model)}
}

func claude() inference.Endpoint {
	return completion(inference.Anthropic, "anthropic.claude-3-haiku-20240307-v1:0")
}

func completion(provider inference.Provider, model string) inference.Endpoint {
	return inference.Endpoint{TaskType: inference.Completion, ServiceSettings: service(provider, model)}
}

func service(provider inference.Provider, model string) inference.ServiceSettings {
	return inference.ServiceSettings{Region: "us-east-1", Provider: provider, Model: model, RequestsPerMinute: 60_000_000}
}

func texts(input ...string) inference.Request { return inference.Request{Input: input} }

var noKeys inference.Keys
