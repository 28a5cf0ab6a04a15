// SPDX-License-Identifier: MPL-2.0

package backend

import (
	"errors"
	"fmt"
)

// Kind classifies errors by what a caller can do about them.
type Kind int

// The kinds of errors.
const (
	// Other is any error that has no kind of its own.
	Other Kind = iota
	// NotFound means that no endpoint has the id.
	NotFound
	// AlreadyExists means that an endpoint has the id already.
	AlreadyExists
	// InUse means that the endpoint is referenced and was not deleted by force.
	InUse
	// Refused means that the target rejects the content of the request.
	Refused
	// Denied means that the caller lacks the permission.
	Denied
	// Unreachable means that no response arrived, or none that is usable.
	Unreachable
	// Unusable means that the storage of the target cannot be used.
	Unusable
	// Damaged means that the storage of the target has lost content, or was not
	// written by this program.
	Damaged
	// Undetermined means that it is not known whether a creation had an effect.
	Undetermined
	// KeysFixed means that the target cannot change the keys of an endpoint.
	KeysFixed
)

// Error is an error of a target.
type Error struct {
	Kind Kind
	// Summary says in a few words what failed.
	Summary string
	// Detail says what was found and how to correct it. It never contains a key.
	Detail string
	// Status is the HTTP status of the response; 0 if there was none.
	Status int
	// Cause may be nil.
	Cause error
}

// NoEndpoint returns the error of a cluster or file, place, that has no endpoint
// of the id. setting is the setting that selects the place.
func NoEndpoint(inferenceID, place, setting string) *Error {
	return &Error{
		Kind:    NotFound,
		Summary: fmt.Sprintf("No inference endpoint %q", inferenceID),
		Detail: fmt.Sprintf("%s has no inference endpoint of this id. Check the id and %s.",
			place, setting),
	}
}

// Error returns summary and detail.
func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Summary, e.Detail) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether err is, or wraps, an *Error of the kind.
func Is(err error, kind Kind) bool {
	var targetErr *Error
	return errors.As(err, &targetErr) && targetErr.Kind == kind
}
