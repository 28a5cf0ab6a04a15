package provider

import (
	"context"
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// changesKeys reports whether a decision gives the endpoint other keys.
func changesKeys(decisions []backend.Decision) bool {
	return slices.ContainsFunc(decisions, func(d backend.Decision) bool {
		return d.Path == backend.PathKeys || d.Path == backend.PathKeysVersion
	})
}

// checkModel adds the errors that the model of a planned endpoint would cause at
// apply: those that are known without a call, if the target calls the model with
// the provider's own settings, and with preflight those of a trial call. It does
// nothing if the plan has an error already, or while a value is unknown.
func (r *endpointResource) checkModel(ctx context.Context, p *endpointPlan, config inference.Config, capabilities backend.Capabilities) {
	if p.diags.HasError() {
		return
	}
	if capabilities.OwnRequests {
		// Terraform does not show warnings of the apply itself.
		p.diags.Append(r.data.warnOfSimulation(true)...)
	}
	keys, known := p.config.keys()
	if !known {
		return
	}
	if capabilities.OwnRequests {
		if err := r.data.runner.Check(keys); err != nil {
			p.diags.Append(runDiagnostics(pathService, err)...)
			return
		}
	}
	service := config.ServiceSettings
	if r.data.preflight == nil || !config.TaskType.IsGiven() || !service.Region.IsGiven() || !service.Provider.IsGiven() || !service.Model.IsGiven() {
		return
	}
	p.diags.Append(r.data.warnOfSimulation(false)...) // a simulated call proves nothing
	found, err := r.data.preflight.Check(ctx, config.Endpoint(), keys)
	if err != nil {
		p.diags.Append(runDiagnostics(pathService, err)...)
	}
	p.diags.Append(violationDiagnostics(found)...)
}
