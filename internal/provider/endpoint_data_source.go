package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

var (
	_ datasource.DataSourceWithConfigure      = (*endpointDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*endpointDataSource)(nil)
)

// endpointDataSource reads one endpoint that somebody else manages.
type endpointDataSource struct{ data *providerData }

func newEndpointDataSource() datasource.DataSource { return &endpointDataSource{} }

// seenEndpoint is an endpoint as a data source shows it.
type seenEndpoint struct {
	InferenceID      types.String `tfsdk:"inference_id"`
	TaskType         types.String `tfsdk:"task_type"`
	Service          types.String `tfsdk:"service"`
	ServiceSettings  types.Object `tfsdk:"service_settings"`
	TaskSettings     types.Object `tfsdk:"task_settings"`
	ChunkingSettings types.Object `tfsdk:"chunking_settings"`
	Target           types.String `tfsdk:"target"`
}

func see(endpoint inference.Endpoint, targetID string) seenEndpoint {
	shown := bareEndpoint(endpoint.InferenceID)
	shown.show(endpoint, targetID)
	return seenEndpoint{
		InferenceID: shown.InferenceID, TaskType: shown.TaskType, Service: shown.Service,
		ServiceSettings: withoutKeys(shown.ServiceSettings), TaskSettings: shown.TaskSettings,
		ChunkingSettings: shown.ChunkingSettings, Target: shown.Target,
	}
}

func (d *endpointDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_endpoint"
}

func (d *endpointDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := seenAttributes()
	attributes["inference_id"] = schema.StringAttribute{Required: true, MarkdownDescription: "Id of the endpoint."}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an inference endpoint of the target that is managed elsewhere. Its AWS keys cannot be read.",
		Attributes:          attributes,
	}
}

func (d *endpointDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (d *endpointDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config seenEndpoint
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(violationDiagnostics(inference.Config{InferenceID: settingOf(config.InferenceID, types.String.ValueString)}.Validate())...)
}

func (d *endpointDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config seenEndpoint
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !d.data.ready() {
		resp.Diagnostics.Append(notConfigured()...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultReadTimeout)
	defer cancel()

	targetID, err := d.data.target.ID(ctx)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics("Reading the target's id", err)...)
		return
	}
	endpoint, err := d.data.target.Get(ctx, config.InferenceID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics("Reading the inference endpoint", err)...)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, see(endpoint, targetID))...)
}

var seenServiceTypes = func() map[string]attr.Type {
	seen := map[string]attr.Type{}
	for name, kind := range serviceSettingsTypes {
		if name != "access_key" && name != "secret_key" {
			seen[name] = kind
		}
	}
	return seen
}()

func withoutKeys(settings types.Object) types.Object {
	values := settings.Attributes()
	delete(values, "access_key")
	delete(values, "secret_key")
	return types.ObjectValueMust(seenServiceTypes, values)
}

// seenAttributes are those of an endpoint that is only read.
func seenAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"inference_id": schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the endpoint."},
		"task_type":    schema.StringAttribute{Computed: true, MarkdownDescription: "What the endpoint does: `text_embedding`, `completion` or `chat_completion`."},
		"service":      schema.StringAttribute{Computed: true, MarkdownDescription: "Always `amazonbedrock`."},
		"service_settings": schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: "Which model answers, where, and how often it may be asked.",
			Attributes: map[string]schema.Attribute{
				"region":   schema.StringAttribute{Computed: true, MarkdownDescription: "AWS region of the model."},
				"provider": schema.StringAttribute{Computed: true, MarkdownDescription: "Maker of the model."},
				"model":    schema.StringAttribute{Computed: true, MarkdownDescription: "Model id, inference profile id or ARN."},
				"rate_limit": schema.SingleNestedAttribute{
					Computed: true, MarkdownDescription: "How often the model may be asked.",
					Attributes: map[string]schema.Attribute{
						"requests_per_minute": schema.Int64Attribute{Computed: true, MarkdownDescription: "Requests per minute."},
					},
				},
				"similarity":       schema.StringAttribute{Computed: true, MarkdownDescription: "Measure by which vectors are compared; null for completions."},
				"max_input_tokens": schema.Int64Attribute{Computed: true, MarkdownDescription: "Tokens to which texts are cut; null where they are not."},
				"dimensions":       schema.Int64Attribute{Computed: true, MarkdownDescription: "Length of the vectors; null for completions."},
			},
		},
		"task_settings": schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: "How answers are made; null where the model's defaults hold.",
			Attributes: map[string]schema.Attribute{
				"temperature":    schema.Float64Attribute{Computed: true, MarkdownDescription: "Randomness of completions."},
				"top_p":          schema.Float64Attribute{Computed: true, MarkdownDescription: "Share of the most likely tokens that completions choose from."},
				"top_k":          schema.Float64Attribute{Computed: true, MarkdownDescription: "Number of the most likely tokens that completions choose from."},
				"max_new_tokens": schema.Int64Attribute{Computed: true, MarkdownDescription: "Most tokens that a completion may have."},
				"truncate":       schema.StringAttribute{Computed: true, MarkdownDescription: "Where embedding models cut texts that are too long."},
			},
		},
		"chunking_settings": schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: "How a long text is cut before it is embedded; null for completions.",
			Attributes: map[string]schema.Attribute{
				"strategy":         schema.StringAttribute{Computed: true, MarkdownDescription: "`sentence`, `word`, `recursive` or `none`."},
				"max_chunk_size":   schema.Int64Attribute{Computed: true, MarkdownDescription: "Most words in a chunk."},
				"overlap":          schema.Int64Attribute{Computed: true, MarkdownDescription: "Words that a chunk repeats from the one before."},
				"sentence_overlap": schema.Int64Attribute{Computed: true, MarkdownDescription: "Sentences that a chunk repeats from the one before."},
				"separators":       schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Regular expressions at which the text is split."},
				"separator_group":  schema.StringAttribute{Computed: true, MarkdownDescription: "Ready-made separators: `plaintext` or `markdown`."},
			},
		},
		"target": schema.StringAttribute{Computed: true, MarkdownDescription: "Where the endpoint lives: `embedded`, or `elasticsearch:` and the id of the cluster."},
	}
}
