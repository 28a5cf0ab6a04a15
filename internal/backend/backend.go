// SPDX-License-Identifier: MPL-2.0

// Package backend defines the interface of a target that holds inference
// endpoints, what a target can do, and how a change to an endpoint is applied.
package backend

import (
	"context"
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
	// target found them. If the read fails, or an endpoint cannot be decoded, the
	// error is yielded last.
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
