package provider

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/target"
)

// plannedEndpoints are the ids of the endpoints that the plan under way makes.
// Terraform reads a data source after the endpoint that it names, but opens an
// ephemeral resource while it plans, before that endpoint can be there.
type plannedEndpoints struct{ ids sync.Map }

func (p *plannedEndpoints) add(inferenceID types.String) {
	if !inferenceID.IsUnknown() {
		p.ids.Store(inferenceID.ValueString(), true)
	}
}

// awaits tells that a run has to wait for an endpoint that this plan makes. While
// changes are applied the endpoint is there before the run is.
func (d *providerData) awaits(ctx context.Context, inferenceID types.String) bool {
	if !d.ready() || inferenceID.IsNull() {
		return false
	}
	if _, planned := d.planned.ids.Load(inferenceID.ValueString()); !planned {
		return false
	}
	_, err := d.target.Get(ctx, inferenceID.ValueString())
	return target.Is(err, target.NotFound)
}
