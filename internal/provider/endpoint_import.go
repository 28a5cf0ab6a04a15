package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

var (
	_ resource.ResourceWithImportState = (*endpointResource)(nil)
	_ resource.ResourceWithMoveState   = (*endpointResource)(nil)
)

// ImportState takes an inference_id, task_type/inference_id, or an identity.
func (r *endpointResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id := req.ID
	if id == "" && req.Identity != nil && !req.Identity.Raw.IsNull() {
		var identity endpointIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		id = identity.InferenceID.ValueString()
	}
	state := bareEndpoint(id)
	config := inference.Config{InferenceID: validation.Given(id)}
	if task, inferenceID, qualified := strings.Cut(id, "/"); qualified {
		state.InferenceID, state.TaskType = types.StringValue(inferenceID), types.StringValue(task)
		config = inference.Config{InferenceID: validation.Given(inferenceID), TaskType: validation.Given(inference.TaskType(task))}
	}
	if faults := config.Validate(); len(faults) > 0 {
		resp.Diagnostics.AddError("Import id cannot be read",
			fmt.Sprintf("%q is not the id of an endpoint. Write inference_id or task_type/inference_id, such as text_embedding/my-embeddings. %s", id, faults[0].Detail))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, endpointIdentity{state.InferenceID})...)
	resp.Diagnostics.Append(storeNoDigest(ctx, resp.Private)...)
}

// The resource of the elasticstack provider whose state can be taken over.
const (
	elasticstackType     = "elasticstack_elasticsearch_inference_endpoint"
	elasticstackProvider = "/elastic/elasticstack"
)

// MoveState takes over endpoints of the elasticstack provider. Its three JSON
// texts become typed settings; of its keys only the digest is kept, so that the
// configuration is seen to hold the same ones.
func (r *endpointResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if req.SourceTypeName != elasticstackType || !strings.HasSuffix(req.SourceProviderAddress, elasticstackProvider) || req.SourceRawState == nil {
			return
		}
		endpoint, keys, err := inference.ParseElasticstackState(req.SourceRawState.JSON)
		if err != nil {
			resp.Diagnostics.AddError("State of elasticstack cannot be read", err.Error()+" Import the endpoint instead, and remove the old resource from the state with \"terraform state rm\".")
			return
		}
		if endpoint.Service != inference.Service {
			resp.Diagnostics.AddError("Endpoint of another service",
				fmt.Sprintf("Inference endpoint %q is one of %q, and this provider manages those of %q. Leave it with elasticstack.", endpoint.InferenceID, endpoint.Service, inference.Service))
			return
		}
		state := bareEndpoint(endpoint.InferenceID)
		state.show(endpoint, "")
		state.Target = types.StringNull() // the next refresh learns it
		resp.Diagnostics.Append(resp.TargetState.Set(ctx, state)...)
		resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, endpointIdentity{state.InferenceID})...)
		if keys.IsZero() {
			resp.Diagnostics.Append(storeNoDigest(ctx, resp.TargetPrivate)...)
			return
		}
		resp.Diagnostics.Append(storeKeysDigest(ctx, resp.TargetPrivate, keys)...)
	}}}
}
