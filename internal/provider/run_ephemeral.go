// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*runEphemeral[completionModel, *completionModel])(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*runEphemeral[completionModel, *completionModel])(nil)
)

// runEphemeral runs a model whenever it is opened.
type runEphemeral[Model any, Runnable runnable[Model]] struct {
	data        *providerData
	validated   *repeatedWarnings
	name        string
	description string
	attributes  func() map[string]schema.Attribute
}

func newCompletionEphemeral(validated *repeatedWarnings) ephemeral.EphemeralResource {
	return &runEphemeral[completionModel, *completionModel]{
		validated: validated,
		name:      "completion", description: completionDescription + ephemeralRunDescription,
		attributes: func() map[string]schema.Attribute { return completionAttributes(withKeys(completionServiceSettings())) },
	}
}

func newTextEmbeddingEphemeral(validated *repeatedWarnings) ephemeral.EphemeralResource {
	return &runEphemeral[textEmbeddingModel, *textEmbeddingModel]{
		validated: validated,
		name:      "text_embedding", description: textEmbeddingDescription + ephemeralRunDescription,
		attributes: func() map[string]schema.Attribute {
			return textEmbeddingAttributes(withKeys(textEmbeddingServiceSettings()))
		},
	}
}

func (e *runEphemeral[Model, Runnable]) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + e.name
}

func (e *runEphemeral[Model, Runnable]) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	attributes := map[string]ephemeralschema.Attribute{"timeouts": runTimeouts("open")}
	for name, attribute := range e.attributes() {
		attributes[name] = attribute
	}
	resp.Schema = ephemeralschema.Schema{MarkdownDescription: e.description, Attributes: attributes}
}

func (e *runEphemeral[Model, Runnable]) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (e *runEphemeral[Model, Runnable]) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	resp.Diagnostics.Append(validateRun[Model, Runnable](ctx, req.Config, e.validated)...)
}

func (e *runEphemeral[Model, Runnable]) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	config, timeout, diags := readRun[Model, Runnable](ctx, req.Config, "open")
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	run := Runnable(&config).run()
	if e.data.isDeferred(ctx, run.model.InferenceID) {
		resp.Diagnostics.Append(e.data.checkInputType(ctx, run)...)
		if resp.Diagnostics.HasError() {
			return
		}
		Runnable(&config).setUnknown()
		resp.Diagnostics.Append(resp.Result.Set(ctx, config)...)
		return
	}
	result, diags := e.data.execute(ctx, timeout, run)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	Runnable(&config).setResult(result)
	resp.Diagnostics.Append(resp.Result.Set(ctx, config)...)
}
