// SPDX-License-Identifier: MPL-2.0

// Package esrest implements what all REST APIs of Elasticsearch have in common:
// error bodies, filter_path, media types, query parameters, JSON bodies, and the
// text in which Java prints values. The rules are those of Elasticsearch 9.5.3.
package esrest

import (
	"fmt"
	"net/http"
	"strings"
)

// Error is an error as Elasticsearch answers it.
type Error struct {
	// Status is the HTTP status of the answer.
	Status int
	// Type is the type of the exception in snake case. Without a type, the
	// error is answered as a text, as Elasticsearch does before it has found the
	// handler of a request.
	Type   string
	Reason string
	Cause  *Error
	// Header is added to the header of the answer, BodyHeader to its body too.
	Header, BodyHeader http.Header
}

// Types of exceptions that have a meaning here.
const (
	TypeStatus            = "status_exception"
	TypeException         = "exception"
	TypeIllegalArgument   = "illegal_argument_exception"
	TypeParse             = "parse_exception"
	TypeXContentParse     = "x_content_parse_exception"
	TypeValidation        = "validation_exception"
	TypeRequestValidation = "action_request_validation_exception"
	TypeSecurity          = "security_exception"
	TypeNotFound          = "resource_not_found_exception"
	TypeAlreadyExists     = "resource_already_exists_exception"
	TypeRejected          = "es_rejected_execution_exception"
	TypeMediaTypeHeader   = "media_type_header_exception"
	TypeNumberFormat      = "number_format_exception"
)

// elasticsearchExceptions are the types above that are subclasses of
// ElasticsearchException. Only these are root causes of others.
var elasticsearchExceptions = map[string]bool{
	TypeStatus: true, TypeException: true, TypeParse: true, TypeSecurity: true, TypeNotFound: true, TypeAlreadyExists: true,
	"timeout_exception": true,
}

// Error returns the reason.
func (e *Error) Error() string { return e.Reason }

// New returns an error of status 400.
func New(exception, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Type: exception, Reason: fmt.Sprintf(format, args...)}
}

// WithStatus sets the status of the answer and returns the error.
func (e *Error) WithStatus(status int) *Error {
	e.Status = status
	return e
}

// WithCause sets the cause of the error and returns the error.
func (e *Error) WithCause(exception, reason string) *Error {
	e.Cause = &Error{Type: exception, Reason: reason}
	return e
}

// StatusError returns a status_exception of status 400.
func StatusError(format string, args ...any) *Error { return New(TypeStatus, format, args...) }

// IllegalArgument returns an illegal_argument_exception.
func IllegalArgument(format string, args ...any) *Error {
	return New(TypeIllegalArgument, format, args...)
}

// ParseError returns an x_content_parse_exception.
func ParseError(format string, args ...any) *Error { return New(TypeXContentParse, format, args...) }

// ValidationError numbers the messages of a validation.
func ValidationError(exception string, messages ...string) *Error {
	var reason strings.Builder
	reason.WriteString("Validation Failed: ")
	for i, message := range messages {
		fmt.Fprintf(&reason, "%d: %s;", i+1, message)
	}
	return New(exception, "%s", reason.String())
}

type errorBody struct {
	Error  any `json:"error"`
	Status int `json:"status"`
}

type errorDetail struct {
	RootCause []errorDetail  `json:"root_cause,omitempty"`
	Type      string         `json:"type"`
	Reason    string         `json:"reason"`
	CausedBy  *errorDetail   `json:"caused_by,omitempty"`
	TimedOut  bool           `json:"timed_out,omitempty"`
	Header    map[string]any `json:"header,omitempty"`
}

// Body returns the body of the answer, to be encoded as JSON.
func (e *Error) Body() any {
	if e.Type == "" {
		return errorBody{e.Reason, e.Status}
	}
	detail := e.detail()
	root := *e.rootCause().detail()
	root.CausedBy = nil
	detail.RootCause = []errorDetail{root}
	return errorBody{detail, e.Status}
}

// rootCause returns the innermost of the ElasticsearchExceptions at the start of
// the chain, or of the parse exceptions.
func (e *Error) rootCause() *Error {
	root := e
	for root.Cause != nil && elasticsearchExceptions[root.Type] && elasticsearchExceptions[root.Cause.Type] ||
		root.Cause != nil && root.Type == TypeXContentParse && root.Cause.Type == TypeXContentParse {
		root = root.Cause
	}
	return root
}

func (e *Error) detail() *errorDetail {
	if e == nil {
		return nil
	}
	detail := &errorDetail{
		Type: e.Type, Reason: e.Reason, CausedBy: e.Cause.detail(),
		TimedOut: e.Type == "timeout_exception", Header: map[string]any{},
	}
	for name, values := range e.BodyHeader {
		if len(values) == 1 {
			detail.Header[name] = values[0]
		} else {
			detail.Header[name] = values
		}
	}
	return detail
}

// WriteHeader adds the headers of the error to those of an answer.
func (e *Error) WriteHeader(header http.Header) {
	for _, source := range []http.Header{e.Header, e.BodyHeader} {
		for name, values := range source {
			header[http.CanonicalHeaderKey(name)] = values
		}
	}
	if e.Status >= http.StatusInternalServerError && e.Type == TypeException {
		header.Set("X-Elastic-App-Exception", "ElasticsearchException")
	}
	if e.Type == "timeout_exception" {
		header.Set("X-Timed-Out", "?1")
	}
}
