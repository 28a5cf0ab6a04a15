// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestRoutes verifies the answers about unknown routes, parameters and task types.
func TestRoutes(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	s.make("completion", "c", endpointBody("completion"))
	for request, want := range map[string]struct {
		status int
		says   string
	}{
		"GET /":                                                {200, `"number":"9.5.3"`},
		"GET /_inference":                                      {200, `{"endpoints":[{"inference_id":"c"`},
		"GET /_inference/":                                     {200, `{"endpoints":[{"inference_id":"c"`},
		"GET /_inference/_all":                                 {200, `{"endpoints":[{"inference_id":"c"`},
		"GET /_inference/*":                                    {200, `{"endpoints":[{"inference_id":"c"`},
		"GET /_inference/c*":                                   {404, "Inference endpoint not found [c*]"},
		"GET /_inference/c":                                    {200, `{"endpoints":[{"inference_id":"c"`},
		"GET /_inference/c?pretty":                             {200, "\n  \"endpoints\" : ["},
		"GET /_inference/any/c":                                {200, `"inference_id":"c"`},
		"GET /_inference/any/_all":                             {200, `"inference_id":"c"`},
		"GET /_inference/rerank/c":                             {400, "Requested task type [rerank] does not match"},
		"GET /_inference/nonsense/c":                           {400, "Unknown task_type [nonsense]"},
		"GET /_inference/text_embedding/_all":                  {200, `{"endpoints":[]}`},
		"GET /_inference/c?timeout=1s":                         {400, "request [/_inference/c] contains unrecognized parameter: [timeout]"},
		"DELETE /_inference/c?dry_run=yes":                     {400, "Failed to parse value [yes] as only [true] or [false] are allowed."},
		"DELETE /_inference/c?dry_run=true":                    {200, `{"acknowledged":false,"pipelines":[],"indexes":[],"error_message":""}`},
		"DELETE /_inference/nope":                              {404, "Inference endpoint not found [nope]"},
		"GET /_cat/indices":                                    {400, `{"error":"no handler found for uri [/_cat/indices] and method [GET]","status":400}`},
		"GET /_inference/a/b/c/d":                              {400, "no handler found for uri"},
		"PATCH /_inference/c":                                  {405, "Incorrect HTTP method for uri [/_inference/c] and method [PATCH], allowed: [GET, POST, PUT, DELETE]"},
		"GET /_inference/completion/c/_stream":                 {405, "allowed: [POST]"},
		"POST /_inference/any/_update":                         {404, "Inference endpoint not found [_update]"},
		"POST /":                                               {405, "allowed: [GET, HEAD]"},
		"OPTIONS /_inference/c":                                {200, ""},
		"GET /_inference/c?filter_path=endpoints.inference_id": {200, `{"endpoints":[{"inference_id":"c"}]}`},
		"GET /_inference/c?filter_path=-**.service_settings":   {200, `{"endpoints":[{"inference_id":"c","task_type":"completion","service":"amazonbedrock"}]}`},
		"GET /_inference/nope?filter_path=nothing":             {404, `"reason":"Inference endpoint not found [nope]"`},
		"GET /_inference/COMPLETION/c":                         {200, `"inference_id":"c"`},
		"GET /_inference/%20Completion%20/c":                   {200, `"inference_id":"c"`},
		"GET /_inference?foo=1&bar=2":                          {400, "request [/_inference] contains unrecognized parameters: [bar], [foo]"},
		"GET /_inference?pretty=1":                             {400, "Failed to parse value [1] as only [true] or [false] are allowed."},
		"GET /_inference/c?pretty=false":                       {200, `{"endpoints":[{"inference_id":"c"`},
		"GET /_inference?format=yaml":                          {400, "Format [yaml] is not supported"},
	} {
		method, path, _ := strings.Cut(request, " ")
		var body any
		if method == http.MethodPost {
			body = map[string]any{"input": "a"}
		}
		got := s.send(method, path, body)
		if got.status != want.status || !strings.Contains(got.text, want.says) {
			t.Errorf("%s: %d %s, want %d %q", request, got.status, got.text, want.status, want.says)
		}
		if allow := got.header.Get("Allow"); (got.status == http.StatusMethodNotAllowed) != (allow != "") {
			t.Errorf("%s: Allow is %q", request, allow)
		}
	}
	if head := s.send(http.MethodHead, "/", nil); head.status != http.StatusOK || head.text != "" {
		t.Errorf("HEAD: %d %q", head.status, head.text)
	}
}

// TestMedia verifies that clients of each major version get the media type that they ask for.
func TestMedia(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	for accept, want := range map[string]string{
		"*/*":              "application/json",
		"application/json": "application/json",
		"application/vnd.elasticsearch+json;compatible-with=9":              "application/vnd.elasticsearch+json;compatible-with=9",
		"application/vnd.elasticsearch+json; compatible-with=8":             "application/vnd.elasticsearch+json;compatible-with=8",
		"Application/JSON; Charset=UTF-8":                                   "application/json;charset=utf-8",
		"text/plain, application/vnd.elasticsearch+json; compatible-with=9": "application/json",
	} {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/_inference/nope", nil)
		request.Header.Set("Accept", accept)
		if got := s.do(request).header.Get("Content-Type"); got != want {
			t.Errorf("for %q it is %q, want %q", accept, got, want)
		}
	}
	for media, want := range map[string]int{
		"application/json": 200, "application/json; charset=utf-8": 200, "application/vnd.elasticsearch+json": 200,
		"application/vnd.elasticsearch+json;compatible-with=9": 400, "garbage": 400, "text/plain": 406, "application/yaml": 406,
	} {
		s.make("completion", "c", endpointBody("completion"))
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/_inference/c", strings.NewReader(`{"input":"a"}`))
		request.Header.Set("Content-Type", media)
		if got := s.do(request); got.status != want || (want == 406 && !strings.Contains(got.text, "Content-Type header")) {
			t.Errorf("content of type %q: %d %s", media, got.status, got.text)
		}
		s.send(http.MethodDelete, "/_inference/c", nil)
	}
}

// TestErrorBody verifies the form of an error with its causes.
func TestErrorBody(t *testing.T) {
	t.Parallel()
	s, bedrock := modelled(t)
	bedrock.set(func(m *model) { m.refusal = unknownToken })
	got := s.send(http.MethodPut, "/_inference/completion/c", endpointBody("completion")).json()
	for path, want := range map[string]any{
		"status":                         400.0,
		"error.type":                     "status_exception",
		"error.caused_by.type":           "status_exception",
		"error.caused_by.caused_by.type": "bedrock_runtime_exception",
	} {
		if found := at(got, strings.Split(path, ".")...); found != want {
			t.Errorf("%s is %v, want %v", path, found, want)
		}
	}
	roots, _ := at(got, "error", "root_cause").([]any)
	if len(roots) != 1 || !strings.HasPrefix(at(roots[0], "reason").(string), "AmazonBedrock converse failure: [") {
		t.Errorf("root causes %v", roots)
	}
}
