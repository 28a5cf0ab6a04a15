// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

var (
	_ datasource.DataSourceWithConfigure      = (*runDataSource[completionModel, *completionModel])(nil)
	_ datasource.DataSourceWithValidateConfig = (*runDataSource[completionModel, *completionModel])(nil)
)

// runDataSource runs a model at every read.
type runDataSource[Model any, Runnable runnable[Model]] struct {
	data        *providerData
	validated   *repeatedWarnings
	name        string
	description string
	attributes  func() map[string]schema.Attribute
}

func newCompletionDataSource(validated *repeatedWarnings) datasource.DataSource {
	return &runDataSource[completionModel, *completionModel]{
		validated: validated,
		name:      "completion", description: completionDescription + dataRunDescription,
		attributes: func() map[string]schema.Attribute { return completionAttributes(completionServiceSettings()) },
	}
}

func newTextEmbeddingDataSource(validated *repeatedWarnings) datasource.DataSource {
	return &runDataSource[textEmbeddingModel, *textEmbeddingModel]{
		validated: validated,
		name:      "text_embedding", description: textEmbeddingDescription + dataRunDescription,
		attributes: func() map[string]schema.Attribute { return textEmbeddingAttributes(textEmbeddingServiceSettings()) },
	}
}

func (d *runDataSource[Model, Runnable]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

func (d *runDataSource[Model, Runnable]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: d.description, Attributes: d.attributes()}
	resp.Schema.Attributes["timeouts"] = runTimeouts("read")
}

func (d *runDataSource[Model, Runnable]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (d *runDataSource[Model, Runnable]) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	resp.Diagnostics.Append(validateRun[Model, Runnable](ctx, req.Config, d.validated)...)
}

func (d *runDataSource[Model, Runnable]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	config, timeout, diags := readRun[Model, Runnable](ctx, req.Config, "read")
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	result, diags := d.data.execute(ctx, timeout, Runnable(&config).run())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	Runnable(&config).setResult(result)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}
