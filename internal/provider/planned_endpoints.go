package provider

import (
	"context"
	"maps"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// plannedEndpoints are the endpoints that the plan under way makes, by their ids.
// Terraform reads a data source after the endpoint that it names, but opens an
// ephemeral resource while it plans, before that endpoint can be there.
type plannedEndpoints struct{ ids sync.Map }

// add tells whether another endpoint of the id is planned already. One that is
// the same in everything may be the same resource: an apply plans it once more,
// and "terraform test" (1.15) has one provider for all its plans.
func (p *plannedEndpoints) add(plan endpointModel) (twice bool) {
	if plan.InferenceID.IsUnknown() {
		return false
	}
	values := plan.values()
	first, again := p.ids.LoadOrStore(plan.InferenceID.ValueString(), values)
	planned, ok := first.(map[string]attr.Value)
	return again && ok && !equalValues(values, planned)
}

// made lets the id be planned again, for what comes after an apply.
func (p *plannedEndpoints) made(inferenceID types.String) { p.ids.Delete(inferenceID.ValueString()) }

// awaits tells that a run has to wait for an endpoint that this plan makes, or
// whose target hangs on something that it makes. While changes are applied both
// are there before the run is. A run without an endpoint does not wait: OpenTofu
// (1.12) defers only what names a resource that is still to be made, and takes a
// result that is not known yet for a fault.
func (d *providerData) awaits(ctx context.Context, inferenceID types.String) bool {
	switch {
	case d == nil || inferenceID.IsNull():
		return false
	case !d.ready():
		return true
	}
	if _, planned := d.planned.ids.Load(inferenceID.ValueString()); !planned {
		return false
	}
	_, err := d.target.Get(ctx, inferenceID.ValueString())
	return backend.Is(err, backend.NotFound)
}

func equalValues(a, b map[string]attr.Value) bool {
	return maps.EqualFunc(a, b, func(x, y attr.Value) bool { return x.Equal(y) })
}
