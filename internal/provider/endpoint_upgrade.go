package provider

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/fastpath"
)

// stateUpgrader adds the id to states of provider versions without this attribute,
// so that they plan no change. The version of the schema stays the same: states of a
// lower version cannot be shown ("terraform show") before they are applied, and
// older versions of the provider could not read those of a higher one.
type stateUpgrader struct{ fastpath.FrameworkServer }

// UpgradeResourceState passes the state on with its id.
func (s stateUpgrader) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	if req.TypeName == endpointType && req.RawState != nil && len(req.RawState.JSON) > 0 {
		upgraded := *req
		state := *req.RawState
		state.JSON = addID(state.JSON)
		upgraded.RawState = &state
		req = &upgraded
	}
	return s.FrameworkServer.UpgradeResourceState(ctx, req)
}

// addID adds the id to the JSON of a state, and leaves all other values as they are
// written. It returns what is not an object, or has no inference_id, unchanged.
func addID(state []byte) []byte {
	if bytes.Contains(state, []byte(`"id":`)) { // a string would have its quotation marks escaped
		return state
	}
	var attributes map[string]json.RawMessage
	if json.Unmarshal(state, &attributes) != nil || attributes["inference_id"] == nil {
		return state
	}
	attributes["id"] = attributes["inference_id"]
	upgraded, err := json.Marshal(attributes)
	if err != nil {
		return state
	}
	return upgraded
}
