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
		Summary: "What a model id says about the model",
		MarkdownDescription: "Takes apart the id of a model, the id of an inference profile, or an ARN of Amazon Bedrock. Returns an object; what the id does not say is null in it:\n\n" +
			"- `kind`: what is named, in the words of ARNs: `foundation-model`, `inference-profile`, `application-inference-profile`, `provisioned-model` and others\n" +
			"- `provider`: maker of the model, as `service_settings.provider` takes it\n" +
			"- `model`: id of the model itself, without geography and ARN\n" +
			"- `region`, `partition`, `account_id`: as an ARN names them\n" +
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
		resp.Error = argumentFault(0, notAModelID(model))
		return
	}
	resp.Error = resp.Result.Set(ctx, types.ObjectValueMust(modelIDTypes, map[string]attr.Value{
		"kind":       textOrNull(string(id.Kind)),
		"provider":   textOrNull(string(id.Provider)),
		"model":      textOrNull(id.Model),
		"region":     textOrNull(id.Region),
		"partition":  textOrNull(id.Partition),
		"account_id": textOrNull(id.AccountID),
		"geography":  textOrNull(id.Geography),
	}))
}

// notAModelID is what the rule about a model setting says.
func notAModelID(model string) string {
	setting := inference.Config{ServiceSettings: inference.ServiceConfig{Model: validation.Given(model)}}
	var details []string
	for _, fault := range setting.Validate() {
		details = append(details, fault.Detail)
	}
	return strings.Join(details, "\n")
}
