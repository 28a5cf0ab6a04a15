// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

// stream answers a chat with server-sent events. Errors before the action are
// returned; those of the action are events.
func (s *Server) stream(w *responseWriter, r *request) *esrest.Error {
	body, problem := r.object()
	if problem != nil {
		return problem
	}
	found, problem := s.findToRun(r)
	if problem != nil {
		w.failStream(problem, r.taskType)
		return nil
	}
	if found.taskType != "chat_completion" {
		w.failStream(&esrest.Error{
			Status: http.StatusMethodNotAllowed, Type: esrest.TypeStatus,
			Reason: fmt.Sprintf("Streaming is not allowed for service [%s] and task [%s]. Supported tasks: [completion]", service, found.taskType),
		}, r.taskType)
		return nil
	}
	messages, given := body["messages"].([]any)
	switch {
	case !given:
		return esrest.IllegalArgument("Required [messages]")
	case len(messages) == 0:
		return esrest.ValidationError(esrest.TypeRequestValidation, "Field [messages] cannot be an empty array")
	}
	last, _ := messages[len(messages)-1].(map[string]any)
	text := fmt.Sprintf("%s says: %s", found.settings.model, last["content"])
	if problem := s.callModel(found); problem != nil {
		w.failStream(problem, r.taskType)
		return nil
	}
	w.begin(http.StatusOK, mediaStream)
	for _, word := range strings.SplitAfter(text, " ") {
		w.event("message", map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]any{"content": word}}}})
	}
	w.event("message", map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]any{}, "finish_reason": "end_turn"}}})
	w.event("message", map[string]any{"choices": []any{}, "usage": map[string]any{"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}})
	_, _ = fmt.Fprint(w, byteOrderMark+"event: message\ndata: [DONE]\n\n")
	return nil
}

const (
	mediaStream = "text/event-stream"
	// byteOrderMark precedes every event.
	byteOrderMark = "\uFEFF"
)

func (w *responseWriter) event(name string, data any) {
	_, _ = fmt.Fprintf(w, byteOrderMark+"event: %s\ndata: %s\n\n", name, encode(data))
}

// failStream sends an error as an event; those of chats have the form of OpenAI's.
func (w *responseWriter) failStream(problem *esrest.Error, taskType string) {
	w.begin(problem.Status, mediaStream)
	if taskType != "chat_completion" {
		w.event("error", problem.Body())
		return
	}
	code := strings.ToLower(strings.ReplaceAll(http.StatusText(problem.Status), " ", "_"))
	w.event("error", map[string]any{"error": map[string]any{"code": code, "message": problem.Reason, "type": problem.Type}})
}
