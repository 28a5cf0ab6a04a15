// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

func numbered(count int) []string {
	texts := make([]string, count)
	for i := range texts {
		texts[i] = fmt.Sprintf("text %d", i)
	}
	return texts
}

// bodies returns the sorted bodies of the POST requests.
func bodies(server *elasticsearchtest.Server) []string {
	var bodies []string
	for _, request := range server.Requests() {
		if request.Method == http.MethodPost {
			bodies = append(bodies, request.Body)
		}
	}
	slices.Sort(bodies)
	return bodies
}

func TestRunAsksForAsMuchAsTheModelTakes(t *testing.T) {
	for _, test := range []struct {
		endpoint inference.Endpoint
		inputs   int
		requests int
	}{
		{titan("x"), 7, 7},
		{embed("x"), 96, 1},
		{embed("x"), 200, 3},
		{claude("x", inference.Completion), 5, 5},
		{claude("x", inference.ChatCompletion), 3, 3},
		{titan("x"), 0, 0},
	} {
		server := elasticsearchtest.New(t)
		client := connect(t, config(server))
		made, err := client.Create(t.Context(), test.endpoint, keys)
		if err != nil {
			t.Fatal(err)
		}
		result, err := client.Run(t.Context(), made, inference.Request{Input: numbered(test.inputs)})
		if err != nil || len(result.Embeddings)+len(result.Completions) != test.inputs {
			t.Errorf("%s of %d: got %d and %d answers, %v", made.TaskType, test.inputs, len(result.Embeddings), len(result.Completions), err)
		}
		if got := len(bodies(server)); got != test.requests {
			t.Errorf("%s of %d: got %d requests, want %d", made.TaskType, test.inputs, got, test.requests)
		}
	}
}

func TestRunBodies(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	settings := inference.TaskSettings{Temperature: pointer(1.0), MaxNewTokens: pointer(int64(9))}
	for _, test := range []struct {
		endpoint inference.Endpoint
		request  inference.Request
		want     string
	}{
		{embed("a"), inference.Request{InputType: inference.Search, TaskSettings: inference.TaskSettings{Truncate: "END"}}, `{"input":["q"],"input_type":"search","task_settings":{"truncate":"END"}}`},
		{titan("b"), inference.Request{}, `{"input":["q"]}`},
		{claude("c", inference.Completion), inference.Request{InputType: inference.Search, TaskSettings: settings}, `{"input":["q"],"task_settings":{"temperature":1.0,"max_new_tokens":9}}`},
		{claude("d", inference.ChatCompletion), inference.Request{TaskSettings: settings}, `{"messages":[{"role":"user","content":"q"}],"temperature":1,"max_completion_tokens":9}`},
	} {
		made, err := client.Create(t.Context(), test.endpoint, keys)
		if err != nil {
			t.Fatal(err)
		}
		server.Forget()
		test.request.Input = []string{"q"}
		if _, err := client.Run(t.Context(), made, test.request); err != nil {
			t.Error(err)
		}
		if got := bodies(server); len(got) != 1 || got[0] != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

func TestRunOfAChat(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	made, err := client.Create(t.Context(), claude("x", inference.ChatCompletion), keys)
	if err != nil {
		t.Fatal(err)
	}
	result, err := client.Run(t.Context(), made, inference.Request{Input: []string{"one two", "three"}})
	if err != nil {
		t.Fatal(err)
	}
	for i, input := range []string{"one two", "three"} {
		want := inference.Answer{Text: made.ServiceSettings.Model + " says: " + input, StopReason: "end_turn"}
		if result.Completions[i] != want {
			t.Errorf("got %+v, want %+v", result.Completions[i], want)
		}
	}
	if *result.Usage.InputTokens != 6 || *result.Usage.OutputTokens != 10 {
		t.Errorf("got usage %d, %d", *result.Usage.InputTokens, *result.Usage.OutputTokens)
	}
}

// TestIncompleteUsage: without the usage of every request, there is no total.
func TestIncompleteUsage(t *testing.T) {
	const (
		said    = `{"choices":[{"delta":{"content":"a"}}]}`
		counted = `{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5}}`
	)
	server := elasticsearchtest.New(t)
	var asked atomic.Int64
	server.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if asked.Add(1) == 2 {
			stream(said, "[DONE]")(w, r, next)
			return
		}
		stream(said, counted, "[DONE]")(w, r, next)
	})
	result, err := connect(t, config(server)).Run(t.Context(), claude("x", inference.ChatCompletion), inference.Request{Input: numbered(3)})
	if err != nil || len(result.Completions) != 3 || result.Usage.InputTokens != nil || result.Usage.OutputTokens != nil {
		t.Errorf("got %+v, %v", result, err)
	}
}

// stream answers with events.
func stream(events ...string) hook {
	return say(200, "text/event-stream", "event: message\ndata: "+strings.Join(events, "\n\nevent: message\ndata: ")+"\n\n", "X-Elastic-Product", "Elasticsearch")
}

func TestStreams(t *testing.T) {
	for _, test := range []struct {
		name  string
		hook  hook
		text  string
		fails string
	}{
		{"two parts", stream(`{"choices":[{"delta":{"content":"a"}}]}`, `{"choices":[{"delta":{"content":"b"}}]}`, "[DONE]"), "ab", ""},
		{"nothing said", stream("[DONE]"), "", ""},
		{"ended early", stream(`{"choices":[{"delta":{"content":"a"}}]}`), "", "ended early"},
		{"error on the way", stream(`{"choices":[{"delta":{"content":"a"}}]}`, `{"error":{"type":"exception","reason":"model is tired"},"status":500}`), "", "streamed the response: model is tired"},
		{"error on the way, as OpenAI words it", stream(`{"error":{"code":"bad_request","message":"model is tired","type":"bedrock_error"}}`), "", "streamed the response: model is tired"},
		{"not JSON", stream("{"), "", "Malformed response from"},
		{"not a stream", say(200, asJSON, `{}`, "X-Elastic-Product", "Elasticsearch"), "", "text/event-stream"},
	} {
		server := elasticsearchtest.New(t)
		client := connect(t, config(server))
		server.Intercept(test.hook)
		result, err := client.Run(t.Context(), claude("x", inference.ChatCompletion), inference.Request{Input: []string{"q"}})
		if test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)) {
			t.Errorf("%s: got %v", test.name, err)
		}
		if test.fails == "" && (err != nil || result.Completions[0].Text != test.text) {
			t.Errorf("%s: got %+v, %v", test.name, result, err)
		}
	}
}

// TestRefusedChats: a refusal is JSON or an event, and its error has one of two forms.
func TestRefusedChats(t *testing.T) {
	const (
		unified   = `{"error":{"code":"too_large","message":"no such model","param":null,"type":"an_exception"}}`
		otherwise = `{"error":{"root_cause":[],"type":"an_exception","reason":"no such model"},"status":400}`
	)
	for _, test := range []struct {
		name   string
		status int
		media  string
		body   string
		kind   backend.Kind
		words  string
	}{
		{"unified, as JSON", 400, asJSON, unified, backend.Refused, "Elasticsearch answered 400: no such model"},
		{"unified, as an event", 400, "text/event-stream", "\uFEFFevent: error\ndata: " + unified + "\n\n", backend.Refused, "Elasticsearch answered 400: no such model"},
		{"as an event", 500, "text/event-stream", "event: error\ndata: " + otherwise + "\n\n", backend.Other, "Elasticsearch answered 500: no such model"},
		{"no reason", 500, asJSON, `{"error":{"type":"null_pointer_exception","reason":null}}`, backend.Other, "Elasticsearch answered 500: null_pointer_exception"},
	} {
		server := elasticsearchtest.New(t)
		server.Intercept(say(test.status, test.media, test.body))
		_, err := connect(t, config(server)).Run(t.Context(), claude("x", inference.ChatCompletion), inference.Request{Input: []string{"q"}})
		if !backend.Is(err, test.kind) || !strings.Contains(err.Error(), test.words) || strings.Contains(err.Error(), "endpoints") {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
}

// TestRefusedChatsOfServer: the error shows the reason of Elasticsearch.
func TestRefusedChatsOfServer(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	chat := func(id string) error {
		_, err := client.Run(t.Context(), claude(id, inference.ChatCompletion), inference.Request{Input: []string{"q"}})
		return err
	}
	for _, made := range []inference.Endpoint{claude("x", inference.ChatCompletion), claude("text", inference.Completion)} {
		if _, err := client.Create(t.Context(), made, keys); err != nil {
			t.Fatal(err)
		}
	}
	server.Trial(func(_, _, _, _ string) string { return "The model is not there." })
	for id, want := range map[string]struct {
		kind  backend.Kind
		words string
	}{
		"nowhere": {backend.NotFound, "Inference endpoint not found [nowhere]"},
		"text":    {backend.Refused, "Incompatible task_type"},
		"x":       {backend.Other, "AmazonBedrock converse failure: [The model is not there.]"},
	} {
		if err := chat(id); !backend.Is(err, want.kind) || !strings.Contains(err.Error(), want.words) {
			t.Errorf("%s: got %v", id, err)
		}
	}
	server.Trial(func(_, _, _, _ string) string { return "This model version has reached the end of its life." })
	if err := chat("x"); !strings.Contains(err.Error(), "AWS has retired the model") {
		t.Errorf("got %v", err)
	}
}

func TestAnswersThatDoNotFit(t *testing.T) {
	for _, test := range []struct {
		endpoint inference.Endpoint
		body     string
	}{
		{titan("x"), `{"text_embedding":[]}`},
		{titan("x"), `{"text_embedding":[{"embedding":[1]},{"embedding":[2]}]}`},
		{titan("x"), `{"text_embedding":[{"embedding":[]}]}`},
		{titan("x"), `{"text_embedding":[{"embedding":["a"]}]}`},
		{titan("x"), `{"completion":[{"result":"x"}]}`},
		{claude("x", inference.Completion), `{"completion":[]}`},
		{claude("x", inference.Completion), `{"text_embedding":[]}`},
	} {
		server := elasticsearchtest.New(t)
		client := connect(t, config(server))
		server.Intercept(say(200, asJSON, test.body, "X-Elastic-Product", "Elasticsearch"))
		if _, err := client.Run(t.Context(), test.endpoint, inference.Request{Input: []string{"q"}}); !backend.Is(err, backend.Unreachable) {
			t.Errorf("%s: got %v", test.body, err)
		}
	}
}

// TestBlocksOfCompletion: several blocks of a response are joined.
func TestBlocksOfCompletion(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	server.Intercept(say(200, asJSON, `{"completion":[{"result":"a"},{"result":"b"}]}`, "X-Elastic-Product", "Elasticsearch"))
	result, err := client.Run(t.Context(), claude("x", inference.Completion), inference.Request{Input: []string{"q"}})
	if err != nil || result.Completions[0].Text != "ab" {
		t.Errorf("got %+v, %v", result, err)
	}
}

// TestRunIsNotRepeated: a run that may have been executed is not sent again.
func TestRunIsNotRepeated(t *testing.T) {
	for name, test := range map[string]struct {
		hook     hook
		attempts int
	}{
		"connection lost": {reset, 1}, "bad gateway": {without(502), 1}, "unavailable": {without(503), 1}, "turned away": {without(429), 5},
	} {
		server := elasticsearchtest.New(t)
		client := connect(t, config(server))
		server.Intercept(test.hook)
		if _, err := client.Run(t.Context(), titan("x"), inference.Request{Input: []string{"q"}}); err == nil {
			t.Errorf("%s: no error", name)
		}
		if got := len(server.Requests()); got != test.attempts {
			t.Errorf("%s: got %d attempts, want %d", name, got, test.attempts)
		}
	}
}

// TestFailureEndsRun: after a failure, waiting inputs are not sent.
func TestFailureEndsRun(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	server.Intercept(without(500))
	_, err := client.Run(t.Context(), titan("x"), inference.Request{Input: numbered(100)})
	var failure *backend.Error
	if !errors.As(err, &failure) || failure.Status != 500 {
		t.Errorf("got %v", err)
	}
	if got := len(server.Requests()); got > 10 {
		t.Errorf("%d requests were sent after the first had failed", got)
	}
}
