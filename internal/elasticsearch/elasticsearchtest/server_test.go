// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
)

const (
	secrets = `"access_key":"access","secret_key":"secret"`
	titan   = `"service":"amazonbedrock","service_settings":{"region":"region","model":"model","provider":"amazontitan",` + secrets + `}`
	claude  = `"service":"amazonbedrock","service_settings":{"region":"region","model":"model","provider":"Anthropic",` + secrets + `}`
)

// ask sends one request and returns the status and the body.
func ask(t *testing.T, server *elasticsearchtest.Server, method, path, body string) (int, map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.Header.Get("Content-Type") == "text/event-stream" {
		content = bytes.TrimPrefix(content, []byte("\uFEFFevent: error\ndata: "))
	}
	var answer map[string]any
	if err := json.Unmarshal(content, &answer); err != nil {
		t.Fatalf("%s %s: %q: %v", method, path, content, err)
	}
	return response.StatusCode, answer
}

// reason returns the type and the reason of an error.
func reason(answer map[string]any) (kind, text string) {
	fault, _ := answer["error"].(map[string]any)
	kind, _ = fault["type"].(string)
	text, _ = fault["reason"].(string)
	return kind, text
}

// TestRefusals compares the double with the source and the tests of
// Elasticsearch say.
func TestRefusals(t *testing.T) {
	chunked := func(chunking string) string { return `{` + titan + `,"chunking_settings":` + chunking + `}` }
	task := func(settings string) string { return `{` + claude + `,"task_settings":` + settings + `}` }
	service := func(settings string) string {
		return `{"service":"amazonbedrock","service_settings":{"region":"r","model":"m",` + settings + `}}`
	}
	const (
		validation = "validation_exception"
		status     = "status_exception"
		illegal    = "illegal_argument_exception"
	)
	for _, test := range []struct {
		version, path, body string
		kind, reason        string
	}{
		{"9.6.0", "/_inference/completion/x", `{` + titan + `,"task_settings":{"top_k":0.2}}`, status, "The [top_k] task parameter is not available for provider [amazontitan]"},
		{"9.6.0", "/_inference/text_embedding/x", `{` + claude + `}`, status, "The [text_embedding] task type for provider [anthropic] is not available"},
		{"9.3.1", "/_inference/text_embedding/x", service(`"provider":"cohere","dimensions":512,` + secrets), validation, "Validation Failed: 1: [service_settings] does not allow the setting [dimensions];"},
		{"9.3.1", "/_inference/text_embedding/x", service(`"provider":"cohere","extra_key":"value",` + secrets), status, "Model configuration contains settings [{extra_key=value}] unknown to the [amazonbedrock] service"},
		{"9.6.0", "/_inference/text_embedding/x", `{` + titan + `,"extra_key":"value"}`, status, "Model configuration contains settings [{extra_key=value}] unknown to the [amazonbedrock] service"},
		{"9.6.0", "/_inference/sparse_embedding/x", `{` + titan + `}`, status, "The [amazonbedrock] service does not support task type [sparse_embedding]"},
		{"9.3.1", "/_inference/chat_completion/x", `{` + claude + `}`, status, "The [amazonbedrock] service does not support task type [chat_completion]"},
		{"8.18.0", "/_inference/completion/x", service(`"provider":"cohere","access_key":"a"`), validation, "Validation Failed: 1: [secret_settings] does not contain the required setting [secret_key];"},
		{"9.3.1", "/_inference/completion/x", service(`"provider":"openai",` + secrets), validation, "Validation Failed: 1: [service_settings] Invalid value [openai] received. [provider] must be one of [ai21labs, amazontitan, anthropic, cohere, meta, mistral];"},
		{"9.3.1", "/_inference/completion/x", `{"service":"amazonbedrock","service_settings":{"model":"","region":5,` + secrets + `}}`, validation, "Validation Failed: 1: [service_settings] Invalid value empty string. [model] must be a non-empty string;2: field [region] is not of the expected type. The value [5] cannot be converted to a [String];3: [service_settings] does not contain the required setting [provider];"},
		{"9.3.1", "/_inference/text_embedding/x", service(`"provider":"cohere","max_input_tokens":-128,` + secrets), validation, "Validation Failed: 1: [service_settings] Invalid value [-128]. [max_input_tokens] must be a positive integer;"},
		{"9.3.1", "/_inference/completion/x", service(`"provider":"cohere","rate_limit":{"requests_per_minute":0},` + secrets), validation, "Validation Failed: 1: [rate_limit] Invalid value [0]. [requests_per_minute] must be a positive long;"},
		{"9.3.1", "/_inference/completion/x", service(`"provider":"cohere","rate_limit":{"a":1},` + secrets), status, "Model configuration contains settings [{a=1}] unknown to the [amazon_bedrock] service"},
		{"8.18.0", "/_inference/completion/x", task(`{"temperature":1}`), validation, "Validation Failed: 1: field [temperature] is not of the expected type. The value [1] cannot be converted to a [Double];"},
		{"8.18.0", "/_inference/completion/x", task(`{"temperature":1.5}`), validation, "Validation Failed: 1: [task_settings] Invalid value [1.5]. [temperature] must be a less than or equal to [1.0];"},
		{"9.6.0", "/_inference/completion/x", task(`{"temperature":-0.1}`), validation, "Validation Failed: 1: [task_settings] Invalid value [-0.1]. [temperature] must be greater than or equal to [0.0];"},
		{"9.6.0", "/_inference/completion/x", task(`{"max_new_tokens":0}`), validation, "Validation Failed: 1: [task_settings] Invalid value [0]. [max_new_tokens] must be a positive integer;"},
		{"9.6.0", "/_inference/completion/x", task(`{"max_new_tokens":"invalid"}`), validation, "Validation Failed: 1: field [max_new_tokens] is not of the expected type. The value [invalid] cannot be converted to a [Integer];"},
		{"9.6.0", "/_inference/text_embedding/x", `{` + titan + `,"task_settings":{"truncate":"END"}}`, status, "The [text_embedding] task type for provider [amazontitan] does not allow [truncate] field"},
		{"8.18.0", "/_inference/text_embedding/x", `{` + titan + `,"task_settings":{"truncate":"END"}}`, status, "Model configuration contains settings [{truncate=END}] unknown to the [amazonbedrock] service"},
		{"9.6.0", "/_inference/text_embedding/x", chunked(`{"max_chunk_size":100}`), illegal, "Can't generate Chunker without ChunkingStrategy provided"},
		{"9.6.0", "/_inference/text_embedding/x", chunked(`{"strategy":"Sentence","max_chunk_size":60}`), illegal, "Invalid chunkingStrategy Sentence"},
		{"8.18.0", "/_inference/text_embedding/x", chunked(`{"strategy":"none"}`), illegal, "Invalid chunkingStrategy none"},
		{"9.6.0", "/_inference/text_embedding/x", chunked(`{"strategy":"sentence"}`), validation, "Validation Failed: 1: [chunking_settings] does not contain the required setting [max_chunk_size];"},
		{"9.6.0", "/_inference/text_embedding/x", chunked(`{"strategy":"sentence","max_chunk_size":60,"overlap":3}`), validation, "Validation Failed: 1: Sentence based chunking settings can not have the following settings: [overlap];"},
		{"9.6.0", "/_inference/text_embedding/x", chunked(`{"strategy":"sentence","max_chunk_size":60,"sentence_overlap":2}`), validation, "Validation Failed: 1: sentence_overlap[2] must be either 0 or 1;"},
		{"8.18.0", "/_inference/text_embedding/x", chunked(`{"strategy":"word","max_chunk_size":9,"overlap":9}`), validation, "Validation Failed: 1: [chunking_settings] Invalid value [9.0]. [max_chunk_size] must be a greater than or equal to [10.0];"},
		{"8.18.0", "/_inference/text_embedding/x", chunked(`{"strategy":"word","max_chunk_size":301,"overlap":9}`), validation, "Validation Failed: 1: [chunking_settings] Invalid value [301.0]. [max_chunk_size] must be a less than or equal to [300.0];"},
		{"8.18.0", "/_inference/text_embedding/x", chunked(`{"strategy":"word","max_chunk_size":60,"overlap":31}`), validation, "Validation Failed: 1: [chunking_settings] Invalid value [31.0]. [overlap] must be a less than or equal to [30.0];"},
		{"9.6.0", "/_inference/text_embedding/x", chunked(`{"strategy":"word","max_chunk_size":60,"overlap":0}`), validation, "Validation Failed: 1: [chunking_settings] Invalid value [0]. [overlap] must be a positive integer;"},
		{"9.6.0", "/_inference/text_embedding/x", chunked(`{"strategy":"word","max_chunk_size":60}`), validation, "Validation Failed: 1: [chunking_settings] does not contain the required setting [overlap];"},
		{"9.6.0", "/_inference/text_embedding/x", chunked(`{"strategy":"recursive","max_chunk_size":60,"separators":["\n"],"separator_group":"plaintext"}`), validation, "Validation Failed: 1: Recursive chunking settings can not have both separators and separator_set;"},
		{"9.6.0", "/_inference/text_embedding/x", chunked(`{"strategy":"recursive","max_chunk_size":60,"separators":[]}`), validation, "Validation Failed: 1: Recursive chunking settings can not have an empty list of separators;"},
		{"9.6.0", "/_inference/completion/x", `{` + claude + `,"chunking_settings":{"strategy":"none"}}`, status, "Model configuration contains settings [{chunking_settings={strategy=none}}] unknown to the [amazonbedrock] service"},
		{"8.15.0", "/_inference/text_embedding/x", chunked(`{"strategy":"none"}`), status, "Model configuration contains settings [{chunking_settings={strategy=none}}] unknown to the [amazonbedrock] service"},
		{"9.6.0", "/_inference/x", `{"service":"amazonbedrock"}`, status, "model is missing required setting [task_type]"},
		{"9.6.0", "/_inference/completion/x", `{"service":"nope"}`, status, "Unknown service [nope]"},
		{"8.14.0", "/_inference/completion/x", `{` + claude + `}`, status, "Unknown service [amazonbedrock]"},
		{"9.6.0", "/_inference/completion/x", `{"service_settings":{}}`, status, "Inference endpoint configuration is missing the [service] setting"},
		{"9.6.0", "/_inference/completion/Bad%20Id", `{}`, "action_request_validation_exception", "Validation Failed: 1: Invalid inference_id; 'Bad Id' can contain lowercase alphanumeric (a-z and 0-9), hyphens or underscores; must start and end with alphanumeric;"},
		{"9.6.0", "/_inference/completion/taken", `{` + claude + `}`, "resource_already_exists_exception", "Inference endpoint [taken] already exists"},
		{"8.18.0", "/_inference/completion/x?timeout=9s", `{` + claude + `}`, illegal, "request [/_inference/completion/x] contains unrecognized parameter: [timeout]"},
	} {
		server := elasticsearchtest.New(t, elasticsearchtest.Version(test.version))
		if test.version != "8.14.0" {
			if code, answer := ask(t, server, "PUT", "/_inference/completion/taken", `{`+claude+`}`); code != 200 {
				t.Fatalf("got %d, %v", code, answer)
			}
		}
		code, answer := ask(t, server, "PUT", test.path, test.body)
		kind, text := reason(answer)
		if code != 400 || kind != test.kind || text != test.reason {
			t.Errorf("%s %s %s:\n got %d %s: %s\nwant 400 %s: %s", test.version, test.path, test.body, code, kind, text, test.kind, test.reason)
		}
	}
}

// TestShown compares the endpoints that are shown with the documentation.
func TestShown(t *testing.T) {
	for _, test := range []struct{ version, path, body, want string }{
		{
			"8.15.0", "/_inference/text_embedding/x", `{` + titan + `}`,
			`{"inference_id":"x","service":"amazonbedrock","service_settings":{"dimensions":1024,"model":"model","provider":"AMAZONTITAN","rate_limit":{"requests_per_minute":240},"region":"region","similarity":"cosine"},"task_settings":{},"task_type":"text_embedding"}`,
		},
		{
			"8.16.0", "/_inference/x", `{"task_type":"text_embedding",` + titan + `,"chunking_settings":{}}`,
			`{"chunking_settings":{"max_chunk_size":250,"sentence_overlap":1,"strategy":"sentence"},"inference_id":"x","service":"amazonbedrock","service_settings":{"dimensions":1024,"model":"model","provider":"AMAZONTITAN","rate_limit":{"requests_per_minute":240},"region":"region","similarity":"cosine"},"task_type":"text_embedding"}`,
		},
		{
			"9.6.0", "/_inference/completion/x", `{` + claude + `,"task_settings":{"temperature":1.0,"top_p":0.5,"top_k":0.6,"max_new_tokens":512}}`,
			`{"inference_id":"x","service":"amazonbedrock","service_settings":{"model":"model","provider":"ANTHROPIC","rate_limit":{"requests_per_minute":240},"region":"region"},"task_settings":{"max_new_tokens":512,"temperature":1.0,"top_k":0.6,"top_p":0.5},"task_type":"completion"}`,
		},
	} {
		server := elasticsearchtest.New(t, elasticsearchtest.Version(test.version))
		if code, answer := ask(t, server, "PUT", test.path, test.body); code != 200 {
			t.Fatalf("%s: got %d, %v", test.version, code, answer)
		}
		if got := server.Endpoint("x"); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.version, got, test.want)
		}
		if accessKey, secretKey := server.Keys("x"); accessKey != "access" || secretKey != "secret" {
			t.Errorf("%s: got keys %s, %s", test.version, accessKey, secretKey)
		}
	}
}

func TestSeparatorGroupsAreWrittenOut(t *testing.T) {
	server := elasticsearchtest.New(t)
	ask(t, server, "PUT", "/_inference/text_embedding/x", `{`+titan+`,"chunking_settings":{"strategy":"recursive","max_chunk_size":60,"separator_group":"plaintext"}}`)
	want := `"chunking_settings":{"max_chunk_size":60,"separators":["(?\u003c!\\n)\\n\\n(?!\\n)","(?\u003c!\\n)\\n(?!\\n)"],"strategy":"recursive"}`
	if got := server.Endpoint("x"); !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
}
