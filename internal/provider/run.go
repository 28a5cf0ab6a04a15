package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
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
	chunking  types.Object // null where inputs are sent whole
	task      inference.TaskType
}

func (c runConfig) config() inference.Config {
	return inference.Config{
		InferenceID:     settingOf(c.InferenceID, types.String.ValueString),
		TaskType:        validation.Given(c.task),
		ServiceSettings: serviceConfig(c.ServiceSettings),
		TaskSettings:    taskConfig(c.TaskSettings),
		InputType:       settingOf(c.inputType, types.String.ValueString),
		Chunking:        chunkingConfig(c.chunking),
	}
}

// validate applies the rules that need neither the endpoint nor the provider.
func (c runConfig) validate() diag.Diagnostics {
	config := c.config()
	found := config.Validate()
	if !c.ServiceSettings.IsNull() {
		found = append(found, direct().Check(config)...)
	}
	found = append(found, separatorFaults(config.Chunking)...)
	if pieces, err := c.pieces(); err == nil && !c.Input.IsUnknown() && !c.Input.IsNull() {
		found = append(found, atInputs(c.request(pieces).ValidateInput(c.knownEndpoint()), pieces)...)
	}
	diags := c.validateChoice()
	diags.Append(violationDiagnostics(found)...)
	return diags
}

// direct is Amazon Bedrock itself, which runs models that have no endpoint as
// the embedded target runs those that have one.
func direct() backend.Capabilities {
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
	if c.ServiceSettings.IsNull() || anyUnknown(c.ServiceSettings) || anyUnknown(c.TaskSettings) || anyUnknown(c.chunking) {
		return inference.Endpoint{TaskType: c.task}
	}
	return c.config().Endpoint()
}

func (c runConfig) request(pieces []piece) inference.Request {
	return inference.Request{
		Input:        texts(pieces),
		InputType:    inference.InputType(c.inputType.ValueString()),
		TaskSettings: taskConfig(c.TaskSettings).Settings(),
	}
}

// answered is the result of a run beside what was sent for it.
type answered struct {
	inference.Result
	pieces []piece
}

// run asks the endpoint on the target, or the model itself where the settings
// are inline.
func (d *providerData) run(ctx context.Context, timeout time.Duration, c runConfig) (answered, diag.Diagnostics) {
	if !d.ready() {
		return answered{}, notConfigured()
	}
	pieces, err := c.pieces()
	if err != nil {
		return answered{}, errorDiagnostics("Chunking the input", err)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ask, at := d.runEndpoint, path.Root("inference_id")
	if c.InferenceID.IsNull() {
		ask, at = d.runModel, path.Root("service_settings")
	}
	result, warnings, err := ask(ctx, c, c.request(pieces))
	diags := violationDiagnostics(warnings)
	var faults validation.Violations
	if errors.As(err, &faults) {
		err = atInputs(faults, pieces)
	}
	if err != nil {
		diags.Append(runFailed(at, err)...)
	}
	return answered{result, pieces}, diags
}

func (d *providerData) runModel(ctx context.Context, c runConfig, request inference.Request) (inference.Result, validation.Violations, error) {
	config := c.config()
	keys := inference.Keys{AccessKey: config.ServiceSettings.AccessKey.Or(""), SecretKey: config.ServiceSettings.SecretKey.Or("")}
	result, err := d.runner.Run(ctx, config.Endpoint(), keys, request)
	return result, nil, err
}

// runEndpoint returns what the target only warns of beside the result.
func (d *providerData) runEndpoint(ctx context.Context, c runConfig, request inference.Request) (inference.Result, validation.Violations, error) {
	endpoint, err := d.target.Get(ctx, c.InferenceID.ValueString())
	if err != nil {
		return inference.Result{}, nil, err
	}
	if endpoint.TaskType.Generates() != c.task.Generates() {
		return inference.Result{}, nil, validation.Violations{{
			Path: "inference_id", Summary: "Endpoint of another task type",
			Detail: fmt.Sprintf("Inference endpoint %q does %s, and this runs %s. Write the id of another endpoint.", endpoint.InferenceID, endpoint.TaskType, c.task),
		}}
	}
	capabilities, err := d.target.Capabilities(ctx)
	if err != nil {
		return inference.Result{}, nil, err
	}
	// How texts are cut here is nothing to the target: it gets the chunks.
	config := c.config()
	config.Chunking = validation.Setting[inference.ChunkingConfig]{}
	found := append(capabilities.Check(config), request.Validate(endpoint)...)
	if len(found.Errors()) > 0 {
		return inference.Result{}, nil, found
	}
	result, err := d.target.Run(ctx, endpoint, request)
	return result, found, err
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
