// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

var (
	_ datasource.DataSourceWithConfigure            = (*runDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig       = (*runDataSource)(nil)
	_ ephemeral.EphemeralResourceWithConfigure      = (*runEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*runEphemeral)(nil)
)

// runType is what the data source and the ephemeral resource of a task have in common.
type runType struct {
	data            *providerData
	validated       *repeatedWarnings
	name            string
	description     string
	serviceSettings func() map[string]schema.Attribute
	attributes      func(serviceSettings map[string]schema.Attribute) map[string]schema.Attribute
	newModel        func() runnable
}

// runnable is a pointer to the model of a completion or a text embedding.
type runnable interface {
	run() run
	setResult(result runResult)
	setUnknown()
}

func newCompletion(validated *repeatedWarnings) runType {
	return runType{
		validated: validated, name: "completion",
		description:     "Completes prompts with an endpoint of the target, or with a model directly. ",
		serviceSettings: completionServiceSettings,
		attributes:      completionAttributes,
		newModel:        func() runnable { return &completionModel{} },
	}
}

func newTextEmbedding(validated *repeatedWarnings) runType {
	return runType{
		validated: validated, name: "text_embedding",
		description:     "Embeds texts with an endpoint of the target, or with a model directly. ",
		serviceSettings: textEmbeddingServiceSettings,
		attributes:      textEmbeddingAttributes,
		newModel:        func() runnable { return &textEmbeddingModel{} },
	}
}

// validate validates a configuration, with new warnings only.
func (r *runType) validate(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	model := r.newModel()
	if diags := config.Get(ctx, model); diags.HasError() {
		return diags
	}
	return r.validated.once(model.run().validate())
}

// execute runs a configuration and returns it with the result. Timeouts has the
// attribute that is named after the operation. If mayWait is set, the result of a run
// whose endpoint does not exist yet is unknown.
func (r *runType) execute(ctx context.Context, config tfsdk.Config, operation string, mayWait bool) (runnable, diag.Diagnostics) {
	model := r.newModel()
	if diags := config.Get(ctx, model); diags.HasError() {
		return model, diags
	}
	run := model.run()
	timeout, diags := operationTimeout(run.model.Timeouts, operation, defaultRunTimeout)
	if diags.HasError() {
		return model, diags
	}
	if mayWait && r.data.isDeferred(ctx, run.model.InferenceID) {
		model.setUnknown()
		return model, r.data.checkInputType(ctx, run)
	}
	result, diags := r.data.execute(ctx, timeout, run)
	if !diags.HasError() {
		model.setResult(result)
	}
	return model, diags
}

// runDataSource runs a model at every read.
type runDataSource struct{ runType }

func (d *runDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

func (d *runDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: d.description + "A data source runs at every plan and apply, and every run is billed. " +
			"Its inputs and results are kept in the state and in plan files; to store nothing, use the ephemeral resource of the same name.",
		Attributes: d.attributes(d.serviceSettings()),
	}
	resp.Schema.Attributes["timeouts"] = runTimeouts("read")
}

func (d *runDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (d *runDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	resp.Diagnostics.Append(d.validate(ctx, req.Config)...)
}

func (d *runDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, diags := d.execute(ctx, req.Config, "read", false)
	resp.Diagnostics.Append(diags...)
	if !diags.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	}
}

// runEphemeral runs a model whenever it is opened.
type runEphemeral struct{ runType }

func (e *runEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + e.name
}

func (e *runEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	attributes := map[string]ephemeralschema.Attribute{"timeouts": runTimeouts("open")}
	for name, attribute := range e.attributes(withKeys(e.serviceSettings())) {
		attributes[name] = attribute
	}
	resp.Schema = ephemeralschema.Schema{
		MarkdownDescription: e.description + "An ephemeral resource runs at every plan and apply, and every run is billed. " +
			"Nothing of it is kept, neither in the state nor in plan files. If the plan creates the endpoint, it runs only once the endpoint exists.",
		Attributes: attributes,
	}
}

func (e *runEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (e *runEphemeral) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	resp.Diagnostics.Append(e.validate(ctx, req.Config)...)
}

func (e *runEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	model, diags := e.execute(ctx, req.Config, "open", true)
	resp.Diagnostics.Append(diags...)
	if !diags.HasError() {
		resp.Diagnostics.Append(resp.Result.Set(ctx, model)...)
	}
}
