package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

var _ resource.ResourceWithUpgradeState = (*endpointResource)(nil)

// UpgradeState converts states of version 0, which have no id.
func (r *endpointResource) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return map[int64]resource.StateUpgrader{0: {StateUpgrader: func(_ context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
		upgraded, err := upgradeFromVersion0(req.RawState.JSON)
		if err != nil {
			resp.Diagnostics.AddError("State cannot be upgraded", "The state of the endpoint is not a JSON object with an inference_id: "+err.Error())
			return
		}
		resp.DynamicValue = &tfprotov6.DynamicValue{JSON: upgraded}
	}}}
}

// upgradeFromVersion0 adds the id to the JSON of a state and keeps all other
// values as they are written.
func upgradeFromVersion0(state []byte) ([]byte, error) {
	var attributes map[string]json.RawMessage
	if err := json.Unmarshal(state, &attributes); err != nil {
		return nil, err
	}
	if id, ok := attributes["inference_id"]; ok {
		attributes["id"] = id
	}
	return json.Marshal(attributes)
}
