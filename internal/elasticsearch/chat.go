package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// chatBody is the body of POST _inference/chat_completion/{inference_id}/_stream,
// the only way to ask an endpoint of that task.
type chatBody struct {
	Messages            []chatMessage `json:"messages"`
	Temperature         *float64      `json:"temperature,omitempty"`
	TopP                *float64      `json:"top_p,omitempty"`
	MaxCompletionTokens *int64        `json:"max_completion_tokens,omitempty"`
}

type chatMessage struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// chatChunk is one event of the answer. Older versions put it into an object of
// the task's name.
type chatChunk struct {
	Wrapped *chatChunk `json:"chat_completion"`
	Choices []struct {
		Delta struct {
			Content string `json:"content"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		PromptTokens     int64 `json:"prompt_tokens"`
		CompletionTokens int64 `json:"completion_tokens"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"`
}

// chatAnswer is what one conversation of a single turn comes to.
type chatAnswer struct {
	inference.Answer
	usage inference.Usage
}

func (c *Client) chatAll(ctx context.Context, endpoint inference.Endpoint, request inference.Request) (inference.Result, error) {
	answers := make([]chatAnswer, len(request.Input))
	err := inBatches(ctx, request.Input, 1, func(ctx context.Context, first int, input []string) (err error) {
		answers[first], err = c.chat(ctx, endpoint, request.TaskSettings, input[0])
		return err
	})
	completions := make([]inference.Answer, len(answers))
	usages := make([]inference.Usage, len(answers))
	for i, answer := range answers {
		completions[i], usages[i] = answer.Answer, answer.usage
	}
	return inference.Result{Completions: completions, Usage: sumOf(usages)}, err
}

func (c *Client) chat(ctx context.Context, endpoint inference.Endpoint, settings inference.TaskSettings, input string) (chatAnswer, error) {
	post, err := c.post(ctx, endpoint, chatBody{
		Messages:    []chatMessage{{Role: "user", Content: input}},
		Temperature: settings.Temperature, TopP: settings.TopP, MaxCompletionTokens: settings.MaxNewTokens,
	})
	if err != nil {
		return chatAnswer{}, err
	}
	post.path, post.accept = append(post.path, "_stream"), mediaStream
	answer, err := c.do(ctx, post)
	if err != nil {
		return chatAnswer{}, err
	}
	text, err := readStream(answer.body, c.scrub)
	var found *serverError
	switch {
	case errors.As(err, &found):
		return chatAnswer{}, brokenOff(post, found)
	case err != nil:
		return chatAnswer{}, c.senseless(post, err)
	}
	return text, nil
}

// readStream puts the events of an answer together.
func readStream(body []byte, scrub scrubber) (chatAnswer, error) {
	var answer chatAnswer
	var text strings.Builder
	for data := range events(body) {
		if string(data) == "[DONE]" {
			answer.Text = text.String()
			return answer, nil
		}
		var chunk chatChunk
		if err := json.Unmarshal(data, &chunk); err != nil {
			return chatAnswer{}, err
		}
		if found := readError(data, scrub); found != nil {
			return chatAnswer{}, found
		}
		if chunk.Wrapped != nil {
			chunk = *chunk.Wrapped
		}
		for _, choice := range chunk.Choices {
			text.WriteString(choice.Delta.Content)
			if choice.FinishReason != "" {
				answer.StopReason = choice.FinishReason
			}
		}
		if chunk.Usage != nil {
			answer.usage = inference.Usage{InputTokens: &chunk.Usage.PromptTokens, OutputTokens: &chunk.Usage.CompletionTokens}
		}
	}
	return chatAnswer{}, errBrokenStream
}

// events are the data of server-sent events, which Elasticsearch writes in one
// line each.
func events(body []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for line := range bytes.Lines(body) {
			data, isData := bytes.CutPrefix(line, []byte("data:"))
			if isData && !yield(bytes.TrimSpace(data)) {
				return
			}
		}
	}
}

var errBrokenStream = errors.New("the stream of text broke off")

// sumOf is known only where every answer reports its part.
func sumOf(usages []inference.Usage) inference.Usage {
	var input, output int64
	for _, usage := range usages {
		if usage.InputTokens == nil || usage.OutputTokens == nil {
			return inference.Usage{}
		}
		input += *usage.InputTokens
		output += *usage.OutputTokens
	}
	return inference.Usage{InputTokens: &input, OutputTokens: &output}
}
