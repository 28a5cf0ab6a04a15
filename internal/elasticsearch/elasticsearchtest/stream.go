package elasticsearchtest

import (
	"fmt"
	"net/http"
	"strings"
)

// stream answers a conversation with server-sent events.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, taskType, id string) {
	found, fault := s.findToRun(taskType, id)
	if fault != nil {
		fault.stream(w, taskType)
		return
	}
	if found.taskType != "chat_completion" {
		(&problem{
			status: http.StatusMethodNotAllowed, kind: "status_exception",
			reason: fmt.Sprintf("Streaming is not allowed for service [%s] and task [%s]. Supported tasks: [completion]", service, found.taskType),
		}).stream(w, taskType)
		return
	}
	body, fault := readBody(r)
	if fault != nil {
		fault.write(w)
		return
	}
	messages, _ := body["messages"].([]any)
	if len(messages) == 0 {
		refuse("Required [messages]").write(w)
		return
	}
	last, _ := messages[len(messages)-1].(map[string]any)
	text := fmt.Sprintf("%s says: %s", found.settings.model, last["content"])
	if fault := s.tryOut(found); fault != nil {
		fault.stream(w, taskType)
		return
	}
	header(w, mediaStream)
	for _, word := range strings.SplitAfter(text, " ") {
		event(w, "message", map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]any{"content": word}}}})
	}
	event(w, "message", map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]any{}, "finish_reason": "end_turn"}}})
	event(w, "message", map[string]any{"choices": []any{}, "usage": map[string]any{"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}})
	_, _ = fmt.Fprint(w, byteOrderMark+"event: message\ndata: [DONE]\n\n")
}

const (
	mediaStream = "text/event-stream"
	// byteOrderMark stands before every event.
	byteOrderMark = "\uFEFF"
)

func event(w http.ResponseWriter, name string, data any) {
	_, _ = fmt.Fprintf(w, byteOrderMark+"event: %s\ndata: %s\n\n", name, encode(data))
}

// stream refuses a stream: with an event, and where it is a chat in the form of
// OpenAI's errors.
func (p *problem) stream(w http.ResponseWriter, taskType string) {
	header(w, mediaStream)
	w.WriteHeader(p.status)
	if taskType != "chat_completion" {
		event(w, "error", p.answer())
		return
	}
	code := strings.ToLower(strings.ReplaceAll(http.StatusText(p.status), " ", "_"))
	event(w, "error", map[string]any{"error": map[string]any{"code": code, "message": p.reason, "type": p.kind}})
}
