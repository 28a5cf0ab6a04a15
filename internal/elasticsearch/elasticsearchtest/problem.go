package elasticsearchtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

// problem is an error in the words and the form of Elasticsearch.
type problem struct {
	status int
	kind   string
	reason string
	cause  *problem
}

func (p *problem) Error() string { return p.reason }

func refuse(format string, args ...any) *problem {
	return &problem{status: http.StatusBadRequest, kind: "status_exception", reason: fmt.Sprintf(format, args...)}
}

func missingEndpoint(id string) *problem {
	return &problem{status: http.StatusNotFound, kind: "resource_not_found_exception", reason: fmt.Sprintf("Inference endpoint not found [%s]", id)}
}

// invalid gathers the faults of one block, as a ValidationException does.
type invalid []string

func (v *invalid) add(format string, args ...any) { *v = append(*v, fmt.Sprintf(format, args...)) }

func (v *invalid) problem() *problem {
	return v.as("validation_exception")
}

func (v *invalid) as(kind string) *problem {
	if len(*v) == 0 {
		return nil
	}
	return &problem{status: http.StatusBadRequest, kind: kind, reason: esrest.ValidationError(kind, *v...).Reason}
}

// rest converts the problem to an error of the REST API.
func (p *problem) rest() *esrest.Error {
	if p == nil {
		return nil
	}
	return &esrest.Error{Status: p.status, Type: p.kind, Reason: p.reason, Cause: p.cause.rest()}
}

func (p *problem) answer() any { return p.rest().Body() }

func (p *problem) write(w http.ResponseWriter) {
	p.rest().WriteHeader(w.Header())
	write(w, p.status, p.answer())
}

func write(w http.ResponseWriter, status int, body any) {
	header(w, "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(encode(body))
}

func header(w http.ResponseWriter, media string) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", media)
}

func encode(body any) []byte {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return encoded
}

// javaMap prints a map as Java does. Java keeps the order of the request, this
// one sorts.
func javaMap(value any) string {
	object, ok := value.(map[string]any)
	if !ok {
		return fmt.Sprint(value)
	}
	var keys []string
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for i, key := range keys {
		keys[i] = key + "=" + javaMap(object[key])
	}
	return "{" + strings.Join(keys, ", ") + "}"
}
