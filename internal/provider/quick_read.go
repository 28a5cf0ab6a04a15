package provider

import (
	"bytes"
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func (q quick) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	if req.TypeName == endpointType {
		if call, ok := newQuickRead(ctx, req); ok {
			return call.answer(ctx, q.resource())
		}
	}
	return q.server.ReadResource(ctx, req)
}

// quickRead is a call to read an endpoint that an earlier run made or read, and
// left as it should be.
type quickRead struct {
	shape    *shape
	state    *tfprotov6.DynamicValue
	model    endpointModel
	identity *tfprotov6.ResourceIdentityData
	private  privateData
}

func newQuickRead(ctx context.Context, req *tfprotov6.ReadResourceRequest) (quickRead, bool) {
	shape, err := endpointShape()
	if err != nil {
		return quickRead{}, false
	}
	state, ok := decoded(ctx, shape.form, req.CurrentState)
	private, own := readPrivateData(req.Private)
	if !ok || !own || shape.change(state, state, attributeShape.withoutWriteOnly) {
		return quickRead{}, false
	}
	call := quickRead{shape: shape, state: req.CurrentState, model: endpointModelOf(state), private: private}
	call.identity, ok = identityOf(ctx, call.model.InferenceID)
	// An identity that is none, or that changes, is a fault that the framework reports.
	if held := req.CurrentIdentity; ok && held != nil && held.IdentityData != nil {
		ok = bytes.Equal(held.IdentityData.MsgPack, call.identity.IdentityData.MsgPack)
	}
	return call, ok
}

func identityOf(ctx context.Context, inferenceID types.String) (*tfprotov6.ResourceIdentityData, bool) {
	form, err := identityForm()
	if err != nil || inferenceID.IsNull() {
		return nil, false
	}
	written, err := form.Encode(ctx, map[string]attr.Value{"inference_id": inferenceID})
	return &tfprotov6.ResourceIdentityData{IdentityData: &tfprotov6.DynamicValue{MsgPack: written}}, err == nil
}

func (c quickRead) answer(ctx context.Context, resource *endpointResource) (*tfprotov6.ReadResourceResponse, error) {
	outcome, diags := resource.read(ctx, &c.model, c.private)
	private, err := c.private.bytes()
	if err != nil {
		return nil, err
	}
	resp := &tfprotov6.ReadResourceResponse{NewState: c.state, NewIdentity: c.identity, Private: private, Diagnostics: protocolDiagnostics(diags)}
	var shown map[string]attr.Value // null, of what is gone
	switch outcome {
	case readNothing:
		return resp, nil
	case readShown:
		shown = c.model.values()
	case readGone:
	}
	written, err := c.shape.form.Encode(ctx, shown)
	resp.NewState = &tfprotov6.DynamicValue{MsgPack: written}
	return resp, err
}
