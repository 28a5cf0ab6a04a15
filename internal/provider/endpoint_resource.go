package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

var (
	_ resource.ResourceWithConfigure      = (*endpointResource)(nil)
	_ resource.ResourceWithIdentity       = (*endpointResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*endpointResource)(nil)
	_ resource.ResourceWithValidateConfig = (*endpointResource)(nil)
)

// How long an operation may take where timeouts says nothing. Making an
// endpoint waits for its model's first answer.
const (
	defaultCreateTimeout = 5 * time.Minute
	defaultReadTimeout   = 2 * time.Minute
	defaultUpdateTimeout = 5 * time.Minute
	defaultDeleteTimeout = 2 * time.Minute
)

type endpointResource struct{ data *providerData }

func newEndpointResource() resource.Resource { return &endpointResource{} }

func (r *endpointResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_endpoint"
}

func (r *endpointResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = endpointSchema(ctx)
}

// endpointIdentity is what names an endpoint on its target.
type endpointIdentity struct {
	InferenceID types.String `tfsdk:"inference_id"`
}

func (r *endpointResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"inference_id": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "The id of the inference endpoint on its target.",
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
		resp.Diagnostics.Append(config.validate()...)
	}
}

// validate holds the model against the rules that need no target.
func (m endpointModel) validate() diag.Diagnostics {
	diags := violationDiagnostics(m.config().Validate())
	diags.Append(violationDiagnostics(separatorFaults(chunkingConfig(m.ChunkingSettings)))...)
	diags.Append(m.validateCredentials()...)
	return diags
}

// validateCredentials holds the rules of what only Terraform knows: how and when
// keys are rotated.
func (m endpointModel) validateCredentials() diag.Diagnostics {
	var diags diag.Diagnostics
	if rotation := m.CredentialsRotation; !rotation.IsNull() && !rotation.IsUnknown() &&
		rotation.ValueString() != rotateByReplacing && rotation.ValueString() != rotateInPlace {
		diags.AddAttributeError(path.Root("credentials_rotation"), "Unknown way of rotation",
			fmt.Sprintf("%q is not a way to rotate keys. Write %q or %q.", rotation.ValueString(), rotateByReplacing, rotateInPlace))
	}
	service := serviceConfig(m.ServiceSettings)
	if !m.CredentialsVersion.IsNull() && !m.CredentialsVersion.IsUnknown() && service.AccessKey.Absent() && service.SecretKey.Absent() {
		diags.AddAttributeError(path.Root("credentials_version"), "Version of no keys",
			"credentials_version is set and service_settings has no access_key and secret_key that it could be the version of. Write the keys, or remove credentials_version.")
	}
	return diags
}

func (r *endpointResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config endpointModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultCreateTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	r.data.planned.made(plan.InferenceID)
	keys, _ := config.keys()
	targetID, err := r.data.target.ID(ctx)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics("Reading the target's id", err)...)
		return
	}
	created, err := r.data.target.Create(ctx, plan.endpoint(), keys)
	if err != nil {
		resp.Diagnostics.Append(r.createDiagnostics(plan, err)...)
	}
	// An endpoint that came to be in spite of an error must be in the state, or
	// nobody would ever delete it.
	if created.InferenceID == "" {
		return
	}
	plan.CredentialsRevision = types.Int64Value(r.data.rotations.next(created.InferenceID, plan.CredentialsVersion, keys))
	plan.show(created, targetID)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, endpointIdentity{plan.InferenceID})...)
	resp.Diagnostics.Append(storeKeysDigest(ctx, resp.Private, keys)...)
	resp.Diagnostics.Append(r.storePlace(ctx, resp.Private)...)
}

func (r *endpointResource) createDiagnostics(plan endpointModel, err error) diag.Diagnostics {
	if !backend.Is(err, backend.AlreadyExists) {
		return errorDiagnostics("Creating the inference endpoint", err)
	}
	id := plan.InferenceID.ValueString()
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("inference_id"), "Inference endpoint already exists",
		fmt.Sprintf("The target has an inference endpoint %q already, and this provider takes over nothing that it did not make. "+
			"To manage that endpoint, import it:\n\n  terraform import inference_endpoint.NAME %s\n\n"+
			"To make another one, write another inference_id. If this is a replacement, remove lifecycle.create_before_destroy: "+
			"two endpoints cannot have one id at the same time.", id, id))}
}

func (r *endpointResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state endpointModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, endpointIdentity{state.InferenceID})...)
	outcome, diags := r.read(ctx, &state, resp.Private)
	resp.Diagnostics.Append(diags...)
	switch outcome {
	case readShown:
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	case readGone:
		resp.State.RemoveResource(ctx)
	case readNothing:
	}
}

// readOutcome says what became of a state that was to be brought up to date.
type readOutcome int

const (
	// readNothing: the state stays as it is.
	readNothing readOutcome = iota
	readShown
	readGone
)

// read brings a state up to date with the target.
func (r *endpointResource) read(ctx context.Context, state *endpointModel, private privateReadWriter) (readOutcome, diag.Diagnostics) {
	timeout, diags := state.Timeouts.Read(ctx, defaultReadTimeout)
	if diags.HasError() {
		return readNothing, diags
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	if !r.data.ready() {
		diags.AddWarning("Endpoint is not read",
			"The provider's own settings are not known before apply. The plan shows the endpoint as it was last seen.")
		return readNothing, diags
	}
	targetID, elsewhere, err := r.whereabouts(ctx, *state, private)
	switch {
	case err != nil:
		return readNothing, errorDiagnostics("Reading the target's id", err)
	case elsewhere != "":
		// It is not taken out of the state: it would be made a second time.
		return readNothing, diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("target"),
			"Provider points to another target", elsewhere+" It is left as it is.")}
	}
	endpoint, err := r.data.target.Get(ctx, state.InferenceID.ValueString())
	switch {
	case backend.Is(err, backend.NotFound):
		return readGone, nil
	case err != nil:
		return readNothing, errorDiagnostics("Reading the inference endpoint", err)
	}
	// Only an import has a task type and no target yet: the one in its id.
	if asked := state.TaskType.ValueString(); state.Target.IsNull() && asked != "" && asked != string(endpoint.TaskType) {
		diags.AddError("Endpoint of another task type",
			fmt.Sprintf("Inference endpoint %q does %s, not %s. Import it as %s/%s.", endpoint.InferenceID, endpoint.TaskType, asked, endpoint.TaskType, endpoint.InferenceID))
		return readNothing, diags
	}
	if state.CredentialsRevision.IsNull() {
		state.CredentialsRevision = types.Int64Value(1)
	}
	state.show(endpoint, targetID)
	return readShown, r.storePlace(ctx, private)
}

func (r *endpointResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior, config endpointModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := plan.Timeouts.Update(ctx, defaultUpdateTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	resp.Diagnostics.Append(r.refuseElsewhere(ctx, prior, req.Private)...)
	capabilities, err := r.data.target.Capabilities(ctx)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics("Reading what the target can do", err)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	update := capabilities.UpdateOf(prior.endpoint(), plan.endpoint())
	if !plan.CredentialsRevision.Equal(prior.CredentialsRevision) {
		update.Keys, _ = config.keys()
	}
	if capabilities.Update.LimitsNeedKeys && (update.RequestsPerMinute != 0 || update.MaxInputTokens != nil) {
		update.Keys, _ = config.keys()
	}
	endpoint := plan.endpoint()
	if !update.IsZero() {
		if endpoint, err = r.data.target.Update(ctx, prior.endpoint(), update); err != nil {
			resp.Diagnostics.Append(errorDiagnostics("Updating the inference endpoint", err)...)
			// An update that failed half-way comes with what the target holds now.
			if endpoint.InferenceID != "" {
				prior.show(endpoint, prior.Target.ValueString())
				resp.Diagnostics.Append(resp.State.Set(ctx, prior)...)
			}
			return
		}
	}
	plan.show(endpoint, plan.Target.ValueString())
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, endpointIdentity{plan.InferenceID})...)
	if !update.Keys.IsZero() {
		resp.Diagnostics.Append(storeKeysDigest(ctx, resp.Private, update.Keys)...)
	}
}

func (r *endpointResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state endpointModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := state.Timeouts.Delete(ctx, defaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	// An endpoint of the same id on another target is not the one to delete.
	resp.Diagnostics.Append(r.refuseElsewhere(ctx, state, req.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := r.data.target.Delete(ctx, state.endpoint(), state.ForceDestroy.ValueBool()); err != nil {
		resp.Diagnostics.Append(errorDiagnostics("Deleting the inference endpoint", err)...)
		return
	}
	digest, _ := readKeysDigest(ctx, req.Private)
	r.data.rotations.remember(state.InferenceID.ValueString(),
		rotation{state.CredentialsRevision.ValueInt64(), state.CredentialsVersion, digest})
}

// whereabouts returns the id of the target that the provider is configured for
// and, where the endpoint was made on another one, a sentence that says so.
func (r *endpointResource) whereabouts(ctx context.Context, state endpointModel, private privateReader) (targetID, elsewhere string, err error) {
	targetID, err = r.data.target.ID(ctx)
	if err != nil {
		return "", "", err
	}
	if held := state.Target.ValueString(); held != "" && held != targetID {
		return targetID, madeElsewhere(state, held, targetID), nil
	}
	elsewhere, err = r.misplaced(ctx, state, private)
	return targetID, elsewhere, err
}

// refuseElsewhere is for everything that would change an endpoint.
func (r *endpointResource) refuseElsewhere(ctx context.Context, state endpointModel, private privateReader) diag.Diagnostics {
	var diags diag.Diagnostics
	_, elsewhere, err := r.whereabouts(ctx, state, private)
	if err != nil {
		return errorDiagnostics("Reading the target's id", err)
	}
	if elsewhere != "" {
		diags.AddAttributeError(path.Root("target"), "Endpoint of another target", elsewhere)
	}
	return diags
}
