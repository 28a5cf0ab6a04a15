package provider

import (
	"context"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// runConfig is what every shape that asks a model is given.
type runConfig struct {
	inferenceID     types.String
	serviceSettings types.Object
	taskSettings    types.Object
	inputType       types.String
	input           types.List
	task            inference.TaskType
}

func (c runConfig) config() inference.Config {
	return inference.Config{
		TaskType:        inference.Given(c.task),
		ServiceSettings: serviceConfig(c.serviceSettings),
		TaskSettings:    taskConfig(c.taskSettings),
		InputType:       settingOf(c.inputType, types.String.ValueString),
	}
}

// validate applies the rules that need no endpoint.
func (c runConfig) validate() diag.Diagnostics {
	diags := violationDiagnostics(c.config().Validate())
	if c.inferenceID.IsUnknown() || c.serviceSettings.IsUnknown() {
		return diags
	}
	switch given, inline := !c.inferenceID.IsNull(), !c.serviceSettings.IsNull(); {
	case given && inline:
		diags.AddAttributeError(path.Root("service_settings"), "Two models",
			"inference_id and service_settings are both set. Keep inference_id to run an endpoint of the target, or service_settings to run a model without one.")
	case !given && !inline:
		diags.AddAttributeError(path.Root("inference_id"), "No model",
			"Neither inference_id nor service_settings is set. Write inference_id to run an endpoint of the target, or service_settings to run a model without one.")
	}
	return diags
}

func (c runConfig) request() inference.Request {
	request := inference.Request{
		InputType:    inference.InputType(c.inputType.ValueString()),
		TaskSettings: taskConfig(c.taskSettings).Settings(),
	}
	for _, element := range c.input.Elements() {
		if text, ok := element.(types.String); ok {
			request.Input = append(request.Input, text.ValueString())
		}
	}
	return request
}

// run asks the endpoint on the target, or the model itself where the settings
// are inline.
func (d *providerData) run(ctx context.Context, c runConfig) (inference.Result, diag.Diagnostics) {
	if !d.ready() {
		return inference.Result{}, notConfigured()
	}
	var diags diag.Diagnostics
	result, err := d.answer(ctx, c)
	if err != nil {
		diags.Append(errorDiagnostics("Running the model", err)...)
	}
	return result, diags
}

func (d *providerData) answer(ctx context.Context, c runConfig) (inference.Result, error) {
	if c.inferenceID.IsNull() {
		config := c.config()
		keys := inference.Keys{AccessKey: config.ServiceSettings.AccessKey.Or(""), SecretKey: config.ServiceSettings.SecretKey.Or("")}
		return d.runner.Run(ctx, config.Endpoint(), keys, c.request())
	}
	endpoint, err := d.target.Get(ctx, c.inferenceID.ValueString())
	if err != nil {
		return inference.Result{}, err
	}
	if endpoint.TaskType != c.task {
		return inference.Result{}, inference.Violations{{
			Path: "inference_id", Summary: "Endpoint of another task type",
			Detail: fmt.Sprintf("Inference endpoint %q does %s, and this runs %s. Write the id of another endpoint.", endpoint.InferenceID, endpoint.TaskType, c.task),
		}}
	}
	return d.target.Run(ctx, endpoint, c.request())
}

// exact is a float32 as the shortest decimal that reads back to it. Converted
// directly, 0.1 would show as 0.10000000149011612.
func exact(f float32) types.Float64 {
	decimal, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil {
		return types.Float64Null()
	}
	return types.Float64Value(decimal)
}

var vectorType = types.ListType{ElemType: types.Float64Type}

func vectorsValue(vectors [][]float32) types.List {
	rows := make([]attr.Value, len(vectors))
	for i, vector := range vectors {
		numbers := make([]attr.Value, len(vector))
		for j, number := range vector {
			numbers[j] = exact(number)
		}
		rows[i] = types.ListValueMust(types.Float64Type, numbers)
	}
	return types.ListValueMust(vectorType, rows)
}
