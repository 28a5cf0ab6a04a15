// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/vectors"
)

// TestChatRequests compares the bodies that are accepted and refused. An accepted
// body is answered with a stream, in which Bedrock's own refusals are events.
func TestChatRequests(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	s.make("chat_completion", "chat", unlimited(endpointBody("chat_completion")))
	compared := compareVectors(t, []vectorDeparture{
		{"JSON first", "A body that is not JSON is refused before its fields are read, and so is text after the object.", regexp.MustCompile(`^(duplicate key role|truncated|trailing object)`), http.StatusBadRequest},
	})
	for _, row := range vectors.Rows[struct {
		Name, Body string
		Accepted   bool
		Status     int
		Error      *exception
		TaskText   *string `json:"task_type_text"`
		TaskType   string  `json:"task_type"`
	}](t, "chat-requests.json") {
		if row.TaskText != nil {
			continue // see TestTaskTypes
		}
		answer := s.send(http.MethodPost, "/_inference/chat_completion/chat/_stream", row.Body)
		isStream := answer.header.Get("Content-Type") == "text/event-stream"
		difference := ""
		switch {
		case row.Accepted && !isStream:
			difference = "refused: " + answer.text
		case !row.Accepted:
			difference = expect(answer, row.Status, row.Error, "")
		}
		compared.row(row.Name+" | "+row.Body, difference, answer)
	}
	compared.done()
}

// TestTaskTypes compares the texts that stand for task types.
func TestTaskTypes(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	compared := 0
	for _, row := range vectors.Rows[struct {
		TaskText *string `json:"task_type_text"`
		Accepted bool
	}](t, "chat-requests.json") {
		if row.TaskText == nil || *row.TaskText == "" {
			continue
		}
		compared++
		body := with(endpointBody("completion"), "task_type", *row.TaskText)
		refused := strings.Contains(s.send(http.MethodPut, "/_inference/types", body).reason(), "Unknown task_type")
		if refused == row.Accepted {
			t.Errorf("%q: refused is %t", *row.TaskText, refused)
		}
		s.send(http.MethodDelete, "/_inference/types", nil)
	}
	if compared == 0 {
		t.Error("no row was compared")
	}
}

// chunks returns the data of the events of a stream, and the last event.
func chunks(t *testing.T, answer exchange) (found []map[string]any, last event) {
	t.Helper()
	for _, one := range answer.events() {
		last = one
		var data map[string]any
		if json.Unmarshal([]byte(one.Data), &data) == nil {
			found = append(found, data)
		}
	}
	return found, last
}

// TestChat holds a conversation with a tool.
func TestChat(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	s.make("chat_completion", "chat", endpointBody("chat_completion"))
	const tools = `"tools":[{"type":"function","function":{"name":"weather","description":"d","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}}}}}]`
	ask := func(body string) ([]map[string]any, event) {
		answer := s.send(http.MethodPost, "/_inference/chat_completion/chat/_stream", body)
		if answer.status != http.StatusOK {
			t.Fatalf("%s: %d %s", body, answer.status, answer.text)
		}
		return chunks(t, answer)
	}
	found, last := ask(`{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"hello"},{"type":"text","text":"there"}]}],"temperature":0.5,"max_completion_tokens":6,"stop":["never"]}`)
	if last.Data != "[DONE]" {
		t.Errorf("last event %+v", last)
	}
	var text, finish string
	for _, chunk := range found {
		choices, _ := chunk["choices"].([]any)
		if chunk["object"] != "chat.completion.chunk" || chunk["id"] == "" || chunk["model"] != "anthropic.claude-3-haiku-20240307-v1:0" {
			t.Errorf("chunk %v", chunk)
		}
		if len(choices) == 0 {
			continue
		}
		piece, _ := at(choices[0], "delta", "content").(string)
		text += piece
		if reason, ok := at(choices[0], "finish_reason").(string); ok {
			finish = reason
		}
	}
	if text != "[simulated answer of anthropic.claude-3-haiku-20240307-v1:0] You wrote:" || finish != "length" {
		t.Errorf("answer %q, finish_reason %q", text, finish)
	}
	if usage := object(found[len(found)-1]["usage"]); usage["total_tokens"] == nil || usage["prompt_tokens"] == nil {
		t.Errorf("usage %v", usage)
	}

	found, _ = ask(`{"messages":[{"role":"user","content":"Call weather."}],"tool_choice":"auto",` + tools + `}`)
	var id, name, arguments string
	for _, chunk := range found {
		choices, _ := chunk["choices"].([]any)
		if len(choices) == 0 {
			continue
		}
		calls, _ := at(choices[0], "delta", "tool_calls").([]any)
		for _, call := range calls {
			if text, ok := at(call, "id").(string); ok {
				id = text
				name, _ = at(call, "function", "name").(string)
			}
			part, _ := at(call, "function", "arguments").(string)
			arguments += part
		}
		if reason, ok := at(choices[0], "finish_reason").(string); ok {
			finish = reason
		}
	}
	if name != "weather" || arguments != `{"city":"simulated","days":1}` || finish != "tool_calls" {
		t.Fatalf("call %q %q %q, finish_reason %q", id, name, arguments, finish)
	}
	call, _ := json.Marshal(map[string]any{"role": "assistant", "content": "", "tool_calls": []any{map[string]any{
		"id": id, "type": "function", "function": map[string]any{"name": name, "arguments": arguments},
	}}})
	answer := s.send(http.MethodPost, "/_inference/chat_completion/chat/_stream",
		`{"messages":[{"role":"user","content":"Call weather."},`+string(call)+`,{"role":"tool","tool_call_id":"`+id+`","content":"sunny weather"}],`+tools+`}`)
	if !strings.Contains(answer.text, `"content":"sunny "`) || !strings.Contains(answer.text, `"finish_reason":"stop"`) {
		t.Errorf("answer to the result of the tool: %s", answer.text)
	}
}

// TestChatErrors verifies that errors of a conversation are events in the form of
// OpenAI, and say what Amazon Bedrock cannot do.
func TestChatErrors(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	s.make("chat_completion", "chat", unlimited(endpointBody("chat_completion")))
	s.make("completion", "text", endpointBody("completion"))
	prompt := unlimited(endpointBody("chat_completion"))
	prompt["service_settings"].(map[string]any)["model"] = "arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDE12345:1"
	s.make("chat_completion", "prompt", prompt)
	const user = `{"messages":[{"role":"user","content":"hi"}]`
	for _, test := range []struct {
		path, body, code string
		status           int
		says             string
	}{
		{"chat_completion/none", user + "}", "not_found", 404, "Inference endpoint not found [none]"},
		// The parser accepts these bodies, so that the missing endpoint is the error.
		{"chat_completion/none", `{"messages":[7,{"role":"user","content":"hi"}]}`, "not_found", 404, "Inference endpoint not found [none]"},
		{"chat_completion/none", user + `,"tools":[{"type":"function","function":{"name":"f","strict":""}}]}`, "not_found", 404, "Inference endpoint not found [none]"},
		{"chat_completion/text", user + "}", "bad_request", 400, "Incompatible task_type, the requested type [chat_completion] does not match the model type [completion]"},
		{"chat_completion/chat", user + `,"model":"other"}`, "bad_request", 400, "[model] Wrong model"},
		{"chat_completion/chat", user + `,"temperature":7}`, "bad_request", 400, "1: [temperature] Out of range: temperature is 7."},
		{"chat_completion/chat", user + `,"max_completion_tokens":-1}`, "bad_request", 400, "1: [max_completion_tokens] Out of range: max_completion_tokens is -1."},
		{"chat_completion/chat", user + `,"reasoning":{"effort":"low"}}`, "bad_request", 400, "[reasoning] Reasoning is not supported"},
		{"chat_completion/chat", user + `,"tool_choice":"whatever"}`, "bad_request", 400, "[tool_choice] Unknown choice of tools"},
		{"chat_completion/chat", user + `,"tool_choice":"required"}`, "bad_request", 400, "[tool_choice] Tools missing"},
		{"chat_completion/chat", user + `,"tools":[{"type":"custom","function":{"name":"f"}}]}`, "bad_request", 400, "[tools.0.type] Unknown tool type"},
		{"chat_completion/chat", user + `,"tools":[{"type":"function","function":{"name":""}}]}`, "bad_request", 400, "[tools.0.function.name] Invalid tool name"},
		{"chat_completion/chat", user + `,"tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"get weather"}}]}`, "bad_request", 400, "[tools.1.function.name] Invalid tool name"},
		{"chat_completion/chat", user + `,"tools":[{"type":"function","function":{"name":"` + strings.Repeat("f", 65) + `"}}]}`, "bad_request", 400, "[tools.0.function.name] Invalid tool name"},
		{"chat_completion/chat", user + `,"tools":[{"type":"function","function":{"name":"über"}}]}`, "bad_request", 400, "[tools.0.function.name] Invalid tool name"},
		{"chat_completion/prompt", `{"messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}]}`, "bad_request", 400, "[messages.0] System message beside a prompt"},
		{"chat_completion/prompt", user + `,"tools":[{"type":"function","function":{"name":"f"}}]}`, "bad_request", 400, "[tools] Tools beside a prompt"},
		{"chat_completion/prompt", user + `,"temperature":0.5}`, "bad_request", 400, "[temperature] Setting of a prompt"},
		{"chat_completion/prompt", user + `,"max_completion_tokens":5}`, "bad_request", 400, "[max_completion_tokens] Setting of a prompt"},
		{"chat_completion/chat", user + `,"stop":""}`, "bad_request", 400, "[stop.0] Empty stop sequence"},
		{"chat_completion/chat", `{"messages":[{"role":"wizard","content":"hi"}]}`, "bad_request", 400, "[messages.0.role] Unknown role"},
		{"chat_completion/chat", `{"messages":[{"role":"developer","content":"hi"},{"role":"assistant","content":"hi"}]}`, "bad_request", 400, "[messages.0.role] Unknown role"},
		{"chat_completion/chat", `{"messages":[{"role":"assistant","content":"hi"}]}`, "bad_request", 400, "Conversation begins with an assistant message"},
		{"chat_completion/chat", `{"messages":[{"role":"system","content":"hi"}]}`, "bad_request", 400, "No user message"},
		{"chat_completion/chat", `{"messages":[{"role":"user","content":" "}]}`, "bad_request", 400, "[messages.0.content] Empty message"},
		{"chat_completion/chat", user[:len(user)-1] + `,{"role":"tool","content":"42"}],"tools":[{"type":"function","function":{"name":"f"}}]}`, "bad_request", 400, "Missing tool_call_id"},
		{"chat_completion/chat", `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]}`, "bad_request", 400, "does not download images"},
		{"chat_completion/chat", `{"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.exe","file_data":"data:x;base64,aGk="}}]}]}`, "bad_request", 400, "is not a format"},
		{"chat_completion/chat", `{"messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}]}`, "bad_request", 400, "Tools missing"},
	} {
		answer := s.send(http.MethodPost, "/_inference/"+test.path+"/_stream", test.body)
		found, last := chunks(t, answer)
		if len(found) != 1 || last.Event != "error" || answer.status != test.status || at(found[0], "error", "code") != test.code ||
			!strings.Contains(at(found[0], "error", "message").(string), test.says) || strings.Contains(answer.text, ";2: ") {
			t.Errorf("%s %s: %d %s", test.path, test.body, answer.status, answer.text)
		}
	}
	// Without a task type in the path, the body is that of a run.
	if got := s.send(http.MethodPost, "/_inference/chat", `{"input":"a"}`); got.status != 400 || !strings.Contains(got.reason(), "please use the _inference/chat_completion/chat/_stream URL") {
		t.Errorf("run without a conversation: %d %s", got.status, got.text)
	}
	if got := s.send(http.MethodPost, "/_inference/chat_completion/chat/_stream?timeout=abc", user+"}"); got.header.Get("Content-Type") != "application/json" || got.status != 400 {
		t.Errorf("wrong timeout: %d %s", got.status, got.text)
	}
}

// TestChatRefusedByAWS verifies the events about refusals of AWS, and images.
func TestChatRefusedByAWS(t *testing.T) {
	t.Parallel()
	var fault *bedrocksim.Fault
	simulator := bedrocksim.New(bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return fault }))
	t.Cleanup(simulator.Close)
	s := serve(t, bedrock.Config{Simulator: simulator, MaxAttempts: 1}, api.Config{})
	s.make("chat_completion", "chat", endpointBody("chat_completion"))
	answer := s.send(http.MethodPost, "/_inference/chat_completion/chat/_stream", `{"messages":[{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}},{"type":"file","file":{"filename":"a.b.pdf","file_data":"data:application/pdf;base64,aGk="}}]}]}`)
	if answer.status != 200 || !strings.Contains(answer.text, "[DONE]") {
		t.Errorf("images and files: %d %s", answer.status, answer.text)
	}
	fault = bedrocksim.Throttled()
	answer = s.send(http.MethodPost, "/_inference/chat_completion/chat/_stream", `{"messages":[{"role":"user","content":"hi"}]}`)
	found, last := chunks(t, answer)
	if answer.status != 429 || last.Event != "error" || at(found[0], "error", "code") != "too_many_requests" {
		t.Errorf("throttled: %d %s", answer.status, answer.text)
	}
}
