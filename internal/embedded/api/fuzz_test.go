package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

// FuzzBody: whatever is sent, the answer is JSON, and never that the server is
// at fault.
func FuzzBody(f *testing.F) {
	for _, body := range []string{
		`{}`, `[1]`, `{"input":["a"],"task_settings":{"top_k":1e999}}`, `{"task_settings":{"max_new_tokens":-0}}`,
		`{"service":"amazonbedrock","service_settings":{"region":"us-east-1","provider":"cohere","model":"cohere.embed-english-v3"},"task_settings":{"truncate":"end"}}`,
		`{"service":"amazonbedrock","service_settings":{"rate_limit":{"requests_per_minute":9223372036854775808}},"chunking_settings":{"strategy":"","separators":[""]}}`,
	} {
		f.Add("PUT", "text_embedding/f", body)
		f.Add("PUT", "f/_update", body)
		f.Add("POST", "completion/f", body)
		f.Add("POST", "f/_stream", body)
	}
	simulator := bedrocksim.New()
	f.Cleanup(simulator.Close)
	target := embedded.New(filepath.Join(f.TempDir(), "endpoints.db"), bedrock.New(bedrock.Config{Simulator: simulator, MaxAttempts: 1}))
	if err := target.Touch(f.Context()); err != nil {
		f.Fatal(err)
	}
	handler := api.New(target, api.Config{})
	f.Fuzz(func(t *testing.T, method, path, body string) {
		request, err := http.NewRequestWithContext(t.Context(), method, "http://a/_inference/", strings.NewReader(body))
		if err != nil {
			return
		}
		request.URL.Path += path
		request.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code >= http.StatusInternalServerError {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
		if isJSON := json.Valid(answer.Body.Bytes()); !isJSON && answer.Header().Get("Content-Type") != "text/event-stream" {
			t.Errorf("not JSON: %s", answer.Body)
		}
	})
}
