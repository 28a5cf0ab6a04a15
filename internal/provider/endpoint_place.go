package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// privatePlace names, in a resource's private state, where its endpoint lies on
// a target whose id does not tell. States from before it was kept have none.
const privatePlace = "place"

// storePlace keeps where an endpoint lies that was just made or seen. Where it
// cannot be told now, the next refresh tells it.
func (r *endpointResource) storePlace(ctx context.Context, private privateWriter) diag.Diagnostics {
	placed, ok := r.data.target.(backend.Placed)
	if !ok {
		return nil
	}
	place, err := placed.Place(ctx)
	if err != nil || place.UUID == "" {
		return nil
	}
	data, err := json.Marshal(place)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Place of the endpoint cannot be stored", err.Error())}
	}
	return private.SetKey(ctx, privatePlace, data)
}

// readPlace answers false where none was kept.
func readPlace(ctx context.Context, private privateReader) (backend.Place, bool) {
	data, diags := private.GetKey(ctx, privatePlace)
	var place backend.Place
	if diags.HasError() || len(data) == 0 || json.Unmarshal(data, &place) != nil {
		return backend.Place{}, false
	}
	return place, place.UUID != ""
}

// misplaced is, where an endpoint lies in another file than the provider is
// configured for, a sentence that says so. One of the same id there is not it.
func (r *endpointResource) misplaced(ctx context.Context, state endpointModel, private privateReader) (elsewhere string, err error) {
	placed, ok := r.data.target.(backend.Placed)
	made, known := readPlace(ctx, private)
	if !ok || !known {
		return "", nil
	}
	now, err := placed.Place(ctx)
	if err != nil || !now.IsOther(made) {
		return "", err
	}
	return madeElsewhere(state, made.String(), now.String()), nil
}

func madeElsewhere(state endpointModel, made, now string) string {
	return fmt.Sprintf("Inference endpoint %s was made on target %s, and the provider is configured for %s. "+
		"Configure the provider for %s; or, if the endpoint is to move, remove it from the state with \"terraform state rm\" and apply again.",
		state.InferenceID.ValueString(), made, now, made)
}
