// SPDX-License-Identifier: MPL-2.0

package clients_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// foreign are operations of the document that the embedded target does not have.
var foreign = []string{
	"/_inference/rerank/", "/_inference/sparse_embedding/", "/_inference/embedding/", "/_inference/chat_completion/", "/_inference/_region_policy",
}

// TestEveryAnswer sends a request of each operation and compares the answer with the
// document.
func TestEveryAnswer(t *testing.T) {
	t.Parallel()
	d := readDocument(t)
	url := serveAPI(t, d)
	const settings = `"service":"amazonbedrock","service_settings":{"region":"us-east-1","access_key":"a","secret_key":"b",`
	const text = settings + `"provider":"anthropic","model":"anthropic.claude-3-haiku-20240307-v1:0"}`
	const titan = settings + `"provider":"amazontitan","model":"amazon.titan-embed-text-v2:0"}`
	for _, request := range []struct{ method, path, body string }{
		{http.MethodPut, "/_inference/completion/c", `{` + text + `,"task_settings":{"top_p":0.5,"top_k":2.0,"max_new_tokens":5}}`},
		{http.MethodPut, "/_inference/t", `{` + titan + `,"task_type":"text_embedding","chunking_settings":{"strategy":"recursive","max_chunk_size":50,"separator_group":"markdown"}}`},
		{http.MethodGet, "/_inference", ""},
		{http.MethodGet, "/_inference/c", ""},
		{http.MethodGet, "/_inference/completion/c", ""},
		{http.MethodGet, "/_inference/completion/_all", ""},
		{http.MethodPut, "/_inference/c/_update", `{"task_settings":{"max_new_tokens":6}}`},
		{http.MethodPut, "/_inference/text_embedding/t/_update", `{"service_settings":{"max_input_tokens":6}}`},
		{http.MethodPost, "/_inference/c", `{"input":"a"}`},
		{http.MethodPost, "/_inference/any/t", `{"input":["a","b"]}`},
		{http.MethodPost, "/_inference/completion/c", `{"input":["a","b"]}`},
		{http.MethodPost, "/_inference/text_embedding/t", `{"input":"a","input_type":"search"}`},
		{http.MethodPost, "/_inference/completion/c/_stream", `{"input":"a"}`},
		{http.MethodDelete, "/_inference/c?dry_run=true", ""},
		{http.MethodDelete, "/_inference/c", ""},
		{http.MethodDelete, "/_inference/text_embedding/t", ""},
	} {
		sent, err := http.NewRequestWithContext(t.Context(), request.method, url+request.path, strings.NewReader(request.body))
		if err != nil {
			t.Fatal(err)
		}
		sent.Header.Set("Authorization", "ApiKey "+apiKey)
		sent.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(sent)
		if err != nil {
			t.Fatal(err)
		}
		if response.Body.Close(); response.StatusCode != http.StatusOK {
			t.Errorf("%s %s: status %d", request.method, request.path, response.StatusCode)
		}
	}
	for pattern, item := range d.Paths.Map() {
		for method := range item.Operations() {
			name := method + " " + pattern + " answer"
			if isForeign(pattern) == (d.checked[name] > 0) {
				t.Errorf("%s: %d answers", name, d.checked[name])
			}
		}
	}
}

func isForeign(pattern string) bool {
	return slices.ContainsFunc(foreign, func(prefix string) bool { return strings.HasPrefix(pattern, prefix) })
}
