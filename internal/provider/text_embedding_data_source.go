package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

var (
	_ datasource.DataSourceWithConfigure      = (*textEmbeddingDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*textEmbeddingDataSource)(nil)
)

type textEmbeddingDataSource struct{ data *providerData }

func newTextEmbeddingDataSource() datasource.DataSource { return &textEmbeddingDataSource{} }

type textEmbeddingData struct {
	textEmbeddingModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (d *textEmbeddingDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_text_embedding"
}

func (d *textEmbeddingDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Embeds texts with an endpoint of the target, or with a model directly. " + storedRun,
		Attributes:          textEmbeddingAttributes(embeddingService()),
	}
	resp.Schema.Attributes["timeouts"] = readTimeouts(ctx)
}

func (d *textEmbeddingDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (d *textEmbeddingDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config textEmbeddingData
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.run().validate()...)
	}
}

func (d *textEmbeddingDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config textEmbeddingData
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := config.Timeouts.Read(ctx, defaultRunTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	result, diags := d.data.run(ctx, timeout, config.run())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	config.show(result)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}
