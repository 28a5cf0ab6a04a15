// SPDX-License-Identifier: MPL-2.0

package api

import (
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestResults compares the bodies of results and events, byte by byte. Rows about
// classes that no answer contains are skipped: similarities and input types have
// vectors of their own, and the API never sends a lone surrogate.
func TestResults(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/inference-results.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Name   string
		Input  *string
		Output string
	}
	if err := json.Unmarshal(content, &rows); err != nil {
		t.Fatal(err)
	}
	agree, skipped := 0, 0
	for _, row := range rows[1:] {
		input := ""
		if row.Input != nil {
			input = *row.Input
		}
		body := result(row.Name, input)
		if body == nil || strings.Contains(row.Output, `"\uD800"`) {
			skipped++
			continue
		}
		agree++
		if got, err := esrest.Encode(body); err != nil || string(got) != regexp.MustCompile(` status \d+$`).ReplaceAllString(row.Output, "") {
			t.Errorf("%s %q: got %s, want %s", row.Name, input, got, row.Output)
		}
	}
	t.Logf("%d rows agree, %d are skipped", agree, skipped)
	if agree < 30 {
		t.Errorf("only %d rows were compared", agree)
	}
}

// result returns the body of a row, or nil.
func result(name, input string) any {
	chunk := chatChunk{ID: "id1", Model: "m", Object: "chat.completion.chunk"}
	kind := "function"
	call := func(calls ...chatToolCall) []chatChoice { return []chatChoice{{Delta: chatDelta{ToolCalls: calls}}} }
	switch name {
	case "text_embedding of one float":
		value, _ := strconv.ParseFloat(input, 32)
		return map[string]any{"text_embedding": []embeddingBody{{esrest.Floats{float32(value)}}}}
	case "text_embedding of two":
		return map[string]any{"text_embedding": []embeddingBody{{esrest.Floats{1, 2}}, {esrest.Floats{3, 4}}}}
	case "text_embedding of none":
		return map[string]any{"text_embedding": []embeddingBody{}}
	case "completion":
		return map[string]any{"completion": []completionBody{{input}}}
	case "completion of two":
		return map[string]any{"completion": []completionBody{{"a"}, {"b"}}}
	case "completion stream event":
		return map[string]any{"completion": []completionDelta{{input}}}
	case "completion stream event of two deltas":
		return map[string]any{"completion": []completionDelta{{"a"}, {"b"}}}
	case "chat_completion stream event: content":
		return chunk.with(inference.ChatEvent{Text: "hi"})
	case "chat_completion stream event: empty content and role":
		empty := ""
		chunk.Choices = []chatChoice{{Delta: chatDelta{Content: &empty, Role: "assistant"}}}
		return chunk
	case "chat_completion stream event: empty delta with finish_reason":
		return chunk.with(inference.ChatEvent{StopReason: "end_turn"})
	case "chat_completion stream event: tool call start":
		return chunk.with(inference.ChatEvent{ToolCall: &inference.ChatToolCallPart{ChatToolCall: inference.ChatToolCall{ID: "c1", Name: "f"}}})
	case "chat_completion stream event: tool call arguments":
		return chunk.with(inference.ChatEvent{ToolCall: &inference.ChatToolCallPart{ChatToolCall: inference.ChatToolCall{Arguments: `{"a":1}`}}})
	case "chat_completion stream event: tool call whole":
		chunk.Choices = call(chatToolCall{1, "c1", chatFunction{`{"a":1}`, "f"}, &kind})
		chunk.Choices[0].FinishReason = "tool_calls"
		return chunk
	case "chat_completion stream event: tool calls empty":
		return chunk.with(inference.ChatEvent{Text: "x"})
	case "chat_completion stream event: usage, choices null":
		in, out := int64(7), int64(5)
		return chunk.with(inference.ChatEvent{Usage: &inference.Usage{InputTokens: &in, OutputTokens: &out}})
	case "chat error: UnifiedChatCompletionException.fromThrowable":
		problems := map[string]*esrest.Error{
			"a status 429": {Status: 429, Type: esrest.TypeStatus}, "an argument": {Status: 400, Type: esrest.TypeIllegalArgument},
			"plain": {Status: 500, Type: esrest.TypeException}, "late": {Status: 429, Type: "timeout_exception"},
		}
		_, reason, _ := strings.Cut(input, ": ")
		problem := problems[reason]
		if problem == nil {
			return nil
		}
		problem.Reason = reason
		return chatProblem(problem)
	}
	return nil
}
