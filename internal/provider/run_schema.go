// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// runAttributes are the attributes that every run has. serviceSettings and
// taskSettings are those of its task. Data sources and ephemeral resources share
// them: their attributes differ only in the type of the map.
func runAttributes(serviceSettings, taskSettings map[string]schema.Attribute) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"inference_id": optionalString("Id of the endpoint to run. Excludes `service_settings`."),
		"service_settings": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Model to run directly on Amazon Bedrock, without an endpoint. Excludes `inference_id`.",
			Attributes:          serviceSettings,
		},
		"task_settings": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Settings of this run, which take precedence over those of the endpoint. Settings that are left out are not sent.",
			Attributes:          taskSettings,
		},
		"usage": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Tokens of all inputs together, by which AWS bills the run. A number is null if the model or the target does not report it.",
			Attributes: map[string]schema.Attribute{
				"input_tokens":  schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of tokens that the model read."},
				"output_tokens": schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of tokens that the model generated; null for embeddings."},
			},
		},
	}
}

func runServiceSettings(provider string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"region":   schema.StringAttribute{Required: true, MarkdownDescription: "AWS region of the model, such as `us-east-1`."},
		"provider": schema.StringAttribute{Required: true, MarkdownDescription: provider},
		"model":    schema.StringAttribute{Required: true, MarkdownDescription: "Model id, inference profile id or ARN. It must agree with `provider` and `region`."},
		"rate_limit": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Rate limit of requests to the model, shared by all runs of the same model with the same limit.",
			Attributes: map[string]schema.Attribute{
				"requests_per_minute": optionalNumber("Requests per minute, above 0. Default `240`."),
			},
		},
	}
}

// withKeys adds AWS keys, which only ephemeral resources may have: data sources
// would store them.
func withKeys(serviceSettings map[string]schema.Attribute) map[string]schema.Attribute {
	serviceSettings["access_key"] = optionalSecret("AWS access key of this run, together with `secret_key`. If it is left out, the credentials of the provider's `bedrock` block are used.")
	serviceSettings["secret_key"] = optionalSecret("AWS secret key that belongs to `access_key`.")
	return serviceSettings
}

func completionServiceSettings() map[string]schema.Attribute {
	return runServiceSettings("Provider of the model: `amazontitan`, `anthropic`, `ai21labs`, `cohere`, `meta` or `mistral`.")
}

func completionAttributes(serviceSettings map[string]schema.Attribute) map[string]schema.Attribute {
	attributes := runAttributes(serviceSettings, map[string]schema.Attribute{
		"temperature": optionalNumber("Randomness of completions, from `0.0` to `1.0`. Excludes `top_p` and `top_k`."),
		"top_p":       optionalNumber("Cumulative probability of the most likely tokens that the model samples from, from `0.0` to `1.0`. Excludes `temperature`."),
		"top_k": optionalNumber("Number of the most likely tokens that the model samples from, a whole number up to `500`; `anthropic`, `cohere` and `mistral` only. Excludes `temperature`. " +
			"An endpoint on Elasticsearch accepts `0.0` to `1.0` and ignores it."),
		"max_new_tokens": optionalNumber("Largest number of tokens in a completion, above 0. If it is left out, the model's own limit applies."),
	})
	attributes["input"] = inputAttribute("Prompts, none of them blank. Each prompt is completed on its own.")
	attributes["result"] = schema.StringAttribute{Computed: true, MarkdownDescription: "Completion of the first prompt."}
	attributes["results"] = schema.ListAttribute{
		Computed: true, ElementType: types.StringType,
		MarkdownDescription: "Completions, one per prompt, in the order of `input`.",
	}
	attributes["stop_reason"] = schema.StringAttribute{
		Computed: true,
		MarkdownDescription: "Why the model stopped in its completion of the first prompt, as Amazon Bedrock names it: `end_turn` if it was complete, `max_tokens` if `max_new_tokens` or the model's own limit cut it, and others. " +
			"Null if the target does not report it.",
	}
	attributes["stop_reasons"] = schema.ListAttribute{
		Computed: true, ElementType: types.StringType,
		MarkdownDescription: "Why the model stopped, one entry per completion, in the order of `input`.",
	}
	return attributes
}

func textEmbeddingServiceSettings() map[string]schema.Attribute {
	settings := runServiceSettings("Provider of the model: `amazontitan` or `cohere`.")
	settings["max_input_tokens"] = optionalNumber("Approximate number of tokens to which texts are cut before they are embedded. If it is left out, texts are not cut.")
	return settings
}

func textEmbeddingAttributes(serviceSettings map[string]schema.Attribute) map[string]schema.Attribute {
	attributes := runAttributes(serviceSettings, map[string]schema.Attribute{
		"truncate": optionalString("What Cohere's models do with a text that is too long: `NONE` refuses it, `START` and `END` cut it at that end."),
	})
	attributes["input"] = inputAttribute("Texts to embed, none of them empty. Titan accepts up to 50,000 characters each, Cohere's v3 models 2,048 unless `truncate` cuts them.")
	attributes["input_type"] = optionalString("Purpose of the vectors: `ingest`, `search`, `classification` or `clustering`. Only Cohere's models distinguish them.")
	attributes["dimensions"] = schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of dimensions of each vector."}
	attributes["embeddings"] = schema.ListAttribute{
		Computed: true, ElementType: vectorType,
		MarkdownDescription: "Vectors, one per text, in the order of `input`; with `chunking_settings`, one per chunk, in the order of `chunks`. Each number is the shortest decimal that represents the model's own value exactly.",
	}
	attributes["chunking_settings"] = schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Splits each text into chunks as Elasticsearch would and embeds each chunk. `{}` selects the defaults. If it is left out, texts are embedded whole; the endpoint's own `chunking_settings` never apply to a run.",
		Attributes: map[string]schema.Attribute{
			"strategy":         optionalString("Chunking strategy: `sentence` (default), `word`, `recursive` or `none`."),
			"max_chunk_size":   optionalNumber("Largest number of words in a chunk. Default `250`."),
			"overlap":          optionalNumber("Number of words that a chunk repeats from the previous one; `word` only. Default `100`, or half of `max_chunk_size` if that is smaller."),
			"sentence_overlap": optionalNumber("Number of sentences that a chunk repeats from the previous one; `sentence` only, `0` or `1`. Default `1`."),
			"separators":       optionalStrings("Java regular expressions at which the text is split; `recursive` only. Excludes `separator_group`."),
			"separator_group":  optionalString("Predefined separators: `plaintext` (default) or `markdown`; `recursive` only. Excludes `separators`."),
		},
	}
	attributes["chunks"] = schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Chunks of all texts with their vectors. Null without `chunking_settings`.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"input_index":  schema.Int64Attribute{Computed: true, MarkdownDescription: "Index in `input` of the text that contains the chunk."},
			"start_offset": schema.Int64Attribute{Computed: true, MarkdownDescription: "Offset of the chunk's first character in its text, in UTF-16 code units."},
			"end_offset":   schema.Int64Attribute{Computed: true, MarkdownDescription: "Offset of the first character after the chunk, in UTF-16 code units."},
			"text":         schema.StringAttribute{Computed: true, MarkdownDescription: "Text of the chunk."},
			"embedding":    schema.ListAttribute{Computed: true, ElementType: types.NumberType, MarkdownDescription: "Vector of the chunk."},
		}},
	}
	return attributes
}

func inputAttribute(description string) schema.Attribute {
	return schema.ListAttribute{Required: true, ElementType: types.StringType, MarkdownDescription: description}
}
