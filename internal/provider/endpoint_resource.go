// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/fastpath"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

var (
	_ resource.ResourceWithConfigure      = (*endpointResource)(nil)
	_ resource.ResourceWithIdentity       = (*endpointResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*endpointResource)(nil)
	_ resource.ResourceWithValidateConfig = (*endpointResource)(nil)
)

const readingTargetID = "Reading the id of the target"

type endpointResource struct {
	data *providerData
	// validated filters the warnings of validation.
	validated *repeatedWarnings
}

func (r *endpointResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_endpoint"
}

func (r *endpointResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = endpointSchema(ctx)
}

// endpointIdentity identifies an endpoint on its target.
type endpointIdentity struct {
	InferenceID types.String `tfsdk:"inference_id"`
}

func (r *endpointResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"inference_id": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "Id of the inference endpoint on its target.",
			},
		},
	}
}

func (r *endpointResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (r *endpointResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config endpointModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.validated.once(config.validate())...)
	}
}

// validate applies the rules that need no target.
func (m endpointModel) validate() diag.Diagnostics {
	config := m.config()
	diags := violationDiagnostics(append(config.Validate(), validation.Malformed("credentials_version", int64Setting(m.CredentialsVersion), validation.AnyWholeNumber)...))
	if rotation, ok := stringSetting(m.CredentialsRotation).Known(); ok && rotation != rotateByReplacing && rotation != rotateInPlace {
		diags.AddAttributeError(path.Root("credentials_rotation"), "Invalid credentials_rotation",
			fmt.Sprintf("credentials_rotation is %q. Write %q or %q.", rotation, rotateByReplacing, rotateInPlace))
	}
	service := config.ServiceSettings
	if isSet(m.CredentialsVersion) && service.AccessKey.Absent() && service.SecretKey.Absent() {
		diags.AddAttributeError(path.Root("credentials_version"), "credentials_version without credentials",
			"credentials_version is set, but service_settings has no access_key and secret_key. Write the keys, or remove credentials_version.")
	}
	return diags
}

func (r *endpointResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config endpointModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := operationTimeout(plan.Timeouts, "create", defaultCreateTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer func() { resp.Diagnostics.Append(r.data.serverWarnings()...) }()

	r.data.planned.remove(plan.InferenceID)
	keys, _ := config.keys()
	targetID, err := r.data.target.ID(ctx)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics(readingTargetID, err)...)
		return
	}
	created, err := r.data.known.create(ctx, r.data.target, plan.endpoint(), keys)
	if err != nil {
		resp.Diagnostics.Append(r.createDiagnostics(plan, err)...)
	}
	// An endpoint that was created despite an error must be in the state, or it
	// would never be deleted.
	if created.InferenceID == "" {
		return
	}
	if plan.CredentialsRevision.IsUnknown() {
		plan.CredentialsRevision = wholeNumber(r.data.rotations.next(created.InferenceID, plan.CredentialsVersion, keys))
	}
	if plan.CredentialsRotation.IsUnknown() {
		plan.CredentialsRotation = types.StringNull()
	}
	plan.setFromAPI(created, targetID)
	plan.resolveOrigin(r.data, types.StringNull(), keys)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, endpointIdentity{plan.InferenceID})...)
	resp.Diagnostics.Append(storeKeysDigest(ctx, resp.Private, keys)...)
	resp.Diagnostics.Append(r.storeLocation(ctx, resp.Private)...)
}

func (r *endpointResource) createDiagnostics(plan endpointModel, err error) diag.Diagnostics {
	if !backend.Is(err, backend.AlreadyExists) {
		return errorDiagnostics("Creating the inference endpoint", err)
	}
	id := plan.InferenceID.ValueString()
	if r.data.known.isCreated(id) {
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(pathID, alreadyExists,
			fmt.Sprintf("Another resource of this configuration also creates inference endpoint %q. Ids are unique on a target: write another inference_id in one of the two resources.", id))}
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(pathID, alreadyExists,
		fmt.Sprintf("The target already has an inference endpoint %q, and the provider never adopts an endpoint silently. %s\n\n"+
			"If this is a replacement, remove lifecycle.create_before_destroy from this resource, or from the resource that depends on it and passes the setting on: "+
			"two endpoints cannot have the same id at the same time.\n\n"+
			"If no resource manages the endpoint, import it to manage it:\n\n  terraform import inference_endpoint.NAME %s", id, moveAdvice, id))}
}

func (r *endpointResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state endpointModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, endpointIdentity{state.InferenceID})...)
	result, diags := r.read(ctx, &state, resp.Private)
	resp.Diagnostics.Append(diags...)
	switch {
	case result.Removed:
		resp.State.RemoveResource(ctx)
	case result.State != nil:
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// read refreshes a state from the target.
func (r *endpointResource) read(ctx context.Context, state *endpointModel, private privateReadWriter) (result fastpath.ReadResult, diags diag.Diagnostics) {
	defer func() { diags.Append(r.data.serverWarnings()...) }()
	timeout, diags := operationTimeout(state.Timeouts, "read", defaultReadTimeout)
	if diags.HasError() {
		return fastpath.ReadResult{}, diags
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	if !r.data.ready() {
		diags.AddWarning("Endpoint was not refreshed",
			"The provider's own settings are not known before apply. The plan is based on the last known state of the endpoint.")
		return fastpath.ReadResult{}, diags
	}
	get := startFirst(r.data, func() storedEndpoint { return r.get(ctx, state.InferenceID.ValueString()) })
	targetID, mismatch, err := r.checkTarget(ctx, *state, private)
	switch {
	case err != nil:
		return fastpath.ReadResult{}, errorDiagnostics(readingTargetID, err)
	case mismatch != nil && !mismatch.moved:
		// Removing it from the state would create it a second time, and a warning
		// would let the plan say "No changes" about an endpoint that was not read.
		return fastpath.ReadResult{}, diag.Diagnostics{r.mismatchError(*state, *mismatch)}
	}
	got := get()
	endpoint, err := got.endpoint, got.err
	gone := backend.Is(err, backend.NotFound)
	if mismatch != nil && (gone || err == nil) {
		diags.Append(warnOfMove(*state, *mismatch, !gone))
		diags.Append(storeNoDigest(ctx, private)...)
	}
	switch {
	case gone:
		return fastpath.ReadResult{Removed: true}, diags
	case err != nil:
		return fastpath.ReadResult{}, errorDiagnostics("Reading the inference endpoint", err)
	}
	imported := state.Target.IsNull() // or moved from another provider
	if imported && !slices.Contains(inference.TaskTypes(), endpoint.TaskType) {
		diags.AddError("Task type cannot be managed",
			fmt.Sprintf("Inference endpoint %q has task type %q, which the provider does not manage. Remove the import, and manage the endpoint with the API of Elasticsearch or with another provider.", endpoint.InferenceID, endpoint.TaskType))
		return fastpath.ReadResult{}, diags
	}
	// Only an import has a task type and no target: the task type of its id.
	if task := state.TaskType.ValueString(); imported && task != "" && task != string(endpoint.TaskType) {
		diags.AddError("Task type mismatch",
			fmt.Sprintf("Inference endpoint %q has task type %s, not %s. Import it as %s/%s.", endpoint.InferenceID, endpoint.TaskType, task, endpoint.TaskType, endpoint.InferenceID))
		return fastpath.ReadResult{}, diags
	}
	if state.CredentialsRevision.IsNull() {
		state.CredentialsRevision = wholeNumber(1)
	}
	state.setFromAPI(endpoint, targetID)
	if mismatch != nil {
		state.TargetAddress = types.StringNull()
	}
	state.setOrigin(r.data, !got.keys.IsZero())
	if got.keysRead {
		diags.Append(compareStoredKeys(ctx, private, got.keys, imported)...)
	}
	r.data.known.addState(endpoint)
	diags.Append(r.storeLocation(ctx, private)...)
	return fastpath.ReadResult{State: state.values()}, diags
}

func (r *endpointResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior, config endpointModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := operationTimeout(plan.Timeouts, "update", defaultUpdateTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer func() { resp.Diagnostics.Append(r.data.serverWarnings()...) }()

	resp.Diagnostics.Append(r.requireTarget(ctx, prior, req.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}
	capabilities, err := r.data.target.Capabilities(ctx)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics("Reading the capabilities of the target", err)...)
		return
	}
	before, endpoint := prior.endpoint(), plan.endpoint()
	update := capabilities.UpdateOf(before, endpoint)
	digest, _ := readKeysDigest(ctx, req.Private)
	rotated := !plan.CredentialsRevision.Equal(prior.CredentialsRevision)
	required := capabilities.Update.LimitsNeedKeys && (update.RequestsPerMinute != 0 || update.MaxInputTokens != nil)
	// Without a digest, no keys were applied yet, and the endpoint may have others.
	missing := len(digest.MAC) == 0 &&
		backend.MostSevere(capabilities.Plan(before, []backend.Change{keysChange}, true)) == backend.InPlace
	if rotated || required || missing {
		update.Keys, _ = config.keys()
	}
	if !update.IsZero() {
		if endpoint, err = r.data.target.Update(ctx, before, update); err != nil {
			resp.Diagnostics.Append(updateDiagnostics(before.InferenceID, err)...)
			// A partial update returns the endpoint as it is now.
			if endpoint.InferenceID != "" {
				prior.setFromAPI(endpoint, prior.Target.ValueString())
				resp.Diagnostics.Append(resp.State.Set(ctx, prior)...)
			}
			return
		}
	}
	plan.setFromAPI(endpoint, plan.Target.ValueString())
	plan.resolveOrigin(r.data, prior.CredentialsSource, update.Keys)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, endpointIdentity{plan.InferenceID})...)
	if !update.Keys.IsZero() {
		resp.Diagnostics.Append(storeKeysDigest(ctx, resp.Private, update.Keys)...)
	}
}

// updateDiagnostics explains that an endpoint was deleted between plan and apply.
func updateDiagnostics(inferenceID string, err error) diag.Diagnostics {
	if !backend.Is(err, backend.NotFound) {
		return errorDiagnostics("Updating the inference endpoint", err)
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(pathID, "Inference endpoint was deleted",
		fmt.Sprintf("Inference endpoint %q was deleted after the plan was made, so it cannot be updated. Plan and apply again: the new plan creates it.", inferenceID))}
}

func (r *endpointResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state endpointModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := operationTimeout(state.Timeouts, "delete", defaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer func() { resp.Diagnostics.Append(r.data.serverWarnings()...) }()

	// Another target may have an endpoint of the same id.
	resp.Diagnostics.Append(r.requireTarget(ctx, state, req.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.known.addState(state.endpoint())
	if err := r.data.target.Delete(ctx, state.endpoint(), state.ForceDestroy.ValueBool()); err != nil {
		resp.Diagnostics.Append(errorDiagnostics("Deleting the inference endpoint", err)...)
		return
	}
	r.data.known.forget(state.InferenceID.ValueString())
	digest, _ := readKeysDigest(ctx, req.Private)
	r.data.rotations.remember(state.InferenceID.ValueString(),
		rotation{int64Setting(state.CredentialsRevision).Or(0), state.CredentialsVersion, digest})
}
