// SPDX-License-Identifier: MPL-2.0

// Package clients_test compares the API of the embedded target with Elastic's
// published document and tests it with Elastic's own clients. It is a separate
// module, because none of its dependencies belong to the product.
package clients_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// document is Elastic's OpenAPI document of the _inference API.
type document struct {
	*openapi3.T

	mu sync.Mutex
	// checked counts the bodies that were held against it, by operation.
	checked map[string]int
}

func readDocument(t *testing.T) *document {
	t.Helper()
	parsed, err := openapi3.NewLoader().LoadFromFile("testdata/inference-openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	return &document{T: parsed, checked: map[string]int{}}
}

// watch forwards all requests and compares them and their answers with the document.
func (d *document) watch(t *testing.T, next http.Handler) http.Handler {
	t.Helper()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if r.URL.Path == "/" {
			next.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		for name, value := range answer.Header() {
			w.Header()[name] = value
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
		if err := d.check(r, body, answer); err != nil {
			t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		}
	})
}

func (d *document) check(r *http.Request, body []byte, answer *httptest.ResponseRecorder) error {
	name, operation := d.find(r.Method, r.URL.Path)
	if operation == nil {
		return fmt.Errorf("the document has no such operation")
	}
	if len(body) > 0 {
		if operation.RequestBody == nil {
			return fmt.Errorf("the document has no body for it: %s", body)
		}
		if err := conforms(d.bodySchema(operation), body); err != nil {
			return fmt.Errorf("the request %s: %w", body, err)
		}
		d.count(name + " request")
	}
	if answer.Code != http.StatusOK {
		return nil // the document has no errors
	}
	d.count(name + " answer")
	if strings.HasPrefix(answer.Header().Get("Content-Type"), "text/event-stream") {
		if !departs("stream", operation) {
			return fmt.Errorf("the document does not have a stream here")
		}
		return nil
	}
	schema := operation.Responses.Status(http.StatusOK).Value.Content.Get("application/json").Schema.Value
	if err := conforms(schema, answer.Body.Bytes()); err != nil {
		return fmt.Errorf("the answer %s: %w", answer.Body, err)
	}
	return nil
}

// departure is a point in which the document is wrong about Elasticsearch.
type departure struct {
	reason string
	// is reports whether the document still has the error in an operation.
	is func(operation *openapi3.Operation) bool
}

// departures lists the errors of the document that the checks allow for.
var departures = map[string]departure{
	"update": {
		"the document gives updates the body of a new endpoint, which requires service and service_settings; " +
			"Elasticsearch refuses service and does not require service_settings (UpdateInferenceModelAction)",
		func(operation *openapi3.Operation) bool {
			return strings.HasPrefix(operation.OperationID, "inference-update") && len(bodyOf(operation).Required) > 0
		},
	},
	"stream": {
		"the document says that a stream is a JSON object; Elasticsearch sends text/event-stream",
		func(operation *openapi3.Operation) bool {
			content := operation.Responses.Status(http.StatusOK).Value.Content
			isStream := strings.HasPrefix(operation.OperationID, "inference-stream") || strings.HasPrefix(operation.OperationID, "inference-chat-completion")
			return isStream && content.Get("application/json") != nil && content["text/event-stream"] == nil
		},
	},
}

func departs(name string, operation *openapi3.Operation) bool {
	return departures[name].is(operation)
}

func bodyOf(operation *openapi3.Operation) *openapi3.Schema {
	return operation.RequestBody.Value.Content.Get("application/json").Schema.Value
}

// bodySchema returns the schema of the body of a request.
func (d *document) bodySchema(operation *openapi3.Operation) *openapi3.Schema {
	schema := *bodyOf(operation)
	if departs("update", operation) {
		schema.Required = nil
	}
	return &schema
}

// TestDepartures verifies that the document still has each listed error.
func TestDepartures(t *testing.T) {
	t.Parallel()
	d := readDocument(t)
	for name, departure := range departures {
		found := false
		for _, item := range d.Paths.Map() {
			for _, operation := range item.Operations() {
				found = found || departure.is(operation)
			}
		}
		if !found {
			t.Errorf("%s: the document no longer differs: %s", name, departure.reason)
		}
	}
}

func (d *document) count(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.checked[name]++
}

// find returns the operation whose path matches the most segments of the request.
func (d *document) find(method, path string) (name string, found *openapi3.Operation) {
	most := -1
	for pattern, item := range d.Paths.Map() {
		literals, fits := match(strings.Split(pattern, "/"), strings.Split(path, "/"))
		if operation := item.GetOperation(method); fits && operation != nil && literals > most {
			most, name, found = literals, method+" "+pattern, operation
		}
	}
	return name, found
}

func match(pattern, path []string) (literals int, fits bool) {
	if len(pattern) != len(path) {
		return 0, false
	}
	for i, part := range pattern {
		switch {
		case strings.HasPrefix(part, "{"):
		case part != path[i]:
			return 0, false
		default:
			literals++
		}
	}
	return literals, true
}

func conforms(schema *openapi3.Schema, body []byte) error {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	return schema.VisitJSON(value)
}

// TestDocumentRefuses verifies that the checks can fail.
func TestDocumentRefuses(t *testing.T) {
	t.Parallel()
	d := readDocument(t)
	for name, test := range map[string]struct{ method, path, body, answer string }{
		"put without service": {http.MethodPut, "/_inference/completion/c", `{"service_settings":{"access_key":"a","secret_key":"b","model":"m","region":"r"}}`, ""},
		"put without region":  {http.MethodPut, "/_inference/completion/c", `{"service":"amazonbedrock","service_settings":{"access_key":"a","secret_key":"b","model":"m"}}`, ""},
		"text for a number":   {http.MethodPut, "/_inference/completion/c", `{"service":"amazonbedrock","service_settings":{"access_key":"a","secret_key":"b","model":"m","region":"r"},"task_settings":{"top_p":"x"}}`, ""},
		"run without input":   {http.MethodPost, "/_inference/completion/c", `{}`, ""},
		"no list of answers":  {http.MethodPost, "/_inference/completion/c", `{"input":"a"}`, `{"completion":"a"}`},
		"no id":               {http.MethodGet, "/_inference/c", ``, `{"endpoints":[{"task_type":"completion","service":"s","service_settings":{}}]}`},
		"not acknowledged":    {http.MethodDelete, "/_inference/c", ``, `{"pipelines":[]}`},
		"no operation":        {http.MethodPost, "/_inference/a/b/c", ``, ``},
	} {
		recorder := httptest.NewRecorder()
		recorder.Header().Set("Content-Type", "application/json")
		if test.answer == "" {
			recorder.Code = http.StatusBadRequest
		}
		recorder.Body.WriteString(test.answer)
		request := httptest.NewRequestWithContext(t.Context(), test.method, test.path, nil)
		if err := d.check(request, []byte(test.body), recorder); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}
