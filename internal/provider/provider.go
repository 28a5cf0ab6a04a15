// Package provider is Terraform's face of inference endpoints. It maps HCL to
// the domain and faults to diagnostics; it holds no rule of the domain and
// builds no JSON of an API.
package provider

import (
	"context"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

var (
	_ provider.ProviderWithActions            = (*inferenceProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*inferenceProvider)(nil)
	_ provider.ProviderWithFunctions          = (*inferenceProvider)(nil)
	_ provider.ProviderWithListResources      = (*inferenceProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*inferenceProvider)(nil)
)

type inferenceProvider struct {
	version string
	// data is what the last Configure made.
	data atomic.Pointer[providerData]
}

// New returns a constructor of the provider; version goes into the user agent.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &inferenceProvider{version: version} }
}

func (p *inferenceProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "inference"
	resp.Version = p.version
}

func (p *inferenceProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

func (p *inferenceProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.validate()...)
	}
}

// Configure reads the settings, from the configuration first and the environment
// second, and connects to nothing: that is left to the first operation.
func (p *inferenceProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	data, diags := config.configure(p.version)
	resp.Diagnostics.Append(warningsWithoutPath(diags)...)
	p.data.Store(data)
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.EphemeralResourceData = data
	resp.ListResourceData = data
	resp.ActionData = data
}

func (p *inferenceProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newEndpointResource}
}

func (p *inferenceProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newEndpointDataSource, newEndpointsDataSource, newCompletionDataSource, newTextEmbeddingDataSource}
}

func (p *inferenceProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newEndpointList}
}

func (p *inferenceProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newCompletionEphemeral, newTextEmbeddingEphemeral}
}

func (p *inferenceProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newVerifyAction}
}

func (p *inferenceProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newChunkFunction, newCosineSimilarityFunction, newParseModelIDFunction}
}
