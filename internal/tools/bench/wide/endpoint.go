package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
)

// endpoint keeps what it is given; what a target would have filled in is null.
type endpoint struct{}

func newEndpoint() resource.Resource { return endpoint{} }

func (endpoint) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_endpoint"
}

// Schema is that of the real provider's first resource.
func (endpoint) Schema(ctx context.Context, req resource.SchemaRequest, resp *resource.SchemaResponse) {
	provider.New("wide")().Resources(ctx)[0]().Schema(ctx, req, resp)
}

func (endpoint) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	known, err := tftypes.Transform(req.Plan.Raw, func(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if !value.IsKnown() {
			return tftypes.NewValue(value.Type(), nil), nil
		}
		return value, nil
	})
	if err != nil {
		resp.Diagnostics.AddError("Plan cannot be read", err.Error())
		return
	}
	resp.State.Raw = known
}

// Read leaves the state as it is.
func (endpoint) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (endpoint) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

// Delete leaves it to the framework to drop the state.
func (endpoint) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
