package provider_test

import (
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// plan is the planned change of the endpoint.
type plan struct {
	deletes bool
	destroy proposal
	makes   *proposal // also an update
}

func (p plan) isEmpty() bool { return !p.deletes && p.makes == nil }

// proposal is a planned state.
type proposal struct {
	value    tftypes.Value
	private  []byte
	replaces bool
}

// plan compares the configuration with the state.
func (s session) plan() (plan, []*tfprotov6.Diagnostic) {
	s.w.t.Helper()
	held := s.w.held
	switch {
	case s.w.config == nil && held == nil:
		return plan{}, nil
	case s.w.config == nil:
		destroy, found := s.propose(held, nil)
		return plan{deletes: true, destroy: destroy}, found
	case held == nil:
		create, found := s.propose(nil, nil)
		return plan{makes: &create}, found
	case held.tainted:
		create, found := s.propose(nil, held.private)
		return plan{deletes: true, destroy: proposal{value: s.nothing(), private: held.private}, makes: &create}, found
	}
	update, found := s.propose(held, nil)
	if len(errorsOf(found)) > 0 {
		return plan{}, found
	}
	if update.replaces {
		create, more := s.propose(nil, update.private)
		return plan{deletes: true, destroy: proposal{value: s.nothing(), private: create.private}, makes: &create}, append(found, more...)
	}
	if update.value.Equal(held.value) {
		return plan{}, found
	}
	return plan{makes: &update}, found
}

// propose calls PlanResourceChange.
func (s session) propose(prior *instance, private []byte) (proposal, []*tfprotov6.Diagnostic) {
	s.w.t.Helper()
	before, identity := s.nothing(), (*tfprotov6.ResourceIdentityData)(nil)
	if prior != nil {
		before, private, identity = prior.value, prior.private, prior.identity
	}
	config := s.configValue()
	proposed := s.nothing()
	if s.w.config != nil {
		proposed = proposedNew(s.schemaOf().Block.Attributes, before, config)
	}
	resp, err := s.server.PlanResourceChange(s.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: endpointType, PriorState: s.encode(before), ProposedNewState: s.encode(proposed), Config: s.encode(config),
		PriorPrivate: private, PriorIdentity: identity,
	})
	found := s.tell(resp.Diagnostics, err)
	if len(errorsOf(found)) > 0 {
		return proposal{}, found
	}
	s.w.seen.add(string(resp.PlannedPrivate), decodedValues(resp.PlannedPrivate))
	return proposal{s.decode(resp.PlannedState), resp.PlannedPrivate, len(resp.RequiresReplace) > 0}, found
}

// proposedNew merges the configuration into the prior state, as Terraform does before
// it calls a provider: computed attributes that are not configured keep their value,
// and write-only attributes become null.
func proposedNew(attributes []*tfprotov6.SchemaAttribute, prior, config tftypes.Value) tftypes.Value {
	if config.IsNull() || !config.IsKnown() {
		return config
	}
	before, wanted := attributesOf(prior), attributesOf(config)
	merged := map[string]tftypes.Value{}
	for _, attribute := range attributes {
		name, typ := attribute.Name, attribute.ValueType()
		held, ok := before[name]
		if !ok {
			held = tftypes.NewValue(typ, nil)
		}
		switch {
		case attribute.WriteOnly:
			merged[name] = tftypes.NewValue(typ, nil)
		case wanted[name].IsNull() && attribute.Computed:
			merged[name] = held
		case attribute.NestedType != nil:
			merged[name] = proposedNew(attribute.NestedType.Attributes, held, wanted[name])
		default:
			merged[name] = wanted[name]
		}
	}
	return tftypes.NewValue(config.Type(), merged)
}

func attributesOf(value tftypes.Value) map[string]tftypes.Value {
	attributes := map[string]tftypes.Value{}
	if value.IsNull() || !value.IsKnown() || value.As(&attributes) != nil {
		return nil
	}
	return attributes
}

// agrees reports whether a result is what was planned, as Terraform requires.
func agrees(planned, got tftypes.Value) bool {
	if !planned.IsKnown() {
		return got.IsFullyKnown()
	}
	inner := attributesOf(planned)
	if inner == nil || got.IsNull() {
		return planned.Equal(got)
	}
	result := attributesOf(got)
	for name, value := range inner {
		if !agrees(value, result[name]) {
			return false
		}
	}
	return true
}

// at returns one value of the state as text, or "" if there is no endpoint.
func (w *workspace) at(path ...string) string {
	w.t.Helper()
	if w.held == nil {
		return ""
	}
	value := w.held.value
	for _, name := range path {
		value = attributesOf(value)[name]
	}
	_, text, _ := strings.Cut(value.String(), "<")
	return strings.Trim(strings.TrimSuffix(text, ">"), `"`)
}

// decodedValues are the values of private data, which is JSON with base64 in it.
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
