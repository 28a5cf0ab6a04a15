package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ datasource.DataSourceWithConfigure      = (*endpointsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*endpointsDataSource)(nil)
)

// endpointsDataSource reads all endpoints of the target.
type endpointsDataSource struct{ data *providerData }

func newEndpointsDataSource() datasource.DataSource { return &endpointsDataSource{} }

type endpointsModel struct {
	TaskType  types.String   `tfsdk:"task_type"`
	Service   types.String   `tfsdk:"service"`
	Model     types.String   `tfsdk:"model"`
	Target    types.String   `tfsdk:"target"`
	Endpoints []seenEndpoint `tfsdk:"endpoints"`
}

func (d *endpointsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_endpoints"
}

func (d *endpointsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads all inference endpoints of the target, or those that fit.",
		Attributes: map[string]schema.Attribute{
			"task_type": schema.StringAttribute{Optional: true, MarkdownDescription: "Only endpoints of this task type: `text_embedding`, `completion` or `chat_completion`."},
			"service":   schema.StringAttribute{Optional: true, MarkdownDescription: "Only endpoints of this service. `amazonbedrock` is the only one that is read, with or without it."},
			"model":     schema.StringAttribute{Optional: true, MarkdownDescription: "Only endpoints of this model, as it is written in `service_settings.model`."},
			"target":    schema.StringAttribute{Computed: true, MarkdownDescription: "Where the endpoints live: `embedded`, or `elasticsearch:` and the id of the cluster."},
			"endpoints": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The endpoints, sorted by `inference_id`.",
				NestedObject:        schema.NestedAttributeObject{Attributes: seenAttributes()},
			},
		},
	}
}

func (d *endpointsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

// endpointsConfig is the model without its answer, which is unknown while only
// the configuration is read.
type endpointsConfig struct {
	TaskType  types.String `tfsdk:"task_type"`
	Service   types.String `tfsdk:"service"`
	Model     types.String `tfsdk:"model"`
	Target    types.String `tfsdk:"target"`
	Endpoints types.List   `tfsdk:"endpoints"`
}

func (d *endpointsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config endpointsConfig
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(filterFaults(config.TaskType, config.Service, config.Model)...)
}

func (d *endpointsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config endpointsConfig
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultReadTimeout)
	defer cancel()

	endpoints, targetID, diags := d.data.list(ctx, endpointFilter{config.TaskType.ValueString(), config.Model.ValueString()})
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	seen := make([]seenEndpoint, len(endpoints))
	for i, endpoint := range endpoints {
		seen[i] = see(endpoint, targetID)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, endpointsModel{
		TaskType: config.TaskType, Service: config.Service, Model: config.Model,
		Target: types.StringValue(targetID), Endpoints: seen,
	})...)
}
