package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/ephemeral/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*runEphemeral[completionOpened, *completionOpened])(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*runEphemeral[completionOpened, *completionOpened])(nil)
)

// runEphemeral runs a model whenever it is opened. Model is what its schema
// holds.
type runEphemeral[Model any, Run openableRun[Model]] struct {
	data        *providerData
	name        string
	description string
	attributes  func() map[string]schema.Attribute
}

// openableRun is a run with the timeouts of an ephemeral resource, which can
// wait for an endpoint that is still to be made.
type openableRun[Model any] interface {
	*Model
	run() runConfig
	show(result answered)
	await()
	timeout(ctx context.Context) (time.Duration, diag.Diagnostics)
}

// openable are the timeouts of a run that is opened.
type openable struct {
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (o openable) timeout(ctx context.Context) (time.Duration, diag.Diagnostics) {
	return o.Timeouts.Open(ctx, defaultRunTimeout)
}

type completionOpened struct {
	completionModel
	openable
}

func newCompletionEphemeral() ephemeral.EphemeralResource {
	return &runEphemeral[completionOpened, *completionOpened]{
		name: "completion", description: completionRun + ephemeralRun,
		attributes: func() map[string]schema.Attribute { return completionAttributes(withKeys(completionService())) },
	}
}

type textEmbeddingOpened struct {
	textEmbeddingModel
	openable
}

func newTextEmbeddingEphemeral() ephemeral.EphemeralResource {
	return &runEphemeral[textEmbeddingOpened, *textEmbeddingOpened]{
		name: "text_embedding", description: textEmbeddingRun + ephemeralRun,
		attributes: func() map[string]schema.Attribute { return textEmbeddingAttributes(withKeys(embeddingService())) },
	}
}

func (e *runEphemeral[Model, Run]) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + e.name
}

func (e *runEphemeral[Model, Run]) Schema(ctx context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = ephemeralschema.Schema{MarkdownDescription: e.description, Attributes: forEphemeral(e.attributes())}
	resp.Schema.Attributes["timeouts"] = openTimeouts(ctx)
}

func (e *runEphemeral[Model, Run]) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (e *runEphemeral[Model, Run]) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	var config Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(Run(&config).run().validate()...)
	}
}

func (e *runEphemeral[Model, Run]) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var config Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := Run(&config).timeout(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	asked := Run(&config).run()
	if e.data.awaits(ctx, asked.InferenceID) {
		Run(&config).await()
		resp.Diagnostics.Append(resp.Result.Set(ctx, config)...)
		return
	}
	result, diags := e.data.run(ctx, timeout, asked)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	Run(&config).show(result)
	resp.Diagnostics.Append(resp.Result.Set(ctx, config)...)
}
