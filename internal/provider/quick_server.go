package provider

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/tfvalue"
)

const endpointType = "inference_endpoint"

// quick answers what a command asks about every endpoint there is: is it valid,
// what has become of it, does it change. It asks the same parts of
// endpointResource as the framework does, but knows the schema's shape, where
// the framework finds it out anew for each attribute of each value. What is out
// of the ordinary it leaves to the framework: a value of another form, a
// configuration with a fault, a change, an import, what is not an endpoint.
type quick struct {
	server
	provider *inferenceProvider
}

// endpointShape fails where the schema has a type that a shape has not. That
// nothing else of the schema is lost, TestShapeHasAllOfTheSchema sees to.
var endpointShape = sync.OnceValues(func() (*shape, error) { return newShape(endpointSchema(context.Background())) })

// identityForm is that of endpointIdentity.
var identityForm = sync.OnceValues(func() (*tfvalue.Form, error) {
	return tfvalue.NewForm(map[string]attr.Type{"inference_id": types.StringType})
})

// resource is an endpoint's, with what the provider is configured for.
func (q quick) resource() *endpointResource { return &endpointResource{data: q.provider.data.Load()} }

// decoded is an object that is not null; it answers false for any other.
func decoded(ctx context.Context, form *tfvalue.Form, value *tfprotov6.DynamicValue) (map[string]attr.Value, bool) {
	if value == nil || len(value.MsgPack) == 0 {
		return nil, false
	}
	values, err := form.Decode(ctx, value.MsgPack)
	return values, err == nil && values != nil
}

func (q quick) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	if req.TypeName == endpointType && validEndpoint(ctx, req) {
		return &tfprotov6.ValidateResourceConfigResponse{}, nil
	}
	return q.server.ValidateResourceConfig(ctx, req)
}

func validEndpoint(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) bool {
	shape, err := endpointShape()
	if err != nil || req.ClientCapabilities == nil || !req.ClientCapabilities.WriteOnlyAttributesAllowed {
		return false
	}
	config, ok := decoded(ctx, shape.form, req.Config)
	return ok && shape.accepts(ctx, config) && len(endpointModelOf(config).validate()) == 0
}

// UpgradeResourceState reads a state of the current version; Terraform reads
// MessagePack with less effort than the JSON of its own state.
func (q quick) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	if shape, err := endpointShape(); err == nil && req.TypeName == endpointType && req.Version == endpointVersion {
		if state, ok := fromJSON(ctx, shape.form, req.RawState); ok {
			return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: state}, nil
		}
	}
	return q.server.UpgradeResourceState(ctx, req)
}

// fromJSON answers false for what is not of the form.
func fromJSON(ctx context.Context, form *tfvalue.Form, stored *tfprotov6.RawState) (*tfprotov6.DynamicValue, bool) {
	if stored == nil {
		return nil, false
	}
	values, err := form.DecodeJSON(ctx, stored.JSON)
	if err != nil {
		return nil, false
	}
	written, err := form.Encode(ctx, values)
	return &tfprotov6.DynamicValue{MsgPack: written}, err == nil
}
