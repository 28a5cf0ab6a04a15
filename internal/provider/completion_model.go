package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// completionModel is what the data source and the ephemeral resource have in
// common.
type completionModel struct {
	runModel
	Result      types.String `tfsdk:"result"`
	Results     types.List   `tfsdk:"results"`
	StopReason  types.String `tfsdk:"stop_reason"`
	StopReasons types.List   `tfsdk:"stop_reasons"`
}

func (m completionModel) run() runConfig {
	return runConfig{runModel: m.runModel, inputType: types.StringNull(), task: inference.Completion}
}

func (m *completionModel) show(result answered) {
	texts := make([]attr.Value, len(result.Completions))
	reasons := make([]attr.Value, len(result.Completions))
	for i, answer := range result.Completions {
		texts[i], reasons[i] = types.StringValue(answer.Text), textOrNull(answer.StopReason)
	}
	first := result.Completions[0]
	m.Result, m.Results = types.StringValue(first.Text), types.ListValueMust(types.StringType, texts)
	m.StopReason, m.StopReasons = textOrNull(first.StopReason), types.ListValueMust(types.StringType, reasons)
	m.Usage = usageValue(result.Usage)
}

// await leaves the answers for later.
func (m *completionModel) await() {
	m.Result, m.Results = types.StringUnknown(), types.ListUnknown(types.StringType)
	m.StopReason, m.StopReasons = types.StringUnknown(), types.ListUnknown(types.StringType)
	m.Usage = types.ObjectUnknown(usageTypes)
}

func completionService() map[string]schema.Attribute {
	return runService("Maker of the model: `amazontitan`, `anthropic`, `ai21labs`, `cohere`, `meta` or `mistral`.")
}

func completionAttributes(service map[string]schema.Attribute) map[string]schema.Attribute {
	attributes := runAttributes(service, map[string]schema.Attribute{
		"temperature": schema.Float64Attribute{
			Optional:            true,
			MarkdownDescription: "Randomness, from `0.0` to `1.0`. Excludes `top_p` and `top_k`.",
		},
		"top_p": schema.Float64Attribute{
			Optional:            true,
			MarkdownDescription: "Share of the most likely tokens to choose from, from `0.0` to `1.0`. Excludes `temperature`.",
		},
		"top_k": schema.Float64Attribute{
			Optional: true,
			MarkdownDescription: "Number of the most likely tokens to choose from, a whole number up to `500`; `anthropic`, `cohere` and `mistral` only. Excludes `temperature`. " +
				"An endpoint on Elasticsearch takes `0.0` to `1.0` and ignores it.",
		},
		"max_new_tokens": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "Most tokens that an answer may have, above 0. Left out, the model's own limit holds.",
		},
	})
	attributes["input"] = inputAttribute("Prompts, none of them blank. Each of them is answered by itself.")
	attributes["result"] = schema.StringAttribute{Computed: true, MarkdownDescription: "Answer to the first prompt."}
	attributes["results"] = schema.ListAttribute{
		Computed: true, ElementType: types.StringType,
		MarkdownDescription: "One answer for each prompt, in the order of `input`.",
	}
	attributes["stop_reason"] = schema.StringAttribute{
		Computed: true,
		MarkdownDescription: "Why the model stopped in its first answer, in Amazon Bedrock's words: `end_turn` where it was done, `max_tokens` where `max_new_tokens` or its own limit cut it, and others. " +
			"Null where the target does not say.",
	}
	attributes["stop_reasons"] = schema.ListAttribute{
		Computed: true, ElementType: types.StringType,
		MarkdownDescription: "The same for each answer.",
	}
	return attributes
}
