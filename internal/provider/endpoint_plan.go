// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

var (
	pathID       = path.Root("inference_id")
	pathTarget   = path.Root("target")
	pathRevision = path.Root("credentials_revision")
	pathService  = path.Root("service_settings")
)

// endpointPlan is one call of PlanResourceChange: its input and its result.
type endpointPlan struct {
	config  endpointModel
	prior   *endpointModel // nil for a new endpoint
	private privateReader

	// plan is Terraform's proposal, which planning completes.
	plan     endpointModel
	replaces path.Paths
	diags    diag.Diagnostics

	priorEndpoint inference.Endpoint
	use           *endpointUse // nil until it is needed
	// keysUnknown says why the endpoint may have other keys than the configured ones
	// although none of them changed; otherwise it is empty.
	keysUnknown string
}

func (r *endpointResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	p := endpointPlan{private: resp.Private}
	if !req.State.Raw.IsNull() {
		p.prior = &endpointModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, p.prior)...)
	}
	if req.Plan.Raw.IsNull() {
		if p.prior != nil && !resp.Diagnostics.HasError() {
			resp.Diagnostics.Append(r.planDestroy(ctx, *p.prior, resp.Private)...)
		}
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &p.plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &p.config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.planEndpoint(ctx, &p)
	resp.RequiresReplace.Append(p.replaces...)
	resp.Diagnostics.Append(p.diags...)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, p.plan)...)
}

// planEndpoint applies the target's rules, sets the computed values that are
// known before apply, and decides each change.
func (r *endpointResource) planEndpoint(ctx context.Context, p *endpointPlan) {
	defer func() { p.diags.Append(r.data.serverWarnings()...) }()
	p.planRotationSetting()
	if r.data != nil {
		defer r.warnOfModel(p)
	}
	if p.prior != nil {
		p.priorEndpoint = p.prior.endpoint()
		if r.data != nil {
			r.data.known.addState(p.priorEndpoint)
		}
	}
	if !r.data.ready() {
		if r.data != nil && p.prior != nil {
			r.decide(ctx, p, r.data.assumed)
		}
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var checkID func() idCheck
	if p.prior == nil {
		checkID = startFirst(r.data, func() idCheck { return r.checkID(ctx, p.plan.InferenceID) })
	}
	capabilities, err := r.data.target.Capabilities(ctx)
	if err != nil {
		p.diags.Append(errorDiagnostics("Reading the capabilities of the target", err)...)
		return
	}
	config := p.config.config()
	p.diags.Append(r.data.warnOfAssumedVersion(capabilities)...)
	p.diags.Append(violationDiagnostics(capabilities.Check(config))...)
	if capabilities.SharedRateLimit {
		p.diags.Append(r.data.limits.check(p.config)...)
	}
	p.setComputed(config, capabilities)
	p.warnOfRotation(capabilities)
	if p.prior == nil {
		r.planCreate(ctx, p, config, capabilities, checkID)
		return
	}
	r.planChange(ctx, p, config, capabilities)
}

// planChange decides each change, and reads from the target what a replacement
// would affect.
func (r *endpointResource) planChange(ctx context.Context, p *endpointPlan, config inference.Config, capabilities backend.Capabilities) {
	before := slices.Clone(p.diags)
	// Without private state, the second step of a replacement looks like a new
	// endpoint with the same id.
	if p.plan.InferenceID.Equal(p.prior.InferenceID) && hasPrivateState(ctx, p.private) {
		r.data.known.keep(p.priorEndpoint.InferenceID)
		if r.data.planned.has(p.priorEndpoint.InferenceID) {
			p.diags.Append(duplicateOfState(p.priorEndpoint.InferenceID))
		}
	}
	decisions := r.decide(ctx, p, capabilities)
	if len(decisions) == 0 {
		return
	}
	if wrong := r.requireTarget(ctx, *p.prior, p.private); wrong.HasError() {
		p.diags = before // the plan is not applied
		p.diags.Append(wrong...)
		return
	}
	p.planOrigin(r.data, changesKeys(decisions))
	if backend.MostSevere(decisions) == backend.Replace {
		if kept := len(p.diags); r.refuseRotation(ctx, p, capabilities, decisions) {
			p.diags = append(before, p.diags[kept:]...) // the endpoint is not replaced
			return
		}
		p.diags.Append(violationDiagnostics(capabilities.CheckKeys(config))...)
		p.diags.Append(r.requireFreeID(ctx, *p.prior, p.plan)...)
		p.diags.Append(p.warnOfSimilarity(config)...)
		p.diags.Append(p.warnOfLostKeys(ctx)...)
		p.diags.Append(r.warnOfUse(ctx, *p.prior, p)...)
	}
	if backend.MostSevere(decisions) == backend.Replace || changesKeys(decisions) {
		r.checkModel(ctx, p, config, capabilities)
	}
}

// requireFreeID is an error if a replacement would get an id that is taken. The
// old endpoint would be deleted before the creation of the new one fails, and
// Terraform hides the warnings of that creation.
func (r *endpointResource) requireFreeID(ctx context.Context, prior, plan endpointModel) diag.Diagnostics {
	if plan.InferenceID.IsUnknown() || plan.InferenceID.Equal(prior.InferenceID) {
		return nil
	}
	id := plan.InferenceID.ValueString()
	exists, err := r.data.target.Exists(ctx, id)
	switch {
	case err != nil:
		return errorDiagnostics("Checking whether the id is free", err)
	case !exists:
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(pathID, alreadyExists,
		fmt.Sprintf("The plan replaces inference endpoint %q by %q, but the target already has an endpoint %q: the old endpoint would be deleted and the new one could not be created. "+
			"Write another inference_id; or, to manage the existing endpoint, import it into a resource of its own. If the same configuration removes it, apply the removal first.",
			prior.InferenceID.ValueString(), id, id))}
}

// decide plans every difference from the state. It changes nothing on the target.
func (r *endpointResource) decide(ctx context.Context, p *endpointPlan, capabilities backend.Capabilities) []backend.Decision {
	configured, known := p.config.keys()
	capabilities = capabilities.WithKeys(known && !configured.IsZero())
	changes, inPlace := p.changes(), true
	keys, rotated := p.compareKeys(ctx)
	switch {
	case p.keysUnknown != "" && backend.MostSevere(capabilities.Plan(p.priorEndpoint, changes, true)) == backend.Replace:
		// The new endpoint gets the configured keys.
	case p.keysUnknown != "":
		keys, rotated = p.sendKeys(capabilities)
	case rotated:
		inPlace = r.rotatesInPlace(ctx, p, capabilities, keys, changes)
	}
	if rotated {
		changes = append(changes, keys)
	}
	decisions := capabilities.Plan(p.priorEndpoint, changes, inPlace)
	for _, decision := range decisions {
		at := attributePath(decision.Path)
		text := decisionText(decision, capabilities)
		switch decision.Action {
		case backend.Refuse:
			p.diags.AddAttributeError(at, located("Change cannot be made", at), text)
		case backend.Replace:
			p.replaces.Append(at)
			if text != "" {
				p.diags.AddAttributeWarning(at, located("Endpoint is replaced", at), text)
			}
		case backend.InPlace:
		}
	}
	if rotated {
		p.planRevision(keys, backend.MostSevere(decisions))
	}
	return decisions
}

// changes lists every setting that the plan changes. Similarity counts only if it
// is configured, because otherwise the target chooses it; chunking settings only
// if their meaning changes.
func (p *endpointPlan) changes() []backend.Change {
	var changes []backend.Change
	compare := func(at validation.Path, before, after attr.Value) {
		if kind, differs := changeKind(before, after); differs {
			changes = append(changes, backend.Change{Path: at, Kind: kind})
		}
	}
	compareAll := func(prefix validation.Path, before, after objectReader, names ...string) {
		for _, name := range names {
			compare(prefix+validation.Path(name), before.value(name), after.value(name))
		}
	}
	prior, plan := *p.prior, p.plan
	compare("inference_id", prior.InferenceID, plan.InferenceID)
	compare("task_type", prior.TaskType, plan.TaskType)
	compare("service", prior.Service, plan.Service)

	before, after := readObject(prior.ServiceSettings), readObject(plan.ServiceSettings)
	compareAll("service_settings.", before, after, "region", "provider", "model", "max_input_tokens")
	compareAll("service_settings.rate_limit.", before.object("rate_limit"), after.object("rate_limit"), "requests_per_minute")
	if !readObject(p.config.ServiceSettings).string("similarity").Absent() {
		compareAll("service_settings.", before, after, "similarity")
	}
	compareAll("task_settings.", readObject(prior.TaskSettings), readObject(plan.TaskSettings), "temperature", "top_p", "top_k", "max_new_tokens", "truncate")
	if p.chunkingDiffers() {
		compare("chunking_settings", prior.ChunkingSettings, plan.ChunkingSettings)
	}
	return changes
}

func (p *endpointPlan) chunkingDiffers() bool {
	if config, known := chunkingConfig(p.plan.ChunkingSettings).Known(); known {
		if planned, complete := config.Complete(); complete {
			return !inference.EqualChunking(p.priorEndpoint.Chunking, &planned)
		}
	}
	return true
}

func changeKind(before, after attr.Value) (kind backend.ChangeKind, differs bool) {
	switch {
	case after.IsUnknown() && !before.IsNull():
		return backend.Unknown, true
	case before.IsNull() && after.IsNull(), before.Equal(after):
		return 0, false
	case before.IsNull():
		return backend.Added, true
	case after.IsNull():
		return backend.Removed, true
	}
	return backend.Modified, true
}

// warnOfSimilarity warns that a replacement loses a similarity that was removed
// from the configuration and has been kept until now.
func (p *endpointPlan) warnOfSimilarity(config inference.Config) diag.Diagnostics {
	similarity := p.priorEndpoint.ServiceSettings.Similarity
	if similarity == "" || similarity == inference.DefaultSimilarity || !config.ServiceSettings.Similarity.Absent() {
		return nil
	}
	at := path.Root("service_settings").AtName("similarity")
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(at, located("Similarity is not kept", at),
		fmt.Sprintf("The endpoint has similarity %q, which is not configured, and the target chooses the similarity of the new endpoint. To keep it, write similarity = %q.", similarity, similarity))}
}

// warnOfLostKeys warns that a replacement loses the AWS keys of an endpoint, which
// were removed from the configuration after the endpoint got them. Targets that
// require keys refuse such a plan.
func (p *endpointPlan) warnOfLostKeys(ctx context.Context) diag.Diagnostics {
	var digest keysDigest
	keys, known := p.config.keys()
	if !known || !keys.IsZero() || !readPrivate(ctx, p.private, privateKeysDigest, &digest) || len(digest.MAC) == 0 || digest.matches(inference.Keys{}) {
		return nil
	}
	at := attributePath(backend.PathKeys)
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(at, located("AWS keys are not kept", at),
		"The endpoint has AWS keys of its own, which are not configured. The new endpoint has none, and uses AWS's default credential chain, which may belong to another account. To keep them, write access_key and secret_key.")}
}

// planDestroy does not ask another target what uses the endpoint: that target may
// have an endpoint of the same id. Under the address at which the endpoint was last
// read, the target is not identified again, because the refresh before the plan and the
// deletion after it do so. With -refresh=false, only the deletion does: the warning in the
// plan may then be about a cluster that took the place of the recorded one.
func (r *endpointResource) planDestroy(ctx context.Context, prior endpointModel, private privateReader) (diags diag.Diagnostics) {
	if !r.data.ready() {
		return nil
	}
	if !r.hasRecordedAddress(ctx, private) {
		diags = r.requireTarget(ctx, prior, private)
	}
	if diags.HasError() {
		return diags
	}
	diags.Append(r.warnOfUse(ctx, prior, nil)...)
	diags.Append(r.data.serverWarnings()...)
	return diags
}

// setComputed plans the computed values that are known before apply.
func (p *endpointPlan) setComputed(config inference.Config, capabilities backend.Capabilities) {
	task, taskKnown := config.TaskType.Known()
	if taskKnown && task.Generates() { // only embeddings have these
		p.plan.resolveService(map[string]attr.Value{"similarity": types.StringNull(), "dimensions": types.NumberNull()})
		if p.plan.ChunkingSettings.IsUnknown() {
			p.plan.ChunkingSettings = types.ObjectNull(chunkingSettingsTypes)
		}
		return
	}
	if taskKnown && config.ServiceSettings.Similarity.Absent() { // every target chooses the same one
		p.plan.resolveService(map[string]attr.Value{"similarity": types.StringValue(inference.DefaultSimilarity)})
	}
	if chunking, ok := p.plannedChunking(config, taskKnown, capabilities); ok {
		p.plan.ChunkingSettings = chunking
	}
}

// resolveService plans values of service_settings that are still unknown.
func (m *endpointModel) resolveService(known map[string]attr.Value) {
	if !isSet(m.ServiceSettings) {
		return
	}
	values := m.ServiceSettings.Attributes()
	for name, value := range known {
		if values[name].IsUnknown() {
			values[name] = value
		}
	}
	m.ServiceSettings = types.ObjectValueMust(serviceSettingsTypes, values)
}

// plannedChunking is the complete object that will be sent; ok is false while it
// is not known.
func (p *endpointPlan) plannedChunking(config inference.Config, taskKnown bool, capabilities backend.Capabilities) (chunking types.Object, ok bool) {
	if given, ok := config.Chunking.Known(); ok {
		complete, known := given.Complete()
		return completeChunkingObject(complete), known
	}
	if !config.Chunking.Absent() || !taskKnown {
		return types.Object{}, false
	}
	if len(capabilities.Strategies) == 0 {
		return types.ObjectNull(chunkingSettingsTypes), true
	}
	if p.prior != nil && p.priorEndpoint.Chunking != nil && p.priorEndpoint.Chunking.FilledByServer() {
		return p.prior.ChunkingSettings, true
	}
	return completeChunkingObject(inference.DefaultChunking()), true
}
