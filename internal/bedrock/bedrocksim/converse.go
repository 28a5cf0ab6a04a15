// SPDX-License-Identifier: MPL-2.0

package bedrocksim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// conversation is the part of a Converse request that the simulator reads.
type conversation struct {
	Messages []message `json:"messages"`
	Config   struct {
		MaxTokens     *int64   `json:"maxTokens"`
		Temperature   *float64 `json:"temperature"`
		TopP          *float64 `json:"topP"`
		StopSequences []string `json:"stopSequences"`
	} `json:"inferenceConfig"`
	Additional json.RawMessage `json:"additionalModelRequestFields"`
	Tools      *toolConfig     `json:"toolConfig"`
}

type message struct {
	Role    string           `json:"role"`
	Content []map[string]any `json:"content"`
}

// additional are the fields that the models of a vendor accept in addition to
// those of Converse (Bedrock user guide, "Inference request parameters").
var additional = map[string]schema{
	"amazon":    {"inferenceConfig": {false, anything}},
	"anthropic": {"top_k": topK(inference.Anthropic, 0), "thinking": {false, anything}, "anthropic_beta": {false, anything}},
	"cohere":    {"k": topK(inference.Cohere, 0), "p": {false, anything}, "return_likelihoods": {false, anything}},
	"mistral":   {"top_k": topK(inference.Mistral, 1)},
}

func topK(provider inference.Provider, least int64) property {
	return property{false, integer(least, int64(provider.MaxTopK()))}
}

func converse(modelID string, body []byte) (*answer, error) {
	turn, err := takeTurn(modelID, body)
	if err != nil {
		return nil, err
	}
	return reply(map[string]any{
		"output":     map[string]any{"message": map[string]any{"role": "assistant", "content": turn.blocks()}},
		"stopReason": turn.stopReason,
		"usage":      turn.usage(),
		"metrics":    map[string]int{"latencyMs": 1},
	}), nil
}

// turn is the answer to a conversation.
type turn struct {
	prompt, text, stopReason string
	call                     *toolCall // instead of the text
}

func (t turn) usage() map[string]int {
	in, out := countTokens(t.prompt), countTokens(t.text)
	return map[string]int{"inputTokens": in, "outputTokens": out, "totalTokens": in + out}
}

// takeTurn validates a conversation and generates the answer.
func takeTurn(modelID string, body []byte) (turn, error) {
	m, err := findModel(modelID)
	if err != nil {
		return turn{}, err
	}
	if m.family != chat && m.family != opaque {
		return turn{}, invalid("This action doesn't support the model that you provided. Try again with a supported text or chat model.")
	}
	var request conversation
	if err := json.Unmarshal(body, &request); err != nil {
		return turn{}, err
	}
	if err := checkPrompt(m, body); err != nil {
		return turn{}, err
	}
	for _, check := range []func(model, conversation) error{checkMessages, checkRanges, checkSampling, checkAdditional, checkTools} {
		if err := check(m, request); err != nil {
			return turn{}, err
		}
	}
	prompt := lastText(request)
	if call := chooseTool(request, prompt); call != nil {
		return turn{prompt: prompt, text: call.name, stopReason: "tool_use", call: call}, nil
	}
	text, stopReason := cut(compose(m.name(), prompt), request.Config.MaxTokens)
	for _, stop := range request.Config.StopSequences {
		if before, _, found := strings.Cut(text, stop); found {
			text, stopReason = before, "stop_sequence"
		}
	}
	return turn{prompt: prompt, text: text, stopReason: stopReason}, nil
}

// lastText returns the texts of the last message, including those of the results of
// tools.
func lastText(request conversation) string {
	var texts []string
	for _, block := range request.Messages[len(request.Messages)-1].Content {
		if text, ok := block["text"].(string); ok {
			texts = append(texts, text)
		}
		result, _ := block["toolResult"].(map[string]any)
		content, _ := result["content"].([]any)
		for _, one := range content {
			part, _ := one.(map[string]any)
			if text, ok := part["text"].(string); ok {
				texts = append(texts, text)
			}
		}
	}
	return strings.Join(texts, " ")
}

// checkPrompt refuses the fields that a prompt of Prompt management contains itself
// (API reference of Converse, modelId).
func checkPrompt(m model, body []byte) error {
	if m.Kind != "prompt" {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return err
	}
	for _, name := range []string{"additionalModelRequestFields", "inferenceConfig", "system", "toolConfig"} {
		if value, ok := fields[name]; ok && string(value) != "null" {
			return invalid("The request can't include %s when modelId is the ARN of a prompt from Prompt management. Remove it and try again.", name)
		}
	}
	return nil
}

func checkMessages(_ model, c conversation) error {
	if len(c.Messages) == 0 {
		return invalid("The conversation must have at least one message.")
	}
	for i, m := range c.Messages {
		want := []string{"user", "assistant"}[i%2]
		switch {
		case i == 0 && m.Role != want:
			return invalid("A conversation must start with a user message. Try again with a conversation that starts with a user message.")
		case m.Role != want:
			return invalid("A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.")
		case len(m.Content) == 0:
			return invalid("The content field in the Message object at messages.%d is empty. Add a ContentBlock object to the content field and try again.", i)
		}
		for j, block := range m.Content {
			text, ok := block["text"].(string)
			if ok && strings.TrimSpace(text) == "" {
				return invalid("The text field in the ContentBlock object at messages.%d.content.%d is blank. Add text to the text field, and try again.", i, j)
			}
		}
	}
	return nil
}

func checkRanges(_ model, c conversation) error {
	var wrong []string
	outside := func(value any, name, rule string) {
		wrong = append(wrong, fmt.Sprintf("Value '%v' at 'inferenceConfig.%s' failed to satisfy constraint: Member must have value %s", value, name, rule))
	}
	if n := c.Config.MaxTokens; n != nil && *n < 1 {
		outside(*n, "maxTokens", "greater than or equal to 1")
	}
	for _, setting := range []struct {
		name  string
		value *float64
	}{{"temperature", c.Config.Temperature}, {"topP", c.Config.TopP}} {
		switch {
		case setting.value == nil:
		case *setting.value < 0:
			outside(*setting.value, setting.name, "greater than or equal to 0")
		case *setting.value > 1:
			outside(*setting.value, setting.name, "less than or equal to 1")
		}
	}
	switch len(wrong) {
	case 0:
		return nil
	case 1:
		return invalid("1 validation error detected: %s", wrong[0])
	}
	return invalid("%d validation errors detected: %s", len(wrong), strings.Join(wrong, "; "))
}

// oneSampling are prefixes of models that accept temperature or top_p, but not
// both (BerriAI/litellm#15070 and others).
var oneSampling = []string{"anthropic.claude-opus-4-1-", "anthropic.claude-opus-4-5-", "anthropic.claude-opus-4-6", "anthropic.claude-sonnet-4-5-", "anthropic.claude-sonnet-4-6", "anthropic.claude-haiku-4-5-"}

func checkSampling(m model, c conversation) error {
	isOneSampling := slices.ContainsFunc(oneSampling, func(prefix string) bool { return strings.HasPrefix(m.Model, prefix) })
	temperature, topP := c.Config.Temperature != nil, c.Config.TopP != nil
	switch {
	case isOneSampling && temperature && topP:
		return invalid("The model returned the following errors: `temperature` and `top_p` cannot both be specified for this model. Please use only one.")
	case m.RefusesSampling() && temperature:
		return invalid("The model returned the following errors: `temperature` is deprecated for this model.")
	case m.RefusesSampling() && topP:
		return invalid("The model returned the following errors: `top_p` is deprecated for this model.")
	case m.RefusesSampling() && strings.Contains(string(c.Additional), `"top_k"`):
		return invalid("The model returned the following errors: `top_k` is deprecated for this model.")
	}
	return nil
}

func checkAdditional(m model, c conversation) error {
	if len(c.Additional) == 0 || m.family == opaque {
		return nil
	}
	_, err := additional[m.Vendor].object(c.Additional)
	return err
}

// maxEchoed is how many words of the prompt an answer repeats.
const maxEchoed = 12

// compose returns the complete answer. It begins with a label, so that even a
// truncated answer is recognized as simulated.
func compose(name, prompt string) string {
	words := strings.Fields(prompt)
	if len(words) > maxEchoed {
		words = append(words[:maxEchoed], "...")
	}
	return fmt.Sprintf("[simulated answer of %s] You wrote: %s", name, strings.Join(words, " "))
}

// cut limits the answer to maxTokens words.
func cut(text string, maxTokens *int64) (kept, stopReason string) {
	words := strings.Fields(text)
	if maxTokens == nil || int64(len(words)) <= *maxTokens {
		return text, "end_turn"
	}
	return strings.Join(words[:*maxTokens], " "), "max_tokens"
}

// converseStream sends the answer of converse word by word.
func converseStream(modelID string, body []byte) (*answer, error) {
	turn, err := takeTurn(modelID, body)
	if err != nil {
		return nil, err
	}
	stream := &answer{contentType: "application/vnd.amazon.eventstream"}
	stream.add("messageStart", map[string]any{"role": "assistant"})
	turn.addBlocks(stream)
	stream.add("contentBlockStop", map[string]any{"contentBlockIndex": 0})
	stream.add("messageStop", map[string]any{"stopReason": turn.stopReason})
	stream.add("metadata", map[string]any{"usage": turn.usage(), "metrics": map[string]int{"latencyMs": 1}})
	return stream, nil
}

// add appends an event in the framing of AWS event streams.
func (a *answer) add(kind string, body any) {
	message := eventstream.Message{Payload: encode(body)}
	message.Headers.Set(":message-type", eventstream.StringValue("event"))
	message.Headers.Set(":event-type", eventstream.StringValue(kind))
	message.Headers.Set(":content-type", eventstream.StringValue("application/json"))
	var frame bytes.Buffer
	if eventstream.NewEncoder().Encode(&frame, message) == nil {
		a.chunks = append(a.chunks, frame.Bytes())
	}
}
