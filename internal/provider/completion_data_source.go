package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

var (
	_ datasource.DataSourceWithConfigure      = (*completionDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*completionDataSource)(nil)
)

type completionDataSource struct{ data *providerData }

func newCompletionDataSource() datasource.DataSource { return &completionDataSource{} }

type completionData struct {
	completionModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (d *completionDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_completion"
}

func (d *completionDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Answers prompts with an endpoint of the target, or with a model directly. " + storedRun,
		Attributes:          completionAttributes(completionService()),
	}
	resp.Schema.Attributes["timeouts"] = readTimeouts(ctx)
}

func (d *completionDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (d *completionDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config completionData
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.run().validate()...)
	}
}

func (d *completionDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config completionData
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
	config.show(result.Result)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}
