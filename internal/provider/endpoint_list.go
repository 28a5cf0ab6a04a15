package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ list.ListResourceWithConfigure      = (*endpointList)(nil)
	_ list.ListResourceWithValidateConfig = (*endpointList)(nil)
)

// endpointList finds the endpoints of a target, for terraform query.
type endpointList struct{ endpointResource }

func newEndpointList() list.ListResource { return &endpointList{} }

type endpointListModel struct {
	TaskType types.String `tfsdk:"task_type"`
	Model    types.String `tfsdk:"model"`
}

func (m endpointListModel) filter() endpointFilter {
	return endpointFilter{taskType: m.TaskType.ValueString(), model: m.Model.ValueString()}
}

func (l *endpointList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the inference endpoints of the target that Terraform may not manage yet. " +
			"`terraform query -generate-config-out=FILE` writes their configuration; only the AWS keys are left to add.",
		Attributes: map[string]schema.Attribute{
			"task_type": schema.StringAttribute{Optional: true, MarkdownDescription: "Only endpoints of this task type: `text_embedding`, `completion` or `chat_completion`."},
			"model":     schema.StringAttribute{Optional: true, MarkdownDescription: "Only endpoints of this model, as it is written in `service_settings.model`."},
		},
	}
}

func (l *endpointList) ValidateListResourceConfig(ctx context.Context, req list.ValidateConfigRequest, resp *list.ValidateConfigResponse) {
	var config endpointListModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(filterFaults(config.TaskType, types.StringNull(), config.Model)...)
}

func (l *endpointList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config endpointListModel
	diags := req.Config.Get(ctx, &config)
	endpoints, targetID, listed := l.data.list(ctx, config.filter())
	diags.Append(listed...)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		for i, endpoint := range endpoints {
			if req.Limit > 0 && int64(i) >= req.Limit {
				return
			}
			result := req.NewListResult(ctx)
			result.DisplayName = endpoint.InferenceID + " (" + string(endpoint.TaskType) + ", " + endpoint.ServiceSettings.Model + ")"
			result.Diagnostics.Append(result.Identity.Set(ctx, endpointIdentity{types.StringValue(endpoint.InferenceID)})...)
			if req.IncludeResource {
				held := bareEndpoint(endpoint.InferenceID)
				held.show(endpoint, targetID)
				result.Diagnostics.Append(result.Resource.Set(ctx, held)...)
			}
			if !push(result) {
				return
			}
		}
	}
}
