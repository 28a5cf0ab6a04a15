package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

var (
	_ datasource.DataSourceWithConfigure      = (*textEmbeddingDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*textEmbeddingDataSource)(nil)
)

// defaultRunTimeout bounds a run whose timeouts say nothing.
const defaultRunTimeout = 5 * time.Minute

type textEmbeddingDataSource struct{ data *providerData }

func newTextEmbeddingDataSource() datasource.DataSource { return &textEmbeddingDataSource{} }

type textEmbeddingModel struct {
	InferenceID     types.String   `tfsdk:"inference_id"`
	ServiceSettings types.Object   `tfsdk:"service_settings"`
	TaskSettings    types.Object   `tfsdk:"task_settings"`
	InputType       types.String   `tfsdk:"input_type"`
	Input           types.List     `tfsdk:"input"`
	Dimensions      types.Int64    `tfsdk:"dimensions"`
	Embeddings      types.List     `tfsdk:"embeddings"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`
}

func (m textEmbeddingModel) run() runConfig {
	return runConfig{
		inferenceID: m.InferenceID, serviceSettings: m.ServiceSettings, taskSettings: m.TaskSettings,
		inputType: m.InputType, input: m.Input, task: inference.TextEmbedding,
	}
}

func (d *textEmbeddingDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_text_embedding"
}

func (d *textEmbeddingDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Embeds texts with an endpoint of the target, or with a model directly. A data source runs at every plan and apply, and every run is billed; its vectors are kept in the state.",
		Attributes: map[string]schema.Attribute{
			"inference_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Endpoint of the target to run. Excludes `service_settings`.",
			},
			"service_settings": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Model to run without an endpoint, with the credentials of the provider's `bedrock` block. Excludes `inference_id`.",
				Attributes: map[string]schema.Attribute{
					"region":   schema.StringAttribute{Required: true, MarkdownDescription: "AWS region of the model."},
					"provider": schema.StringAttribute{Required: true, MarkdownDescription: "Maker of the model: `amazontitan` or `cohere`."},
					"model":    schema.StringAttribute{Required: true, MarkdownDescription: "Model id, inference profile id or ARN."},
					"rate_limit": schema.SingleNestedAttribute{
						Optional:            true,
						MarkdownDescription: "How often the model may be asked.",
						Attributes: map[string]schema.Attribute{
							"requests_per_minute": schema.Int64Attribute{Optional: true, MarkdownDescription: "Requests per minute, above 0. Default `240`."},
						},
					},
				},
			},
			"task_settings": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Settings of this run; they go before those of the endpoint.",
				Attributes: map[string]schema.Attribute{
					"truncate": schema.StringAttribute{Optional: true, MarkdownDescription: "What Cohere's models do with texts that are too long: `NONE`, `START` or `END`."},
				},
			},
			"input_type": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "What the vectors are for: `ingest`, `search`, `classification` or `clustering`. Only Cohere's models tell them apart.",
			},
			"input": schema.ListAttribute{
				Required: true, ElementType: types.StringType,
				MarkdownDescription: "Texts to embed, none of them empty.",
			},
			"dimensions": schema.Int64Attribute{Computed: true, MarkdownDescription: "Length of each vector."},
			"embeddings": schema.ListAttribute{
				Computed: true, ElementType: vectorType,
				MarkdownDescription: "One vector for each text, in the order of `input`.",
			},
			"timeouts": runTimeouts(ctx),
		},
	}
}

func (d *textEmbeddingDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (d *textEmbeddingDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config textEmbeddingModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.run().validate()...)
	}
}

func (d *textEmbeddingDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config textEmbeddingModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := config.Timeouts.Read(ctx, defaultRunTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	result, diags := d.data.run(ctx, config.run())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	config.Dimensions = types.Int64Value(int64(len(result.Embeddings[0])))
	config.Embeddings = vectorsValue(result.Embeddings)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

func runTimeouts(ctx context.Context) schema.Attribute {
	attribute := timeouts.Attributes(ctx)
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = timeoutsDescription
		return nested
	}
	return attribute
}
