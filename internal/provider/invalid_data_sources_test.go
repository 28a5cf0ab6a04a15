// SPDX-License-Identifier: MPL-2.0

package provider_test

import "fmt"

// invalidValues returns a row for each of the values of one attribute of a block, which
// have the same error.
func invalidValues(of blockType, config object, at, message string, values ...any) []invalidConfig {
	rows := make([]invalidConfig, len(values))
	for i, value := range values {
		rows[i] = invalidConfig{fmt.Sprintf("%s = %#v", at, value), of, with(config, at, value), at, message}
	}
	return rows
}

// invalidDataSources are errors in blocks that only read or run endpoints.
func invalidDataSources() []invalidConfig {
	rows := []invalidConfig{
		{"without an id", endpointDataSource, object{}, "inference_id", `Must set`},
		{"without an id", verifyAction, object{}, "inference_id", `Must set`},
	}
	for _, of := range []blockType{endpointDataSource, verifyAction} {
		rows = append(rows, invalidValues(of, object{}, "inference_id", `Write for example "`, "", "A", "a b", "a/b", "-a", "a-", "*", "_all")...)
		rows = append(rows, invalidValues(of, object{}, "inference_id", `Write an id without the dot`, ".a")...)
	}
	byID := object{"inference_id": "e"}
	for _, name := range []string{"task_type", "service", "target"} {
		rows = append(rows, invalidValues(endpointDataSource, byID, name, `read-only. Remove`, "x")...)
	}
	rows = append(rows, invalidValues(verifyAction, byID, "input", `Write a text, or leave it out`, "")...)
	rows = append(rows, invalidValues(verifyAction, byID, "dimensions", `Write the length .* or leave it out`, 0, -1)...)

	for _, of := range []blockType{endpointsDataSource, endpointList} {
		rows = append(rows, invalidValues(of, object{}, "task_type", `Write "text_embedding"`, "", "chat", "COMPLETION", "any")...)
		rows = append(rows, invalidValues(of, object{}, "model", `Copy the id or ARN`, "", "claude", "arn:aws:s3:::b")...)
	}
	rows = append(rows, invalidValues(endpointsDataSource, object{}, "service", `Write "amazonbedrock"`, "", "openai")...)
	rows = append(rows, invalidValues(endpointsDataSource, object{}, "target", `read-only. Remove`, "x")...)

	for _, of := range []blockType{textEmbeddingDataSource, textEmbeddingEphemeral} {
		rows = append(rows, invalidEmbeddings(of)...)
	}
	for _, of := range []blockType{completionDataSource, completionEphemeral} {
		rows = append(rows, invalidCompletions(of)...)
	}
	return rows
}

const atLimit = "service_settings.rate_limit.requests_per_minute"

// invalidRuns are errors in blocks that run a model. inline is a valid block without an
// endpoint.
func invalidRuns(of blockType, inline object) []invalidConfig {
	byID := object{"input": []any{"x"}, "inference_id": "e"}
	rows := []invalidConfig{
		{"no model", of, object{"input": []any{"x"}}, "inference_id", `Write inference_id .* or service_settings`},
		{"two models", of, with(inline, "inference_id", "e"), "service_settings", `Keep inference_id .* or service_settings`},
		{"no input", of, with(byID, "input", nil), "input", `Must set`},
		{"empty input", of, with(byID, "input", []any{}), "input", `Write at least one text`},
		{"empty text", of, with(byID, "input", []any{""}), "input[0]", `Write a text, or remove it`},
		{"second text empty", of, with(inline, "input", []any{"x", ""}), "input[1]", `Write a text, or remove it`},
	}
	for _, at := range []string{atRegion, atProvider, atModel} {
		rows = append(rows, invalidConfig{"without " + at, of, with(inline, at, nil), at, `Must set`})
	}
	rows = append(rows, invalidValues(of, inline, atModel, `Copy the id or ARN`, "", "embed", "arn:aws:bedrock:us-east-1")...)
	rows = append(rows, invalidValues(of, inline, atRegion, `Write`, "", "us-east", "cn-north-1")...)
	rows = append(rows, invalidValues(of, inline, atProvider, `Write "amazontitan"`, "", "openai", "amazon")...)
	rows = append(rows, invalidValues(of, inline, atLimit, `Write a whole number above 0`, 0, -1)...)
	rows = append(rows, invalidValues(of, byID, "inference_id", `Write for example "`, "", "A", "a/b", "_all")...)
	if of.kind == ephemeralBlock {
		rows = append(rows,
			invalidConfig{"access key alone", of, with(inline, "service_settings.access_key", "x"), "service_settings.secret_key", `write both, or neither`},
			invalidConfig{"secret key alone", of, with(inline, "service_settings.secret_key", "x"), "service_settings.access_key", `write both, or neither`},
		)
	}
	return rows
}

// invalidEmbeddings are errors in blocks that create embeddings.
func invalidEmbeddings(of blockType) []invalidConfig {
	inline := object{"input": []any{"x"}, "service_settings": object{"region": "us-east-1", "provider": "cohere", "model": "cohere.embed-english-v3"}}
	byID := object{"input": []any{"x"}, "inference_id": "e"}
	rows := append(invalidRuns(of, inline),
		invalidConfig{"text model", of, with(inline, atModel, "cohere.command-r-v1:0"), atModel, `generates text, .*Write`},
		invalidConfig{"model of another provider", of, with(inline, atModel, "amazon.titan-embed-text-v2:0"), atModel, `Write provider = "amazontitan"`},
		invalidConfig{"ARN of another region", of, with(inline, atModel, "arn:aws:bedrock:eu-west-1::foundation-model/cohere.embed-english-v3"), atModel, `write region = "eu-west-1"`},
		invalidConfig{"truncate of Titan", of, with(with(with(inline, atProvider, "amazontitan"), atModel, "amazon.titan-embed-text-v2:0"), atTruncate, "END"), atTruncate, `Remove truncate`},
		invalidConfig{"sets dimensions", of, with(byID, "dimensions", 3), "dimensions", `read-only. Remove`},
	)
	rows = append(rows, invalidValues(of, byID, "input_type", `Write "ingest"`, "", "query", "SEARCH", "document")...)
	rows = append(rows, invalidValues(of, byID, atTruncate, `Write "NONE"`, "", "end", "MIDDLE")...)
	return append(rows, invalidValues(of, inline, "service_settings.max_input_tokens", `Write a whole number from 1`, 0, -1)...)
}

// invalidCompletions are errors in blocks that complete texts.
func invalidCompletions(of blockType) []invalidConfig {
	inline := object{"input": []any{"x"}, "service_settings": object{"region": "us-east-1", "provider": "anthropic", "model": "anthropic.claude-3-haiku-20240307-v1:0"}}
	byID := object{"input": []any{"x"}, "inference_id": "e"}
	titan := with(with(inline, atProvider, "amazontitan"), atModel, "amazon.titan-text-premier-v1:0")
	rows := append(invalidRuns(of, inline),
		invalidConfig{"embedding model", of, with(with(inline, atProvider, "cohere"), atModel, "cohere.embed-english-v3"), atModel, `creates embeddings, .*Write`},
		invalidConfig{"model of another provider", of, with(inline, atModel, "meta.llama3-8b-instruct-v1:0"), atModel, `Write provider = "meta"`},
		invalidConfig{"ARN of another region", of, with(inline, atModel, "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-v2"), atModel, `write region = "eu-west-1"`},
		invalidConfig{"blank text", of, with(byID, "input", []any{" \n"}), "input[0]", `Write a text, or remove it`},
		invalidConfig{"temperature with top_p", of, with(with(byID, atTemperature, 0.5), atTopP, 0.5), atTopP, `or remove temperature`},
		invalidConfig{"top_k of Titan", of, with(titan, atTopK, 5.0), atTopK, `Remove top_k`},
		invalidConfig{"top_k too large", of, with(inline, atTopK, 501.0), atTopK, `take at most 500`},
		invalidConfig{"fractional top_k", of, with(inline, atTopK, 1.5), atTopK, `Write a whole number`},
		invalidConfig{"sets result", of, with(byID, "result", "x"), "result", `read-only. Remove`},
	)
	rows = append(rows, invalidValues(of, byID, atTemperature, `Write a number from 0.0 to 1.0`, -0.5, 1.5)...)
	rows = append(rows, invalidValues(of, byID, atTopP, `Write a number from 0.0 to 1.0`, -0.5, 1.5)...)
	return append(rows, invalidValues(of, byID, atMaxTokens, `Write a whole number from 1`, 0, -1)...)
}

// invalidTimeouts are errors in the timeouts of each type of block.
func invalidTimeouts() []invalidConfig {
	var rows []invalidConfig
	for of, names := range map[blockType][]string{
		endpointResource: {"create", "read", "update", "delete"}, verifyAction: {"invoke"},
		textEmbeddingDataSource: {"read"}, completionDataSource: {"read"}, textEmbeddingEphemeral: {"open"}, completionEphemeral: {"open"},
	} {
		config := object{"inference_id": "e", "input": []any{"x"}}
		switch of {
		case endpointResource:
			config = validEndpoint()
		case verifyAction:
			config = object{"inference_id": "e"}
		}
		for _, name := range names {
			rows = append(rows, invalidValues(of, with(config, "timeouts", object{}), "timeouts."+name, name+` is ".*Write a number above 0 with its unit`, "0s", "-1s", "5", "soon", "")...)
		}
	}
	return rows
}
