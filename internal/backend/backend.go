// Package backend defines the interface of a target that holds inference
// endpoints, what a target can do, and how a change to an endpoint is applied.
package backend

import (
	"context"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// Target holds inference endpoints: an Elasticsearch cluster or the embedded
// store. All methods are safe for concurrent use; every error that they return
// for a fault of the target is an *Error.
type Target interface {
	// ID names this very target, for the state: "embedded", or
	// "elasticsearch:<cluster uuid>".
	ID(ctx context.Context) (string, error)
	// Capabilities tells what this target can do.
	Capabilities(ctx context.Context) (Capabilities, error)
	// Create makes a new endpoint and returns it as the target holds it. It
	// never takes over an endpoint that exists: that is AlreadyExists. Where
	// one came to be in spite of an error, or may have, it is returned beside
	// the error.
	Create(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys) (inference.Endpoint, error)
	// Get returns one endpoint; NotFound if there is none of that id.
	Get(ctx context.Context, inferenceID string) (inference.Endpoint, error)
	// Exists reports whether an id is taken. What it says of one that is free may
	// be a second old, so that asking for many costs little.
	Exists(ctx context.Context, inferenceID string) (bool, error)
	// List returns all endpoints of the service, sorted by id.
	List(ctx context.Context) ([]inference.Endpoint, error)
	// Update changes an endpoint in place and returns it as it is then. What
	// may be asked is decided by Plan. Where only a part was done, the endpoint
	// is returned beside the error.
	Update(ctx context.Context, prior inference.Endpoint, update inference.Update) (inference.Endpoint, error)
	// Delete removes an endpoint; one that is not there is no error. Without
	// force, an endpoint that something uses is InUse.
	Delete(ctx context.Context, endpoint inference.Endpoint, force bool) error
	// References lists what uses the endpoint.
	References(ctx context.Context, endpoint inference.Endpoint) (References, error)
	// Run asks the endpoint's model. Answers come in the order of the inputs.
	Run(ctx context.Context, endpoint inference.Endpoint, request inference.Request) (inference.Result, error)
}

// Found turns the error of a look at an endpoint into whether it is there.
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

// String names them for a sentence: "the ingest pipelines a, b and the indices c".
func (r References) String() string {
	var used []string
	if len(r.Pipelines) > 0 {
		used = append(used, "the ingest pipelines "+strings.Join(r.Pipelines, ", "))
	}
	if len(r.Indices) > 0 {
		used = append(used, "the indices "+strings.Join(r.Indices, ", "))
	}
	return strings.Join(used, " and ")
}

// IsZero reports whether nothing uses the endpoint.
func (r References) IsZero() bool { return len(r.Pipelines) == 0 && len(r.Indices) == 0 }
