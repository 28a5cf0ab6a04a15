// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// keysDigest makes it possible to recognize keys without storing them.
// HMAC-SHA-256 with a fresh random salt suffices where a password would need a
// slow function: AWS makes secret keys of 240 random bits, which cannot be
// guessed, and a plan over thousands of endpoints computes one digest for each.
type keysDigest struct {
	Salt []byte `json:"salt,omitempty"`
	MAC  []byte `json:"mac,omitempty"`
	// Found is the digest of the keys that the last refresh found on the target, if they
	// are not those that were last applied, or if the endpoint was imported.
	Found *keysDigest `json:"found,omitempty"`
}

func newKeysDigest(keys inference.Keys) keysDigest {
	salt := make([]byte, 16)
	rand.Read(salt)
	return keysDigest{Salt: salt, MAC: keysMAC(salt, keys)}
}

func (d keysDigest) matches(keys inference.Keys) bool {
	return hmac.Equal(d.MAC, keysMAC(d.Salt, keys))
}

func keysMAC(salt []byte, keys inference.Keys) []byte {
	mac := hmac.New(sha256.New, salt)
	// The length distinguishes ("ab", "c") from ("a", "bc").
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(keys.AccessKey)))
	mac.Write(length[:])
	mac.Write([]byte(keys.AccessKey.Reveal()))
	mac.Write([]byte(keys.SecretKey.Reveal()))
	return mac.Sum(nil)
}

// readKeysDigest reads the digest in the private state. exists is true also for
// a digest without a MAC, which says that no keys were applied yet, as after an import.
func readKeysDigest(ctx context.Context, private privateReader) (digest keysDigest, exists bool) {
	exists = readPrivate(ctx, private, privateKeysDigest, &digest)
	return digest, exists
}

// storeKeysDigest records the keys that the target has accepted; zero keys record
// that it was given none.
func storeKeysDigest(ctx context.Context, private privateWriter, keys inference.Keys) diag.Diagnostics {
	return writePrivate(ctx, private, privateKeysDigest, newKeysDigest(keys))
}

// storeNoDigest records that the keys of the endpoint are not known.
func storeNoDigest(ctx context.Context, private privateWriter) diag.Diagnostics {
	return writePrivate(ctx, private, privateKeysDigest, keysDigest{})
}

// storedEndpoint is an endpoint as the target has it. Its keys are known only of targets
// that can read them.
type storedEndpoint struct {
	endpoint inference.Endpoint
	keys     inference.Keys
	keysRead bool
	err      error
}

// get reads an endpoint, with its keys if the target can read them.
func (r *endpointResource) get(ctx context.Context, inferenceID string) (got storedEndpoint) {
	var target backend.OptionalKeys
	if target, got.keysRead = r.data.target.(backend.OptionalKeys); got.keysRead {
		got.endpoint, got.keys, got.err = target.GetWithKeys(ctx, inferenceID)
	} else {
		got.endpoint, got.err = r.data.target.Get(ctx, inferenceID)
	}
	return got
}

// compareStoredKeys compares the keys that the target has with the digest of those that
// were last applied, and records their digest if they differ. They do if the embedded
// file is a restored or copied one, or if another program changed them. Of an endpoint
// that is imported, it records the digest in any case.
func compareStoredKeys(ctx context.Context, private privateReadWriter, stored inference.Keys, imported bool) diag.Diagnostics {
	digest, exists := readKeysDigest(ctx, private)
	switch {
	case !exists, len(digest.MAC) == 0 && digest.Found == nil && !imported:
		return nil
	case digest.matches(stored):
		if digest.Found == nil {
			return nil
		}
		digest.Found = nil
	case digest.Found != nil && digest.Found.matches(stored):
		return nil
	default:
		found := newKeysDigest(stored)
		digest.Found = &found
	}
	return writePrivate(ctx, private, privateKeysDigest, digest)
}

// compareKeys returns the change of the keys that has to be planned, if any.
// credentials_version decides if it is set on both sides, otherwise the digest.
// Null keys, and half a pair as "ignore_changes" can leave it, are no change.
func (p *endpointPlan) compareKeys(ctx context.Context) (change backend.Change, changed bool) {
	keys, known := p.config.keys()
	if known && (keys.AccessKey == "" || keys.SecretKey == "") {
		return backend.Change{}, false
	}
	digest, exists := readKeysDigest(ctx, p.private)
	current := digest
	if digest.Found != nil {
		current = *digest.Found
	}
	imported := exists && len(digest.MAC) == 0
	// Keys that are neither the applied ones nor those of the endpoint are new.
	restored := known && digest.Found != nil && digest.matches(keys) && !current.matches(keys)
	if version, prior := p.plan.CredentialsVersion, p.prior.CredentialsVersion; !version.IsNull() && !prior.IsNull() {
		switch {
		case version.IsUnknown():
			return backend.Change{Path: backend.PathKeysVersion, Kind: backend.Unknown}, true
		case !version.Equal(prior):
			return backend.Change{Path: backend.PathKeysVersion, Kind: backend.Modified}, true
		case imported:
			p.keysUnknown = importedKeys(digest.Found, keys, known)
		case restored:
			p.keysUnknown = otherKeys
		}
		return backend.Change{}, false
	}
	switch {
	case imported:
		p.keysUnknown = importedKeys(digest.Found, keys, known)
		return backend.Change{}, false
	case !exists:
		p.keysUnknown = interruptedUpdate
		return backend.Change{}, false
	case restored:
		p.keysUnknown = otherKeys
		return backend.Change{}, false
	case !known:
		return backend.Change{Path: backend.PathKeys, Kind: backend.Unknown}, true
	case current.matches(inference.Keys{}):
		return backend.Change{Path: backend.PathKeys, Kind: backend.Added}, true
	case !current.matches(keys):
		return backend.Change{Path: backend.PathKeys, Kind: backend.Modified}, true
	}
	return backend.Change{}, false
}

// importedKeys says why an imported endpoint may have other keys than the configured
// ones. It is empty if a refresh found the same.
func importedKeys(found *keysDigest, configured inference.Keys, known bool) string {
	switch {
	case found == nil || !known:
		return importedWithKeys
	case found.matches(configured):
		return ""
	case found.matches(inference.Keys{}):
		return importedWithoutKeys
	}
	return importedOtherKeys
}

// Why it is not known that an endpoint has the configured keys, or that it has others.
// Terraform drops the private state if the provider dies during an update.
const (
	interruptedUpdate   = "An update was interrupted, so it is not known whether the endpoint has the configured keys."
	importedWithKeys    = "The endpoint was imported or moved without its keys, so it is not known whether it has the configured keys."
	importedWithoutKeys = "The endpoint was imported or moved, and has no AWS keys of its own."
	importedOtherKeys   = "The endpoint was imported or moved, and has other keys than the configured ones."
	otherKeys           = "The endpoint has other keys than those that were last applied: its file was restored or copied, or another program changed them."
)

// sendKeys plans an update with the configured keys if the target accepts keys in
// place. A replacement is never planned for keys that may be the right ones.
func (p *endpointPlan) sendKeys(capabilities backend.Capabilities) (change backend.Change, send bool) {
	change = keysChange
	at := attributePath(backend.PathKeys)
	planned := capabilities.Plan(p.priorEndpoint, []backend.Change{change}, true)
	if backend.MostSevere(planned) == backend.InPlace {
		p.diags.AddAttributeWarning(at, located("AWS keys will be sent once", at),
			p.keysUnknown+" The configured keys will be sent once, in place.")
		return change, true
	}
	p.diags.AddAttributeWarning(at, located("AWS keys are not compared", at),
		p.keysUnknown+" "+planned[0].Reason+" "+
			"This warning stays until the endpoint is replaced (terraform apply -replace=ADDRESS) or the keys are removed from the configuration.")
	return change, false
}

// planRevision plans credentials_revision, the only attribute by which a plan
// shows that keys change.
func (p *endpointPlan) planRevision(change backend.Change, action backend.Action) {
	_, known := p.config.keys()
	switch {
	case action == backend.Replace:
		p.plan.CredentialsRevision = types.NumberUnknown()
		p.replaces.Append(pathRevision)
	case !known || change.Kind == backend.Unknown:
		p.plan.CredentialsRevision = types.NumberUnknown()
	default:
		p.plan.CredentialsRevision = wholeNumber(int64Setting(p.prior.CredentialsRevision).Or(0) + 1)
	}
}

// rotations carries credentials_revision over a replacement: Terraform does not
// show the old endpoint to the creation of the new one, but both happen in one
// process. It is safe for concurrent use.
type rotations struct{ deleted sync.Map }

type rotation struct {
	revision int64
	version  types.Number
	digest   keysDigest
}

// remember records a deleted endpoint.
func (r *rotations) remember(inferenceID string, old rotation) { r.deleted.Store(inferenceID, old) }

// deletedHere reports whether this process has deleted an endpoint of the id.
func (r *rotations) deletedHere(inferenceID types.String) bool {
	return contains(&r.deleted, inferenceID.ValueString())
}

// next is the revision of a created endpoint: 1 for a new one; for a replacement
// that of the old endpoint, plus one if the keys or their version differ.
func (r *rotations) next(inferenceID string, version types.Number, keys inference.Keys) int64 {
	found, _ := r.deleted.Load(inferenceID)
	old, ok := found.(rotation)
	switch {
	case !ok:
		return 1
	case old.version.Equal(version) && (len(old.digest.MAC) == 0 || old.digest.matches(keys)):
		return old.revision
	}
	return old.revision + 1
}

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
		fmt.Sprintf("%sInference endpoint %q is used by %s, so the target would refuse to delete it. The keys are changed in place instead.",
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
	detail := fmt.Sprintf("The AWS keys changed. Inference endpoint %q is used by %s, so the target would refuse to delete it; and %s. %s"+
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
