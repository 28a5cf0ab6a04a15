// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
)

func TestRequests(t *testing.T) {
	server := elasticsearchtest.New(t)
	ask(t, server, "PUT", "/_inference/text_embedding/e1", `{`+titan+`}`)
	server.Use("e1", []string{"p1"}, []string{"i1"})
	const (
		pipelines = "Inference endpoint e1 is referenced by pipelines: [p1]. Ensure that no pipelines are using this inference endpoint, or use force to ignore this warning and delete the inference endpoint."
		indexes   = " Inference endpoint e1 is being used in the mapping for indexes: [i1]. Ensure that no index mappings are using this inference endpoint, or use force to ignore this warning and delete the inference endpoint."
	)
	for _, test := range []struct {
		method, path, body string
		code               int
		holds              string
	}{
		{"GET", "/", "", 200, `"cluster_uuid":"uS9eJzmyQ0ytest0cluster"`},
		{"GET", "/_inference/nope", "", 404, `"reason":"Inference endpoint not found [nope]"`},
		{"GET", "/_inference/completion/e1", "", 400, "Requested task type [completion] does not match the inference endpoint's task type [text_embedding]"},
		{"GET", "/_inference/completion/_all", "", 200, `{"endpoints":[]}`},
		{"GET", "/_inference", "", 200, ".elser-2-elasticsearch"},
		{"GET", "/_inference/*", "", 200, ".rainbow-sprinkles-elastic"},
		{"GET", "/_inference/e*", "", 404, "not found [e*]"},
		{"GET", "/_nothing", "", 400, "no handler found"},
		{"POST", "/_inference/text_embedding/e1", `{}`, 400, "Field [input] cannot be null"},
		{"POST", "/_inference/text_embedding/e1", `{"input":[]}`, 400, "Field [input] cannot be an empty array"},
		{"POST", "/_inference/e1", `{"input":"x","more":1}`, 400, "x_content_parse_exception"},
		{"POST", "/_inference/completion/e1", `{"input":"x"}`, 400, "Incompatible task_type, the requested type [completion] does not match the model type [text_embedding]"},
		{"POST", "/_inference/e1", `{"input":["x"]}`, 200, `"text_embedding":[{"embedding":[`},
		{"POST", "/_inference/e1", `{"input":["x","y"]}`, 408, "timed out"},
		{"POST", "/_inference/text_embedding/e1/_stream", `{"input":["x"]}`, 405, "Streaming is not allowed for service [amazonbedrock] and task [text_embedding]"},
		{"POST", "/_inference/chat_completion/e1/_stream", `{"messages":[{}]}`, 400, `{"error":{"code":"bad_request","message":"Incompatible task_type, the requested type [chat_completion]`},
		{"DELETE", "/_inference/completion/e1", "", 400, "Requested task type [completion] does not match"},
		{"DELETE", "/_inference/e1?dry_run=true", "", 200, `"acknowledged":false,"error_message":"` + pipelines + indexes},
		{"DELETE", "/_inference/e1", "", 409, pipelines + indexes},
		{"DELETE", "/_inference/e1?force=true", "", 200, `{"acknowledged":true,"indexes":[],"pipelines":[]}`},
		{"DELETE", "/_inference/e1", "", 404, "resource_not_found_exception"},
	} {
		code, answer := ask(t, server, test.method, test.path, test.body)
		got, err := json.Marshal(answer)
		if err != nil || code != test.code || !strings.Contains(strings.ReplaceAll(string(got), `\u003e`, ">"), test.holds) {
			t.Errorf("%s %s: got %d %.600s, want %d with %s", test.method, test.path, code, got, test.code, test.holds)
		}
	}
}

// TestReferencesOfOldServers: 8.15 knows no references of indices.
func TestReferencesOfOldServers(t *testing.T) {
	server := elasticsearchtest.New(t, elasticsearchtest.Version("8.15.0"))
	ask(t, server, "PUT", "/_inference/text_embedding/e1", `{`+titan+`}`)
	server.Use("e1", nil, []string{"i1"})
	_, answer := ask(t, server, "DELETE", "/_inference/e1?dry_run=true", "")
	if _, told := answer["indexes"]; told {
		t.Errorf("got %v", answer)
	}
	if code, answer := ask(t, server, "DELETE", "/_inference/e1", ""); code != 200 {
		t.Errorf("got %d, %v", code, answer)
	}
}
