// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// endpointUse is what uses an endpoint.
type endpointUse struct {
	references backend.References
	err        error
}

// readUse reads once per plan from the target what uses the endpoint.
func (r *endpointResource) readUse(ctx context.Context, p *endpointPlan) endpointUse {
	if p.use == nil {
		references, err := r.data.target.References(ctx, p.priorEndpoint)
		p.use = &endpointUse{references, err}
	}
	return *p.use
}

// inUse reports whether it is known that something uses the endpoint. It sends no request
// to a target other than that of the endpoint.
func (r *endpointResource) inUse(ctx context.Context, p *endpointPlan) bool {
	if !r.data.ready() || r.requireTarget(ctx, *p.prior, p.private).HasError() {
		return false
	}
	use := r.readUse(ctx, p)
	return use.err == nil && !use.references.IsZero()
}

// warnOfUse names what uses an endpoint that the plan destroys or replaces. If
// this cannot be read, it warns too: the target itself refuses to delete an
// endpoint in use.
func (r *endpointResource) warnOfUse(ctx context.Context, prior endpointModel, replacement *endpointPlan) diag.Diagnostics {
	endpoint := prior.endpoint()
	action := "destroyed"
	var successor *endpointModel
	if replacement == nil {
		replacement = &endpointPlan{priorEndpoint: endpoint}
	} else {
		action, successor = "replaced", &replacement.plan
	}
	use := r.readUse(ctx, replacement)
	references, err := use.references, use.err
	switch {
	case err != nil:
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(pathID, "Use of the endpoint is not known",
			fmt.Sprintf("Inference endpoint %q is going to be %s, and it could not be read whether anything uses it. %s", endpoint.InferenceID, action, err))}
	case references.IsZero():
		return nil
	}
	var diags diag.Diagnostics
	if successor != nil {
		if diags = r.predictRecreation(ctx, replacement, references); diags.HasError() {
			return diags
		}
	}
	detail := fmt.Sprintf("Inference endpoint %q is used by %s.", endpoint.InferenceID, references)
	switch {
	case prior.ForceDestroy.ValueBool():
		detail += " It is " + action + " nevertheless, because force_destroy is true."
	case successor != nil && successor.ForceDestroy.ValueBool():
		detail += " The target will refuse to delete it: force_destroy = true is not applied yet when the old endpoint is deleted. Apply it first, without the other changes."
	default:
		detail += " The target will refuse to delete it. Remove those references first, or apply force_destroy = true, which leaves them broken until an endpoint of that id exists again."
	}
	if successor != nil && endpoint.TaskType == inference.TextEmbedding && endpoint.ServiceSettings.Model != successor.endpoint().ServiceSettings.Model {
		detail += " The vectors of the new endpoint cannot be compared with those stored so far, which " + endpoint.ServiceSettings.Model + " made. Index the documents again."
	}
	diags.AddAttributeWarning(pathID, "Endpoint in use is "+action, detail)
	return diags
}

// predictRecreation returns an error if the target would refuse to create the
// endpoint again after it has deleted it, and a warning if this is not known yet.
func (r *endpointResource) predictRecreation(ctx context.Context, p *endpointPlan, references backend.References) (diags diag.Diagnostics) {
	capabilities, err := r.data.target.Capabilities(ctx)
	if err != nil {
		return nil // planEndpoint has reported it
	}
	// The plan still holds the state's dimensions and similarity, but the target
	// chooses those of the new endpoint.
	planned, similarity := p.plan.endpoint(), readObject(p.config.ServiceSettings).string("similarity")
	planned.ServiceSettings.Dimensions, planned.ServiceSettings.Similarity = 0, similarity.Or("")
	if similarity.IsUnknown() {
		planned.TaskType = "" // the outcome is not known
	}
	switch risk, reason := capabilities.PredictRecreation(p.priorEndpoint, planned, references); risk {
	case backend.RecreationRefused:
		diags.AddAttributeError(pathID, "Endpoint cannot be recreated", reason)
	case backend.RecreationUnknown:
		diags.AddAttributeWarning(pathID, "Endpoint may not be recreated", reason)
	case backend.RecreationSafe:
	}
	return diags
}
