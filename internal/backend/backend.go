// SPDX-License-Identifier: MPL-2.0

// Package backend defines the interface of a target that holds inference
// endpoints, what a target can do, and how a change to an endpoint is applied.
package backend

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// Target holds inference endpoints: an Elasticsearch cluster or the embedded
// store. All methods are safe for concurrent use; every error that they return
// for a fault of the target is an *Error.
type Target interface {
	// ID returns the identity of the target: "embedded", or
	// "elasticsearch:<cluster uuid>".
	ID(ctx context.Context) (string, error)
	// Address says how the target is reached: its URLs, without credentials, or the
	// path of its file.
	Address() string
	// Capabilities returns what the target supports.
	Capabilities(ctx context.Context) (Capabilities, error)
	// Create creates an endpoint and returns it as the target stores it. It never
	// adopts an existing endpoint: the error is AlreadyExists. If the endpoint was
	// created despite an error, or may have been, it is returned with the error.
	Create(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys) (inference.Endpoint, error)
	// Get returns one endpoint. The error is NotFound if no endpoint has the id.
	Get(ctx context.Context, inferenceID string) (inference.Endpoint, error)
	// Exists reports whether an endpoint has the id, for a plan. "false" may be as
	// old as the plan, so that checks of many ids need few requests. Create checks
	// again.
	Exists(ctx context.Context, inferenceID string) (bool, error)
	// List yields all endpoints of the service, sorted by id, as one read of the
	// target found them. If the read fails, its error is yielded last. An endpoint that
	// cannot be decoded is yielded with its id and an error, and others may follow.
	List(ctx context.Context) iter.Seq2[Listed, error]
	// Update changes an endpoint in place and returns the result. Plan decides
	// which changes are possible. If only a part of the update was applied, the
	// endpoint is returned with the error.
	Update(ctx context.Context, prior inference.Endpoint, update inference.Update) (inference.Endpoint, error)
	// Delete deletes an endpoint. It returns nil if the endpoint does not exist,
	// and InUse if something refers to it and force is false.
	Delete(ctx context.Context, endpoint inference.Endpoint, force bool) error
	// References returns what refers to the endpoint.
	References(ctx context.Context, endpoint inference.Endpoint) (References, error)
	// Run calls the endpoint's model. Results are in the order of the inputs.
	Run(ctx context.Context, endpoint inference.Endpoint, request inference.Request) (inference.Result, error)
}

// Listed is an endpoint of a listing.
type Listed struct {
	Endpoint inference.Endpoint
	// HasKeys is set if the endpoint is stored with AWS keys of its own. Endpoints of
	// a target without OptionalKeys always are.
	HasKeys bool
}

// Collect returns the endpoints of a listing, or its error.
func Collect(listing iter.Seq2[Listed, error]) ([]inference.Endpoint, error) {
	var endpoints []inference.Endpoint
	for listed, err := range listing {
		if err != nil {
			return nil, err
		}
		endpoints = append(endpoints, listed.Endpoint)
	}
	return endpoints, nil
}

// OptionalKeys is a target whose endpoints may have no AWS keys of their own. It can
// read those keys.
type OptionalKeys interface {
	// GetWithKeys returns one endpoint like Get, and its keys, which are zero if it has
	// none.
	GetWithKeys(ctx context.Context, inferenceID string) (inference.Endpoint, inference.Keys, error)
}

// Warner is a target whose server sends warnings with its responses.
type Warner interface {
	// Warnings returns the warnings since the last call, each of them once.
	Warnings() []Warning
}

// Warning is a warning of a server.
type Warning struct{ Summary, Detail string }

// Found converts the error of Get to whether the endpoint exists.
func Found(err error) (bool, error) {
	if Is(err, NotFound) {
		return false, nil
	}
	return err == nil, err
}

// References are what depends on an endpoint by its id.
type References struct {
	Pipelines []string
	Indices   []string
}

// String returns the names, such as "the ingest pipelines a, b and the indices c".
func (r References) String() string {
	var used []string
	if len(r.Pipelines) > 0 {
		used = append(used, "the ingest pipelines "+strings.Join(r.Pipelines, ", "))
	}
	if len(r.Indices) > 0 {
		used = append(used, "the indices "+strings.Join(r.Indices, ", "))
	}
	return redact.Printable(strings.Join(used, " and ")) // a pipeline may have any name
}

// IsZero reports whether nothing refers to the endpoint.
func (r References) IsZero() bool { return len(r.Pipelines) == 0 && len(r.Indices) == 0 }

// Placed is a target whose ID does not identify the file that holds its endpoints.
type Placed interface {
	// Place returns the file that is configured.
	Place(ctx context.Context) (Place, error)
}

// Place is a file for endpoints, which may not exist yet.
type Place struct {
	// Path is the path as configured; a relative one is the same in every clone of
	// a repository.
	Path string
	// UUID identifies the file, also after it was moved. It is empty if the file
	// does not exist.
	UUID string
}

// IsOther reports whether endpoints that were created in another place are in
// another file. If there is no file at the same path, they were deleted with it.
func (p Place) IsOther(created Place) bool {
	if p.UUID == "" {
		return p.Path != created.Path
	}
	return p.UUID != created.UUID
}

// String returns the file for a sentence.
func (p Place) String() string {
	if p.UUID == "" {
		return fmt.Sprintf("the file %s (not created yet)", p.Path)
	}
	return fmt.Sprintf("the file %s (%s)", p.Path, p.UUID)
}

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
	targetErr, ok := errors.AsType[*Error](err)
	return ok && targetErr.Kind == kind
}
