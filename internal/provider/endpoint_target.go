// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// otherTarget is the summary of an error about an endpoint of another target.
const otherTarget = "Endpoint of another target"

// targetMismatch is an endpoint in the state that belongs to another target than
// the configured one.
type targetMismatch struct {
	recorded, configured string // the two targets, with their addresses
	recordedID           string // as in moved_from
	moved                bool   // moved_from lists the recorded target
}

// startFirst starts the first read of a run at once, so that it takes place while
// the target is identified: a run with one endpoint then waits for one round trip
// instead of two. Later reads start when their result is needed, because the target is
// known by then. Writes always come after the target was identified.
func startFirst[T any](data *providerData, read func() T) (result func() T) {
	if data.started.Swap(true) {
		return read
	}
	result = sync.OnceValue(read)
	go result()
	return result
}

// hasRecordedAddress reports whether the endpoint was last read at the configured
// address of a cluster.
func (r *endpointResource) hasRecordedAddress(ctx context.Context, private privateReader) bool {
	var recorded string
	return readPrivate(ctx, private, privateAddress, &recorded) && recorded == r.data.target.Address()
}

// checkTarget returns the id of the configured target, and a mismatch if the
// endpoint belongs to another one.
func (r *endpointResource) checkTarget(ctx context.Context, state endpointModel, private privateReader) (targetID string, mismatch *targetMismatch, err error) {
	targetID, err = r.data.target.ID(ctx)
	if err != nil {
		return "", nil, err
	}
	recordedID := state.Target.ValueString()
	other := recordedID != "" && recordedID != targetID
	var file fileState
	if placed, ok := r.data.target.(backend.Placed); !other && ok && readPrivate(ctx, private, privateFile, &file) && file.UUID != "" {
		configured, err := placed.Place(ctx)
		if err != nil {
			return targetID, nil, err
		}
		other = configured.IsOther(backend.Place(file))
	}
	if !other {
		return targetID, nil, nil
	}
	return targetID, &targetMismatch{
		recorded: recordedTarget(ctx, recordedID, private), configured: r.configuredTarget(ctx, targetID),
		recordedID: recordedID, moved: slices.Contains(r.data.movedFrom, recordedID),
	}, nil
}

// recordedTarget describes the target in the state. States of the first versions
// have no address.
func recordedTarget(ctx context.Context, targetID string, private privateReader) string {
	var (
		file    fileState
		address string
	)
	switch {
	case targetID == embedded.ID && readPrivate(ctx, private, privateFile, &file) && file.Path != "":
		return targetID + ", " + backend.Place(file).String()
	case targetID != embedded.ID && readPrivate(ctx, private, privateAddress, &address) && address != "":
		return targetID + " at " + address
	}
	return targetID
}

func (r *endpointResource) configuredTarget(ctx context.Context, targetID string) string {
	if target, ok := r.data.target.(backend.Placed); ok {
		if file, err := target.Place(ctx); err == nil {
			return targetID + ", " + file.String()
		}
		return targetID
	}
	return targetID + " at " + r.data.target.Address()
}

// text explains a mismatch and how to resolve it. source says which environment
// variables choose the configured target.
func (m targetMismatch) text(inferenceID, source string) string {
	text := fmt.Sprintf("Inference endpoint %q belongs to target %s, and the provider is configured for %s.%s", inferenceID, m.recorded, m.configured, source)
	if m.moved {
		return text + " moved_from lists the former target, but the endpoint was not refreshed. Run the command without -refresh=false."
	}
	return text + fmt.Sprintf(" Configure the provider for the former target. Or, to move the endpoint, write moved_from = [%q] in the provider block: "+
		"an endpoint of this id on the configured target is then taken over, a missing one is created, and the former target is not changed.", m.recordedID)
}

// requireTarget returns an error if the endpoint belongs to another target.
func (r *endpointResource) requireTarget(ctx context.Context, state endpointModel, private privateReader) diag.Diagnostics {
	_, mismatch, err := r.checkTarget(ctx, state, private)
	switch {
	case err != nil:
		return errorDiagnostics(readingTargetID, err)
	case mismatch != nil:
		return diag.Diagnostics{r.mismatchError(state, *mismatch)}
	}
	return nil
}

func (r *endpointResource) mismatchError(state endpointModel, mismatch targetMismatch) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(pathTarget, otherTarget, mismatch.text(state.InferenceID.ValueString(), r.data.targetSource))
}

// warnOfMove says what becomes of an endpoint whose former target is listed in
// moved_from.
func warnOfMove(state endpointModel, mismatch targetMismatch, exists bool) diag.Diagnostic {
	outcome := "It does not exist there and is planned to be created."
	if exists {
		outcome = "It exists there and is taken over: differences from the configuration are planned as changes."
	}
	return diag.NewAttributeWarningDiagnostic(pathTarget, "Endpoint moves to another target",
		fmt.Sprintf("Inference endpoint %q belonged to target %s, which moved_from lists, and is now managed on %s. %s The former target is not changed. Remove moved_from after the apply.",
			state.InferenceID.ValueString(), mismatch.recorded, mismatch.configured, outcome))
}

// planOrigin plans where an endpoint that the apply creates or changes is written,
// and, if it gets keys, which credentials it has then.
func (p *endpointPlan) planOrigin(data *providerData, setsKeys bool) {
	p.plan.TargetAddress = types.StringValue(data.target.Address())
	if !setsKeys {
		return
	}
	keys, known := p.config.keys()
	_, optional := data.target.(backend.OptionalKeys)
	if !known && optional {
		p.plan.CredentialsSource = types.StringUnknown()
		return
	}
	p.plan.CredentialsSource = data.credentialsSource(!keys.IsZero())
}

// resolveOrigin sets what the plan left unknown, once the endpoint was given keys.
func (m *endpointModel) resolveOrigin(data *providerData, prior types.String, keys inference.Keys) {
	if m.TargetAddress.IsUnknown() {
		m.TargetAddress = types.StringValue(data.target.Address())
	}
	if m.CredentialsSource.IsUnknown() {
		m.CredentialsSource = data.credentialsSource(!keys.IsZero() || prior.ValueString() == sourceEndpoint)
	}
}

// setOrigin completes a state that was read: it sets the credentials of the endpoint,
// and its address if none is recorded. The address stays the one of the last change,
// because the machines of a team may reach one target at different addresses. It is not
// known after an import, a move, or in states of provider versions without these
// attributes.
func (m *endpointModel) setOrigin(data *providerData, hasKeys bool) {
	if m.TargetAddress.IsNull() {
		m.TargetAddress = types.StringValue(data.target.Address())
	}
	m.CredentialsSource = data.credentialsSource(hasKeys)
}

// credentialsSource returns the value of credentials_source for an endpoint.
func (d *providerData) credentialsSource(hasKeys bool) types.String {
	_, optional := d.target.(backend.OptionalKeys)
	switch {
	case hasKeys || !optional:
		return types.StringValue(sourceEndpoint)
	case d.ownCredentials:
		return types.StringValue(sourceProvider)
	}
	return types.StringValue(sourceDefaultChain)
}
