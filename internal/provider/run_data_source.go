package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

var (
	_ datasource.DataSourceWithConfigure      = (*runDataSource[completionData, *completionData])(nil)
	_ datasource.DataSourceWithValidateConfig = (*runDataSource[completionData, *completionData])(nil)
)

// runDataSource runs a model at every read. Model is what its schema holds.
type runDataSource[Model any, Run readableRun[Model]] struct {
	data        *providerData
	name        string
	description string
	attributes  func() map[string]schema.Attribute
}

// readableRun is a run with the timeouts of a data source.
type readableRun[Model any] interface {
	*Model
	run() runConfig
	show(result answered)
	timeout(ctx context.Context) (time.Duration, diag.Diagnostics)
}

// readable are the timeouts of a run that is read.
type readable struct {
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (r readable) timeout(ctx context.Context) (time.Duration, diag.Diagnostics) {
	return r.Timeouts.Read(ctx, defaultRunTimeout)
}

type completionData struct {
	completionModel
	readable
}

func newCompletionDataSource() datasource.DataSource {
	return &runDataSource[completionData, *completionData]{
		name: "completion", description: completionRun + storedRun,
		attributes: func() map[string]schema.Attribute { return completionAttributes(completionService()) },
	}
}

type textEmbeddingData struct {
	textEmbeddingModel
	readable
}

func newTextEmbeddingDataSource() datasource.DataSource {
	return &runDataSource[textEmbeddingData, *textEmbeddingData]{
		name: "text_embedding", description: textEmbeddingRun + storedRun,
		attributes: func() map[string]schema.Attribute { return textEmbeddingAttributes(embeddingService()) },
	}
}

func (d *runDataSource[Model, Run]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

func (d *runDataSource[Model, Run]) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: d.description, Attributes: d.attributes()}
	resp.Schema.Attributes["timeouts"] = readTimeouts(ctx)
}

func (d *runDataSource[Model, Run]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (d *runDataSource[Model, Run]) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(Run(&config).run().validate()...)
	}
}

func (d *runDataSource[Model, Run]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := Run(&config).timeout(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	result, diags := d.data.run(ctx, timeout, Run(&config).run())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	Run(&config).show(result)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}
