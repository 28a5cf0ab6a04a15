// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestUpdate verifies that an update changes what it names and nothing else.
func TestUpdate(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	s.make("text_embedding", "e", with(endpointBody("text_embedding"), "chunking_settings", map[string]any{"strategy": "word", "max_chunk_size": 60, "overlap": 3}))
	s.make("completion", "c", with(endpointBody("completion"), "task_settings", map[string]any{"top_p": 0.5, "max_new_tokens": 7}))
	for _, test := range []struct{ path, body, want string }{
		{
			"text_embedding/e", `{"service_settings":{"rate_limit":{"requests_per_minute":9},"max_input_tokens":77}}`,
			`{"inference_id":"e","task_type":"text_embedding","service":"amazonbedrock","service_settings":{"region":"us-east-1","model":"amazon.titan-embed-text-v2:0","provider":"AMAZONTITAN","rate_limit":{"requests_per_minute":9},"dimensions":1024,"max_input_tokens":77,"similarity":"cosine"},"chunking_settings":{"strategy":"word","max_chunk_size":60,"overlap":3}}`,
		},
		{
			"c", `{"service":"amazonbedrock","task_settings":{"max_new_tokens":8,"top_k":4},"task_type":"completion"}`,
			`{"inference_id":"c","task_type":"completion","service":"amazonbedrock","service_settings":{"region":"us-east-1","model":"anthropic.claude-3-haiku-20240307-v1:0","provider":"ANTHROPIC","rate_limit":{"requests_per_minute":240}},"task_settings":{"top_p":0.5,"top_k":4.0,"max_new_tokens":8}}`,
		},
	} {
		got := s.send(http.MethodPut, "/_inference/"+test.path+"/_update", test.body)
		again := s.send(http.MethodGet, "/_inference/"+test.path, nil)
		if got.status != 200 || got.text != test.want || again.text != `{"endpoints":[`+test.want+`]}` {
			t.Errorf("%s: %d\n got %s\nwant %s\n and %s", test.path, got.status, got.text, test.want, again.text)
		}
	}
}

// TestUpdateOfDefaults verifies updates that restore defaults, as 9.5 does.
func TestUpdateOfDefaults(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"service_settings":{"rate_limit":{}}}`:                                     `"requests_per_minute":240`,
		`{"service_settings":{"rate_limit":null}}`:                                   `"requests_per_minute":240`,
		`{"chunking_settings":{}}`:                                                   `"chunking_settings":{"strategy":"sentence","max_chunk_size":250,"sentence_overlap":1}`,
		`{"chunking_settings":{"strategy":"word","max_chunk_size":40,"overlap":4}}`:  `"chunking_settings":{"strategy":"word","max_chunk_size":40,"overlap":4}`,
		`{"chunking_settings":{"strategy":"none"}}`:                                  `"chunking_settings":{"strategy":"none"}`,
		`{"chunking_settings":{"strategy":"word","max_chunk_size":40,"overlap":39}}`: "overlap",
		`{"chunking_settings":5}`:                                                    "Unable to parse [chunking_settings]",
		`{"service_settings":{"max_input_tokens":null}}`:                             "max_input_tokens doesn't support values of type: VALUE_NULL",
		`{"service_settings":{"access_key":null}}`:                                   "access_key doesn't support values of type: VALUE_NULL",
	} {
		s := simulated(t)
		created := with(endpointBody("text_embedding"), "chunking_settings", map[string]any{"strategy": "word", "max_chunk_size": 60, "overlap": 3})
		object(created["service_settings"])["rate_limit"] = map[string]any{"requests_per_minute": 600}
		s.make("text_embedding", "e", created)
		got := s.send(http.MethodPut, "/_inference/e/_update", body)
		if valid := strings.HasPrefix(want, `"`); (got.status == http.StatusOK) != valid || !strings.Contains(got.text, want) {
			t.Errorf("%s: %d %s, want %s", body, got.status, got.text, want)
		}
	}
}

// TestConcurrentDelete verifies that one of many requests deletes an endpoint.
func TestConcurrentDelete(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	s.make("completion", "c", endpointBody("completion"))
	var deleted, missing atomic.Int64
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			switch s.send(http.MethodDelete, "/_inference/c", nil).status {
			case http.StatusOK:
				deleted.Add(1)
			case http.StatusNotFound:
				missing.Add(1)
			}
		})
	}
	group.Wait()
	if deleted.Load() != 1 || missing.Load() != 15 {
		t.Errorf("%d answers 200, %d answers 404", deleted.Load(), missing.Load())
	}
}

// TestOpaqueID verifies that X-Opaque-Id is returned with answers and errors.
func TestOpaqueID(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	for _, path := range []string{"/", "/_inference", "/_inference/nope", "/_inference?nope"} {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
		request.Header.Set("X-Opaque-Id", "my-app-1")
		if got := s.do(request).header.Get("X-Opaque-Id"); got != "my-app-1" {
			t.Errorf("%s: %q", path, got)
		}
	}
}

// TestUpdateRefused verifies that a refused update changes nothing.
func TestUpdateRefused(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	s.make("text_embedding", "e", endpointBody("text_embedding"))
	s.make("completion", "c", with(endpointBody("completion"), "task_settings", map[string]any{"temperature": 0.5}))
	before := s.send(http.MethodGet, "/_inference", nil).text
	for _, test := range []struct{ path, body, kind, says string }{
		{"c", `{}`, "status_exception", "Request body is empty"},
		{"nope", `{"task_settings":{}}`, "resource_not_found_exception", "Inference endpoint not found [nope]"},
		{"Not-an-id", `{"task_settings":{}}`, "resource_not_found_exception", "Inference endpoint not found [Not-an-id]"},
		{"c", `{"service_settings":null}`, "status_exception", "Unable to parse [service_settings] in the request [{service_settings=null}]"},
		{"c", `{"task_settings":1,"service_settings":{"secret_key":"hidden"}}`, "status_exception", "secret_key=::es_redacted::"},
		{"c", `{"secretkey":"hidden"}`, "status_exception", "try again [{secretkey=::es_redacted::}]"},
		{"c", `{"task_settings":{"Secret_Key":"hidden"}}`, "status_exception", "settings [{Secret_Key=::es_redacted::}] unknown"},
		{"c", `{"service_settings":[{"acess_key":"hidden","api_key":["hidden"]}]}`, "status_exception", "acess_key=::es_redacted::"},
		{"c", `{"service_settings":null,"session_token":{"a":"hidden"}}`, "status_exception", "session_token=::es_redacted::"},
		{"c", `{"task_type":"text_embedding","task_settings":{}}`, "status_exception", "Task type must match the task type of the existing endpoint"},
		{"c", `{"service":"openai"}`, "status_exception", "Request contained fields which cannot be updated, remove these fields and try again [{service=openai}]"},
		{"c", `{"service_settings":3}`, "status_exception", "Unable to parse [service_settings] in the request [{service_settings=3}]"},
		{"c", `{"task_settings":[1,null]}`, "status_exception", "Unable to parse [task_settings] in the request [{task_settings=[1, null]}]"},
		{"c", `{"service_settings":{"region":"us-west-2"}}`, "x_content_parse_exception", "[service_settings] unknown field [region]"},
		{"c", `{"service_settings":{"max_input_tokens":5}}`, "x_content_parse_exception", "[service_settings] unknown field [max_input_tokens]"},
		{"c", `{"service_settings":{"secret_key":"x"}}`, "validation_exception", "[service_settings] [access_key] and [secret_key] must be updated together; missing: [access_key]"},
		{"c", `{"service_settings":{"access_key":"","secret_key":""}}`, "validation_exception", "[access_key] must be a non-empty string"},
		{"c", `{"service_settings":{"rate_limit":{"requests_per_minute":0}}}`, "x_content_parse_exception", "[1:38] [service_settings] failed to parse field [rate_limit]"},
		{"e", `{"service_settings":{"max_input_tokens":0}}`, "x_content_parse_exception", "[1:21] [service_settings] failed to parse field [max_input_tokens]"},
		{"c", `{"task_settings":{"temperature":1.5}}`, "validation_exception", "[temperature] must be less than or equal to [1.0]"},
		{"c", `{"task_settings":{"unknown":1}}`, "status_exception", "settings [{unknown=1}] unknown"},
		{"e", `{"task_settings":{"truncate":"END"}}`, "status_exception", "The [text_embedding] task type for provider [amazontitan] does not allow [truncate] field"},
		{"c", `{"task_settings":{"top_p":0.1}}`, "validation_exception", "[task_settings.top_p] Conflicting sampling settings"},
	} {
		if got := s.send(http.MethodPut, "/_inference/"+test.path+"/_update", test.body); got.kind() != test.kind || !strings.Contains(got.reason(), test.says) || strings.Contains(got.text, "hidden") {
			t.Errorf("%s %s: %d %s", test.path, test.body, got.status, got.text)
		}
	}
	if after := s.send(http.MethodGet, "/_inference", nil).text; after != before {
		t.Errorf("something changed:\n%s\n%s", before, after)
	}
}

// TestKeyUnderMisspelledName verifies that errors do not contain the value of a key
// whose name is misspelled, wherever the request has it.
func TestKeyUnderMisspelledName(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	s.make("completion", "c", endpointBody("completion"))
	s.make("text_embedding", "e", endpointBody("text_embedding"))
	for _, name := range []string{"secert_key", "scret_key", "secrte_key", "sercet", "access_kye", "acecss_key", "private_key", "aws_secert", "secrt", "key", "SK", "pasword", "clé"} {
		for _, form := range []string{
			`{"%s":"S3CR3T"}`,
			`{"task_settings":{"%s":"S3CR3T"}}`,
			`{"task_settings":{"%s":["S3CR3T"]}}`,
			`{"service_settings":[{"access_key":"A","%s":"S3CR3T"}]}`,
			`{"service_settings":{"%s":"S3CR3T"}}`,
			`{"service_settings":{"rate_limit":{"%s":"S3CR3T"}}}`,
			`{"service_settings":"{\"%s\":\"S3CR3T\"}"}`,
			`{"task_settings":{"temperature":{"%s":{"a":"S3CR3T"}}}}`,
			`{"chunking_settings":{"strategy":{"%s":"S3CR3T"}}}`,
			`{"chunking_settings":{"strategy":"recursive","max_chunk_size":20,"separators":[{"%s":"S3CR3T"}]}}`,
		} {
			fields := fmt.Sprintf(form, name)
			for _, path := range []string{"/_inference/c/_update", "/_inference/e/_update", "/_inference/completion/new", "/_inference/text_embedding/new"} {
				body := fields
				if strings.HasSuffix(path, "new") {
					body = `{"service":"amazonbedrock",` + fields[1:]
					if !strings.Contains(body, `"service_settings"`) {
						body = `{"service_settings":{"access_key":"AKIAIOSFODNN7EXAMPLE","secret_key":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","region":"us-east-1","provider":"anthropic","model":"anthropic.claude-sonnet-4-6"},` + body[1:]
					}
				}
				if got := s.send(http.MethodPut, path, body); got.status != http.StatusBadRequest || strings.Contains(got.text, "S3CR3T") {
					t.Errorf("%s %s: %d %s", path, body, got.status, got.text)
				}
			}
		}
	}
}
