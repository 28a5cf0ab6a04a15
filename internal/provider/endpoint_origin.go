// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// credentialsSource returns the value of credentials_source for an endpoint.
func (d *providerData) credentialsSource(hasKeys bool) types.String {
	_, optional := d.target.(backend.OptionalKeys)
	switch {
	case hasKeys || !optional:
		return types.StringValue(sourceEndpoint)
	case d.ownCredentials:
		return types.StringValue(sourceProvider)
	}
	return types.StringValue(sourceDefaultChain)
}

// planOrigin plans where an endpoint that the apply creates or changes is written,
// and, if it gets keys, which credentials it has then.
func (p *endpointPlan) planOrigin(data *providerData, setsKeys bool) {
	p.plan.TargetAddress = types.StringValue(data.target.Address())
	if !setsKeys {
		return
	}
	keys, known := p.config.keys()
	_, optional := data.target.(backend.OptionalKeys)
	if !known && optional {
		p.plan.CredentialsSource = types.StringUnknown()
		return
	}
	p.plan.CredentialsSource = data.credentialsSource(!keys.IsZero())
}

// resolveOrigin sets what the plan left unknown, once the endpoint was given keys.
func (m *endpointModel) resolveOrigin(data *providerData, prior types.String, keys inference.Keys) {
	if m.TargetAddress.IsUnknown() {
		m.TargetAddress = types.StringValue(data.target.Address())
	}
	if m.CredentialsSource.IsUnknown() {
		m.CredentialsSource = data.credentialsSource(!keys.IsZero() || prior.ValueString() == sourceEndpoint)
	}
}

// readOrigin completes a state that was read. The address stays the one of the last
// change, because the machines of a team may reach one target at different
// addresses. It is not known after an import, a move, or in states of provider
// versions without these attributes.
func (m *endpointModel) readOrigin(ctx context.Context, data *providerData, moved bool) error {
	if moved || m.TargetAddress.IsNull() {
		m.TargetAddress = types.StringValue(data.target.Address())
	}
	hasKeys := m.CredentialsSource.ValueString() == sourceEndpoint
	if target, ok := data.target.(backend.OptionalKeys); ok && (moved || m.CredentialsSource.IsNull()) {
		var err error
		if hasKeys, err = target.HasKeys(ctx, m.InferenceID.ValueString()); err != nil {
			return err
		}
	}
	m.CredentialsSource = data.credentialsSource(hasKeys)
	return nil
}
