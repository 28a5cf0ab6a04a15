// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

var _ function.Function = parseModelIDFunction{}

type parseModelIDFunction struct{}

func newParseModelIDFunction() function.Function { return parseModelIDFunction{} }

var modelIDTypes = map[string]attr.Type{
	"kind":       types.StringType,
	"provider":   types.StringType,
	"vendor":     types.StringType,
	"model":      types.StringType,
	"region":     types.StringType,
	"partition":  types.StringType,
	"account_id": types.StringType,
	"geography":  types.StringType,
}

func (parseModelIDFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_model_id"
}

func (parseModelIDFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Parts of a model id",
		MarkdownDescription: "Parses the id of a model, the id of an inference profile, or an ARN of Amazon Bedrock. Returns an object; parts that the id does not have are null:\n\n" +
			"- `kind`: what the id names, as ARNs call it: `foundation-model`, `inference-profile`, `application-inference-profile`, `provisioned-model` and others\n" +
			"- `provider`: what `service_settings.provider` takes for the model, such as `amazontitan` for all models of Amazon; null if the service does not support the vendor\n" +
			"- `vendor`: vendor of the model, the first part of its id, such as `amazon`\n" +
			"- `model`: id of the base model, without geography and ARN\n" +
			"- `region`, `partition`, `account_id`: parts of an ARN\n" +
			"- `geography`: prefix of an inference profile, such as `us` or `global`",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "model", MarkdownDescription: "Model id, inference profile id or ARN, such as `us.anthropic.claude-sonnet-4-5-20250929-v1:0`."},
		},
		Return: function.ObjectReturn{AttributeTypes: modelIDTypes},
	}
}

func (parseModelIDFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	id, err := modelArgument(ctx, req)
	if err != nil {
		resp.Error = err
		return
	}
	resp.Error = resp.Result.Set(ctx, types.ObjectValueMust(modelIDTypes, map[string]attr.Value{
		"kind":       stringOrNull(string(id.Kind)),
		"provider":   stringOrNull(string(id.Provider)),
		"vendor":     stringOrNull(id.Vendor),
		"model":      stringOrNull(id.Model),
		"region":     stringOrNull(id.Region),
		"partition":  stringOrNull(id.Partition),
		"account_id": stringOrNull(id.AccountID),
		"geography":  stringOrNull(id.Geography),
	}))
}

// modelArgument parses the only argument of a function about a model.
func modelArgument(ctx context.Context, req function.RunRequest) (inference.ModelID, *function.FuncError) {
	var model string
	if err := req.Arguments.Get(ctx, &model); err != nil {
		return inference.ModelID{}, err
	}
	id, ok := inference.ParseModelID(model)
	if !ok {
		return id, argumentError(0, modelIDProblem(model))
	}
	return id, nil
}

// modelIDProblem is the detail of the rule for the model setting.
func modelIDProblem(model string) string {
	setting := inference.Config{ServiceSettings: inference.ServiceConfig{Model: validation.Given(model)}}
	var details []string
	for _, violation := range setting.Validate() {
		details = append(details, violation.Detail)
	}
	return strings.Join(details, "\n")
}

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
	"replacement_note":       types.StringType,
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
			"- `replacement`: id of the base model that AWS recommends instead; null if AWS names none, several, or one that is itself legacy\n" +
			"- `replacement_note`: AWS's recommendation as text, which may name several models\n" +
			"- `confidence`: `aws` for data of AWS's own pages, `aws-derived` for data made from them, `third-party` for other sources\n" +
			"- `as_of`: date of the data",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "model", MarkdownDescription: "Model id, inference profile id or ARN, such as `us.anthropic.claude-sonnet-5`."},
		},
		Return: function.ObjectReturn{AttributeTypes: modelLifecycleTypes},
	}
}

func (modelLifecycleFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	id, err := modelArgument(ctx, req)
	if err != nil {
		resp.Error = err
		return
	}
	lifecycle, _ := inference.ModelLifecycle(id.Model)
	resp.Error = resp.Result.Set(ctx, types.ObjectValueMust(modelLifecycleTypes, map[string]attr.Value{
		"model":                  stringOrNull(id.Model),
		"state":                  stringOrNull(lifecycle.State),
		"legacy_date":            stringOrNull(lifecycle.LegacyDate),
		"end_of_life_date":       stringOrNull(lifecycle.EndOfLifeDate),
		"end_of_life_not_before": stringOrNull(lifecycle.EndOfLifeNotBefore),
		"replacement":            stringOrNull(lifecycle.Replacement),
		"replacement_note":       stringOrNull(lifecycle.ReplacementNote),
		"confidence":             stringOrNull(lifecycle.Confidence),
		"as_of":                  types.StringValue(inference.LifecycleDate),
	}))
}
