// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"strings"
)

// with returns a copy of an object with another value at a dotted path; nil removes the
// value.
func with(config object, path string, value any) object {
	changed := maps.Clone(config)
	if changed == nil {
		changed = object{}
	}
	name, rest, nested := strings.Cut(path, ".")
	if !nested {
		changed[name] = value
		return changed
	}
	inner, _ := changed[name].(object)
	changed[name] = with(inner, rest, value)
	return changed
}

// invalidEndpointValues returns a row for each of the values of one attribute, which have
// the same error.
func invalidEndpointValues(config object, at, message string, values ...any) []invalidConfig {
	rows := make([]invalidConfig, len(values))
	for i, value := range values {
		rows[i] = invalidConfig{fmt.Sprintf("%s = %#v", at, value), endpointResource, with(config, at, value), at, message}
	}
	return rows
}

func validEndpoint() object   { return embeddingEndpoint(nil, nil) }
func validCompletion() object { return completionEndpoint(nil, nil) }

// invalidEndpoints are errors in attributes that every endpoint has.
func invalidEndpoints() []invalidConfig {
	var rows []invalidConfig
	for _, at := range []string{"inference_id", "task_type", "service_settings", "service_settings.region", "service_settings.provider", "service_settings.model"} {
		rows = append(rows, invalidConfig{"without " + at, endpointResource, with(validEndpoint(), at, nil), at, `Must set a configuration value`})
	}
	for at, value := range map[string]any{"service_settings.dimensions": 3, "target": "embedded", "credentials_revision": 2} {
		rows = append(rows, invalidConfig{"sets " + at, endpointResource, with(validEndpoint(), at, value), at, `read-only. Remove`})
	}
	rows = append(rows, invalidEndpointValues(validEndpoint(), "inference_id", `only a-z, 0-9, .* Write for example "`,
		"", "A", "aB", "a b", "a/b", "-a", "_a", "a-", "a_", "a.", "*", "a*", "_all", "ä", "a:b", "a\n", "a%20b")...)
	rows = append(rows, invalidEndpointValues(validEndpoint(), "inference_id", `begins with a dot. .*Write an id without the dot`, ".a", "..", ".elser-2-elasticsearch")...)
	rows = append(rows, invalidEndpointValues(with(validEndpoint(), "chunking_settings", nil), "task_type", `is not a task type .*Write "text_embedding", "completion" or "chat_completion"`,
		"", "embedding", "TEXT_EMBEDDING", "sparse_embedding", "rerank", "any")...)
	rows = append(rows, invalidEndpointValues(validEndpoint(), "service", `is not a service .*Write "amazonbedrock", or leave it out`, "", "openai", "bedrock", "AmazonBedrock", "elasticsearch")...)

	const access, secret = "service_settings.access_key", "service_settings.secret_key"
	rows = append(rows, invalidEndpointValues(validEndpoint(), access, `access_key is an empty string. Write the key`, "")...)
	rows = append(rows, invalidEndpointValues(validEndpoint(), secret, `secret_key is an empty string. Write the key`, "")...)
	for _, at := range []string{access, secret} {
		rows = append(rows, invalidEndpointValues(validEndpoint(), at, `holds a line break .*Write trimspace`, "AKIAIOSFODNN7EXAMPLE\n", "a\x7f")...)
	}
	rows = append(rows,
		invalidConfig{"secret key alone", endpointResource, with(validEndpoint(), access, nil), access, `come in pairs: write both, or neither`},
		invalidConfig{"access key alone", endpointResource, with(validEndpoint(), secret, nil), secret, `come in pairs: write both, or neither`},
		invalidConfig{"credentials_version without keys", endpointResource, with(with(with(validEndpoint(), access, nil), secret, nil), "credentials_version", 1), "credentials_version", `Write the keys, or remove credentials_version`},
	)
	rows = append(rows, invalidEndpointValues(validEndpoint(), "credentials_rotation", `credentials_rotation is ".*". Write "replace" or "in_place"`, "", "inplace", "REPLACE", "update")...)

	rows = append(rows, invalidEndpointValues(with(validEndpoint(), "service_settings.model", "amazon.titan-embed-text-v2:0"), "service_settings.region", `does not have the form of an AWS region. Write`,
		"", "us-east", "US-EAST-1", "us_east_1", "us-east-1a", "virginia", "us-east-1 ", "https://bedrock-runtime.us-east-1.amazonaws.com")...)
	rows = append(rows, invalidEndpointValues(validEndpoint(), "service_settings.region", `Amazon Bedrock is not offered in .* Write`, "cn-north-1", "cn-northwest-1")...)
	rows = append(rows, invalidEndpointValues(validEndpoint(), "service_settings.rate_limit.requests_per_minute", `Write a whole number above 0, or leave it out for 240`, 0, -1)...)
	rows = append(rows, invalidEndpointValues(validEndpoint(), "service_settings.similarity", `is not a similarity. Write "cosine", "dot_product" or "l2_norm"`, "", "euclid", "COSINE", "dot", "l2")...)
	rows = append(rows, invalidEndpointValues(validEndpoint(), "service_settings.max_input_tokens", `Write a whole number from 1 to 2147483647, or leave it out`, 0, -1, int64(1)<<31)...)
	for _, task := range []string{"completion", "chat_completion"} {
		text := with(validCompletion(), "task_type", task)
		rows = append(rows,
			invalidConfig{"similarity of " + task, endpointResource, with(text, "service_settings.similarity", "cosine"), "service_settings.similarity", `Remove similarity`},
			invalidConfig{"max_input_tokens of " + task, endpointResource, with(text, "service_settings.max_input_tokens", 5), "service_settings.max_input_tokens", `Remove max_input_tokens`},
			invalidConfig{"chunking of " + task, endpointResource, with(text, "chunking_settings.strategy", "word"), "chunking_settings", `Remove chunking_settings`},
		)
	}
	return rows
}
