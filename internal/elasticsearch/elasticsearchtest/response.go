// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

// responseWriter writes answers in the media type and with the filter that the
// request asks for.
type responseWriter struct {
	http.ResponseWriter
	media  string
	pretty bool
	filter esrest.FilterPath
}

func (w *responseWriter) write(status int, body any) {
	encoded := encode(body)
	if status == http.StatusOK {
		if filtered, err := w.filter.Apply(encoded); err == nil {
			encoded = filtered
		}
	}
	if w.pretty {
		encoded = esrest.Pretty(encoded)
	}
	w.begin(status, w.media)
	_, _ = w.Write(encoded)
}

func (w *responseWriter) fail(problem *esrest.Error) {
	problem.WriteHeader(w.Header())
	w.write(problem.Status, problem.Body())
}

func (w *responseWriter) begin(status int, media string) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
}

func encode(body any) []byte {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return encoded
}

func missingEndpoint(id string) *esrest.Error {
	return &esrest.Error{Status: http.StatusNotFound, Type: esrest.TypeNotFound, Reason: fmt.Sprintf("Inference endpoint not found [%s]", id)}
}

// violations collects the faults of one block, as a ValidationException does.
type violations []string

func (v *violations) add(format string, args ...any) { *v = append(*v, fmt.Sprintf(format, args...)) }

func (v *violations) problem() *esrest.Error { return v.as(esrest.TypeValidation) }

func (v *violations) as(exception string) *esrest.Error {
	if len(*v) == 0 {
		return nil
	}
	return esrest.ValidationError(exception, *v...)
}

// classCast returns the error of a value that a server casts to a map without
// looking at it.
func classCast(value any) *esrest.Error {
	class := "java.lang.String"
	switch value := value.(type) {
	case []any:
		class = "java.util.ArrayList"
	case bool:
		class = "java.lang.Boolean"
	case json.Number:
		class = "java.lang.Integer"
		if esrest.IsDouble(value) {
			class = "java.lang.Double"
		}
	}
	return &esrest.Error{
		Status: http.StatusInternalServerError, Type: "class_cast_exception",
		Reason: fmt.Sprintf("class %s cannot be cast to class java.util.Map (%s and java.util.Map are in module java.base of loader 'bootstrap')", class, class),
	}
}
