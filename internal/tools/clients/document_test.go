// Package clients_test holds the embedded target's API against what others know
// of it: Elastic's published document of the API, and Elastic's own clients. It
// is a module of its own, for none of that belongs to what ships.
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

// watch passes everything on and holds it against the document.
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
		return nil // of which the document says no more than that it is an object
	}
	schema := operation.Responses.Status(http.StatusOK).Value.Content.Get("application/json").Schema.Value
	if err := conforms(schema, answer.Body.Bytes()); err != nil {
		return fmt.Errorf("the answer %s: %w", answer.Body, err)
	}
	return nil
}

// bodySchema demands of an update what Elasticsearch takes: the document, which
// has it share the form of a new endpoint, requires a service, and Elasticsearch
// refuses one (UpdateInferenceModelAction).
func (d *document) bodySchema(operation *openapi3.Operation) *openapi3.Schema {
	schema := *operation.RequestBody.Value.Content.Get("application/json").Schema.Value
	if strings.HasPrefix(operation.OperationID, "inference-update") {
		schema.Required = nil
	}
	return &schema
}

func (d *document) count(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.checked[name]++
}

// find is the operation whose path names most of what the request names.
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

// TestDocumentRefuses makes sure that the document can be broken at all.
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
