// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// plan is the planned change of the endpoint: a create, an update, a destroy, or a
// replacement, which is a destroy and a create.
type plan struct {
	destroys       bool
	destroy        plannedState
	createOrUpdate *plannedState // of a create or an update
}

func (p plan) isEmpty() bool { return !p.destroys && p.createOrUpdate == nil }

// plannedState is a planned state with its private data.
type plannedState struct {
	value    tftypes.Value
	private  []byte
	replaces bool
}

// plan compares the configuration with the state.
func (s session) plan() (plan, []*tfprotov6.Diagnostic) {
	s.w.t.Helper()
	state := s.w.state
	switch {
	case s.w.config == nil && state == nil:
		return plan{}, nil
	case s.w.config == nil:
		destroy, found := s.planChange(state, nil)
		return plan{destroys: true, destroy: destroy}, found
	case state == nil:
		create, found := s.planChange(nil, nil)
		return plan{createOrUpdate: &create}, found
	case state.tainted:
		create, found := s.planChange(nil, state.private)
		return plan{destroys: true, destroy: plannedState{value: s.nullState(), private: state.private}, createOrUpdate: &create}, found
	}
	update, found := s.planChange(state, nil)
	if len(errorsOf(found)) > 0 {
		return plan{}, found
	}
	if update.replaces {
		create, more := s.planChange(nil, update.private)
		return plan{destroys: true, destroy: plannedState{value: s.nullState(), private: create.private}, createOrUpdate: &create}, append(found, more...)
	}
	if update.value.Equal(state.value) {
		return plan{}, found
	}
	return plan{createOrUpdate: &update}, found
}

// planChange calls PlanResourceChange.
func (s session) planChange(prior *stateInstance, private []byte) (plannedState, []*tfprotov6.Diagnostic) {
	s.w.t.Helper()
	before, identity := s.nullState(), (*tfprotov6.ResourceIdentityData)(nil)
	if prior != nil {
		before, private, identity = prior.value, prior.private, prior.identity
	}
	config := s.configValue()
	proposed := s.nullState()
	if s.w.config != nil {
		proposed = proposedNewState(s.endpointSchema().Block.Attributes, before, config)
	}
	resp, err := s.server.PlanResourceChange(s.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: endpointType, PriorState: s.encode(before), ProposedNewState: s.encode(proposed), Config: s.encode(config),
		PriorPrivate: private, PriorIdentity: identity,
	})
	found := s.recordDiagnostics(resp.Diagnostics, err)
	if len(errorsOf(found)) > 0 {
		return plannedState{}, found
	}
	s.w.recorded.add(string(resp.PlannedPrivate), decodedValues(resp.PlannedPrivate))
	return plannedState{s.decode(resp.PlannedState), resp.PlannedPrivate, len(resp.RequiresReplace) > 0}, found
}

// proposedNewState merges the configuration into the prior state, as Terraform does before
// it calls a provider: computed attributes that are not configured keep their value,
// and write-only attributes become null.
func proposedNewState(attributes []*tfprotov6.SchemaAttribute, prior, config tftypes.Value) tftypes.Value {
	if config.IsNull() || !config.IsKnown() {
		return config
	}
	before, configured := attributesOf(prior), attributesOf(config)
	merged := map[string]tftypes.Value{}
	for _, attribute := range attributes {
		name, typ := attribute.Name, attribute.ValueType()
		previous, ok := before[name]
		if !ok {
			previous = tftypes.NewValue(typ, nil)
		}
		switch {
		case attribute.WriteOnly:
			merged[name] = tftypes.NewValue(typ, nil)
		case configured[name].IsNull() && attribute.Computed:
			merged[name] = previous
		case attribute.NestedType != nil:
			merged[name] = proposedNewState(attribute.NestedType.Attributes, previous, configured[name])
		default:
			merged[name] = configured[name]
		}
	}
	return tftypes.NewValue(config.Type(), merged)
}

// attributesOf returns the attributes of an object, or nil if it is null or unknown.
func attributesOf(value tftypes.Value) map[string]tftypes.Value {
	attributes := map[string]tftypes.Value{}
	if value.IsNull() || !value.IsKnown() || value.As(&attributes) != nil {
		return nil
	}
	return attributes
}

// conformsToPlan reports whether a new state conforms to the plan, as Terraform requires.
func conformsToPlan(planned, got tftypes.Value) bool {
	if !planned.IsKnown() {
		return got.IsFullyKnown()
	}
	inner := attributesOf(planned)
	if inner == nil || got.IsNull() {
		return planned.Equal(got)
	}
	result := attributesOf(got)
	for name, value := range inner {
		if !conformsToPlan(value, result[name]) {
			return false
		}
	}
	return true
}

// stateText returns one value of the state as text, or "" if there is no endpoint.
func (w *workspace) stateText(path ...string) string {
	w.t.Helper()
	if w.state == nil {
		return ""
	}
	value := w.state.value
	for _, name := range path {
		value = attributesOf(value)[name]
	}
	_, text, _ := strings.Cut(value.String(), "<")
	return strings.Trim(strings.TrimSuffix(text, ">"), `"`)
}

// decodedValues returns the decoded values of private data, which is a JSON object with
// base64 values.
func decodedValues(private []byte) string {
	var values map[string][]byte
	var text strings.Builder
	if json.Unmarshal(private, &values) == nil {
		for _, value := range values {
			text.Write(value)
		}
	}
	return text.String()
}
