// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest_test

import (
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
)

func TestUpdate(t *testing.T) {
	const (
		pair    = `{"service_settings":{"access_key":"n1","secret_key":"n2"}}`
		half    = `{"service_settings":{"access_key":"n1"}}`
		limit   = `{"service_settings":{"rate_limit":{"requests_per_minute":9}}}`
		region  = `{"service_settings":{"region":"elsewhere","access_key":"n1","secret_key":"n2"}}`
		chunks  = `{"chunking_settings":{"strategy":"word","max_chunk_size":50,"overlap":5}}`
		word    = `"overlap":100,"strategy":"word"`
		stays   = `"sentence_overlap":1,"strategy":"sentence"`
		limited = `"requests_per_minute":9`
	)
	for _, test := range []struct {
		version, body string
		shows         string // of the endpoint afterwards, or of the error
		keys          string
		code          int
	}{
		{"8.16.0", pair, "Unknown TaskType ordinal [39]", "access", 500},
		{"8.18.0", pair, word, "n1", 200},
		{"9.2.5", pair, word, "n1", 200},
		{"9.2.6", pair, stays, "n1", 200},
		{"9.3.0", pair, word, "n1", 200},
		{"9.3.1", pair, stays, "n1", 200},
		{"9.5.0", pair, "unknown field [secret_key]", "access", 400},
		{"9.5.2", pair, "unknown field [secret_key]", "access", 400},
		{"9.5.3", pair, stays, "n1", 200},
		{"9.6.0", pair, stays, "n1", 200},
		{"8.18.0", half, "[secret_settings] does not contain the required setting [secret_key]", "access", 400},
		{"9.6.0", half, "[service_settings] [access_key] and [secret_key] must be updated together; missing: [secret_key]", "access", 400},
		{"8.18.0", limit, "[secret_settings] does not contain the required setting [access_key]", "access", 400},
		{"9.4.0", limit, "[secret_settings] does not contain the required setting [access_key]", "access", 400},
		{"9.5.0", limit, limited, "access", 200},
		{"9.6.0", limit, limited, "access", 200},
		{"8.18.0", region, `"region":"region"`, "n1", 200},
		{"9.6.0", region, "unknown field [region]", "access", 400},
		{"8.18.0", chunks, "Request contained fields which cannot be updated, remove these fields and try again [{chunking_settings={overlap=5, max_chunk_size=50, strategy=word}}]", "access", 400},
		{"9.5.0", chunks, `"max_chunk_size":50,"overlap":5`, "access", 200},
		{"9.6.0", `{}`, "Request body is empty", "access", 400},
		{"9.6.0", `{"task_type":"completion","task_settings":{}}`, "Task type must match the task type of the existing endpoint", "access", 400},
		{"8.18.0", `{"task_settings":{"nothing":1}}`, word, "access", 200},
		{"9.6.0", `{"task_settings":{"nothing":1}}`, "unknown to the [amazonbedrock] service", "access", 400},
	} {
		server := elasticsearchtest.New(t, elasticsearchtest.Version(test.version))
		ask(t, server, "PUT", "/_inference/text_embedding/x", `{`+titan+`}`)
		code, answer := ask(t, server, "PUT", "/_inference/text_embedding/x/_update", test.body)
		_, shown := reason(answer)
		if code == 200 {
			shown = server.Endpoint("x")
		}
		accessKey, _ := server.Keys("x")
		if code != test.code || !strings.Contains(shown, test.shows) || accessKey != test.keys {
			t.Errorf("%s %s: got %d, %s, keys %s", test.version, test.body, code, shown, accessKey)
		}
	}
}

// TestUpdateMerges: task settings are merged into the stored ones.
func TestUpdateMerges(t *testing.T) {
	for _, test := range []struct{ body, want string }{
		{`{}`, `"max_new_tokens":512,"temperature":1.0,"top_k":0.6,"top_p":0.5`},
		{`{"top_p":0.2}`, `"max_new_tokens":512,"temperature":1.0,"top_k":0.6,"top_p":0.2`},
		{`{"temperature":0.3}`, `"max_new_tokens":512,"temperature":0.3,"top_k":0.6,"top_p":0.5`},
		{`{"top_k":0.1,"max_new_tokens":null}`, `"max_new_tokens":512,"temperature":1.0,"top_k":0.1,"top_p":0.5`},
	} {
		server := elasticsearchtest.New(t)
		ask(t, server, "PUT", "/_inference/completion/x", `{`+claude+`,"task_settings":{"temperature":1.0,"top_p":0.5,"top_k":0.6,"max_new_tokens":512}}`)
		code, answer := ask(t, server, "PUT", "/_inference/completion/x/_update", `{"task_settings":`+test.body+`}`)
		if got := server.Endpoint("x"); code != 200 || !strings.Contains(got, test.want) {
			t.Errorf("%s: got %d, %v, %s", test.body, code, answer, got)
		}
	}
}
