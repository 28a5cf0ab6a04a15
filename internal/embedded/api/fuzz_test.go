// SPDX-License-Identifier: MPL-2.0

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

// FuzzBody sends requests of any method, path, query, headers and body. The
// answer is JSON, and never a status of 500 or above.
func FuzzBody(f *testing.F) {
	for _, body := range []string{
		`{}`, `[1]`, `{"input":["a"],"task_settings":{"top_k":1e999}}`, `{"task_settings":{"max_new_tokens":-0}}`,
		`{"service":"amazonbedrock","service_settings":{"region":"us-east-1","provider":"cohere","model":"cohere.embed-english-v3"},"task_settings":{"truncate":"end"}}`,
		`{"service":"amazonbedrock","service_settings":{"rate_limit":{"requests_per_minute":9223372036854775808}},"chunking_settings":{"strategy":"","separators":[""]}}`,
	} {
		f.Add("PUT", "text_embedding/f", "pretty", "application/json", body)
		f.Add("PUT", "f/_update", "filter_path=**.a,-b&timeout=1s", "application/vnd.elasticsearch+json;compatible-with=9", body)
		f.Add("POST", "completion/f", "timeout=%zz", "*/*", body)
		f.Add("POST", "f/_stream", "timeout=-1&x", "text/plain;;=", body)
		f.Add("DELETE", "any/f", "force=&dry_run", "", "")
	}
	simulator := bedrocksim.New()
	f.Cleanup(simulator.Close)
	target := embedded.New(filepath.Join(f.TempDir(), "endpoints.db"), bedrock.New(bedrock.Config{Simulator: simulator, MaxAttempts: 1}))
	if err := target.Touch(f.Context()); err != nil {
		f.Fatal(err)
	}
	handler := api.New(target, api.Config{})
	f.Fuzz(func(t *testing.T, method, path, query, accept, body string) {
		request, err := http.NewRequestWithContext(t.Context(), method, "http://a/_inference/", strings.NewReader(body))
		if err != nil {
			return
		}
		request.URL.Path += path
		request.URL.RawQuery = query
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept", accept)
		if strings.Contains(accept, "compatible-with") {
			request.Header.Set("Content-Type", accept)
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code >= http.StatusInternalServerError {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
		if isJSON := json.Valid(answer.Body.Bytes()); !isJSON && !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/") && method != http.MethodHead {
			t.Errorf("not JSON: %s", answer.Body)
		}
	})
}
