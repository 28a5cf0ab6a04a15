package provider_test

import (
	"maps"
	"regexp"
	"slices"
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
	service := object{"provider": "anthropic", "model": "anthropic.claude-3-haiku-20240307-v1:0"}
	maps.Copy(service, settings)
	return embeddingEndpoint(service, object{"task_type": "completion", "task_settings": task})
}

// TestWrongConfigurations: each fault is told at the attribute that is wrong,
// and the text says what to write instead. want maps paths to patterns.
func TestWrongConfigurations(t *testing.T) {
	t.Parallel()
	const resource = "inference_endpoint"
	tests := map[string]struct {
		kind, name string
		config     object
		want       map[string]string
	}{
		"embeddings of anthropic": {resourceBlock, resource, embeddingEndpoint(object{"provider": "anthropic", "model": "anthropic.claude-x"}, nil), map[string]string{
			"service_settings.provider": `anthropic has no models for text_embedding. Write "amazontitan" or "cohere"`,
		}},
		"temperature": {resourceBlock, resource, completionEndpoint(nil, object{"temperature": 1.5}), map[string]string{
			"task_settings.temperature": `1.5. Write a number from 0.0 to 1.0`,
		}},
		"temperature with top_p": {resourceBlock, resource, completionEndpoint(nil, object{"temperature": 0.5, "top_p": 0.5}), map[string]string{
			"task_settings.top_p": `Remove top_p, or remove temperature`,
		}},
		"overlap": {resourceBlock, resource, embeddingEndpoint(nil, object{"chunking_settings": object{"strategy": "word", "max_chunk_size": 250, "overlap": 200}}), map[string]string{
			"chunking_settings.overlap": `overlap is 200 words, max_chunk_size 250.* at most 125`,
		}},
		"word size": {resourceBlock, resource, embeddingEndpoint(nil, object{"chunking_settings": object{"strategy": "word", "max_chunk_size": 9}}), map[string]string{
			"chunking_settings.max_chunk_size": `9 words. Strategy "word" needs at least 10`,
		}},
		"half a key pair": {resourceBlock, resource, embeddingEndpoint(object{"secret_key": nil}, nil), map[string]string{
			"service_settings.secret_key": `access_key is given and secret_key is not`,
		}},
		"arn of another region": {resourceBlock, resource, embeddingEndpoint(object{"model": "arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-embed-text-v2:0"}, nil), map[string]string{
			"service_settings.model": `names region "eu-west-1", region is "us-east-1"`,
		}},
		"empty separator": {resourceBlock, resource, embeddingEndpoint(nil, object{"chunking_settings": object{"strategy": "recursive", "separators": []any{"a", ""}}}), map[string]string{
			"chunking_settings.separators[1]": `Write a regular expression`,
		}},
		"all at once": {resourceBlock, resource, embeddingEndpoint(
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
		"version of no keys": {resourceBlock, resource, embeddingEndpoint(object{"access_key": nil, "secret_key": nil}, object{"credentials_version": 1}), map[string]string{
			"credentials_version": `has no access_key and secret_key`,
		}},
		"two targets": {providerBlock, "", object{"elasticsearch": object{}, "embedded": object{}}, map[string]string{
			"embedded": `endpoints live on one target`,
		}},
		"retries": {providerBlock, "", object{"elasticsearch": object{"max_retries": -1}}, map[string]string{
			"elasticsearch.max_retries": `from 0 to 1000`,
		}},
		"half of the provider's keys": {providerBlock, "", object{"bedrock": object{"secret_key": "x"}}, map[string]string{
			"bedrock.access_key": `come in pairs`,
		}},
		"no concurrency": {providerBlock, "", object{"bedrock": object{"max_concurrency": 0}}, map[string]string{
			"bedrock.max_concurrency": `from 1 to 1000`,
		}},
		"no model": {dataBlock, "inference_text_embedding", object{"input": []any{"x"}}, map[string]string{
			"inference_id": `Neither inference_id nor service_settings`,
		}},
		"text model embeds": {dataBlock, "inference_text_embedding", object{"input": []any{"x"}, "service_settings": object{"region": "us-east-1", "provider": "cohere", "model": "cohere.command-r-v1:0"}}, map[string]string{
			"service_settings.model": `makes text`,
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
				t.Errorf("faults at %q, want %q", slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(test.want)))
			}
		})
	}
}

// TestUnknownValues makes each attribute of each block unknown, one at a time:
// nothing is refused for not being known yet.
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
			"endpoints": []any{"https://es:9200"}, "api_key": "k", "headers": map[string]any{"X-A": "b"}, "insecure": true, "max_retries": 1, "request_timeout": "1s",
		}}},
		"bedrock":         {providerBlock, "", object{"embedded": object{"path": "x"}, "bedrock": object{"access_key": "a", "secret_key": "b", "assume_role": object{"role_arn": "r"}, "simulate": true}}},
		"embedding by id": {dataBlock, "inference_text_embedding", object{"inference_id": "x", "input": []any{"x"}, "input_type": "search", "task_settings": object{"truncate": "END"}}},
		"inline": {dataBlock, "inference_text_embedding", object{"input": []any{"x"}, "service_settings": object{
			"region": "us-east-1", "provider": "cohere", "model": "cohere.embed-english-v3", "rate_limit": object{"requests_per_minute": 1},
		}}},
	}
	protocol := newProtocol(t)
	for name, test := range tests {
		if found := protocol.validate(t, test.kind, test.name, test.config); len(found) > 0 {
			t.Errorf("%s: refused with every value known: %s: %s", name, found[0].Summary, found[0].Detail)
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

// withEachUnknown copies a configuration as often as it has values, each time
// with another of them unknown.
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
