// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
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
	if capabilities.LocalRequests {
		// Terraform does not show warnings of the apply itself.
		p.diags.Append(r.data.warnOfSimulation(true)...)
	}
	keys, known := p.config.keys()
	if !known {
		return
	}
	if capabilities.LocalRequests {
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

// lifecycles returns the warnings about the lifecycle of models. It keeps them by
// model, because a plan needs them for every endpoint. It is safe for concurrent use.
type lifecycles struct {
	now   func() time.Time
	known sync.Map
}

type lifecycleKey struct {
	model string
	isNew bool
}

// warnings returns at most one warning about a model, at service_settings.model.
// isNew is set for endpoints that are created or replaced, and for runs of a model
// without an endpoint.
func (l *lifecycles) warnings(model string, isNew bool) validation.Violations {
	key := lifecycleKey{model, isNew}
	found, ok := l.known.Load(key)
	if !ok {
		found, _ = l.known.LoadOrStore(key, inference.LifecycleWarnings(model, l.now(), isNew))
	}
	violations, _ := found.(validation.Violations)
	return violations
}

// ofRun returns the warnings about the model of a run of an endpoint, at the id of
// the endpoint.
func (l *lifecycles) ofRun(endpoint inference.Endpoint) validation.Violations {
	var moved validation.Violations
	for _, violation := range l.warnings(endpoint.ServiceSettings.Model, false) {
		violation.Path = validation.Path(pathID.String())
		moved = append(moved, violation)
	}
	return moved
}

// warnOfModel adds a warning if the model of the planned endpoint is retired, near
// its end of life, or legacy and new to the endpoint, and if a new model needs an
// inference profile.
func (r *endpointResource) warnOfModel(p *endpointPlan) {
	model, isNew := p.priorEndpoint.ServiceSettings.Model, p.prior == nil || len(p.replaces) > 0
	if isNew {
		model = readObject(p.plan.ServiceSettings).string("model").Or("")
	}
	p.diags.Append(violationDiagnostics(r.data.lifecycles.warnings(model, isNew))...)
	if isNew {
		region := readObject(p.plan.ServiceSettings).string("region").Or("")
		p.diags.Append(violationDiagnostics(inference.ProfileWarnings(model, region))...)
	}
}
