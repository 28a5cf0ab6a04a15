// SPDX-License-Identifier: MPL-2.0

package provider_test

import "math"

const (
	atTemperature = "task_settings.temperature"
	atTopP        = "task_settings.top_p"
	atTopK        = "task_settings.top_k"
	atMaxTokens   = "task_settings.max_new_tokens"
	atTruncate    = "task_settings.truncate"

	atStrategy        = "chunking_settings.strategy"
	atSize            = "chunking_settings.max_chunk_size"
	atOverlap         = "chunking_settings.overlap"
	atSentenceOverlap = "chunking_settings.sentence_overlap"
	atSeparators      = "chunking_settings.separators"
	atSeparatorGroup  = "chunking_settings.separator_group"
)

// invalidTaskSettings are errors in task_settings.
func invalidTaskSettings() []invalidConfig {
	rows := invalidEndpointValues(validCompletion(), atTemperature, `Write a number from 0.0 to 1.0`, -0.1, 1.1, 2.0, 100.0)
	rows = append(rows, invalidEndpointValues(validCompletion(), atTopP, `Write a number from 0.0 to 1.0`, -0.1, 1.1, 2.0, 100.0)...)
	rows = append(rows, invalidEndpointValues(validCompletion(), atTopK, `Write a number that is at least 0`, -1.0, -0.5)...)
	rows = append(rows, invalidEndpointValues(validCompletion(), atMaxTokens, `Write a whole number from 1 to 2147483647, or leave it out`, 0, -1, int64(math.MaxInt32)+1)...)
	rows = append(rows,
		invalidConfig{"temperature with top_p", endpointResource, completionEndpoint(nil, object{"temperature": 0.5, "top_p": 0.5}), atTopP, `Remove top_p, or remove temperature`},
		invalidConfig{"temperature with top_k", endpointResource, completionEndpoint(nil, object{"temperature": 0.5, "top_k": 5.0}), atTopK, `Remove top_k, or remove temperature`},
	)
	for _, maker := range textModels {
		for _, task := range []string{"completion", "chat_completion"} {
			config := with(with(with(validCompletion(), "task_type", task), atProvider, maker.provider), atModel, maker.model)
			if maker.provider == "amazontitan" || maker.provider == "ai21labs" || maker.provider == "meta" {
				rows = append(rows, invalidConfig{
					task + " of " + maker.provider + " with top_k", endpointResource, with(config, atTopK, 5.0),
					atTopK, `Models of ` + maker.provider + ` have no top_k; those of "anthropic", "cohere" or "mistral" do. Remove top_k`,
				})
			}
		}
	}
	cohere := embeddingEndpoint(object{"provider": "cohere", "model": "cohere.embed-english-v3"}, nil)
	rows = append(rows, invalidEndpointValues(cohere, atTruncate, `is not a way to truncate. Write "NONE", "START" or "END"`, "", "MIDDLE", "end", "BEGIN")...)
	rows = append(rows, invalidConfig{"truncate of amazontitan", endpointResource, with(validEndpoint(), atTruncate, "END"), atTruncate, `Only Cohere.* Remove truncate`})
	for _, task := range []string{"completion", "chat_completion"} {
		text := with(completionEndpoint(object{"provider": "cohere", "model": "cohere.command-r-v1:0"}, nil), "task_type", task)
		rows = append(rows, invalidConfig{"truncate of " + task, endpointResource, with(text, atTruncate, "END"), atTruncate, `belongs to text_embedding; .* Remove truncate`})
	}
	for _, model := range []struct{ provider, model string }{{"amazontitan", "amazon.titan-embed-text-v2:0"}, {"cohere", "cohere.embed-english-v3"}} {
		config := with(with(validEndpoint(), atProvider, model.provider), atModel, model.model)
		for at, value := range map[string]any{atTemperature: 0.5, atTopP: 0.5, atMaxTokens: 5} {
			rows = append(rows, invalidConfig{at + " of embeddings of " + model.provider, endpointResource, with(config, at, value), at, `applies only to generated text; .* Remove`})
		}
	}
	return append(rows, invalidConfig{"top_k of embeddings", endpointResource, with(cohere, atTopK, 5.0), atTopK, `applies only to generated text; .* Remove`})
}

// invalidChunkingSettings are errors in chunking_settings.
func invalidChunkingSettings() []invalidConfig {
	chunked := func(strategy string) object { return with(validEndpoint(), atStrategy, strategy) }
	rows := invalidEndpointValues(validEndpoint(), atStrategy, `is not a chunking strategy. Write "word", "sentence", "recursive" or "none"`, "", "words", "WORD", "paragraph", "sentences")
	rows = append(rows, invalidEndpointValues(chunked("word"), atSize, `Strategy "word" needs at least 10`, 9, 0, -1)...)
	rows = append(rows, invalidEndpointValues(chunked("sentence"), atSize, `Strategy "sentence" needs at least 20`, 19, 1, -2)...)
	rows = append(rows, invalidEndpointValues(chunked("recursive"), atSize, `Strategy "recursive" needs at least 10`, 8, 2, -3)...)
	rows = append(rows, invalidEndpointValues(validEndpoint(), atSize, `Strategy "sentence" needs at least 20`, 10)...)
	for size, overlap := range map[int]int{250: 126, 20: 11, 10: 6, 11: 7, 1000: 501} {
		rows = append(rows, invalidEndpointValues(with(chunked("word"), atSize, size), atOverlap, `half of max_chunk_size: write at most`, overlap)...)
	}
	rows = append(rows, invalidEndpointValues(chunked("word"), atOverlap, `half of max_chunk_size: write at most 125`, -1, 250)...)
	rows = append(rows, invalidEndpointValues(chunked("sentence"), atSentenceOverlap, `Write 0 or 1`, -1, 2, 10)...)
	rows = append(rows, invalidEndpointValues(chunked("recursive"), atSeparators, `List at least one .*leave it out`, []any{})...)
	for i, separators := range [][]any{{""}, {"a", ""}, {"a", "b", ""}} {
		rows = append(rows, invalidConfig{
			"empty separator " + string(rune('0'+i)), endpointResource, with(chunked("recursive"), atSeparators, separators),
			atSeparators + "[" + string(rune('0'+i)) + "]", `Write a regular expression, or remove it`,
		})
	}
	rows = append(rows, invalidConfig{"null separator", endpointResource, with(chunked("recursive"), atSeparators, []any{nil, "a"}), atSeparators + "[0]", `is null. Write a regular expression, or remove it`})
	rows = append(rows, invalidEndpointValues(chunked("recursive"), atSeparatorGroup, `is not a separator group. Write "plaintext" or "markdown"`, "", "html", "MARKDOWN")...)
	rows = append(rows, invalidConfig{
		"separators twice", endpointResource, with(with(chunked("recursive"), atSeparators, []any{"a"}), atSeparatorGroup, "markdown"),
		atSeparatorGroup, `both set. Keep one`,
	})
	values := map[string]any{atSize: 50, atOverlap: 5, atSentenceOverlap: 1, atSeparators: []any{"a"}, atSeparatorGroup: "markdown"}
	for strategy, foreign := range map[string][]string{
		"word":      {atSentenceOverlap, atSeparators, atSeparatorGroup},
		"sentence":  {atOverlap, atSeparators, atSeparatorGroup},
		"recursive": {atOverlap, atSentenceOverlap},
		"none":      {atSize, atOverlap, atSentenceOverlap, atSeparators, atSeparatorGroup},
	} {
		for _, at := range foreign {
			rows = append(rows, invalidConfig{strategy + " with " + at, endpointResource, with(chunked(strategy), at, values[at]), at, `Strategy "` + strategy + `" has no .* Remove`})
		}
	}
	for _, at := range []string{atOverlap, atSeparators, atSeparatorGroup} {
		rows = append(rows, invalidConfig{"no strategy with " + at, endpointResource, with(validEndpoint(), at, values[at]), at, `Strategy "sentence" has no .* Remove`})
	}
	return rows
}
