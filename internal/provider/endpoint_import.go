// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

var (
	_ resource.ResourceWithImportState = (*endpointResource)(nil)
	_ resource.ResourceWithMoveState   = (*endpointResource)(nil)
)

// ImportState accepts inference_id, task_type/inference_id, or an identity.
func (r *endpointResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id := req.ID
	if id == "" && req.Identity != nil && !req.Identity.Raw.IsNull() {
		var identity endpointIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		id = identity.InferenceID.ValueString()
	}
	state := newEndpointModel(id)
	config := inference.Config{InferenceID: validation.Given(id)}
	if task, inferenceID, qualified := strings.Cut(id, "/"); qualified {
		state = newEndpointModel(inferenceID)
		state.TaskType = types.StringValue(task)
		config = inference.Config{InferenceID: validation.Given(inferenceID), TaskType: validation.Given(inference.TaskType(task))}
	}
	if violations := config.Validate(); len(violations) > 0 {
		detail := violations[0].Detail + " Import an endpoint by inference_id or by task_type/inference_id, such as text_embedding/my-embeddings."
		switch inferenceID := state.InferenceID.ValueString(); {
		case strings.HasPrefix(inferenceID, "."):
			detail = fmt.Sprintf("%q begins with a dot, as the ids of Elasticsearch's own default endpoints do. They can be neither changed nor deleted, so Terraform cannot manage them.", inferenceID)
		case inferenceID != id:
			detail = fmt.Sprintf("The id is %q. %s", id, detail)
		}
		resp.Diagnostics.AddError("Invalid import id", detail)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, endpointIdentity{state.InferenceID})...)
	resp.Diagnostics.Append(storeNoDigest(ctx, resp.Private)...)
}
