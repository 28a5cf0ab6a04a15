// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestPutTexts covers what the vectors do not contain: further bounds, several
// faults at once, and the rules that Elasticsearch does not have.
func TestPutTexts(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	for name, test := range map[string]struct {
		task, block string
		settings    string
		kind, says  string
	}{
		"size low":                 {"text_embedding", "chunking_settings", `{"strategy":"word","max_chunk_size":9,"overlap":1}`, "validation_exception", "Validation Failed: 1: [chunking_settings] Invalid value [9.0]. [max_chunk_size] must be greater than or equal to [10.0];"},
		"size low, sentence":       {"text_embedding", "chunking_settings", `{"strategy":"sentence","max_chunk_size":19}`, "validation_exception", "must be greater than or equal to [20.0];"},
		"size high":                {"text_embedding", "chunking_settings", `{"strategy":"sentence","max_chunk_size":301}`, "validation_exception", "Validation Failed: 1: [chunking_settings] Invalid value [301.0]. [max_chunk_size] must be less than or equal to [300.0];"},
		"overlap high":             {"text_embedding", "chunking_settings", `{"strategy":"word","max_chunk_size":60,"overlap":31}`, "validation_exception", "Validation Failed: 1: [chunking_settings] Invalid value [31.0]. [overlap] must be less than or equal to [30.0];"},
		"overlap negative":         {"text_embedding", "chunking_settings", `{"strategy":"word","max_chunk_size":60,"overlap":-1}`, "validation_exception", "Validation Failed: 1: [chunking_settings] Invalid value [-1]. [overlap] must be a positive integer;"},
		"foreign and unknown":      {"text_embedding", "chunking_settings", `{"strategy":"word","max_chunk_size":60,"overlap":3,"zz":1,"sentence_overlap":1,"aa":2}`, "validation_exception", "Validation Failed: 1: Word based chunking settings can not have the following settings: [aa, zz, sentence_overlap];"},
		"group":                    {"text_embedding", "chunking_settings", `{"strategy":"recursive","max_chunk_size":20,"separator_group":"html"}`, "validation_exception", "[chunking_settings] Invalid value [html] received. [separator_group] must be one of [markdown, plaintext];"},
		"separators no list":       {"text_embedding", "chunking_settings", `{"strategy":"recursive","max_chunk_size":20,"separators":"a"}`, "validation_exception", "field [separators] is not of the expected type. The value [a] cannot be converted to a [List];"},
		"size of zero":             {"text_embedding", "chunking_settings", `{"strategy":"word","max_chunk_size":0,"overlap":1}`, "validation_exception", "[chunking_settings] Invalid value [0]. [max_chunk_size] must be a positive integer;"},
		"group and separators":     {"text_embedding", "chunking_settings", `{"strategy":"recursive","max_chunk_size":20,"separator_group":"foo","separators":["a"]}`, "validation_exception", "Validation Failed: 1: [chunking_settings] Invalid value [foo] received. [separator_group] must be one of [markdown, plaintext];"},
		"recursive with others":    {"text_embedding", "chunking_settings", `{"strategy":"recursive","max_chunk_size":20,"overlap":2}`, "validation_exception", "Recursive chunking settings can not have the following settings: [overlap];"},
		"chunking no object":       {"text_embedding", "chunking_settings", `3`, "validation_exception", "field [chunking_settings] is not of the expected type. The value [3] cannot be converted to a [Map];"},
		"chunking of a completion": {"completion", "chunking_settings", `{"strategy":"none"}`, "status_exception", "Model configuration contains settings [{chunking_settings={strategy=none}}] unknown to the [amazonbedrock] service"},

		"provider":           {"completion", "service_settings", `{"provider":"openai"}`, "illegal_argument_exception", "No enum constant org.elasticsearch.xpack.inference.services.amazonbedrock.AmazonBedrockProvider.OPENAI"},
		"provider cannot":    {"text_embedding", "service_settings", `{"provider":"anthropic","model":"anthropic.x-v1"}`, "status_exception", "The [text_embedding] task type for provider [anthropic] is not available"},
		"similarity":         {"text_embedding", "service_settings", `{"similarity":"near"}`, "x_content_parse_exception", "[service_settings] failed to parse field [similarity]"},
		"similarity of text": {"completion", "service_settings", `{"similarity":"cosine"}`, "x_content_parse_exception", "unknown field [similarity]"},
		"tokens too many":    {"text_embedding", "service_settings", `{"max_input_tokens":3000000000}`, "x_content_parse_exception", "failed to parse field [max_input_tokens]"},
		"rate too high":      {"completion", "service_settings", `{"rate_limit":{"requests_per_minute":"1e40"}}`, "x_content_parse_exception", "failed to parse field [rate_limit]"},
		"rate no object":     {"completion", "service_settings", `{"rate_limit":3}`, "x_content_parse_exception", "rate_limit doesn't support values of type: VALUE_NUMBER"},
		"model no text":      {"completion", "service_settings", `{"model":5}`, "x_content_parse_exception", "model doesn't support values of type: VALUE_NUMBER"},
		"key no text":        {"completion", "service_settings", `{"secret_key":12345}`, "x_content_parse_exception", "secret_key doesn't support values of type: VALUE_NUMBER"},
		"keys empty":         {"completion", "service_settings", `{"access_key":"","secret_key":""}`, "validation_exception", "Validation Failed: 1: [service_settings] Invalid value empty string. [access_key] must be a non-empty string;2: [service_settings] Invalid value empty string. [secret_key] must be a non-empty string;"},

		"top_k negative": {"completion", "task_settings", `{"top_k":-1}`, "validation_exception", "Validation Failed: 1: [task_settings] Invalid value [-1.0]. [top_k] must be greater than or equal to [0.0];"},
		"top_k high":     {"completion", "task_settings", `{"top_k":501}`, "validation_exception", "[top_k] must be less than or equal to [500.0];"},
		"several":        {"completion", "task_settings", `{"max_new_tokens":-3,"temperature":2.0,"top_p":-1.0}`, "validation_exception", "Validation Failed: 1: [task_settings] Invalid value [2.0]. [temperature] must be less than or equal to [1.0];2: [task_settings] Invalid value [-1.0]. [top_p] must be greater than or equal to [0.0];3: [task_settings] Invalid value [-3]. [max_new_tokens] must be a positive integer;"},
		"of embeddings":  {"text_embedding", "task_settings", `{"temperature":0.5}`, "status_exception", "settings [{temperature=0.5}] unknown to the [amazonbedrock] service"},
		"truncation":     {"text_embedding", "task_settings", `{"truncate":"middle"}`, "validation_exception", "[task_settings] Invalid value [middle] received. [truncate] must be one of [end, none, start];"},

		"our rule: top_k":     {"completion", "task_settings", `{"top_k":0.5}`, "validation_exception", "[task_settings.top_k] Not a whole number: "},
		"our rule: sampling":  {"completion", "task_settings", `{"top_p":0.5,"temperature":0.5}`, "validation_exception", "[task_settings.top_p] Conflicting sampling settings: "},
		"our rule: vendor":    {"completion", "service_settings", `{"provider":"meta"}`, "validation_exception", "[service_settings.model] Model of another provider: "},
		"our rule: region":    {"completion", "service_settings", `{"region":"cn-north-1"}`, "validation_exception", "[service_settings.region] Region without Amazon Bedrock: "},
		"our rule comes last": {"completion", "service_settings", `{"region":"cn-north-1","unknown":1}`, "x_content_parse_exception", "unknown field [unknown]"},
	} {
		body := endpointBody(test.task)
		var value any
		if err := json.Unmarshal([]byte(test.settings), &value); err != nil {
			t.Fatal(err)
		}
		settings := test.settings
		if test.block == "service_settings" { // over the good ones
			merged := object(body[test.block])
			for setting := range object(value) {
				delete(merged, setting)
			}
			rest, _ := json.Marshal(merged)
			settings = strings.TrimSuffix(string(rest), "}") + "," + strings.TrimPrefix(settings, "{")
		}
		body[test.block] = json.RawMessage(settings)
		got := s.send(http.MethodPut, "/_inference/"+test.task+"/c", body)
		if got.status != http.StatusBadRequest || got.kind() != test.kind || !strings.Contains(got.reason(), test.says) {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
		if strings.Contains(got.text, "12345") {
			t.Errorf("%s: the answer contains the key", name)
		}
	}
	if left := s.send(http.MethodGet, "/_inference", nil); left.text != `{"endpoints":[]}` {
		t.Errorf("an endpoint was created: %s", left.text)
	}
}

// TestPutTaskType verifies how the task types of URL and body are combined.
func TestPutTaskType(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	for name, test := range map[string]struct{ path, named, says string }{
		"conflict":         {"completion/c", "text_embedding", "Cannot resolve conflicting task_type parameter in the request URL [completion] and the request body [text_embedding]"},
		"any in the URL":   {"any/c", "", "task_type [any] is not valid type for inference"},
		"any in the body":  {"c", "any", "task_type [any] is not valid type for inference"},
		"unknown":          {"c", "nonsense", "Unknown task_type [nonsense]"},
		"rerank":           {"rerank/c", "", "The [amazonbedrock] service does not support task type [rerank]"},
		"dot before an id": {"completion/.c", "", "Invalid inference_id; '.c'"},
		"_all":             {"completion/_all", "", "Invalid inference_id; '_all'"},
	} {
		body := endpointBody("completion")
		if test.named != "" {
			body["task_type"] = test.named
		}
		if got := s.send(http.MethodPut, "/_inference/"+test.path, body); got.status != 400 || !strings.Contains(got.reason(), test.says) {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	if got := s.send(http.MethodPut, "/_inference/completion/c", with(endpointBody("completion"), "task_type", "completion")); got.status != 200 {
		t.Errorf("the same in both: %d %s", got.status, got.text)
	}
}
