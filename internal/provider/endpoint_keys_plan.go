package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/target"
)

// keysComparison says how the keys of the configuration stand to those that the
// target was given.
type keysComparison int

const (
	keysSame keysComparison = iota
	keysChanged
	// keysAsked: another version asks for them to be given, changed or not.
	keysAsked
	// keysForgotten: nobody knows any more what the target was given.
	keysForgotten
)

// compareKeys decides by the version where there is one, or else by the digest.
// Keys that are null or unknown, or that an import has found, are the same.
func compareKeys(ctx context.Context, prior, plan, config endpointModel, private privateReader) keysComparison {
	keys, known := config.keys()
	if !known || keys.IsZero() || plan.CredentialsVersion.IsUnknown() {
		return keysSame
	}
	if !plan.CredentialsVersion.IsNull() && !prior.CredentialsVersion.IsNull() {
		if plan.CredentialsVersion.Equal(prior.CredentialsVersion) {
			return keysSame
		}
		return keysAsked
	}
	digest, ok := readKeysDigest(ctx, private)
	switch {
	case ok && !digest.matches(keys):
		return keysChanged
	case !ok && !hasKeysDigest(ctx, private):
		return keysForgotten
	}
	return keysSame
}

// sendAgain decides about keys that were forgotten. Terraform drops the private
// data of an endpoint when the provider dies during an update: the digest is gone
// then, and with it the knowledge of whether that update gave the target new
// keys. Giving it those of the configuration once more does no harm, as long as
// the endpoint need not be replaced for it.
func sendAgain(capabilities target.Capabilities, prior endpointModel, inPlace bool, diags *diag.Diagnostics) (keysComparison, bool) {
	again := []target.Change{{Path: target.PathKeys, How: target.Modified}}
	at := attributePath(target.PathKeys)
	if target.Worst(capabilities.Plan(prior.endpoint(), again, true)) == target.InPlace {
		diags.AddAttributeWarning(at, located("AWS keys are sent again", target.PathKeys),
			"An update was cut off, and whether the endpoint has the keys of the configuration is not known since. They are sent once more, in place.")
		return keysChanged, true
	}
	diags.AddAttributeWarning(at, located("AWS keys may be old ones", target.PathKeys),
		"An update was cut off, and whether the endpoint has the keys of the configuration is not known since. "+capabilities.Name+" cannot take them in place. "+
			"If they have changed since they were applied last, replace the endpoint: terraform apply -replace=ADDRESS.")
	return keysSame, inPlace
}
