// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

var (
	_ datasource.DataSourceWithConfigure      = (*endpointDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*endpointDataSource)(nil)
	_ datasource.DataSourceWithConfigure      = (*endpointsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*endpointsDataSource)(nil)
)

// endpointDataSource reads one endpoint that is managed elsewhere.
type endpointDataSource struct{ data *providerData }

var serviceSettingsDataTypes = nestedTypes(endpointDataAttributes()["service_settings"])

// newEndpointDataModel returns an endpoint without keys: an API does not return them.
func newEndpointDataModel(endpoint inference.Endpoint, targetID string) endpointDataModel {
	var model endpointModel
	model.setFromAPI(endpoint, targetID)
	settings := model.ServiceSettings.Attributes()
	delete(settings, "access_key")
	delete(settings, "secret_key")
	model.ServiceSettings = types.ObjectValueMust(serviceSettingsDataTypes, settings)
	return model.endpointDataModel
}

func (d *endpointDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_endpoint"
}

func (d *endpointDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := endpointDataAttributes()
	attributes["inference_id"] = schema.StringAttribute{Required: true, MarkdownDescription: "Id of the endpoint to read."}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an inference endpoint of the target that is managed elsewhere. Its AWS keys cannot be read.",
		Attributes:          attributes,
	}
}

func (d *endpointDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (d *endpointDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config endpointDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(violationDiagnostics(inference.Config{InferenceID: stringSetting(config.InferenceID)}.Validate())...)
}

func (d *endpointDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config endpointDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !d.data.ready() {
		resp.Diagnostics.Append(notConfigured()...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultReadTimeout)
	defer cancel()
	defer func() { resp.Diagnostics.Append(d.data.serverWarnings()...) }()

	targetID, err := d.data.target.ID(ctx)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics(readingTargetID, err)...)
		return
	}
	endpoint, err := d.data.target.Get(ctx, config.InferenceID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics("Reading the inference endpoint", err)...)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, newEndpointDataModel(endpoint, targetID))...)
}

// endpointsDataSource reads all endpoints of the target, or those of a filter.
type endpointsDataSource struct{ data *providerData }

// endpointsModel keeps endpoints as a list: it is unknown during validation.
type endpointsModel struct {
	TaskType  types.String `tfsdk:"task_type"`
	Service   types.String `tfsdk:"service"`
	Model     types.String `tfsdk:"model"`
	Target    types.String `tfsdk:"target"`
	Endpoints types.List   `tfsdk:"endpoints"`
}

const (
	taskTypeFilterDescription = "Task type of the endpoints to return: `text_embedding`, `completion` or `chat_completion`. If it is left out, endpoints of every task type are returned."
	modelFilterDescription    = "Model of the endpoints to return, as in `service_settings.model`. If it is left out, endpoints of every model are returned."
)

func (d *endpointsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_endpoints"
}

func (d *endpointsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads all inference endpoints of the target, or those that match a filter.",
		Attributes: map[string]schema.Attribute{
			"task_type": schema.StringAttribute{Optional: true, MarkdownDescription: taskTypeFilterDescription},
			"service":   optionalString("Service of the endpoints to return. `amazonbedrock` is the only one, and the default."),
			"model":     schema.StringAttribute{Optional: true, MarkdownDescription: modelFilterDescription},
			"target":    schema.StringAttribute{Computed: true, MarkdownDescription: "Target that was read: `embedded`, or `elasticsearch:` and the UUID of the cluster."},
			"endpoints": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "Endpoints that match the filter, sorted by `inference_id`.",
				NestedObject:        schema.NestedAttributeObject{Attributes: endpointDataAttributes()},
			},
		},
	}
}

func (d *endpointsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (d *endpointsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config endpointsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(validateFilter(config.TaskType, config.Service, config.Model)...)
}

func (d *endpointsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config endpointsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultReadTimeout)
	defer cancel()

	found, diags := d.data.list(ctx, config.TaskType, config.Model)
	resp.Diagnostics.Append(diags...)
	for _, undecoded := range found.undecoded {
		resp.Diagnostics.Append(errorDiagnostics(listingEndpoints, undecoded.err)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	models := make([]endpointDataModel, len(found.endpoints))
	for i, listed := range found.endpoints {
		models[i] = newEndpointDataModel(listed.Endpoint, found.targetID)
	}
	config.Target = types.StringValue(found.targetID)
	config.Endpoints, diags = types.ListValueFrom(ctx, config.Endpoints.ElementType(ctx), models)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

// validateFilter rejects values that no endpoint can have.
func validateFilter(task, service, model types.String) diag.Diagnostics {
	violations := inference.Config{
		TaskType: taskTypeSetting(task), Service: stringSetting(service),
		ServiceSettings: inference.ServiceConfig{Model: stringSetting(model)},
	}.Validate()
	for i, violation := range violations {
		violations[i].Path = validation.Path(violation.Path.Name()) // a filter is flat
	}
	return violationDiagnostics(violations)
}

const listingEndpoints = "Listing the inference endpoints"

// listing is what a listing of the target found.
type listing struct {
	targetID  string
	endpoints []backend.Listed // sorted by id
	undecoded []undecodedEndpoint
}

// undecodedEndpoint is an endpoint that cannot be decoded, and why.
type undecodedEndpoint struct {
	inferenceID string
	err         error
}

// list returns the endpoints of a task type and a model. A null filter matches all
// endpoints. The target is read once.
func (d *providerData) list(ctx context.Context, taskType, model types.String) (found listing, diags diag.Diagnostics) {
	if !d.ready() {
		return found, notConfigured()
	}
	var err error
	if found.targetID, err = d.target.ID(ctx); err != nil {
		return found, errorDiagnostics(readingTargetID, err)
	}
	matches := func(filter types.String, value string) bool {
		return filter.ValueString() == "" || filter.ValueString() == value
	}
	for listed, err := range d.target.List(ctx) {
		switch endpoint := listed.Endpoint; {
		case err != nil && endpoint.InferenceID == "":
			return found, errorDiagnostics(listingEndpoints, err)
		case err != nil:
			found.undecoded = append(found.undecoded, undecodedEndpoint{endpoint.InferenceID, err})
		case matches(taskType, string(endpoint.TaskType)) && matches(model, endpoint.ServiceSettings.Model):
			found.endpoints = append(found.endpoints, listed)
		}
	}
	return found, d.serverWarnings()
}

// endpointDataAttributes are the attributes of an endpoint that is only read.
func endpointDataAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"inference_id": schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the endpoint."},
		"task_type":    schema.StringAttribute{Computed: true, MarkdownDescription: "Task type of the endpoint: `text_embedding`, `completion` or `chat_completion`."},
		"service":      schema.StringAttribute{Computed: true, MarkdownDescription: "Service of the endpoint, always `amazonbedrock`."},
		"service_settings": schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: "Model of the endpoint, its region and its rate limit.",
			Attributes: map[string]schema.Attribute{
				"region":   schema.StringAttribute{Computed: true, MarkdownDescription: "AWS region of the model."},
				"provider": schema.StringAttribute{Computed: true, MarkdownDescription: "Provider of the model."},
				"model":    schema.StringAttribute{Computed: true, MarkdownDescription: "Model id, inference profile id or ARN."},
				"rate_limit": schema.SingleNestedAttribute{
					Computed: true, MarkdownDescription: "Rate limit of requests to the model.",
					Attributes: map[string]schema.Attribute{
						"requests_per_minute": schema.NumberAttribute{Computed: true, MarkdownDescription: "Requests per minute."},
					},
				},
				"similarity":       schema.StringAttribute{Computed: true, MarkdownDescription: "Measure that compares vectors; null for completions."},
				"max_input_tokens": schema.NumberAttribute{Computed: true, MarkdownDescription: "Number of tokens to which texts are cut; null if they are not cut."},
				"dimensions":       schema.NumberAttribute{Computed: true, MarkdownDescription: "Number of dimensions of the vectors; null for completions."},
			},
		},
		"task_settings": schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: "Settings of the task; null if the model's defaults apply.",
			Attributes: map[string]schema.Attribute{
				"temperature":    schema.NumberAttribute{Computed: true, MarkdownDescription: "Randomness of completions."},
				"top_p":          schema.NumberAttribute{Computed: true, MarkdownDescription: "Cumulative probability of the most likely tokens that the model samples from."},
				"top_k":          schema.NumberAttribute{Computed: true, MarkdownDescription: "Number of the most likely tokens that the model samples from."},
				"max_new_tokens": schema.NumberAttribute{Computed: true, MarkdownDescription: "Largest number of tokens in a completion."},
				"truncate":       schema.StringAttribute{Computed: true, MarkdownDescription: "End at which embedding models cut texts that are too long."},
			},
		},
		"chunking_settings": schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: "How a long text is split before it is embedded; null for completions.",
			Attributes: map[string]schema.Attribute{
				"strategy":         schema.StringAttribute{Computed: true, MarkdownDescription: "Chunking strategy: `sentence`, `word`, `recursive` or `none`."},
				"max_chunk_size":   schema.NumberAttribute{Computed: true, MarkdownDescription: "Largest number of words in a chunk."},
				"overlap":          schema.NumberAttribute{Computed: true, MarkdownDescription: "Number of words that a chunk repeats from the previous one."},
				"sentence_overlap": schema.NumberAttribute{Computed: true, MarkdownDescription: "Number of sentences that a chunk repeats from the previous one."},
				"separators":       schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Regular expressions at which the text is split."},
				"separator_group":  schema.StringAttribute{Computed: true, MarkdownDescription: "Predefined separators: `plaintext` or `markdown`."},
			},
		},
		"target": schema.StringAttribute{Computed: true, MarkdownDescription: "Target that holds the endpoint: `embedded`, or `elasticsearch:` and the UUID of the cluster."},
	}
}
