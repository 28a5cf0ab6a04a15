package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

var _ function.Function = modelLifecycleFunction{}

type modelLifecycleFunction struct{}

func newModelLifecycleFunction() function.Function { return modelLifecycleFunction{} }

var modelLifecycleTypes = map[string]attr.Type{
	"model":                  types.StringType,
	"state":                  types.StringType,
	"legacy_date":            types.StringType,
	"end_of_life_date":       types.StringType,
	"end_of_life_not_before": types.StringType,
	"replacement":            types.StringType,
	"confidence":             types.StringType,
	"as_of":                  types.StringType,
}

func (modelLifecycleFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "model_lifecycle"
}

func (modelLifecycleFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "What AWS has published about the retirement of a model",
		MarkdownDescription: "Returns the lifecycle of a model on Amazon Bedrock, from data that is part of this provider version. The result does not depend on the current date. Dates are in the form `2006-01-02`, differ by region, and AWS moves them. Returns an object; values that are not known are null:\n\n" +
			"- `model`: id of the base model\n" +
			"- `state`: `active`, `legacy` or `eol` (end of life) on the date `as_of`; null if nothing is known about the model\n" +
			"- `legacy_date`: date from which accounts that do not use the model are refused\n" +
			"- `end_of_life_date`: date from which calls of the model fail\n" +
			"- `end_of_life_not_before`: earliest end of life that AWS promises\n" +
			"- `replacement`: model that AWS recommends instead\n" +
			"- `confidence`: `aws` for data of AWS's own pages, `aws-derived` for data made from them, `third-party` for other sources\n" +
			"- `as_of`: date of the data",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "model", MarkdownDescription: "Model id, inference profile id or ARN, such as `us.anthropic.claude-sonnet-5`."},
		},
		Return: function.ObjectReturn{AttributeTypes: modelLifecycleTypes},
	}
}

func (modelLifecycleFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var model string
	if resp.Error = req.Arguments.Get(ctx, &model); resp.Error != nil {
		return
	}
	id, ok := inference.ParseModelID(model)
	if !ok {
		resp.Error = argumentError(0, modelIDProblem(model))
		return
	}
	lifecycle, _ := inference.ModelLifecycle(model)
	resp.Error = resp.Result.Set(ctx, types.ObjectValueMust(modelLifecycleTypes, map[string]attr.Value{
		"model":                  stringOrNull(id.Model),
		"state":                  stringOrNull(lifecycle.State),
		"legacy_date":            stringOrNull(lifecycle.LegacyDate),
		"end_of_life_date":       stringOrNull(lifecycle.EndOfLifeDate),
		"end_of_life_not_before": stringOrNull(lifecycle.EndOfLifeNotBefore),
		"replacement":            stringOrNull(lifecycle.Replacement),
		"confidence":             stringOrNull(lifecycle.Confidence),
		"as_of":                  types.StringValue(inference.LifecycleDate),
	}))
}
