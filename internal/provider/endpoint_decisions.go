package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// decide lets the planner answer everything that differs from the state. It asks
// nothing of the target.
func (p *planning) decide(ctx context.Context, capabilities backend.Capabilities) []backend.Decision {
	changes := changesBetween(*p.prior, p.plan, p.config)
	keys := p.compareKeys(ctx)
	inPlace := p.plan.CredentialsRotation.ValueString() == rotateInPlace
	if keys == keysForgotten {
		keys, inPlace = sendAgain(capabilities, *p.prior, inPlace, &p.diags)
	}
	rotation, rotated := keys.change()
	if rotated {
		changes = append(changes, rotation)
	}
	configured, known := p.config.keys()
	decisions := capabilities.WithKeys(known && !configured.IsZero()).Plan(p.prior.endpoint(), changes, inPlace)
	p.report(decisions)
	if rotated {
		p.countRotation(rotation, backend.MostSevere(decisions))
	}
	return decisions
}

// report says what was decided, where a user would not expect it.
func (p *planning) report(decisions []backend.Decision) {
	for _, decision := range decisions {
		at := attributePath(decision.Path)
		switch decision.Action {
		case backend.Refuse:
			p.diags.AddAttributeError(at, located("Change cannot be made", at), decision.Reason)
		case backend.Replace:
			p.replaces.Append(at)
			if decision.Reason != "" {
				p.diags.AddAttributeWarning(at, located("Endpoint is replaced", at), decision.Reason)
			}
		case backend.InPlace:
		}
	}
}

// countRotation plans the revision: only it shows in a plan that it is the keys
// that change.
func (p *planning) countRotation(rotation backend.Change, worst backend.Action) {
	_, known := p.config.keys()
	switch {
	case worst == backend.Replace:
		p.plan.CredentialsRevision = types.Int64Unknown()
		p.replaces.Append(pathRevision)
	case !known || rotation.Kind == backend.Unknown:
		p.plan.CredentialsRevision = types.Int64Unknown()
	default:
		p.plan.CredentialsRevision = types.Int64Value(p.prior.CredentialsRevision.ValueInt64() + 1)
	}
}
