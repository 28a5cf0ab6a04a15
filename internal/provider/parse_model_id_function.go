package provider

import (
	"context"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
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
	var model string
	if resp.Error = req.Arguments.Get(ctx, &model); resp.Error != nil {
		return
	}
	id, ok := inference.ParseModelID(model)
	if !ok {
		resp.Error = argumentError(0, modelIDProblem(model))
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

// modelIDProblem is the detail of the rule for the model setting.
func modelIDProblem(model string) string {
	setting := inference.Config{ServiceSettings: inference.ServiceConfig{Model: validation.Given(model)}}
	var details []string
	for _, violation := range setting.Validate() {
		details = append(details, violation.Detail)
	}
	return strings.Join(details, "\n")
}
