package provider

import (
	"maps"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// knownEndpoints are the endpoints that one process of the provider has seen.
// Terraform plans and applies a replacement in two steps, of which the second does
// not show the old endpoint. All methods are safe for concurrent use.
type knownEndpoints struct {
	mu      sync.Mutex
	states  map[string]inference.Endpoint // endpoints in the state, by id
	kept    map[string]bool               // ids that the plan of an existing endpoint keeps
	created map[string]bool               // ids that this process has created
}

func (k *knownEndpoints) addState(endpoint inference.Endpoint) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.states == nil {
		k.states = map[string]inference.Endpoint{}
	}
	k.states[endpoint.InferenceID] = endpoint
}

// state returns the endpoint that the state has, or had, under an id.
func (k *knownEndpoints) state(inferenceID string) (inference.Endpoint, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	endpoint, ok := k.states[inferenceID]
	return endpoint, ok
}

func (k *knownEndpoints) keep(inferenceID string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil {
		k.kept = map[string]bool{}
	}
	k.kept[inferenceID] = true
}

func (k *knownEndpoints) isKept(inferenceID string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kept[inferenceID]
}

func (k *knownEndpoints) addCreated(inferenceID string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.created == nil {
		k.created = map[string]bool{}
	}
	k.created[inferenceID] = true
}

func (k *knownEndpoints) isCreated(inferenceID string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.created[inferenceID]
}

// forget forgets a deleted endpoint, except for its state.
func (k *knownEndpoints) forget(inferenceID string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.kept, inferenceID)
	delete(k.created, inferenceID)
}

// plannedEndpoints are the endpoints that the current plan creates, by id.
type plannedEndpoints struct{ ids sync.Map }

// add reports whether another endpoint of the same id is already planned. One
// with equal attributes may be the same resource: an apply plans it again, and
// "terraform test" 1.15 uses one provider for all its plans.
func (p *plannedEndpoints) add(plan endpointModel) (duplicate bool) {
	if plan.InferenceID.IsUnknown() {
		return false
	}
	values := plan.values()
	first, exists := p.ids.LoadOrStore(plan.InferenceID.ValueString(), values)
	planned, ok := first.(map[string]attr.Value)
	return exists && ok && !equalValues(values, planned)
}

// has reports whether an endpoint of this id is planned to be created.
func (p *plannedEndpoints) has(inferenceID string) bool {
	_, ok := p.ids.Load(inferenceID)
	return ok
}

// remove forgets an endpoint once it is applied.
func (p *plannedEndpoints) remove(inferenceID types.String) { p.ids.Delete(inferenceID.ValueString()) }

func equalValues(a, b map[string]attr.Value) bool {
	return maps.EqualFunc(a, b, func(x, y attr.Value) bool { return x.Equal(y) })
}
