// SPDX-License-Identifier: MPL-2.0

package api

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// chatChunk is the data of an event of chat_completion.
type chatChunk struct {
	ID      string       `json:"id"`
	Choices []chatChoice `json:"choices,omitempty"`
	Model   string       `json:"model"`
	Object  string       `json:"object"`
	Usage   *chatUsage   `json:"usage,omitempty"`
}

type chatChoice struct {
	Delta        chatDelta `json:"delta"`
	FinishReason string    `json:"finish_reason,omitempty"`
	Index        int       `json:"index"`
}

type chatDelta struct {
	Content   *string        `json:"content,omitempty"`
	Role      string         `json:"role,omitempty"`
	ToolCalls []chatToolCall `json:"tool_calls,omitempty"`
}

type chatToolCall struct {
	Index    int          `json:"index"`
	ID       string       `json:"id,omitempty"`
	Function chatFunction `json:"function"`
	Type     *string      `json:"type"`
}

type chatFunction struct {
	Arguments string `json:"arguments,omitempty"`
	Name      string `json:"name,omitempty"`
}

type chatUsage struct {
	CompletionTokens int64 `json:"completion_tokens"`
	PromptTokens     int64 `json:"prompt_tokens"`
	TotalTokens      int64 `json:"total_tokens"`
}

// finishReasons are the names of OpenAI for Bedrock's stop reasons.
var finishReasons = map[string]string{
	"tool_use": "tool_calls", "max_tokens": "length", "model_context_window_exceeded": "length",
	"content_filtered": "content_filter", "guardrail_intervened": "content_filter",
}

func (c chatChunk) with(event inference.ChatEvent) chatChunk {
	choice := chatChoice{}
	switch {
	case event.Usage != nil:
		in, out := orZero(event.Usage.InputTokens), orZero(event.Usage.OutputTokens)
		c.Usage = &chatUsage{out, in, in + out}
		return c
	case event.StopReason != "":
		choice.FinishReason = cmp.Or(finishReasons[event.StopReason], "stop")
	case event.Role != "":
		choice.Delta.Role = event.Role
	case event.ToolCall != nil:
		call := chatToolCall{Index: event.ToolCall.Index, ID: event.ToolCall.ID, Function: chatFunction{event.ToolCall.Arguments, event.ToolCall.Name}}
		if call.ID != "" {
			call.Type = new("function")
		}
		choice.Delta.ToolCalls = []chatToolCall{call}
	default:
		choice.Delta.Content = &event.Text
	}
	c.Choices = []chatChoice{choice}
	return c
}

func orZero(count *int64) int64 {
	if count == nil {
		return 0
	}
	return *count
}

// chatProblem is the data of an event about an error of chat_completion, in the
// form of OpenAI.
func chatProblem(problem *esrest.Error) any {
	type body struct {
		Code    string `json:"code,omitempty"`
		Message string `json:"message"`
		Type    string `json:"type"`
	}
	code := strings.ToLower(strings.ReplaceAll(http.StatusText(problem.Status), " ", "_"))
	return map[string]body{"error": {code, problem.Reason, problem.Type}}
}

// chat runs a conversation and streams the answer. As for stream, errors in the
// form of the request are returned, and errors of the run are yielded.
func (h *Handler) chat(ctx context.Context, r *request) (*events, error) {
	body, err := r.requiredBody()
	if err != nil {
		return nil, err
	}
	conversation, problem := parseChat(*body)
	if problem != nil {
		return nil, problem
	}
	endpoint, err := h.byID(ctx, r.id)
	if err == nil && r.differsFrom(endpoint.TaskType) {
		err = r.incompatible(endpoint.TaskType)
	}
	if err != nil {
		return &events{failed(err), chatProblem}, nil
	}
	chunk := chatChunk{ID: rand.Text(), Model: endpoint.ServiceSettings.Model, Object: "chat.completion.chunk"}
	return &events{streamed(ctx, r.runTime(endpoint.TaskType),
		func(ctx context.Context) iter.Seq2[inference.ChatEvent, error] {
			return h.target.Chat(ctx, endpoint, conversation)
		},
		func(event inference.ChatEvent) any { return chunk.with(event) },
		func(err error) error { return chatFailure(endpoint, err) },
	), chatProblem}, nil
}

func failed(err error) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) { yield(nil, err) }
}

// chatFailure returns the answer to an error of a conversation. What Bedrock cannot
// do is an error of the request.
func chatFailure(endpoint inference.Endpoint, err error) error {
	found, ok := errors.AsType[validation.Violations](err)
	if !ok {
		return runFailure(endpoint, err)
	}
	texts := make([]string, len(found))
	for i, violation := range found {
		// A conversation has the task settings at its root, and calls max_new_tokens
		// max_completion_tokens.
		violation.Path = validation.Path(strings.TrimPrefix(string(violation.Path), scopeTask+"."))
		if violation.Path == "max_new_tokens" {
			violation.Path = "max_completion_tokens"
			violation.Detail = strings.ReplaceAll(violation.Detail, "max_new_tokens", "max_completion_tokens")
		}
		texts[i] = ownMessage(violation)
	}
	return esrest.ValidationError(esrest.TypeValidation, texts...)
}

var (
	textKinds   = []esrest.Kind{esrest.KindString}
	objectKinds = []esrest.Kind{esrest.KindObject}
	listKinds   = []esrest.Kind{esrest.KindArray, esrest.KindObject} // one object stands for a list of it
)

// parseChat parses a conversation as Elasticsearch's UnifiedCompletionRequest.
func parseChat(body esrest.Value) (request inference.ChatRequest, problem *esrest.Error) {
	parser := esrest.ObjectParser{Name: "UnifiedCompletionRequest", Required: []string{"messages"}, Fields: []esrest.ObjectField{
		{Name: "messages", Kinds: listKinds, Read: eachObject("Message", func(value esrest.Value) *esrest.Failure {
			message, failure := parseMessage(value)
			request.Messages = append(request.Messages, message)
			return failure
		})},
		esrest.ReadText("model", &request.Model),
		{Name: "max_completion_tokens", Kinds: numberKinds, Read: func(value esrest.Value) *esrest.Failure {
			tokens, failure := esrest.ReadLong(value)
			request.TaskSettings.MaxNewTokens = &tokens
			return failure
		}},
		{Name: "stop", Kinds: []esrest.Kind{esrest.KindString, esrest.KindArray}, Read: func(value esrest.Value) (failure *esrest.Failure) {
			request.Stop, failure = readTexts(value)
			return failure
		}},
		floatField("temperature", &request.TaskSettings.Temperature),
		{Name: "tool_choice", Kinds: []esrest.Kind{esrest.KindString, esrest.KindObject}, Read: func(value esrest.Value) *esrest.Failure {
			if value.Kind == esrest.KindString {
				request.ToolChoice = value.Text
				return nil
			}
			function := esrest.ObjectParser{Name: "tool_choice_function_field", Required: []string{"name"}, Fields: []esrest.ObjectField{esrest.ReadText("name", &request.ToolName)}}
			return esrest.ObjectParser{Name: "ToolChoiceObject", Required: []string{"type", "function"}, Fields: []esrest.ObjectField{
				esrest.ReadText("type", new(string)), {Name: "function", Kinds: objectKinds, Read: function.Parse},
			}}.Parse(value)
		}},
		{Name: "tools", Kinds: listKinds, Read: eachObject("Tool", func(value esrest.Value) *esrest.Failure {
			tool, failure := parseTool(value)
			request.Tools = append(request.Tools, tool)
			return failure
		})},
		floatField("top_p", &request.TaskSettings.TopP),
		{Name: "reasoning", Kinds: objectKinds, Read: func(value esrest.Value) *esrest.Failure {
			request.Reasoning = true
			return parseReasoning(value)
		}},
	}}
	if failure := parser.Parse(body); failure != nil {
		return request, failure.Problem
	}
	if len(request.Messages) == 0 {
		return request, esrest.ValidationError(esrest.TypeRequestValidation, "Field [messages] cannot be an empty array")
	}
	request.Reasoning = request.Reasoning || slices.ContainsFunc(body.Fields, hasReasoning)
	return request, nil
}

// hasReasoning reports whether messages contain reasoning.
func hasReasoning(field esrest.Field) bool {
	return field.Name == "messages" && slices.ContainsFunc(append(field.Value.Items, field.Value), func(message esrest.Value) bool {
		_, found := message.Field("reasoning")
		return found
	})
}

// eachObject reads a list of objects, or one object. Elasticsearch skips an item
// that is no object, and expects an object after it.
func eachObject(name string, read func(esrest.Value) *esrest.Failure) func(esrest.Value) *esrest.Failure {
	return func(value esrest.Value) *esrest.Failure {
		if value.Kind == esrest.KindObject {
			return read(value)
		}
		for i, item := range value.Items {
			if item.Kind != esrest.KindObject {
				at, kind := value.End, esrest.Kind("END_ARRAY")
				if i+1 < len(value.Items) {
					at, kind = value.Items[i+1].Start, value.Items[i+1].Kind
				}
				if kind == esrest.KindObject && item.Kind != esrest.KindArray {
					continue
				}
				return esrest.Fail(at, esrest.ParseError("%s [%s] Expected START_OBJECT but was: %s", at, name, kind))
			}
			if failure := read(item); failure != nil {
				return failure
			}
		}
		return nil
	}
}

func floatField(name string, to **float64) esrest.ObjectField {
	return esrest.ObjectField{Name: name, Kinds: numberKinds, Read: func(value esrest.Value) *esrest.Failure {
		number, failure := esrest.ReadFloat(value)
		*to = &number
		return failure
	}}
}

func parseMessage(value esrest.Value) (message inference.ChatMessage, failure *esrest.Failure) {
	failure = esrest.ObjectParser{Name: "Message", Required: []string{"role"}, Fields: []esrest.ObjectField{
		{
			Name: "content", Kinds: []esrest.Kind{esrest.KindString, esrest.KindArray, esrest.KindNumber, esrest.KindBool, esrest.KindNull},
			Read: func(value esrest.Value) *esrest.Failure {
				switch value.Kind {
				case esrest.KindString:
					message.Parts = []inference.ChatPart{{Text: value.Text}}
					return nil
				case esrest.KindArray:
					return parseParts(value, &message.Parts)
				default:
					return esrest.Fail(value.Start, esrest.ParseError("Expected an array start token or a value string token but found token [%s]", value.Kind))
				}
			},
		},
		esrest.ReadText("role", &message.Role),
		esrest.ReadText("tool_call_id", &message.ToolCallID),
		{Name: "tool_calls", Kinds: listKinds, Read: eachObject("ToolCall", func(value esrest.Value) *esrest.Failure {
			var call inference.ChatToolCall
			function := esrest.ObjectParser{Name: "tool_call_function_field", Required: []string{"arguments", "name"}, Fields: []esrest.ObjectField{
				esrest.ReadText("arguments", &call.Arguments), esrest.ReadText("name", &call.Name),
			}}
			failure := esrest.ObjectParser{Name: "ToolCall", Required: []string{"id", "function", "type"}, Fields: []esrest.ObjectField{
				esrest.ReadText("id", &call.ID), {Name: "function", Kinds: objectKinds, Read: function.Parse}, esrest.ReadText("type", new(string)),
			}}.Parse(value)
			message.ToolCalls = append(message.ToolCalls, call)
			return failure
		})},
		esrest.ReadText("reasoning", new(string)),
		{Name: "reasoning_details", Kinds: listKinds, Read: func(esrest.Value) *esrest.Failure { return nil }},
	}}.Parse(value)
	return message, failure
}

// partFields are the fields of each type of part: one of the name of the type.
var partFields = map[string][]string{"text": nil, "image_url": {"url"}, "file": {"file_data", "filename"}}

// parseParts reads the parts of a message, which Elasticsearch reads as maps.
func parseParts(value esrest.Value, parts *[]inference.ChatPart) *esrest.Failure {
	for _, item := range value.Items {
		part, problem := parsePart(item)
		if problem != nil {
			return esrest.Fail(item.End, problem)
		}
		*parts = append(*parts, part)
	}
	return nil
}

func parsePart(item esrest.Value) (part inference.ChatPart, problem *esrest.Error) {
	kind, problem := partText(item, "content", "type")
	if problem != nil {
		return part, problem
	}
	kind = strings.ToLower(kind)
	known := []string{"type", kind}
	inner, isKnown := partFields[kind]
	if !isKnown {
		return part, esrest.StatusError("Unrecognized type [%s] in object [content], must be one of [text, image_url, file]", kind)
	}
	if kind == "text" {
		if part.Text, problem = partText(item, "content", "text"); problem != nil {
			return part, problem
		}
	} else {
		object, given := item.Field(kind)
		if !given || object.Kind == esrest.KindNull {
			return part, missingField(kind, "content")
		}
		if object.Kind != esrest.KindObject {
			return part, esrest.StatusError("Field [%s] in object [content] is not of the expected type. Expected [Map] but was [%s]", kind, javaClass(object))
		}
		values := map[string]string{}
		for _, name := range inner {
			if values[name], problem = partText(object, kind, name); problem != nil {
				return part, problem
			}
		}
		part.URL, part.Filename = values["url"]+values["file_data"], values["filename"]
		if problem := unknownFields(object, kind, append(inner, "detail")...); problem != nil {
			return part, problem
		}
	}
	return part, unknownFields(item, "content", known...)
}

func unknownFields(object esrest.Value, name string, known ...string) *esrest.Error {
	var unknown []string
	for _, field := range object.Fields {
		if !slices.Contains(known, field.Name) {
			unknown = append(unknown, field.Name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return esrest.StatusError("[%s] contains unknown fields [%s]", name, strings.Join(esrest.JavaOrder(unknown), ", "))
}

func partText(object esrest.Value, name, field string) (string, *esrest.Error) {
	value, given := object.Field(field)
	switch {
	case !given || value.Kind == esrest.KindNull:
		return "", missingField(field, name)
	case value.Kind != esrest.KindString:
		return "", esrest.StatusError("Field [%s] in object [%s] is not of the expected type. Expected [String] but was [%s]", field, name, javaClass(value))
	}
	return value.Text, nil
}

func missingField(field, object string) *esrest.Error {
	return esrest.StatusError("Field [%s] in object [%s] is required but was not found", field, object)
}

// javaClass is the name of the class that Java has for a value.
func javaClass(value esrest.Value) string {
	classes := map[esrest.Kind]string{
		esrest.KindString: "String", esrest.KindBool: "Boolean", esrest.KindArray: "ArrayList", esrest.KindObject: "LinkedHashMap",
	}
	if class, ok := classes[value.Kind]; ok {
		return class
	}
	if esrest.IsDouble(json.Number(value.Text)) {
		return "Double"
	}
	return "Integer"
}

func parseTool(value esrest.Value) (tool inference.ChatTool, failure *esrest.Failure) {
	function := esrest.ObjectParser{Name: "tool_function_field", Required: []string{"name"}, Fields: []esrest.ObjectField{
		esrest.ReadText("description", &tool.Description),
		esrest.ReadText("name", &tool.Name),
		{Name: "parameters", Kinds: objectKinds, Read: func(value esrest.Value) *esrest.Failure {
			encoded, err := json.Marshal(value.Any())
			tool.Parameters = encoded
			if err != nil {
				return esrest.Fail(value.Start, esrest.IllegalArgument("%v", err))
			}
			return nil
		}},
		{Name: "strict", Kinds: []esrest.Kind{esrest.KindBool, esrest.KindString}, Read: func(value esrest.Value) *esrest.Failure {
			tool.Strict = new(value.Text == "true")
			if value.Text != "" && value.Text != "true" && value.Text != "false" { // empty is false
				return esrest.Fail(value.Start, esrest.IllegalArgument("Failed to parse value [%s] as only [true] or [false] are allowed.", value.Text))
			}
			return nil
		}},
	}}
	failure = esrest.ObjectParser{Name: "Tool", Required: []string{"type", "function"}, Fields: []esrest.ObjectField{
		esrest.ReadText("type", &tool.Type), {Name: "function", Kinds: objectKinds, Read: function.Parse},
	}}.Parse(value)
	return tool, failure
}

func parseReasoning(value esrest.Value) *esrest.Failure {
	given := false
	flag := func(name string) esrest.ObjectField {
		return esrest.ObjectField{Name: name, Kinds: []esrest.Kind{esrest.KindBool, esrest.KindString}, Read: func(esrest.Value) *esrest.Failure {
			given = given || name == "enabled"
			return nil
		}}
	}
	return esrest.ObjectParser{
		Name: "Reasoning",
		Fields: []esrest.ObjectField{
			{Name: "effort", Kinds: textKinds, Read: func(esrest.Value) *esrest.Failure { given = true; return nil }},
			esrest.ReadText("summary", new(string)), flag("exclude"), flag("enabled"),
		},
		Done: func(end esrest.Location) *esrest.Failure {
			if given {
				return nil
			}
			return esrest.Fail(end, esrest.IllegalArgument("Required one of fields [effort, enabled], but none were specified."))
		},
	}.Parse(value)
}
