// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// planCreate plans a new endpoint, or the second step of a replacement.
func (r *endpointResource) planCreate(ctx context.Context, p *endpointPlan, config inference.Config, capabilities backend.Capabilities, checkID func() idCheck) {
	p.diags.Append(r.data.warnOfImplicitTarget()...)
	p.diags.Append(violationDiagnostics(capabilities.CheckKeys(config))...)
	if id, err := r.data.target.ID(ctx); err == nil {
		p.plan.Target = types.StringValue(id)
	}
	p.planOrigin(r.data, true)
	id := checkID()
	p.diags.Append(id.diags...)
	r.planDimensions(ctx, p, config, id.exists)
	if !r.data.rotations.deletedHere(p.plan.InferenceID) {
		r.checkModel(ctx, p, config, capabilities)
	}
	if hasPrivateState(ctx, p.private) {
		return // the second step of a replacement: the first one has checked the id
	}
	p.planFirstRevision(r.data)
	r.checkDuplicates(p, id.exists)
}

// idCheck is whether the target has an endpoint of an id.
type idCheck struct {
	exists bool
	diags  diag.Diagnostics
}

// checkID checks whether the target has an endpoint of this id. An unreachable
// target may be reachable at apply, and gets no further request in this run.
func (r *endpointResource) checkID(ctx context.Context, inferenceID types.String) idCheck {
	if inferenceID.IsUnknown() || r.data.unreachable.Load() {
		return idCheck{}
	}
	exists, err := r.data.target.Exists(ctx, inferenceID.ValueString())
	switch {
	case backend.Is(err, backend.Unreachable):
		r.data.unreachable.Store(true)
		return idCheck{}
	case err != nil:
		return idCheck{diags: errorDiagnostics("Checking whether the id is free", err)}
	}
	return idCheck{exists: exists}
}

// checkDuplicates reports that the id of a new endpoint is taken: by another
// resource of the configuration, by a resource that was renamed, or by an endpoint
// that this configuration does not manage.
func (r *endpointResource) checkDuplicates(p *endpointPlan, exists bool) {
	if p.plan.InferenceID.IsUnknown() {
		return
	}
	id := p.plan.InferenceID.ValueString()
	if r.data.known.isKept(id) && !r.data.known.isCreated(id) {
		p.diags.Append(duplicateOfState(id))
		return
	}
	if r.data.planned.add(p.plan) {
		// It is a warning because Terraform does not name the resource that it
		// plans: it may be the same resource, planned again.
		p.diags.AddAttributeWarning(pathID, "Duplicate inference_id",
			fmt.Sprintf("Another resource of this plan creates an inference endpoint %q with other settings. Ids are unique on a target: "+
				"the apply will create the first endpoint and fail at the second. Write another inference_id.", id))
	}
	if !exists || r.data.known.isCreated(id) {
		return
	}
	detail := fmt.Sprintf("The target has an inference endpoint %q, so the apply cannot create it, unless the same apply deletes it first. %s", id, moveAdvice)
	if _, managed := r.data.known.state(id); managed {
		detail += " If the resource itself is tainted, its endpoint is deleted first, and nothing is wrong."
	} else {
		detail += fmt.Sprintf("\n\nIf no resource manages the endpoint, it was created elsewhere or by an interrupted run. To manage it, import it:\n\n  terraform import inference_endpoint.NAME %s\n\n"+
			"If the resource itself is tainted, its endpoint is deleted first, and nothing is wrong.", id)
	}
	p.diags.AddAttributeWarning(pathID, alreadyExists, detail)
}

const (
	alreadyExists = "Inference endpoint already exists"
	// moveAdvice is the most likely remedy if an id is taken.
	moveAdvice = "If the resource was renamed, moved into a module, or given count or for_each, add a moved block, so that the endpoint only gets the new address:\n\n" +
		"  moved {\n    from = inference_endpoint.OLD\n    to   = inference_endpoint.NEW\n  }\n\n" +
		"If two resources have this inference_id, change it in one of them."
)

// duplicateOfState is the error of a new endpoint whose id another resource of the
// same configuration has and keeps.
func duplicateOfState(id string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(pathID, alreadyExists,
		fmt.Sprintf("Another resource of this configuration already manages inference endpoint %q. Ids are unique on a target: write another inference_id in one of the two resources.", id))
}

// planDimensions plans the dimensions of an endpoint that takes the place of one
// with the same model, so that a replacement does not change what is built from
// them. Apart from the endpoints in the state, it knows an endpoint that exists
// on the target: with create_before_destroy, an apply has not seen the old one.
func (r *endpointResource) planDimensions(ctx context.Context, p *endpointPlan, config inference.Config, exists bool) {
	id, known := config.InferenceID.Known()
	if !known || !isSet(p.plan.ServiceSettings) {
		return
	}
	old, ok := r.data.known.state(id)
	if !ok && exists {
		var err error
		old, err = r.data.target.Get(ctx, id)
		ok = err == nil
	}
	planned := p.plan.endpoint()
	was, will := old.ServiceSettings, planned.ServiceSettings
	if !ok || old.TaskType != planned.TaskType || was.Provider != will.Provider || was.Model != will.Model || was.Region != will.Region {
		return
	}
	if was.Dimensions > 0 {
		p.plan.resolveService(map[string]attr.Value{"dimensions": wholeNumber(was.Dimensions)})
	}
}

// planFirstRevision plans the credentials_revision of a new endpoint: it begins at
// 1. It stays unknown if the state has, or had, an endpoint of the same id, whose
// revisions the new one continues.
func (p *endpointPlan) planFirstRevision(data *providerData) {
	if p.plan.InferenceID.IsUnknown() {
		return
	}
	id := p.plan.InferenceID.ValueString()
	keys, known := p.config.keys()
	_, seen := data.known.state(id)
	switch {
	case data.rotations.deletedHere(p.plan.InferenceID) && known:
		p.plan.CredentialsRevision = wholeNumber(data.rotations.next(id, p.plan.CredentialsVersion, keys))
	case !seen:
		p.plan.CredentialsRevision = wholeNumber(1)
	}
}
