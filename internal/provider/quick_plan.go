package provider

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// PlanResourceChange plans endpoints that are to be made, that stay as they are,
// and that are to go.
func (q quick) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	if req.TypeName != endpointType {
		return q.server.PlanResourceChange(ctx, req)
	}
	resource := q.resource()
	if call, ok := newQuickDestroy(ctx, req); ok {
		return call.response(null, resource.planDestroy(ctx, *call.planning.prior, call.planning.private)), nil
	}
	call, ok := newQuickPlan(ctx, req)
	if !ok {
		return q.server.PlanResourceChange(ctx, req)
	}
	resource.planEndpoint(ctx, &call.planning)
	planned, err := call.shape.form.Encode(ctx, call.planning.plan.values())
	return call.response(planned, call.planning.diags), err
}

type quickPlan struct {
	shape    *shape
	planning planning
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// null is how MessagePack writes it.
var null = []byte{0xc0}

func isNull(value *tfprotov6.DynamicValue) bool {
	return value != nil && slices.Equal(value.MsgPack, null)
}

// newQuick reads what every plan has.
func newQuick(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (call quickPlan, ok bool) {
	shape, err := endpointShape()
	private, own := readPrivateData(req.PriorPrivate)
	if err != nil || !own {
		return quickPlan{}, false
	}
	call = quickPlan{shape: shape}
	call.planning.private = private
	if call.private, err = private.bytes(); err != nil {
		return quickPlan{}, false
	}
	if call.identity, ok = identityAgain(ctx, req.PriorIdentity); !ok {
		return quickPlan{}, false
	}
	if isNull(req.PriorState) {
		return call, true
	}
	prior, held := decoded(ctx, shape.form, req.PriorState)
	model := endpointModelOf(prior)
	call.planning.prior = &model
	return call, held
}

// identityAgain answers false for what is no endpoint's identity.
func identityAgain(ctx context.Context, held *tfprotov6.ResourceIdentityData) (*tfprotov6.ResourceIdentityData, bool) {
	if held == nil || held.IdentityData == nil || isNull(held.IdentityData) {
		return &tfprotov6.ResourceIdentityData{IdentityData: &tfprotov6.DynamicValue{MsgPack: null}}, true
	}
	form, err := identityForm()
	if err != nil {
		return nil, false
	}
	values, ok := decoded(ctx, form, held.IdentityData)
	inferenceID, _ := values["inference_id"].(types.String)
	if !ok {
		return nil, false
	}
	return identityOf(ctx, inferenceID)
}

func newQuickDestroy(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (quickPlan, bool) {
	if !isNull(req.ProposedNewState) {
		return quickPlan{}, false
	}
	call, ok := newQuick(ctx, req)
	return call, ok && call.planning.prior != nil
}

// newQuickPlan answers false for a change: then what the schema computes is
// open, for its plan modifiers to decide.
func newQuickPlan(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (quickPlan, bool) {
	call, ok := newQuick(ctx, req)
	if !ok {
		return quickPlan{}, false
	}
	config, configured := decoded(ctx, call.shape.form, req.Config)
	planned, proposed := decoded(ctx, call.shape.form, req.ProposedNewState)
	if !configured || !proposed {
		return quickPlan{}, false
	}
	call.shape.change(config, planned, attributeShape.withoutWriteOnly)
	call.shape.change(config, planned, attributeShape.withDefaults)
	if prior := call.planning.prior; prior == nil {
		call.shape.change(config, planned, attributeShape.withUnknowns)
	} else if !equalValues(planned, prior.values()) {
		return quickPlan{}, false
	}
	call.planning.config, call.planning.plan = endpointModelOf(config), endpointModelOf(planned)
	return call, true
}

func equalValues(some, others map[string]attr.Value) bool {
	for name, value := range some {
		if !value.Equal(others[name]) {
			return false
		}
	}
	return true
}

func (c quickPlan) response(planned []byte, diags diag.Diagnostics) *tfprotov6.PlanResourceChangeResponse {
	return &tfprotov6.PlanResourceChangeResponse{
		PlannedState:    &tfprotov6.DynamicValue{MsgPack: planned},
		PlannedPrivate:  c.private,
		PlannedIdentity: c.identity,
		RequiresReplace: protocolPaths(c.planning.replaces),
		Diagnostics:     protocolDiagnostics(diags),
	}
}

// protocolPaths are in the order of their texts, and none is there twice.
func protocolPaths(paths path.Paths) []*tftypes.AttributePath {
	paths = slices.Clone(paths)
	slices.SortFunc(paths, func(a, b path.Path) int { return strings.Compare(a.String(), b.String()) })
	var same []*tftypes.AttributePath
	for _, one := range slices.CompactFunc(paths, path.Path.Equal) {
		same = append(same, protocolPath(one))
	}
	return same
}
