package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/target"
)

// defaultRunTimeout bounds a run whose timeouts say nothing.
const defaultRunTimeout = 5 * time.Minute

// runModel is what the shapes that run a model have in common.
type runModel struct {
	InferenceID     types.String `tfsdk:"inference_id"`
	ServiceSettings types.Object `tfsdk:"service_settings"`
	TaskSettings    types.Object `tfsdk:"task_settings"`
	Input           types.List   `tfsdk:"input"`
	Usage           types.Object `tfsdk:"usage"`
}

// runConfig is one run as a configuration asks for it.
type runConfig struct {
	runModel
	inputType types.String // null for completions
	task      inference.TaskType
}

func (c runConfig) config() inference.Config {
	return inference.Config{
		InferenceID:     settingOf(c.InferenceID, types.String.ValueString),
		TaskType:        inference.Given(c.task),
		ServiceSettings: serviceConfig(c.ServiceSettings),
		TaskSettings:    taskConfig(c.TaskSettings),
		InputType:       settingOf(c.inputType, types.String.ValueString),
	}
}

// validate applies the rules that need neither the endpoint nor the provider.
func (c runConfig) validate() diag.Diagnostics {
	config := c.config()
	found := config.Validate()
	if !c.ServiceSettings.IsNull() {
		found = append(found, direct().Check(config)...)
	}
	if !c.Input.IsUnknown() && !c.Input.IsNull() {
		found = append(found, c.request().ValidateInput(c.knownEndpoint())...)
	}
	diags := c.validateChoice()
	diags.Append(violationDiagnostics(found)...)
	return diags
}

// direct is Amazon Bedrock itself, which runs models that have no endpoint as
// the embedded target runs those that have one.
func direct() target.Capabilities {
	capabilities := embedded.Capabilities()
	capabilities.Name = "Amazon Bedrock"
	return capabilities
}

func (c runConfig) validateChoice() diag.Diagnostics {
	var diags diag.Diagnostics
	if c.InferenceID.IsUnknown() || c.ServiceSettings.IsUnknown() {
		return diags
	}
	switch given, inline := !c.InferenceID.IsNull(), !c.ServiceSettings.IsNull(); {
	case given && inline:
		diags.AddAttributeError(path.Root("service_settings"), "Two models",
			"inference_id and service_settings are both set. Keep inference_id to run an endpoint of the target, or service_settings to run a model without one.")
	case !given && !inline:
		diags.AddAttributeError(path.Root("inference_id"), "No model",
			"Neither inference_id nor service_settings is set. Write inference_id to run an endpoint of the target, or service_settings to run a model without one.")
	}
	return diags
}

// knownEndpoint is as much of what will run as can be said during validation.
// One unknown setting hides the others: each of them can lift a limit.
func (c runConfig) knownEndpoint() inference.Endpoint {
	if c.ServiceSettings.IsNull() || anyUnknown(c.ServiceSettings) || anyUnknown(c.TaskSettings) {
		return inference.Endpoint{TaskType: c.task}
	}
	return c.config().Endpoint()
}

// harmless stands for a text that is not known yet: no rule refuses it.
const harmless = "x"

func (c runConfig) request() inference.Request {
	request := inference.Request{
		InputType:    inference.InputType(c.inputType.ValueString()),
		TaskSettings: taskConfig(c.TaskSettings).Settings(),
	}
	for _, element := range c.Input.Elements() {
		text, ok := element.(types.String)
		switch {
		case !ok:
		case text.IsUnknown():
			request.Input = append(request.Input, harmless)
		default:
			request.Input = append(request.Input, text.ValueString())
		}
	}
	return request
}

// run asks the endpoint on the target, or the model itself where the settings
// are inline.
func (d *providerData) run(ctx context.Context, timeout time.Duration, c runConfig) (inference.Result, diag.Diagnostics) {
	if !d.ready() {
		return inference.Result{}, notConfigured()
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if c.InferenceID.IsNull() {
		return d.runModel(ctx, c)
	}
	return d.runEndpoint(ctx, c)
}

func (d *providerData) runModel(ctx context.Context, c runConfig) (inference.Result, diag.Diagnostics) {
	config := c.config()
	keys := inference.Keys{AccessKey: config.ServiceSettings.AccessKey.Or(""), SecretKey: config.ServiceSettings.SecretKey.Or("")}
	result, err := d.runner.Run(ctx, config.Endpoint(), keys, c.request())
	if err != nil {
		return result, runFailed(path.Root("service_settings"), err)
	}
	return result, nil
}

func (d *providerData) runEndpoint(ctx context.Context, c runConfig) (inference.Result, diag.Diagnostics) {
	at := path.Root("inference_id")
	endpoint, err := d.target.Get(ctx, c.InferenceID.ValueString())
	if err != nil {
		return inference.Result{}, runFailed(at, err)
	}
	if endpoint.TaskType.Generates() != c.task.Generates() {
		return inference.Result{}, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Endpoint of another task type",
			fmt.Sprintf("Inference endpoint %q does %s, and this runs %s. Write the id of another endpoint.", endpoint.InferenceID, endpoint.TaskType, c.task))}
	}
	capabilities, err := d.target.Capabilities(ctx)
	if err != nil {
		return inference.Result{}, runFailed(at, err)
	}
	diags := violationDiagnostics(append(capabilities.Check(c.config()), c.request().Validate(endpoint)...))
	if diags.HasError() {
		return inference.Result{}, diags
	}
	result, err := d.target.Run(ctx, endpoint, c.request())
	if err != nil {
		diags.Append(runFailed(at, err)...)
	}
	return result, diags
}

// runFailed shows an error at the setting that names the model, unless the error
// knows a better place.
func runFailed(at path.Path, err error) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, fault := range errorDiagnostics("Running the model", err) {
		if _, placed := fault.(diag.DiagnosticWithPath); !placed {
			fault = diag.WithPath(at, fault)
		}
		diags.Append(fault)
	}
	return diags
}
