// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/vectors"
)

// chain makes one error of a list of causes.
func chain(list []exception) *exception {
	if len(list) == 0 {
		return nil
	}
	list[0].CausedBy = chain(list[1:])
	return &list[0]
}

// TestChunkingSettings compares what a PUT with chunking settings shows or answers.
func TestChunkingSettings(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	compared := compareVectors(t, []vectorDeparture{
		{"null", "A null is an error of the request. Elasticsearch answers 500.", regexp.MustCompile(`\{"strategy":null\}|\[null\]`), http.StatusBadRequest},
	})
	for i, row := range vectors.Rows[struct {
		Input, Output string
		Exception     []exception
		Status        int
	}](t, "chunking-settings.json") {
		answer := s.send(http.MethodPut, fmt.Sprintf("/_inference/text_embedding/c-%d", i),
			`{"service":"amazonbedrock","service_settings":{"region":"us-east-1","provider":"amazontitan","model":"amazon.titan-embed-text-v2:0"},"chunking_settings":`+row.Input+`}`)
		difference := expect(answer, row.Status, chain(row.Exception), "")
		var want any
		_ = json.Unmarshal([]byte(row.Output), &want)
		if got := at(answer.json(), "chunking_settings"); difference == "" && row.Output != "" && !reflect.DeepEqual(got, want) {
			difference = fmt.Sprintf("got %v, want %s", got, row.Output)
		}
		compared.row(row.Input, difference, answer)
	}
	compared.done()
}

// TestModelRequests compares the requests that models are sent, and the embeddings
// that are read from their responses.
func TestModelRequests(t *testing.T) {
	t.Parallel()
	s, bedrock := modelled(t)
	s.make("text_embedding", "titan", unlimited(endpointBody("text_embedding")))
	s.make("text_embedding", "cohere", vectorEndpoint("text_embedding", "task_settings", "{}"))
	compared := compareVectors(t, []vectorDeparture{
		{"empty texts", "Empty texts are refused before the model is called.", regexp.MustCompile(`request body \| $|no texts`), http.StatusBadRequest},
		{"internal input types", "No request can name them.", regexp.MustCompile(`internal_`), http.StatusBadRequest},
		{
			"wrong responses", "A response is read as a whole, so that an object before the embedding does no harm and empty vectors are refused; messages say what to do.",
			regexp.MustCompile(`answer \| (\{"embeddings?":(\[\]|\[\[\]\]|null|\["1"\]|\[null\]|\[1e400\]|\{"float|\[1$)|\{"embeddings":\[1\]\}|\{"x":|\{\}|\[\]|x|$|\{"id":"x","meta|\{"embeddingsByType)|cohere answer \| \{"embedding"`), 0,
		},
	})
	for _, row := range vectors.Rows[settingsRow](t, "bedrock-settings.json.gz") {
		var input *string
		if !slices.Contains(row.Versions, "9.5.3") || json.Unmarshal(row.Input, &input) != nil {
			continue
		}
		text := ""
		if input != nil {
			text = *input
		}
		id, what, _ := strings.Cut(row.What, " ")
		request := map[string]any{"input": text}
		bedrock.set(func(m *model) { m.answer = nil })
		switch {
		case what == "answer":
			request["input"] = "x"
			if strings.HasPrefix(string(row.Output), `"[[1.0, 2.0]`) {
				request["input"] = []string{"x", "y"}
			}
			bedrock.set(func(m *model) { m.answer = json.RawMessage(text) })
		case strings.HasPrefix(what, "request body by"):
			request = map[string]any{"input": "x", "input_type": text}
		case strings.Contains(what, "null"):
			request = map[string]any{"input": "x"}
		case strings.Contains(what, "no texts"):
			request["input"] = []string{}
		case strings.Contains(what, "truncate"):
			request = map[string]any{"input": []string{"x", "y"}, "input_type": "search", "task_settings": map[string]any{"truncate": text}}
		}
		var output string
		_ = json.Unmarshal(row.Output, &output)
		answer := s.send(http.MethodPost, "/_inference/"+id, request)
		difference := expect(answer, row.Status, row.Error, "")
		if difference == "" && row.Error == nil {
			difference = modelDifference(answer, bedrock, what == "answer", output)
		}
		compared.row(row.What+" | "+text, difference, answer)
	}
	compared.done()
}

func modelDifference(answer exchange, bedrock *model, isAnswer bool, want string) string {
	var got, wanted any
	if isAnswer {
		var vectors []any
		found, _ := at(answer.json(), "text_embedding").([]any)
		for _, one := range found {
			vectors = append(vectors, at(one, "embedding"))
		}
		got = any(vectors)
		if !strings.HasPrefix(want, "[[") {
			want = "[" + want + "]"
		}
	} else if asked := bedrock.asked(); len(asked) > 0 {
		got = any(asked[0])
	}
	if json.Unmarshal([]byte(want), &wanted) != nil || !reflect.DeepEqual(got, wanted) {
		return fmt.Sprintf("got %v, want %s", got, want)
	}
	return ""
}

// TestRunBodies compares the bodies of runs, including the line and column of
// their faults.
func TestRunBodies(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	s.make("completion", "completion", unlimited(endpointBody("completion")))
	s.make("text_embedding", "text_embedding", unlimited(endpointBody("text_embedding")))
	compared := compareVectors(t, []vectorDeparture{
		{"UTF-8", "Bodies are UTF-8.", regexp.MustCompile(`UTF-16`), http.StatusBadRequest},
		{"JSON first", "A body that is not JSON is refused before its fields are read, and so is text after the object.", regexp.MustCompile(`invalid UTF-8|trailing text`), http.StatusBadRequest},
	})
	for _, row := range vectors.Rows[struct {
		Name, Request, Body string
		Base64              string `json:"body_base64"`
		Accepted            bool
		Status              int
		Error               *exception
		Parsed              struct{ Input []string }
	}](t, "json-leniency.json") {
		if row.Request == "" {
			continue // see TestParseValue of package esrest
		}
		body := row.Body
		if decoded, err := base64.StdEncoding.DecodeString(row.Base64); err == nil && len(decoded) > 0 {
			body = string(decoded)
		}
		// The endpoint x of the vectors is of any task; embeddings take everything.
		path := strings.TrimPrefix(row.Request, "POST ")
		switch path {
		case "/_inference/x":
			path = "/_inference/text_embedding"
		default:
			path = strings.TrimSuffix(path, "x") + strings.Split(path, "/")[2]
		}
		answer := s.send(http.MethodPost, path, body)
		compared.row(row.Request+" "+row.Name+" "+row.Body, expect(answer, row.Status, row.Error, ""), answer)
	}
	compared.done()
}

// TestRequests compares paths, ids, task types, timeouts and bodies of requests.
func TestRequests(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	s.make("completion", "x", endpointBody("completion"))
	compared := compareVectors(t, []vectorDeparture{
		{"ids of endpoints", "The vectors' server has an endpoint for every id and task type.", regexp.MustCompile(`GET /_inference/(a%2Fb|a\+b|x;v=1|TEXT_EMBEDDING/x)|task type in POST (text|sparse)_embedding `), 0},
	})
	for _, row := range vectors.Rows[struct {
		Kind, Request string
		Value         any
		Status        *int
		Error         *exception
		Body          string
		RequestBody   string `json:"request_body"`
		Allow         string
	}](t, "rest-params.json") {
		method, target, _ := strings.Cut(row.Request, " ")
		path, _, _ := strings.Cut(target, "?")
		if row.Status == nil || strings.HasPrefix(path, "/_params") || strings.HasPrefix(path, "/_throw") || strings.HasPrefix(path, "/_map") || strings.HasPrefix(path, "/_echo") {
			continue // handlers of the vectors' server only
		}
		if _, err := url.Parse(target); err != nil || !strings.HasPrefix(target, "/") || row.Request == "POST /" {
			continue // the client of Go cannot send them, and the vectors' server has no handler for /
		}
		label := fmt.Sprintf("%s %v | %s", row.Kind, row.Value, row.Request)
		if method == http.MethodPut && strings.Contains(row.RequestBody, "service_settings") {
			encoded, _ := json.Marshal(endpointBody("completion"))
			row.RequestBody = string(encoded)
		}
		var body any
		if row.RequestBody != "" {
			body = row.RequestBody
		}
		if method == http.MethodPut || method == http.MethodDelete {
			s.send(http.MethodDelete, "/_inference/"+path[strings.LastIndex(path, "/")+1:], nil)
		}
		if method != http.MethodPut {
			s.send(http.MethodPut, "/_inference/completion/x", unlimited(endpointBody("completion")))
		}
		answer := s.send(method, target, body)
		difference := ""
		text, _ := answer.json()["error"].(string)
		switch {
		case row.Error == nil && answer.status != *row.Status:
			difference = fmt.Sprintf("got %d %s, want %d", answer.status, answer.text, *row.Status)
		case row.Error == nil:
		case row.Error.Type != "":
			difference = expect(answer, *row.Status, row.Error, "")
		case text != row.Error.Reason || answer.status != *row.Status:
			difference = fmt.Sprintf("got %d %s, want %d %s", answer.status, answer.text, *row.Status, row.Error.Reason)
		}
		if allow := answer.header.Get("Allow"); difference == "" && row.Allow != "" && allow != row.Allow {
			difference = "Allow: " + allow
		}
		compared.row(label, difference, answer)
	}
	compared.done()
}
