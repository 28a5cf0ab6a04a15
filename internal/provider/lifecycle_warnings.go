package provider

import (
	"sync"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// lifecycles returns the warnings about the lifecycle of models. It keeps them by
// model, because a plan asks for every endpoint. It is safe for concurrent use.
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
		var violations validation.Violations
		if violation, warns := inference.LifecycleWarning(model, l.now(), isNew); warns {
			violations = append(violations, violation)
		}
		found, _ = l.known.LoadOrStore(key, violations)
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

// warnOfLifecycle adds a warning if the model of the planned endpoint is retired,
// near its end of life, or legacy and new to the endpoint.
func (r *endpointResource) warnOfLifecycle(p *endpointPlan) {
	model, isNew := p.priorEndpoint.ServiceSettings.Model, p.prior == nil || len(p.replaces) > 0
	if isNew {
		model = readObject(p.plan.ServiceSettings).string("model").Or("")
	}
	p.diags.Append(violationDiagnostics(r.data.lifecycles.warnings(model, isNew))...)
}
