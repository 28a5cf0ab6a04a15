package api

import (
	"fmt"
	"net/http"
	"strings"
)

// failure is an error in the words and the form of Elasticsearch.
type failure struct {
	status int
	kind   string
	reason string
	cause  *failure
	// header is beside the answer.
	header http.Header
	// foreign marks what is no exception of Elasticsearch's own, which it never
	// shows as the root cause.
	foreign bool
}

func (f *failure) Error() string { return f.reason }

// refuse is an ElasticsearchStatusException of status 400.
func refuse(format string, args ...any) *failure {
	return &failure{status: http.StatusBadRequest, kind: "status_exception", reason: fmt.Sprintf(format, args...)}
}

func illegal(format string, args ...any) *failure {
	return &failure{status: http.StatusBadRequest, kind: "illegal_argument_exception", reason: fmt.Sprintf(format, args...)}
}

func unparsable(format string, args ...any) *failure {
	return &failure{status: http.StatusBadRequest, kind: "x_content_parse_exception", reason: fmt.Sprintf(format, args...)}
}

// The kinds of a list of faults.
const (
	kindValidation = "validation_exception"
	kindRequest    = "action_request_validation_exception"
)

func invalid(kind string, faults ...string) *failure {
	var reason strings.Builder
	reason.WriteString("Validation Failed: ")
	for i, fault := range faults {
		fmt.Fprintf(&reason, "%d: %s;", i+1, fault)
	}
	return &failure{status: http.StatusBadRequest, kind: kind, reason: reason.String()}
}

// unknownTo is the failure of settings that nobody took.
func unknownTo(service string, left map[string]any) *failure {
	return refuse("Model configuration contains settings [%s] unknown to the [%s] service", javaText(left), service)
}

type errorBody struct {
	Error  errorDetail `json:"error"`
	Status int         `json:"status"`
}

type errorDetail struct {
	RootCause []errorDetail `json:"root_cause,omitempty"`
	Type      string        `json:"type"`
	Reason    string        `json:"reason"`
	CausedBy  *errorDetail  `json:"caused_by,omitempty"`
}

func (f *failure) body() any {
	if f.kind == "" { // what Elasticsearch says before it looks for an action
		return map[string]any{"error": f.reason, "status": f.status}
	}
	root := f
	for root.cause != nil && !root.cause.foreign {
		root = root.cause
	}
	detail := f.detail()
	detail.RootCause = []errorDetail{{Type: root.kind, Reason: root.reason}}
	return errorBody{Error: *detail, Status: f.status}
}

func (f *failure) detail() *errorDetail {
	if f == nil {
		return nil
	}
	return &errorDetail{Type: f.kind, Reason: f.reason, CausedBy: f.cause.detail()}
}
