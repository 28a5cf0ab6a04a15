package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/ephemeral/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*completionEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*completionEphemeral)(nil)
)

type completionEphemeral struct{ data *providerData }

func newCompletionEphemeral() ephemeral.EphemeralResource { return &completionEphemeral{} }

type completionOpened struct {
	completionModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (e *completionEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_completion"
}

func (e *completionEphemeral) Schema(ctx context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Answers prompts with an endpoint of the target, or with a model directly. " + ephemeralRun,
		Attributes:          forEphemeral(completionAttributes(withKeys(completionService()))),
	}
	resp.Schema.Attributes["timeouts"] = openTimeouts(ctx)
}

func (e *completionEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (e *completionEphemeral) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	var config completionOpened
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.run().validate()...)
	}
}

func (e *completionEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var config completionOpened
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
	config.show(result.Result)
	resp.Diagnostics.Append(resp.Result.Set(ctx, config)...)
}
