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
)

var pathRevision = path.Root("credentials_revision")

// planning is what the plan of an endpoint is made from, and what it says. One
// that is to go has a prior and no plan.
type planning struct {
	config endpointModel
	// prior is nil where the endpoint is to be made.
	prior   *endpointModel
	private privateReader

	// plan begins as Terraform proposes it.
	plan     endpointModel
	replaces path.Paths
	diags    diag.Diagnostics
}

func (r *endpointResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	p := planning{private: resp.Private}
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

// planEndpoint checks the rules of the target, fills what is known before apply,
// and lets the planner decide each change.
func (r *endpointResource) planEndpoint(ctx context.Context, p *planning) {
	if !r.data.ready() {
		if r.data != nil && p.prior != nil {
			p.decide(ctx, r.data.assumed)
		}
		return
	}
	capabilities, err := r.data.target.Capabilities(ctx)
	if err != nil {
		p.diags.Append(errorDiagnostics("Reading what the target can do", err)...)
		return
	}
	p.diags.Append(r.data.warnOfAssumption(capabilities)...)
	p.diags.Append(violationDiagnostics(capabilities.Check(p.config.config()))...)

	p.plan.fill(p.config, p.prior, capabilities)
	if p.prior == nil {
		r.planCreate(ctx, p, capabilities)
		p.diags.Append(r.checkFree(ctx, p.plan)...)
		return
	}
	r.planChange(ctx, p, capabilities)
}

func (r *endpointResource) planCreate(ctx context.Context, p *planning, capabilities backend.Capabilities) {
	p.diags.Append(violationDiagnostics(capabilities.CheckKeys(p.config.config()))...)
	if id, err := r.data.target.ID(ctx); err == nil {
		p.plan.Target = types.StringValue(id)
	}
	if r.data.planned.add(p.plan) {
		p.diags.Append(plannedTwice(p.plan.InferenceID.ValueString()))
	}
}

// planChange asks the planner about everything that differs, and the target
// about what the answers mean to it.
func (r *endpointResource) planChange(ctx context.Context, p *planning, capabilities backend.Capabilities) {
	before := slices.Clone(p.diags)
	decisions := p.decide(ctx, capabilities)
	if len(decisions) == 0 {
		return
	}
	if refused := r.refuseElsewhere(ctx, *p.prior, p.private); refused.HasError() {
		p.diags = before // nothing of what was decided will be done
		p.diags.Append(refused...)
		return
	}
	if backend.MostSevere(decisions) == backend.Replace {
		p.diags.Append(violationDiagnostics(capabilities.CheckKeys(p.config.config()))...)
		p.diags.Append(warnOfSimilarity(*p.prior, p.config)...)
		p.diags.Append(r.warnOfUse(ctx, *p.prior, &p.plan)...)
	}
}

// warnOfSimilarity says that a replacement lets the target choose a similarity
// anew: taken out of the configuration, it stayed until now.
func warnOfSimilarity(prior, config endpointModel) diag.Diagnostics {
	const name = "similarity"
	held, ok := writtenIn(prior.ServiceSettings).text(name).Known()
	if !ok || held == inference.DefaultSimilarity || !writtenIn(config.ServiceSettings).text(name).Absent() {
		return nil
	}
	at := path.Root("service_settings").AtName(name)
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(at, located("Similarity is chosen anew", at),
		fmt.Sprintf("The endpoint has similarity %q, which is not configured, and the new one gets the target's choice. To keep it, write similarity = %q.", held, held))}
}

// planDestroy asks no other target what uses the endpoint: it may have one of the
// same id.
func (r *endpointResource) planDestroy(ctx context.Context, prior endpointModel, private privateReader) diag.Diagnostics {
	if !r.data.ready() {
		return nil
	}
	diags := r.refuseElsewhere(ctx, prior, private)
	if diags.HasError() {
		return diags
	}
	diags.Append(r.warnOfUse(ctx, prior, nil)...)
	return diags
}

// warnOfUse names what uses an endpoint that is about to be destroyed, or to be
// replaced by another. A target that cannot say is a reason to warn, not to stop
// a plan: the delete itself is protected.
func (r *endpointResource) warnOfUse(ctx context.Context, prior endpointModel, successor *endpointModel) diag.Diagnostics {
	references, err := r.data.target.References(ctx, prior.endpoint())
	fate := "destroyed"
	if successor != nil {
		fate = "replaced"
	}
	switch {
	case err != nil:
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("inference_id"), "Use of the endpoint is not known",
			fmt.Sprintf("Whether anything uses inference endpoint %s, which is to be %s, could not be read. %s", prior.InferenceID.ValueString(), fate, err))}
	case references.IsZero():
		return nil
	}
	detail := fmt.Sprintf("Inference endpoint %s is used by %s.", prior.InferenceID.ValueString(), references)
	switch {
	case prior.ForceDestroy.ValueBool():
		detail += " It is " + fate + " all the same, because force_destroy is true."
	case successor != nil && successor.ForceDestroy.ValueBool():
		detail += " The target will refuse to delete it: force_destroy = true is not applied yet when the old endpoint is deleted. Apply it first, in an apply without the other changes."
	default:
		detail += " The target will refuse to delete it. Remove those references first, or apply force_destroy = true, which leaves them broken until an endpoint of that id exists again."
	}
	if successor != nil && vectorsDiffer(prior.endpoint(), successor.endpoint()) {
		detail += " The new endpoint makes other vectors: those that are stored were made by " + prior.endpoint().ServiceSettings.Model + " and no longer match. Index the documents again."
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("inference_id"), "Endpoint in use is "+fate, detail)}
}

func vectorsDiffer(prior, planned inference.Endpoint) bool {
	return prior.TaskType == inference.TextEmbedding && prior.ServiceSettings.Model != planned.ServiceSettings.Model
}

// fill plans the computed values that are known before apply.
func (m *endpointModel) fill(config endpointModel, prior *endpointModel, capabilities backend.Capabilities) {
	task, taskKnown := config.config().TaskType.Known()
	if taskKnown && task.Generates() {
		m.withoutEmbedding()
		return
	}
	if chunking, ok := plannedChunking(config, prior, taskKnown, capabilities); ok {
		m.ChunkingSettings = chunking
	}
}

// withoutEmbedding plans null for what only embeddings have.
func (m *endpointModel) withoutEmbedding() {
	if config := chunkingConfig(m.ChunkingSettings); config.IsUnknown() {
		m.ChunkingSettings = types.ObjectNull(chunkingSettingsTypes)
	}
	if m.ServiceSettings.IsNull() || m.ServiceSettings.IsUnknown() {
		return
	}
	values := m.ServiceSettings.Attributes()
	for name, null := range map[string]attr.Value{"similarity": types.StringNull(), "dimensions": types.Int64Null()} {
		if values[name].IsUnknown() {
			values[name] = null
		}
	}
	m.ServiceSettings = types.ObjectValueMust(serviceSettingsTypes, values)
}

// plannedChunking is the complete object that will be sent, where it is known.
func plannedChunking(config endpointModel, prior *endpointModel, taskKnown bool, capabilities backend.Capabilities) (types.Object, bool) {
	written := chunkingConfig(config.ChunkingSettings)
	if given, ok := written.Known(); ok {
		complete, known := given.Complete()
		return completeChunkingObject(complete), known
	}
	if !written.Absent() || !taskKnown {
		return types.Object{}, false
	}
	if len(capabilities.Strategies) == 0 {
		return types.ObjectNull(chunkingSettingsTypes), true
	}
	if prior != nil {
		held := prior.endpoint().Chunking
		if held != nil && held.FilledByServer() {
			return prior.ChunkingSettings, true
		}
	}
	return completeChunkingObject(inference.DefaultChunking()), true
}
