// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

var (
	pathRotation = path.Root("credentials_rotation")
	// keysChange is a change of the AWS keys.
	keysChange = backend.Change{Path: backend.PathKeys, Kind: backend.Modified}
)

// planRotationSetting plans credentials_rotation where the configuration leaves it
// out. States of provider versions with the default "replace" keep that value, so
// that they plan no change; only the configuration decides how keys are rotated.
func (p *endpointPlan) planRotationSetting() {
	if !p.config.CredentialsRotation.IsNull() {
		return
	}
	p.plan.CredentialsRotation = types.StringNull()
	if p.prior != nil && p.prior.CredentialsRotation.ValueString() == rotateByReplacing {
		p.plan.CredentialsRotation = p.prior.CredentialsRotation
	}
}

// warnOfRotation warns, when "in_place" is first planned, that the target cannot
// change the keys of the endpoint in place. A rotation would be refused.
func (p *endpointPlan) warnOfRotation(capabilities backend.Capabilities) {
	if p.config.CredentialsRotation.ValueString() != rotateInPlace || p.prior != nil && p.prior.CredentialsRotation.ValueString() == rotateInPlace {
		return
	}
	planned := capabilities.Plan(p.plan.endpoint(), []backend.Change{keysChange}, true)
	if backend.MostSevere(planned) == backend.Refuse {
		p.diags.AddAttributeWarning(pathRotation, "Keys cannot be rotated in place",
			fmt.Sprintf("%s A plan that rotates the keys of this endpoint will be refused. Remove credentials_rotation, or upgrade the target before the keys are rotated.", planned[0].Reason))
	}
}

// rotatesInPlace reports whether changed keys are to be sent to the existing
// endpoint. If credentials_rotation is left out, they are where the target would
// refuse to delete the endpoint because it is in use, and can update it instead.
func (r *endpointResource) rotatesInPlace(ctx context.Context, p *endpointPlan, capabilities backend.Capabilities, keys backend.Change, others []backend.Change) bool {
	if !p.config.CredentialsRotation.IsNull() {
		return p.config.CredentialsRotation.ValueString() == rotateInPlace
	}
	if p.prior.ForceDestroy.ValueBool() || backend.MostSevere(capabilities.Plan(p.priorEndpoint, others, false)) == backend.Replace {
		return false
	}
	if !r.inUse(ctx, p) || backend.MostSevere(capabilities.Plan(p.priorEndpoint, append(others, keys), true)) != backend.InPlace {
		return false
	}
	at := attributePath(keys.Path)
	p.diags.AddAttributeWarning(at, located("AWS keys are changed in place", at),
		fmt.Sprintf("%sInference endpoint %s is used by %s, so the target would refuse to delete it. The keys are changed in place instead.",
			rotationCause(keys), p.priorEndpoint.InferenceID, p.use.references))
	return true
}

// refuseRotation returns an error if only a rotation of the keys replaces the
// endpoint, and the target would refuse to delete it because it is in use.
func (r *endpointResource) refuseRotation(ctx context.Context, p *endpointPlan, capabilities backend.Capabilities, decisions []backend.Decision) (refused bool) {
	for _, decision := range decisions {
		if decision.Action == backend.Replace && !isKeys(decision.Change) {
			return false
		}
	}
	if p.prior.ForceDestroy.ValueBool() || !r.inUse(ctx, p) {
		return false
	}
	cause := "credentials_rotation is \"replace\""
	remedy := "Remove credentials_rotation or write \"in_place\", so that the endpoint is not deleted; "
	if inPlace := capabilities.Plan(p.priorEndpoint, []backend.Change{keysChange}, true); backend.MostSevere(inPlace) != backend.InPlace {
		cause = inPlace[0].Reason[:len(inPlace[0].Reason)-1]
		remedy = "Upgrade the target to a version that can change the keys in place; "
	}
	detail := fmt.Sprintf("The AWS keys changed. Inference endpoint %s is used by %s, so the target would refuse to delete it; and %s. %s"+
		"or remove those references first; or apply force_destroy = true first, which leaves them broken until the endpoint exists again.",
		p.priorEndpoint.InferenceID, p.use.references, cause, remedy)
	if p.plan.ForceDestroy.ValueBool() {
		detail += " In this plan, force_destroy = true is not applied yet when the old endpoint is deleted: apply it without the new keys."
	}
	at := attributePath(backend.PathKeys)
	p.diags.AddAttributeError(at, located("AWS keys cannot be rotated", at), detail)
	return true
}

func isKeys(change backend.Change) bool {
	return change.Path == backend.PathKeys || change.Path == backend.PathKeysVersion
}

// rotationCause says why the keys count as changed.
func rotationCause(change backend.Change) string {
	switch {
	case change.Path == backend.PathKeysVersion && change.Kind == backend.Unknown:
		return "credentials_version is not known before apply, and counts as changed. "
	case change.Path == backend.PathKeysVersion:
		return "credentials_version changed, so the endpoint is given the configured AWS keys. "
	case change.Kind == backend.Unknown:
		return "The AWS keys are not known before apply, and count as changed; set credentials_version to decide instead. "
	}
	if change.Kind == backend.Added {
		return "AWS keys were added to an endpoint that has none of its own. "
	}
	return "The AWS keys changed. "
}

// decisionText returns the reason of a decision. For keys, it adds why they count
// as changed and which setting decides otherwise.
func decisionText(decision backend.Decision, capabilities backend.Capabilities) string {
	if decision.Reason == "" || !isKeys(decision.Change) {
		return decision.Reason
	}
	text := rotationCause(decision.Change) + decision.Reason
	switch {
	case decision.Action == backend.Refuse:
		return text + " Set credentials_rotation = \"replace\", or remove it, so that the endpoint is recreated with the new keys; or upgrade the target."
	case capabilities.Update.Keys:
		return text + " Set credentials_rotation = \"in_place\" to update it instead."
	}
	return text
}
