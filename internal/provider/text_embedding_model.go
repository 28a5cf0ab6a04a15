package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// textEmbeddingModel is what the data source and the ephemeral resource have in
// common.
type textEmbeddingModel struct {
	runModel
	InputType  types.String `tfsdk:"input_type"`
	Dimensions types.Int64  `tfsdk:"dimensions"`
	Embeddings types.List   `tfsdk:"embeddings"`
}

func (m textEmbeddingModel) run() runConfig {
	return runConfig{runModel: m.runModel, inputType: m.InputType, task: inference.TextEmbedding}
}

func (m *textEmbeddingModel) show(result inference.Result) {
	m.Dimensions = types.Int64Value(int64(len(result.Embeddings[0])))
	m.Embeddings = vectorsValue(result.Embeddings)
	m.Usage = usageValue(result.Usage)
}

// await leaves the vectors for later.
func (m *textEmbeddingModel) await() {
	m.Dimensions, m.Embeddings = types.Int64Unknown(), types.ListUnknown(vectorType)
	m.Usage = types.ObjectUnknown(usageTypes)
}

func embeddingService() map[string]schema.Attribute {
	service := runService("Maker of the model: `amazontitan` or `cohere`.")
	service["max_input_tokens"] = schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: "Texts are cut to about this many tokens before they are embedded. Left out, nothing is cut.",
	}
	return service
}

func textEmbeddingAttributes(service map[string]schema.Attribute) map[string]schema.Attribute {
	attributes := runAttributes(service, map[string]schema.Attribute{
		"truncate": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "What Cohere's models do with texts that are too long: `NONE` refuses them, `START` and `END` cut there.",
		},
	})
	attributes["input"] = inputAttribute("Texts to embed, none of them empty. Titan takes up to 50,000 characters each, Cohere's v3 models 2,048 unless `truncate` cuts them.")
	attributes["input_type"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "What the vectors are for: `ingest`, `search`, `classification` or `clustering`. Only Cohere's models tell them apart.",
	}
	attributes["dimensions"] = schema.Int64Attribute{Computed: true, MarkdownDescription: "Length of each vector."}
	attributes["embeddings"] = schema.ListAttribute{
		Computed: true, ElementType: vectorType,
		MarkdownDescription: "One vector for each text, in the order of `input`. Each number is the shortest decimal that reads back to the model's own.",
	}
	return attributes
}
