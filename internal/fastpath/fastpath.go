// SPDX-License-Identifier: MPL-2.0

// Package fastpath answers the calls that Terraform makes for every resource of
// a configuration without the plugin framework, where nothing about the resource
// is unusual.
//
// # Why
//
// For an endpoint that does not change, the framework spends 4.9 ms of CPU in
// the calls Validate, Upgrade, Read and Plan, on two cores at 1,000 endpoints;
// this package spends 0.19 ms ("make bench" compares both). The framework
// converts each value several times between MessagePack, a tree of its own and
// Go types, and resolves the type of every attribute by its path every time.
// A [Codec] and an index of the schema do that once per process.
//
// # What it bypasses
//
//   - ValidateResourceConfig of a valid configuration: required, read-only and
//     string validators of the schema, then [Operations.Valid].
//   - UpgradeResourceState of a state of the current schema version:
//     [Resource.UpgradeJSON] and decoding.
//   - ReadResource: decoding, then [Operations.Read], which the framework calls
//     through the resource's own Read as well.
//   - PlanResourceChange for a create, for no change, and for a destroy: write-only
//     attributes become null, defaults apply, computed attributes of a new
//     resource become unknown, then [Operations.Plan].
//
// Everything else is left to the framework: configurations with an error, plans
// with a change, imports, values of an unexpected type, unknown identities,
// private state that the provider did not write, and all other calls. The rules
// and the planner are the same code on both paths. What is duplicated is the
// framework's generic handling of schemas, and tests compare the responses of
// both paths byte by byte, for every configuration of the test suite, for random
// ones (a fuzz test), and for damaged states.
//
// # Switching it off
//
// INFERENCE_FASTPATH=off in the environment of the provider leaves every call to
// the framework. Results are the same; use it to rule out this package when
// looking for the cause of a problem.
package fastpath

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// EnvironmentVariable switches the fast path off if its value is Off.
const (
	EnvironmentVariable = "INFERENCE_FASTPATH"
	Off                 = "off"
)

// Enabled reports whether the environment leaves the fast path on.
func Enabled() bool { return os.Getenv(EnvironmentVariable) != Off }

// Values are the attributes of an object by name.
type Values = map[string]attr.Value

// Resource describes the resource type that is served on the fast path.
type Resource struct {
	TypeName string
	Schema   schema.Schema
	// IdentityAttribute is the name of the only attribute of the identity, a
	// string that the schema has under the same name.
	IdentityAttribute string
	// UpgradeJSON converts the JSON of states of the same schema version that former
	// versions of the provider wrote. It returns a current state unchanged.
	UpgradeJSON func(state []byte) []byte
	// Operations returns the operations of the configured provider.
	Operations func() Operations
}

// Operations are what the resource itself does in each call. The methods of the
// framework's resource interfaces call the same code.
type Operations interface {
	// Valid reports whether a configuration that satisfies the schema is valid
	// without warnings.
	Valid(config Values) bool
	// Read refreshes the state.
	Read(ctx context.Context, state Values, private PrivateState) (ReadResult, diag.Diagnostics)
	// Plan plans a create, or an update that changes nothing so far.
	Plan(ctx context.Context, plan *Plan)
	// PlanDestroy returns the diagnostics of a planned destroy.
	PlanDestroy(ctx context.Context, prior Values, private PrivateState) diag.Diagnostics
}

// ReadResult is the outcome of a read.
type ReadResult struct {
	// Removed means that the resource no longer exists.
	Removed bool
	// State is the new state; nil leaves the state as it is.
	State Values
}

// Plan is the input and the output of planning one resource.
type Plan struct {
	Config Values
	// Prior is nil for a create.
	Prior Values
	// Planned is the proposed new state, to be changed by the operation.
	Planned Values
	Private PrivateState
	// RequiresReplace are the attributes whose change replaces the resource.
	RequiresReplace path.Paths
	Diagnostics     diag.Diagnostics
}

// Server serves one resource type on the fast path and everything else through
// the server that it wraps.
type Server struct {
	FrameworkServer
	resource Resource
	index    *schemaIndex
	identity *Codec
}

// NewServer wraps a framework server. It returns an error if the schema has an
// attribute type that the fast path does not support.
func NewServer(framework FrameworkServer, resource Resource) (*Server, error) {
	index, err := newSchemaIndex(resource.Schema)
	if err != nil {
		return nil, err
	}
	identity, err := NewCodec(map[string]attr.Type{resource.IdentityAttribute: types.StringType})
	if err != nil {
		return nil, err
	}
	return &Server{framework, resource, index, identity}, nil
}

// msgpackNull is null in MessagePack.
var msgpackNull = []byte{0xc0}

func isNull(value *tfprotov6.DynamicValue) bool {
	return value != nil && slices.Equal(value.MsgPack, msgpackNull)
}

// decodeObject returns false if value is not an object of the codec's type, or is null.
func decodeObject(codec *Codec, value *tfprotov6.DynamicValue) (Values, bool) {
	if value == nil || len(value.MsgPack) == 0 {
		return nil, false
	}
	values, err := codec.Decode(value.MsgPack)
	return values, err == nil && values != nil
}

// ValidateResourceConfig answers for valid configurations.
func (s *Server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	if req.TypeName == s.resource.TypeName && req.ClientCapabilities != nil && req.ClientCapabilities.WriteOnlyAttributesAllowed {
		config, ok := decodeObject(s.index.codec, req.Config)
		if ok && s.index.valid(ctx, config) && s.resource.Operations().Valid(config) {
			return &tfprotov6.ValidateResourceConfigResponse{}, nil
		}
	}
	return s.FrameworkServer.ValidateResourceConfig(ctx, req)
}

// UpgradeResourceState answers for states of the current schema version. It
// returns MessagePack, which Terraform decodes faster than JSON.
func (s *Server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	if req.TypeName == s.resource.TypeName && req.Version == s.resource.Schema.Version && req.RawState != nil {
		if values, err := s.index.codec.DecodeJSON(s.resource.UpgradeJSON(req.RawState.JSON)); err == nil {
			if encoded, err := s.index.codec.Encode(values); err == nil {
				return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &tfprotov6.DynamicValue{MsgPack: encoded}}, nil
			}
		}
	}
	return s.FrameworkServer.UpgradeResourceState(ctx, req)
}

// ReadResource answers for states that a former run of the provider wrote.
func (s *Server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	if req.TypeName != s.resource.TypeName {
		return s.FrameworkServer.ReadResource(ctx, req)
	}
	state, ok := decodeObject(s.index.codec, req.CurrentState)
	private, known := decodePrivateState(req.Private)
	if !ok || !known || s.index.transform(state, state, nullWriteOnly) {
		return s.FrameworkServer.ReadResource(ctx, req)
	}
	identity, ok := s.identityOf(state)
	// The framework reports a malformed or changed identity.
	if current := req.CurrentIdentity; ok && current != nil && current.IdentityData != nil {
		ok = bytes.Equal(current.IdentityData.MsgPack, identity.IdentityData.MsgPack)
	}
	if !ok {
		return s.FrameworkServer.ReadResource(ctx, req)
	}
	return s.read(ctx, req, state, identity, private)
}

func (s *Server) read(ctx context.Context, req *tfprotov6.ReadResourceRequest, state Values, identity *tfprotov6.ResourceIdentityData, private PrivateState) (*tfprotov6.ReadResourceResponse, error) {
	result, diags := s.resource.Operations().Read(ctx, state, private)
	encodedPrivate, err := private.encode()
	if err != nil {
		return nil, err
	}
	resp := &tfprotov6.ReadResourceResponse{
		NewState: req.CurrentState, NewIdentity: identity, Private: encodedPrivate, Diagnostics: protocolDiagnostics(diags),
	}
	if result.State == nil && !result.Removed {
		return resp, nil
	}
	encoded, err := s.index.codec.Encode(result.State)
	resp.NewState = &tfprotov6.DynamicValue{MsgPack: encoded}
	return resp, err
}

// identityOf returns false if the state has no identity.
func (s *Server) identityOf(state Values) (*tfprotov6.ResourceIdentityData, bool) {
	name := s.resource.IdentityAttribute
	id, ok := state[name].(types.String)
	if !ok || id.IsNull() {
		return nil, false
	}
	encoded, err := s.identity.Encode(Values{name: id})
	return &tfprotov6.ResourceIdentityData{IdentityData: &tfprotov6.DynamicValue{MsgPack: encoded}}, err == nil
}

// priorIdentity decodes and encodes the prior identity again. It returns false if
// it is malformed.
func (s *Server) priorIdentity(prior *tfprotov6.ResourceIdentityData) (*tfprotov6.ResourceIdentityData, bool) {
	if prior == nil || prior.IdentityData == nil || isNull(prior.IdentityData) {
		return &tfprotov6.ResourceIdentityData{IdentityData: &tfprotov6.DynamicValue{MsgPack: msgpackNull}}, true
	}
	values, ok := decodeObject(s.identity, prior.IdentityData)
	if !ok {
		return nil, false
	}
	return s.identityOf(values)
}

// PlanResourceChange answers for creates, for plans without changes, and for
// destroys.
func (s *Server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	if req.TypeName != s.resource.TypeName {
		return s.FrameworkServer.PlanResourceChange(ctx, req)
	}
	resp, err := s.plan(ctx, req)
	if resp == nil && err == nil {
		return s.FrameworkServer.PlanResourceChange(ctx, req)
	}
	return resp, err
}

// plan returns neither a response nor an error if the framework has to plan.
func (s *Server) plan(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	plan := &Plan{}
	var ok bool
	if plan.Private, ok = decodePrivateState(req.PriorPrivate); !ok {
		return nil, nil
	}
	private, err := plan.Private.encode()
	if err != nil {
		return nil, nil //nolint:nilerr // the framework reports it
	}
	identity, ok := s.priorIdentity(req.PriorIdentity)
	if !ok {
		return nil, nil
	}
	if !isNull(req.PriorState) {
		if plan.Prior, ok = decodeObject(s.index.codec, req.PriorState); !ok {
			return nil, nil
		}
	}
	planned := msgpackNull
	if isNull(req.ProposedNewState) {
		if plan.Prior == nil {
			return nil, nil
		}
		plan.Diagnostics = s.resource.Operations().PlanDestroy(ctx, plan.Prior, plan.Private)
	} else {
		if !s.prepare(req, plan) {
			return nil, nil
		}
		s.resource.Operations().Plan(ctx, plan)
		if planned, err = s.index.codec.Encode(plan.Planned); err != nil {
			return nil, err
		}
	}
	return &tfprotov6.PlanResourceChangeResponse{
		PlannedState:    &tfprotov6.DynamicValue{MsgPack: planned},
		PlannedPrivate:  private,
		PlannedIdentity: identity,
		RequiresReplace: protocolPaths(plan.RequiresReplace),
		Diagnostics:     protocolDiagnostics(plan.Diagnostics),
	}, nil
}

// prepare does what the framework does before it calls the resource. It returns
// false if something changes: the framework then marks computed attributes as
// unknown and runs the plan modifiers of the schema.
func (s *Server) prepare(req *tfprotov6.PlanResourceChangeRequest, plan *Plan) bool {
	var configured, proposed bool
	plan.Config, configured = decodeObject(s.index.codec, req.Config)
	plan.Planned, proposed = decodeObject(s.index.codec, req.ProposedNewState)
	if !configured || !proposed {
		return false
	}
	s.index.transform(plan.Config, plan.Planned, nullWriteOnly)
	s.index.transform(plan.Config, plan.Planned, applyDefault)
	if plan.Prior == nil {
		s.index.transform(plan.Config, plan.Planned, markComputedUnknown)
		return true
	}
	for name, value := range plan.Planned {
		if !value.Equal(plan.Prior[name]) {
			return false
		}
	}
	return true
}

// protocolDiagnostics converts diagnostics to those of the protocol.
func protocolDiagnostics(diags diag.Diagnostics) []*tfprotov6.Diagnostic {
	var converted []*tfprotov6.Diagnostic
	for _, d := range diags {
		severity := tfprotov6.DiagnosticSeverityWarning
		if d.Severity() == diag.SeverityError {
			severity = tfprotov6.DiagnosticSeverityError
		}
		c := &tfprotov6.Diagnostic{Severity: severity, Summary: d.Summary(), Detail: d.Detail()}
		if withPath, ok := d.(diag.DiagnosticWithPath); ok {
			c.Attribute = protocolPath(withPath.Path())
		}
		converted = append(converted, c)
	}
	return converted
}

// protocolPath converts a path of attribute names and list indices.
func protocolPath(at path.Path) *tftypes.AttributePath {
	converted := tftypes.NewAttributePath()
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case path.PathStepAttributeName:
			converted = converted.WithAttributeName(string(step))
		case path.PathStepElementKeyInt:
			converted = converted.WithElementKeyInt(int(step))
		}
	}
	return converted
}

// protocolPaths converts paths, sorted by their text and without duplicates.
func protocolPaths(paths path.Paths) []*tftypes.AttributePath {
	paths = slices.Clone(paths)
	slices.SortFunc(paths, func(a, b path.Path) int { return strings.Compare(a.String(), b.String()) })
	var converted []*tftypes.AttributePath
	for _, p := range slices.CompactFunc(paths, path.Path.Equal) {
		converted = append(converted, protocolPath(p))
	}
	return converted
}
