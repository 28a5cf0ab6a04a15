package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// textEmbeddingModel is what the data source and the ephemeral resource have in
// common.
type textEmbeddingModel struct {
	runModel
	InputType        types.String `tfsdk:"input_type"`
	ChunkingSettings types.Object `tfsdk:"chunking_settings"`
	Dimensions       types.Int64  `tfsdk:"dimensions"`
	Embeddings       types.List   `tfsdk:"embeddings"`
	Chunks           types.List   `tfsdk:"chunks"`
}

func (m textEmbeddingModel) run() runConfig {
	return runConfig{runModel: m.runModel, inputType: m.InputType, chunking: m.ChunkingSettings, task: inference.TextEmbedding}
}

func (m *textEmbeddingModel) show(result answered) {
	m.Dimensions = types.Int64Value(int64(len(result.Embeddings[0])))
	m.Embeddings = vectorsValue(result.Embeddings)
	m.Chunks = types.ListNull(types.ObjectType{AttrTypes: embeddedChunkTypes})
	if !m.ChunkingSettings.IsNull() {
		m.Chunks = chunksValue(result.pieces, m.Embeddings)
	}
	m.Usage = usageValue(result.Usage)
}

// await leaves the vectors for later.
func (m *textEmbeddingModel) await() {
	m.Dimensions, m.Embeddings = types.Int64Unknown(), types.ListUnknown(vectorType)
	m.Chunks = types.ListNull(types.ObjectType{AttrTypes: embeddedChunkTypes})
	if !m.ChunkingSettings.IsNull() {
		m.Chunks = types.ListUnknown(m.Chunks.ElementType(context.Background()))
	}
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
		MarkdownDescription: "One vector for each text, in the order of `input`; with `chunking_settings` one for each chunk, in the order of `chunks`. Each number is the shortest decimal that reads back to the model's own.",
	}
	attributes["chunking_settings"] = schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Cuts each text as Elasticsearch would and embeds its chunks one by one. `{}` stands for the defaults. Left out, texts are embedded whole; the endpoint's own `chunking_settings` never apply to a run.",
		Attributes:          runChunking(),
	}
	attributes["chunks"] = schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "The chunks of all texts, with their vectors. Null without `chunking_settings`.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"input_index":  schema.Int64Attribute{Computed: true, MarkdownDescription: "Index in `input` of the text that the chunk is of."},
			"start_offset": schema.Int64Attribute{Computed: true, MarkdownDescription: "Where the chunk begins in its text, in UTF-16 code units."},
			"end_offset":   schema.Int64Attribute{Computed: true, MarkdownDescription: "Where the next character after the chunk begins, in UTF-16 code units."},
			"text":         schema.StringAttribute{Computed: true, MarkdownDescription: "The chunk."},
			"embedding":    schema.ListAttribute{Computed: true, ElementType: types.Float64Type, MarkdownDescription: "Its vector."},
		}},
	}
	return attributes
}

func runChunking() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"strategy":         schema.StringAttribute{Optional: true, MarkdownDescription: "`sentence` (default), `word`, `recursive` or `none`."},
		"max_chunk_size":   schema.Int64Attribute{Optional: true, MarkdownDescription: "Most words in a chunk. Default `250`."},
		"overlap":          schema.Int64Attribute{Optional: true, MarkdownDescription: "Words that a chunk repeats from the one before; `word` only. Default `100`, or half of `max_chunk_size` where that is smaller."},
		"sentence_overlap": schema.Int64Attribute{Optional: true, MarkdownDescription: "Sentences that a chunk repeats from the one before; `sentence` only, `0` or `1`. Default `1`."},
		"separators":       schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Java regular expressions at which the text is split; `recursive` only. Excludes `separator_group`."},
		"separator_group":  schema.StringAttribute{Optional: true, MarkdownDescription: "Ready-made separators: `plaintext` (default) or `markdown`; `recursive` only. Excludes `separators`."},
	}
}
