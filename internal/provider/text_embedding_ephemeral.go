package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/ephemeral/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*textEmbeddingEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*textEmbeddingEphemeral)(nil)
)

type textEmbeddingEphemeral struct{ data *providerData }

func newTextEmbeddingEphemeral() ephemeral.EphemeralResource { return &textEmbeddingEphemeral{} }

type textEmbeddingOpened struct {
	textEmbeddingModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (e *textEmbeddingEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_text_embedding"
}

func (e *textEmbeddingEphemeral) Schema(ctx context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Embeds texts with an endpoint of the target, or with a model directly. " + ephemeralRun,
		Attributes:          forEphemeral(textEmbeddingAttributes(withKeys(embeddingService()))),
	}
	resp.Schema.Attributes["timeouts"] = openTimeouts(ctx)
}

func (e *textEmbeddingEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (e *textEmbeddingEphemeral) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	var config textEmbeddingOpened
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.run().validate()...)
	}
}

func (e *textEmbeddingEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var config textEmbeddingOpened
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := config.Timeouts.Open(ctx, defaultRunTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if e.data.awaits(ctx, config.InferenceID) {
		config.await()
		resp.Diagnostics.Append(resp.Result.Set(ctx, config)...)
		return
	}
	result, diags := e.data.run(ctx, timeout, config.run())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	config.show(result)
	resp.Diagnostics.Append(resp.Result.Set(ctx, config)...)
}
