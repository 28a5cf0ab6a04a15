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
		fault.write(w)
		return
	}
	if found.taskType != "chat_completion" {
		(&problem{
			status: http.StatusMethodNotAllowed, kind: "status_exception",
			reason: fmt.Sprintf("Streaming is not allowed for service [%s] and task [%s]. Supported tasks: [completion]", service, found.taskType),
		}).write(w)
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
	header(w, "text/event-stream")
	for _, word := range strings.SplitAfter(text, " ") {
		event(w, map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]any{"content": word}}}})
	}
	event(w, map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]any{}, "finish_reason": "end_turn"}}})
	event(w, map[string]any{"choices": []any{}, "usage": map[string]any{"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}})
	_, _ = fmt.Fprint(w, "event: message\ndata: [DONE]\n\n")
}

func event(w http.ResponseWriter, data any) {
	_, _ = fmt.Fprintf(w, "event: message\ndata: %s\n\n", encode(data))
}
