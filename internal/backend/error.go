package backend

import (
	"errors"
	"fmt"
)

// Kind sorts what can go wrong by what a caller does about it.
type Kind int

// The kinds of errors.
const (
	// Other is whatever no caller treats apart.
	Other Kind = iota
	// NotFound: there is no endpoint of that id.
	NotFound
	// AlreadyExists: there is an endpoint of that id.
	AlreadyExists
	// InUse: the endpoint is referenced and was not to be forced.
	InUse
	// Refused: the target does not take the request as it is.
	Refused
	// Denied: the target does not let this caller do it.
	Denied
	// Unreachable: no answer came, or none that makes sense.
	Unreachable
	// Unusable: what the target keeps its endpoints in cannot be used.
	Unusable
)

// Error is a fault of a target, in words for a person.
type Error struct {
	Kind Kind
	// Summary says what did not work, in a few words.
	Summary string
	// Detail says what was found and what to do about it. It holds no key.
	Detail string
	// Status is the HTTP status of the answer; 0 where there was none.
	Status int
	// Cause may be nil.
	Cause error
}

// NoEndpoint is the error of a place that has no endpoint of an id: a cluster, or
// a file. setting is what leads there.
func NoEndpoint(inferenceID, place, setting string) *Error {
	return &Error{
		Kind:    NotFound,
		Summary: fmt.Sprintf("No inference endpoint %q", inferenceID),
		Detail: fmt.Sprintf("%s has no inference endpoint of this id. Check the id and %s.",
			place, setting),
	}
}

// Error joins summary and detail.
func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Summary, e.Detail) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is tells whether err is a target's error of the kind.
func Is(err error, kind Kind) bool {
	var fault *Error
	return errors.As(err, &fault) && fault.Kind == kind
}
