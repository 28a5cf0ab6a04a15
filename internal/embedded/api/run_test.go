// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

// TestSeveralInputs verifies the order of the answers, also for models that take
// one text per call.
func TestSeveralInputs(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	for task, answer := range map[string]string{"text_embedding": "text_embedding", "completion": "completion"} {
		s.make(task, task, endpointBody(task))
		texts := []string{"one", "two", "three"}
		var want []any
		for _, text := range texts {
			alone, _ := s.send(http.MethodPost, "/_inference/"+task, map[string]any{"input": text}).json()[answer].([]any)
			want = append(want, alone...)
		}
		got := s.send(http.MethodPost, "/_inference/"+task, map[string]any{"input": texts}).json()[answer]
		if len(want) != len(texts) || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", task, got, want)
		}
	}
}

// TestMerge verifies that settings of a request replace those of the endpoint,
// field by field. The contract's cases have values that this target refuses.
func TestMerge(t *testing.T) {
	t.Parallel()
	s, bedrock := modelled(t)
	s.make("completion", "c", with(endpointBody("completion"), "task_settings", map[string]any{"top_p": 0.5, "top_k": 6, "max_new_tokens": 512}))
	for _, test := range []struct {
		request map[string]any
		want    [3]any
	}{
		{map[string]any{}, [3]any{0.5, 512.0, 6.0}},
		{map[string]any{"top_p": 0.2}, [3]any{0.2, 512.0, 6.0}},
		{map[string]any{"max_new_tokens": 3}, [3]any{0.5, 3.0, 6.0}},
		{map[string]any{"top_k": 1.0}, [3]any{0.5, 512.0, 1.0}},
		{map[string]any{"nobody": "knows"}, [3]any{0.5, 512.0, 6.0}},
	} {
		bedrock.set(func(*model) {})
		if answer := s.send(http.MethodPost, "/_inference/c", map[string]any{"input": "a", "task_settings": test.request}); answer.status != 200 {
			t.Errorf("%v: %s", test.request, answer.text)
			continue
		}
		sent := bedrock.asked()[0]
		got := [3]any{at(sent, "inferenceConfig", "topP"), at(sent, "inferenceConfig", "maxTokens"), at(sent, "additionalModelRequestFields", "top_k")}
		if got != test.want {
			t.Errorf("%v: sent %v, want %v", test.request, got, test.want)
		}
	}
}

// TestRunRefused verifies that invalid runs are refused before the model is called.
func TestRunRefused(t *testing.T) {
	t.Parallel()
	s, bedrock := modelled(t)
	s.make("completion", "c", endpointBody("completion"))
	s.make("text_embedding", "e", endpointBody("text_embedding"))
	bedrock.set(func(*model) {})
	for _, test := range []struct {
		path, body, kind, says string
	}{
		{"c", ``, "parse_exception", "request body is required"},
		{"c", `{`, "x_content_e_o_f_exception", "[1:2] Unexpected end of file"},
		{"c", `[]`, "x_content_parse_exception", "[1:1] [cluster:internal/xpack/inference] Expected START_OBJECT but was: START_ARRAY"},
		{"c", `{"input":"a"} {}`, "x_content_parse_exception", "after the end of the value"},
		{"c", `{"input":"a","input":"b"}`, "x_content_parse_exception", "Duplicate field 'input'"},
		{"c", strings.Repeat(`{"input":`, 200), "x_content_parse_exception", "nesting depth"},
		{"c", `{"input":"a","inputs":"b"}`, "x_content_parse_exception", "unknown field [inputs]"},
		{"c", `{"input":1}`, "x_content_parse_exception", "input doesn't support values of type: VALUE_NUMBER"},
		{"c", `{"input":["a",{}]}`, "x_content_parse_exception", "[1:15] [cluster:internal/xpack/inference] failed to parse field [input]"},
		{"c", `{"input":"a","task_settings":[]}`, "x_content_parse_exception", "task_settings doesn't support values of type: START_ARRAY"},
		{"c", `{"input":null}`, "x_content_parse_exception", "input doesn't support values of type: VALUE_NULL"},
		{"c", `{}`, "action_request_validation_exception", "Validation Failed: 1: Field [input] cannot be null;"},
		{"c", `{"input":"a","input_type":null}`, "x_content_parse_exception", "input_type doesn't support values of type: VALUE_NULL"},
		{"c", `{"input":"a","task_settings":null}`, "x_content_parse_exception", "task_settings doesn't support values of type: VALUE_NULL"},
		{"c", `{"inputs":"a"}`, "x_content_parse_exception", "unknown field [inputs] did you mean [input]?"},
		{"c", `{"input":[]}`, "action_request_validation_exception", "Validation Failed: 1: Field [input] cannot be an empty array;"},
		{"c", `{"input":"a","query":"b"}`, "x_content_parse_exception", "unknown field [query]"},
		{"e", `{"input":"a","top_n":3}`, "x_content_parse_exception", "unknown field [top_n]"},
		{"c", `{"input":"a","task_settings":{"temperature":7.0}}`, "validation_exception", "Validation Failed: 1: [task_settings] Invalid value [7.0]. [temperature] must be less than or equal to [1.0];"},
		{"c", `{"input":"a","task_settings":{"top_k":0.5}}`, "validation_exception", "[task_settings.top_k] Not a whole number: top_k is 0.5"},
		{"c", `{"input":"a","task_settings":{"max_new_tokens":"x"}}`, "validation_exception", "cannot be converted to a [Integer]"},
		{"e", `{"input":"a","input_type":"nonsense"}`, "x_content_parse_exception", "[1:27] [cluster:internal/xpack/inference] failed to parse field [input_type]"},
		{"e", `{"input":"a","task_settings":{"truncate":"END"}}`, "status_exception", "does not allow [truncate] field"},
		{"e", `{"input":["a",""]}`, "validation_exception", "[input.1] Empty text"},
		{"c", `{"input":"a","timeout":"soon"}`, "x_content_parse_exception", "[1:24] [cluster:internal/xpack/inference] failed to parse field [timeout]"},
		{"c?timeout=5", `{"input":"a"}`, "illegal_argument_exception", "failed to parse setting [timeout] with value [5]"},
		{"text_embedding/c", `{"input":"a"}`, "status_exception", "Incompatible task_type, the requested type [text_embedding] does not match the model type [completion]"},
		{"nope", `{"input":"a"}`, "resource_not_found_exception", "Inference endpoint not found [nope]"},
	} {
		var body any = test.body
		if test.body == "" {
			body = nil
		}
		if got := s.send(http.MethodPost, "/_inference/"+test.path, body); got.kind() != test.kind || !strings.Contains(got.reason(), test.says) {
			t.Errorf("%s %s: %d %s", test.path, test.body, got.status, got.text)
		}
	}
	if asked := bedrock.asked(); len(asked) > 0 {
		t.Errorf("Bedrock was called: %v", asked)
	}
}

// TestStatusOfAWS verifies that refusals of AWS keep their meaning in the status.
func TestStatusOfAWS(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault      *bedrocksim.Fault
		run, proof int
	}{
		"throttled":   {bedrocksim.Throttled(), 429, 429},
		"not ready":   {bedrocksim.ModelNotReady(), 429, 429},
		"denied":      {bedrocksim.AccessDenied(), 403, 400},
		"expired":     {bedrocksim.ExpiredToken(), 401, 400},
		"unavailable": {bedrocksim.Unavailable(), 500, 400},
		"damaged":     {bedrocksim.Damaged(bedrocksim.Malformed), 500, 400},
	} {
		var fault atomic.Pointer[bedrocksim.Fault]
		s := simulated(t, bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return fault.Load() }))
		s.make("completion", "c", endpointBody("completion"))
		fault.Store(test.fault)
		run := s.send(http.MethodPost, "/_inference/c", map[string]any{"input": "a"})
		put := s.send(http.MethodPut, "/_inference/completion/other", endpointBody("completion"))
		update := s.send(http.MethodPut, "/_inference/c/_update", map[string]any{"service_settings": map[string]any{"access_key": "n1", "secret_key": "n2"}})
		if got := [3]int{run.status, put.status, update.status}; got != [3]int{test.run, test.proof, test.proof} {
			t.Errorf("%s: run, put and update answer %v", name, got)
		}
		if !strings.Contains(put.reason(), "Could not complete inference endpoint creation as validation call to service threw an exception.") {
			t.Errorf("%s: put says %s", name, put.text)
		}
		if got := s.send(http.MethodGet, "/_inference/other", nil); got.status != 404 {
			t.Errorf("%s: it was created", name)
		}
	}
}

// TestTimeout verifies timeouts in the query and in the body.
func TestTimeout(t *testing.T) {
	t.Parallel()
	slow := make(chan struct{})
	t.Cleanup(func() { close(slow) })
	var stuck atomic.Bool
	s := simulated(t, bedrocksim.WithFault(func(r *http.Request, _ int) *bedrocksim.Fault {
		if stuck.Load() {
			select {
			case <-slow:
			case <-r.Context().Done():
			}
		}
		return nil
	}))
	s.make("completion", "c", endpointBody("completion"))
	stuck.Store(true)
	for name, got := range map[string]exchange{
		"query":  s.send(http.MethodPost, "/_inference/c?timeout=50ms", map[string]any{"input": "a"}),
		"body":   s.send(http.MethodPost, "/_inference/c", map[string]any{"input": "a", "timeout": "50ms"}),
		"put":    s.send(http.MethodPut, "/_inference/completion/d?timeout=50ms", endpointBody("completion")),
		"stream": s.send(http.MethodPost, "/_inference/c/_stream?timeout=50ms", map[string]any{"input": "a"}),
		"update": s.send(http.MethodPut, "/_inference/c/_update?timeout=50ms", map[string]any{"service_settings": map[string]any{"access_key": "n1", "secret_key": "n2"}}),
	} {
		if got.status != http.StatusRequestTimeout || !strings.Contains(got.text, "Request timed out after [50ms]") {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
}

// TestRateLimit verifies that each endpoint has its own limit, and that a run that
// cannot start in time is refused at once.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	slow := endpointBody("completion")
	object(slow["service_settings"])["rate_limit"] = map[string]any{"requests_per_minute": 1}
	s.make("completion", "slow", slow) // which takes its one request
	s.make("completion", "fast", endpointBody("completion"))
	const timeout = 20 * time.Second // less than the wait for the next request, which is a minute
	for _, path := range []string{"/_inference/slow", "/_inference/slow/_stream"} {
		begun := time.Now()
		got := s.send(http.MethodPost, path+"?timeout="+timeout.String(), map[string]any{"input": "a"})
		if got.status != http.StatusTooManyRequests || !strings.Contains(got.text, "requests_per_minute") {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
		if waited := time.Since(begun); waited >= timeout {
			t.Errorf("%s: it was refused after %s, want it refused before its timeout", path, waited)
		}
	}
	if got := s.send(http.MethodPost, "/_inference/fast", map[string]any{"input": "a"}); got.status != 200 {
		t.Errorf("the other endpoint: %d %s", got.status, got.text)
	}
}

// TestStream verifies that errors of a stream are events, and set the status if they
// come first.
func TestStream(t *testing.T) {
	t.Parallel()
	s, bedrock := modelled(t)
	s.make("completion", "c", endpointBody("completion"))
	s.make("text_embedding", "e", endpointBody("text_embedding"))

	good := s.send(http.MethodPost, "/_inference/c/_stream", map[string]any{"input": "<ab> & c"})
	want := []event{{"message", `{"completion":[{"delta":"<AB> & C"}]}`}, {"message", "[DONE]"}}
	if good.status != 200 || good.header.Get("Content-Type") != "text/event-stream" || !slices.Equal(good.events(), want) {
		t.Errorf("%d %v %q", good.status, good.header, good.text)
	}
	bedrock.set(func(m *model) { m.refusal = unknownToken })
	for name, test := range map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"AWS refuses":  {"c", `{"input":"a"}`, 401, unknownToken},
		"an embedding": {"e", `{"input":"a"}`, 405, "Streaming is not allowed for service [amazonbedrock] and task [text_embedding]. Supported tasks: [completion, chat_completion]"},
		"no such":      {"nope", `{"input":"a"}`, 404, "Inference endpoint not found [nope]"},
		"blank input":  {"c", `{"input":["a"," "]}`, 400, "[input.1] Blank text"},
	} {
		got := s.send(http.MethodPost, "/_inference/"+test.path+"/_stream", test.body)
		events := got.events()
		if got.status != test.status || len(events) != 1 || events[0].Event != "error" || !strings.Contains(events[0].Data, test.says) {
			t.Errorf("%s: %d %q", name, got.status, got.text)
		}
	}
}

// TestStreamRefused verifies that errors in the request are plain JSON.
func TestStreamRefused(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	s.make("completion", "c", endpointBody("completion"))
	for _, test := range []struct{ query, body, says string }{
		{"?timeout=abc", `{"input":"a"}`, "failed to parse setting [timeout] with value [abc]"},
		{"?timeuot=1s", `{"input":"a"}`, "unrecognized parameter: [timeuot] -> did you mean [timeout]?"},
		{"", `{}`, "Field [input] cannot be null"},
		{"", `{"input":`, "Unexpected end of file"},
	} {
		got := s.send(http.MethodPost, "/_inference/c/_stream"+test.query, test.body)
		if got.status != 400 || got.header.Get("Content-Type") != "application/json" || !strings.Contains(got.reason(), test.says) {
			t.Errorf("%s %s: %d %s", test.query, test.body, got.status, got.text)
		}
	}
}

// TestDefaultCredentials verifies that an endpoint without keys uses those of the
// process.
func TestDefaultCredentials(t *testing.T) {
	t.Parallel()
	simulator := bedrocksim.New()
	t.Cleanup(simulator.Close)
	s := serve(t, bedrock.Config{Endpoint: simulator.URL(), AccessKey: bedrocksim.AccessKey, SecretKey: bedrocksim.SecretKey}, api.Config{})
	body := endpointBody("completion")
	delete(object(body["service_settings"]), "access_key")
	delete(object(body["service_settings"]), "secret_key")
	s.make("completion", "c", body)
}
