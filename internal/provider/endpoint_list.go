// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ list.ListResourceWithConfigure      = (*endpointList)(nil)
	_ list.ListResourceWithValidateConfig = (*endpointList)(nil)
)

// endpointList lists the endpoints of the target, for terraform query.
type endpointList struct{ endpointResource }

type endpointListModel struct {
	TaskType types.String `tfsdk:"task_type"`
	Model    types.String `tfsdk:"model"`
}

func (l *endpointList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the inference endpoints of the target, for example to import those that Terraform does not manage yet. " +
			"`terraform query -generate-config-out=FILE` writes their configuration, except for the AWS keys.",
		Attributes: map[string]schema.Attribute{
			"task_type": schema.StringAttribute{Optional: true, MarkdownDescription: taskTypeFilterDescription},
			"model":     schema.StringAttribute{Optional: true, MarkdownDescription: modelFilterDescription},
		},
	}
}

func (l *endpointList) ValidateListResourceConfig(ctx context.Context, req list.ValidateConfigRequest, resp *list.ValidateConfigResponse) {
	var config endpointListModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(validateFilter(config.TaskType, types.StringNull(), config.Model)...)
}

func (l *endpointList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config endpointListModel
	diags := req.Config.Get(ctx, &config)
	found, listDiags := l.data.list(ctx, config.TaskType, config.Model)
	diags.Append(listDiags...)
	for _, undecoded := range found.undecoded { // Terraform shows only the first of warnings with equal summaries
		summary := fmt.Sprintf("Inference endpoint %q is not listed", undecoded.inferenceID)
		diags.AddWarning(summary, errorDiagnostics(listingEndpoints, undecoded.err)[0].Detail())
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		if len(diags) > 0 && !push(list.ListResult{Diagnostics: diags}) {
			return
		}
		for i, listed := range found.endpoints {
			endpoint := listed.Endpoint
			if req.Limit > 0 && int64(i) >= req.Limit {
				return
			}
			result := req.NewListResult(ctx)
			result.DisplayName = endpoint.InferenceID + " (" + string(endpoint.TaskType) + ", " + endpoint.ServiceSettings.Model + ")"
			result.Diagnostics.Append(result.Identity.Set(ctx, endpointIdentity{types.StringValue(endpoint.InferenceID)})...)
			if req.IncludeResource {
				model := newEndpointModel(endpoint.InferenceID)
				model.setFromAPI(endpoint, found.targetID)
				model.setOrigin(l.data, listed.HasKeys)
				result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
			}
			if !push(result) {
				return
			}
		}
	}
}
