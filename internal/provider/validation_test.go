// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func embeddingEndpoint(settings object, more object) object {
	service := object{
		"access_key": "AKIATEST", "secret_key": "secret", "region": "us-east-1",
		"provider": "amazontitan", "model": "amazon.titan-embed-text-v2:0",
	}
	maps.Copy(service, settings)
	endpoint := object{"inference_id": "e", "task_type": "text_embedding", "service_settings": service}
	maps.Copy(endpoint, more)
	return endpoint
}

func completionEndpoint(settings object, task object) object {
	service := object{"provider": "anthropic", "model": "us.anthropic.claude-sonnet-4-6"}
	maps.Copy(service, settings)
	return embeddingEndpoint(service, object{"task_type": "completion", "task_settings": task})
}

// inline returns the service_settings of a run without an endpoint.
func inline(provider, model string, more object) object {
	settings := object{"region": "us-east-1", "provider": provider, "model": model}
	maps.Copy(settings, more)
	return settings
}

// TestErrorsReportedTogether checks that one validation reports all errors, each at its
// attribute. In its table want maps paths to patterns.
func TestErrorsReportedTogether(t *testing.T) {
	t.Parallel()
	const resource = "inference_endpoint"
	tests := map[string]struct {
		kind, name string
		config     object
		want       map[string]string
	}{
		"resource": {resourceBlock, resource, embeddingEndpoint(
			object{"access_key": nil, "region": "nowhere", "rate_limit": object{"requests_per_minute": 0}, "similarity": "euclid"},
			object{"inference_id": ".mine", "service": "openai", "credentials_rotation": "never", "chunking_settings": object{"strategy": "sentence", "sentence_overlap": 2}}), map[string]string{
			"inference_id":                `begins with a dot`,
			"service":                     `Write "amazonbedrock"`,
			"credentials_rotation":        `Write "replace" or "in_place"`,
			"service_settings.access_key": `come in pairs`,
			"service_settings.region":     `does not have the form of an AWS region`,
			"service_settings.rate_limit.requests_per_minute": `above 0`,
			"service_settings.similarity":                     `"cosine", "dot_product" or "l2_norm"`,
			"chunking_settings.sentence_overlap":              `Write 0 or 1`,
		}},
		"ephemeral resource": {ephemeralBlock, "inference_completion", object{
			"input": []any{""}, "task_settings": object{"temperature": 2.0, "top_k": 501.0},
			"service_settings": inline("cohere", "cohere.command-r-v1:0", object{"region": "nowhere", "access_key": "AKIA", "rate_limit": object{"requests_per_minute": 0}}),
		}, map[string]string{
			"input[0]":                    `empty string`,
			"service_settings.region":     `does not have the form of an AWS region`,
			"service_settings.secret_key": `access_key is given and secret_key is not`,
			"service_settings.rate_limit.requests_per_minute": `above 0`,
			"task_settings.temperature":                       `from 0.0 to 1.0`,
			"task_settings.top_k":                             `take at most 500`,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := map[string]string{}
			for _, diagnostic := range newProtocol(t).validate(t, test.kind, test.name, test.config) {
				found[dotted(diagnostic.Attribute)] = diagnostic.Summary + ": " + diagnostic.Detail
			}
			for path, pattern := range test.want {
				if !regexp.MustCompile(pattern).MatchString(found[path]) {
					t.Errorf("at %s: got %q, want %q", path, found[path], pattern)
				}
			}
			if len(found) != len(test.want) {
				t.Errorf("got errors at %q, want %q", slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(test.want)))
			}
		})
	}
}

// TestUnknownValues makes each attribute of each block unknown, one at a time, and
// checks that unknown values are not rejected.
func TestUnknownValues(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		kind, name string
		config     object
	}{
		"embedding": {resourceBlock, "inference_endpoint", embeddingEndpoint(
			object{"rate_limit": object{"requests_per_minute": 5}, "similarity": "cosine", "max_input_tokens": 5},
			object{
				"service": "amazonbedrock", "credentials_version": 1, "credentials_rotation": "replace", "force_destroy": true,
				"chunking_settings": object{"strategy": "word", "max_chunk_size": 100, "overlap": 50}, "timeouts": object{"create": "1m"},
			})},
		"separators":       {resourceBlock, "inference_endpoint", embeddingEndpoint(nil, object{"chunking_settings": object{"strategy": "recursive", "separators": []any{"a"}}})},
		"group":            {resourceBlock, "inference_endpoint", embeddingEndpoint(nil, object{"chunking_settings": object{"strategy": "recursive", "separator_group": "markdown"}})},
		"sentence overlap": {resourceBlock, "inference_endpoint", embeddingEndpoint(nil, object{"chunking_settings": object{"strategy": "sentence", "sentence_overlap": 0}})},
		"temperature":      {resourceBlock, "inference_endpoint", completionEndpoint(nil, object{"temperature": 0.5, "max_new_tokens": 5})},
		"top_p and top_k":  {resourceBlock, "inference_endpoint", completionEndpoint(nil, object{"top_p": 0.5, "top_k": 5.0})},
		"truncate":         {resourceBlock, "inference_endpoint", embeddingEndpoint(object{"provider": "cohere", "model": "cohere.embed-english-v3"}, object{"task_settings": object{"truncate": "END"}})},
		"elasticsearch": {providerBlock, "", object{"elasticsearch": object{
			"endpoints": []any{"https://es:9200"}, "api_key": "id:k", "headers": map[string]any{"X-A": "b"}, "insecure": true, "max_retries": 1, "request_timeout": "1s",
		}}},
		"bedrock":         {providerBlock, "", object{"embedded": object{"path": "x"}, "bedrock": object{"access_key": "a", "secret_key": "b", "assume_role": object{"role_arn": "arn:aws:iam::123456789012:role/r"}, "simulate": true}}},
		"embedding by id": {dataBlock, "inference_text_embedding", object{"inference_id": "x", "input": []any{"x"}, "input_type": "search", "task_settings": object{"truncate": "END"}}},
		"inline": {dataBlock, "inference_text_embedding", object{"input": []any{"x"}, "service_settings": object{
			"region": "us-east-1", "provider": "cohere", "model": "cohere.embed-english-v3", "rate_limit": object{"requests_per_minute": 1},
		}}},
		"chunked": {dataBlock, "inference_text_embedding", object{"input": []any{strings.Repeat("x", 60_000)}, "service_settings": inline("amazontitan", "amazon.titan-embed-text-v2:0", object{"max_input_tokens": 100})}},
		"truncated": {ephemeralBlock, "inference_text_embedding", object{
			"input": []any{strings.Repeat("x", 3000)}, "input_type": "ingest", "task_settings": object{"truncate": "END"},
			"service_settings": inline("cohere", "cohere.embed-english-v3", nil),
		}},
		"completion": {ephemeralBlock, "inference_completion", object{
			"input": []any{"x"}, "task_settings": object{"top_p": 0.5, "top_k": 5.0, "max_new_tokens": 5}, "timeouts": object{"open": "1m"},
			"service_settings": inline("anthropic", "anthropic.claude-x", object{"access_key": "AKIA", "secret_key": "x"}),
		}},
		"completion by id": {dataBlock, "inference_completion", object{"input": []any{"x"}, "inference_id": "c", "task_settings": object{"temperature": 0.5}}},
		"verify":           {actionBlock, "inference_verify", object{"inference_id": "e", "input": "x", "dimensions": 1024, "timeouts": object{"invoke": "1m"}}},
	}
	protocol := newProtocol(t)
	for name, test := range tests {
		if found := protocol.validate(t, test.kind, test.name, test.config); len(found) > 0 {
			t.Errorf("%s: rejected although all values are valid: %s: %s", name, found[0].Summary, found[0].Detail)
		}
		for path, config := range withEachUnknown(test.config) {
			for _, fault := range protocol.validate(t, test.kind, test.name, config) {
				if fault.Severity == tfprotov6.DiagnosticSeverityError {
					t.Errorf("%s with %s unknown: %s: %s", name, path, fault.Summary, fault.Detail)
				}
			}
		}
	}
}

// withEachUnknown returns one copy of a configuration per value, in which that
// value is unknown.
func withEachUnknown(config object) map[string]object {
	copies := map[string]object{}
	for name, value := range config {
		changed := maps.Clone(config)
		changed[name] = unknown
		copies[name] = changed
		if inner, ok := value.(object); ok {
			for path, within := range withEachUnknown(inner) {
				changed := maps.Clone(config)
				changed[name] = within
				copies[name+"."+path] = changed
			}
		}
	}
	return copies
}
