package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// keysComparison says how the keys of the configuration stand to those that the
// target was given.
type keysComparison int

const (
	keysSame keysComparison = iota
	keysChanged
	// keysOpen: they are not known before apply.
	keysOpen
	// keysAsked: another version asks for them to be given, changed or not.
	keysAsked
	// keysAskedOpen: whether the version is another is not known before apply.
	keysAskedOpen
	// keysForgotten: nobody knows any more what the target was given.
	keysForgotten
)

// change is what the planner is asked about; it answers false where the keys
// stay.
func (k keysComparison) change() (backend.Change, bool) {
	switch k {
	case keysChanged:
		return backend.Change{Path: backend.PathKeys, Kind: backend.Modified}, true
	case keysOpen:
		return backend.Change{Path: backend.PathKeys, Kind: backend.Unknown}, true
	case keysAsked:
		return backend.Change{Path: backend.PathKeysVersion, Kind: backend.Modified}, true
	case keysAskedOpen:
		return backend.Change{Path: backend.PathKeysVersion, Kind: backend.Unknown}, true
	case keysSame, keysForgotten:
	}
	return backend.Change{}, false
}

// compareKeys decides by the version where there is one, or else by the digest.
// Keys that are null, or that an import has found, are the same. So is half a
// pair: no configuration has one, but one that ignores changes of the other half
// is shown so.
func (p *planning) compareKeys(ctx context.Context) keysComparison {
	keys, known := p.config.keys()
	if known && (keys.AccessKey == "" || keys.SecretKey == "") {
		return keysSame
	}
	switch version, held := p.plan.CredentialsVersion, p.prior.CredentialsVersion; {
	case version.IsNull() || held.IsNull():
		return compareDigest(ctx, keys, known, p.private)
	case version.IsUnknown():
		return keysAskedOpen
	case !version.Equal(held):
		return keysAsked
	}
	return keysSame
}

func compareDigest(ctx context.Context, keys inference.Keys, known bool, private privateReader) keysComparison {
	digest, ok := readKeysDigest(ctx, private)
	switch {
	case !ok && hasKeysDigest(ctx, private):
		return keysSame
	case !ok:
		return keysForgotten
	case !known:
		return keysOpen
	case !digest.matches(keys):
		return keysChanged
	}
	return keysSame
}

// sendAgain decides about keys that were forgotten. Terraform drops the private
// data of an endpoint when the provider dies during an update: the digest is gone
// then, and with it the knowledge of whether that update gave the target new
// keys. Giving it those of the configuration once more does no harm, as long as
// the endpoint need not be replaced for it.
func sendAgain(capabilities backend.Capabilities, prior endpointModel, inPlace bool, diags *diag.Diagnostics) (keysComparison, bool) {
	again := []backend.Change{{Path: backend.PathKeys, Kind: backend.Modified}}
	at := attributePath(backend.PathKeys)
	if backend.MostSevere(capabilities.Plan(prior.endpoint(), again, true)) == backend.InPlace {
		diags.AddAttributeWarning(at, located("AWS keys are sent again", at),
			"An update was cut off, and whether the endpoint has the keys of the configuration is not known since. They are sent once more, in place.")
		return keysChanged, true
	}
	diags.AddAttributeWarning(at, located("AWS keys may be old ones", at),
		"An update was cut off, and whether the endpoint has the keys of the configuration is not known since. "+capabilities.Name+" cannot take them in place. "+
			"If they have changed since they were applied last, replace the endpoint: terraform apply -replace=ADDRESS.")
	return keysSame, inPlace
}
