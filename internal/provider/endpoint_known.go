// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// knownEndpoints are the endpoints that one process of the provider has seen.
// Terraform plans and applies a replacement in two steps, of which the second does
// not show the old endpoint. All methods are safe for concurrent use.
type knownEndpoints struct {
	states   sync.Map // endpoints in the state, by id
	kept     sync.Map // ids that the plan of an existing endpoint keeps
	created  sync.Map // ids that this process has created
	creation backend.KeyedMutex
}

func (k *knownEndpoints) addState(endpoint inference.Endpoint) {
	k.states.Store(endpoint.InferenceID, endpoint)
}

// state returns the endpoint that the state has, or had, under an id.
func (k *knownEndpoints) state(inferenceID string) (inference.Endpoint, bool) {
	found, _ := k.states.Load(inferenceID)
	endpoint, ok := found.(inference.Endpoint)
	return endpoint, ok
}

func (k *knownEndpoints) keep(inferenceID string) { k.kept.Store(inferenceID, true) }

func (k *knownEndpoints) isKept(inferenceID string) bool { return contains(&k.kept, inferenceID) }

// create creates an endpoint and remembers its id. One endpoint of an id is created
// at a time, so that the second of two resources with the same id finds the first.
func (k *knownEndpoints) create(ctx context.Context, target backend.Target, endpoint inference.Endpoint, keys inference.Keys) (inference.Endpoint, error) {
	unlock, err := k.creation.Lock(ctx, endpoint.InferenceID)
	if err != nil { // another resource has not ended its create, and nothing was sent
		k.created.Store(endpoint.InferenceID, true)
		return inference.Endpoint{}, &backend.Error{Kind: backend.AlreadyExists, Cause: err}
	}
	defer unlock()
	created, err := target.Create(ctx, endpoint, keys)
	if created.InferenceID != "" {
		k.created.Store(created.InferenceID, true)
	}
	return created, err
}

func (k *knownEndpoints) isCreated(inferenceID string) bool { return contains(&k.created, inferenceID) }

// forget forgets a deleted endpoint, except for its state.
func (k *knownEndpoints) forget(inferenceID string) {
	k.kept.Delete(inferenceID)
	k.created.Delete(inferenceID)
}

func contains(ids *sync.Map, id string) bool {
	_, ok := ids.Load(id)
	return ok
}

// plannedEndpoints are the endpoints that the current plan creates, by id.
type plannedEndpoints struct{ ids sync.Map }

// add reports whether another endpoint of the same id is already planned. One
// with equal attributes may be the same resource: an apply plans it again, and
// "terraform test" 1.15 uses one provider for all its plans.
func (p *plannedEndpoints) add(plan endpointModel) (duplicate bool) {
	values := plan.values()
	first, exists := p.ids.LoadOrStore(plan.InferenceID.ValueString(), values)
	planned, ok := first.(map[string]attr.Value)
	return exists && ok && !maps.EqualFunc(values, planned, attr.Value.Equal)
}

// has reports whether an endpoint of this id is planned to be created.
func (p *plannedEndpoints) has(inferenceID string) bool { return contains(&p.ids, inferenceID) }

// remove forgets an endpoint once it is applied.
func (p *plannedEndpoints) remove(inferenceID types.String) { p.ids.Delete(inferenceID.ValueString()) }

// rateLimits remembers the rate limit of each endpoint of a plan by its key pair.
// Elasticsearch counts the requests of all endpoints with the same keys together,
// and the endpoint that is used first determines the rate.
type rateLimits struct {
	mu sync.Mutex
	// salt makes the digests of keys useless outside of this process.
	salt []byte
	// pairs is keyed by the digest of a key pair.
	pairs map[string]*sharedLimit
}

// sharedLimit is the limit of the first endpoint with a key pair.
type sharedLimit struct {
	inferenceID       string
	requestsPerMinute int64
	warned            bool
}

// check warns once per key pair about an endpoint whose rate limit differs from that
// of another endpoint with the same keys.
func (l *rateLimits) check(config endpointModel) (diags diag.Diagnostics) {
	id, idKnown := stringSetting(config.InferenceID).Known()
	setting := config.config().ServiceSettings.RequestsPerMinute
	limit, given := setting.Known()
	if !given {
		limit = inference.DefaultRequestsPerMinute
	}
	keys, known := config.keys()
	if !known || keys.AccessKey == "" || keys.SecretKey == "" || !idKnown || setting.IsUnknown() {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.salt == nil {
		l.salt = make([]byte, 16)
		rand.Read(l.salt)
		l.pairs = map[string]*sharedLimit{}
	}
	digest := string(keysMAC(l.salt, keys))
	first, ok := l.pairs[digest]
	if !ok {
		first = &sharedLimit{inferenceID: id}
		l.pairs[digest] = first
	}
	switch {
	case first.inferenceID == id:
		first.requestsPerMinute = limit
	case first.requestsPerMinute != limit && !first.warned:
		first.warned = true
		at := path.Root("service_settings").AtName("rate_limit").AtName("requests_per_minute")
		diags.AddAttributeWarning(at, located("Rate limit is shared", at),
			fmt.Sprintf("Inference endpoints %q (%d requests per minute) and %q (%d) have the same AWS keys. Elasticsearch counts the requests of all endpoints with the same keys together, "+
				"on each node, and the endpoint that is used first determines the rate. Write the same requests_per_minute for all of them, or use separate AWS keys.",
				first.inferenceID, first.requestsPerMinute, id, limit))
	}
	return diags
}
