// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// inFlight is the largest number of concurrent requests of one run.
const inFlight = 4

// Run runs the model of an endpoint. Elasticsearch sends all inputs of a request in
// one call of the model: a completion treats them as messages of one conversation,
// and Titan refuses more than one. Each request therefore has only as many inputs as
// the model accepts in one call.
func (c *Client) Run(ctx context.Context, endpoint inference.Endpoint, request inference.Request) (inference.Result, error) {
	switch endpoint.TaskType {
	case inference.ChatCompletion:
		return answerAll(ctx, endpoint, request, c.chat)
	case inference.Completion:
		return answerAll(ctx, endpoint, request, c.complete)
	default:
		return c.embedAll(ctx, endpoint, request)
	}
}

// askFunc runs the model with one input.
type askFunc func(
	ctx context.Context, endpoint inference.Endpoint, settings inference.TaskSettings, input string,
) (inference.Answer, inference.Usage, error)

// answerAll runs the model with each input of a request on its own.
func answerAll(
	ctx context.Context, endpoint inference.Endpoint, request inference.Request, ask askFunc,
) (inference.Result, error) {
	answers, usages := make([]inference.Answer, len(request.Input)), make([]inference.Usage, len(request.Input))
	err := inBatches(ctx, request.Input, 1, func(ctx context.Context, first int, input []string) (err error) {
		answers[first], usages[first], err = ask(ctx, endpoint, request.TaskSettings, input[0])
		return err
	})
	return inference.Result{Completions: answers, Usage: sumOf(usages)}, err
}

func (c *Client) embedAll(ctx context.Context, endpoint inference.Endpoint, request inference.Request) (inference.Result, error) {
	vectors := make([][]float32, len(request.Input))
	size := max(1, endpoint.ServiceSettings.Provider.EmbeddingBatch())
	err := inBatches(ctx, request.Input, size, func(ctx context.Context, first int, input []string) error {
		batch, err := c.embed(ctx, endpoint, request, input)
		copy(vectors[first:], batch)
		return err
	})
	return inference.Result{Embeddings: vectors}, err
}

// inBatches calls ask for each batch of inputs, concurrently.
func inBatches(ctx context.Context, inputs []string, size int, ask func(ctx context.Context, first int, input []string) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inFlight)
	for first := 0; first < len(inputs); first += size {
		input := inputs[first:min(first+size, len(inputs))]
		group.Go(func() error {
			if ctx.Err() != nil {
				return abandoned(ctx, "run the model")
			}
			return ask(ctx, first, input)
		})
	}
	return group.Wait()
}

// runBody is the body of POST _inference/{task_type}/{inference_id}.
type runBody struct {
	Input        []string            `json:"input"`
	InputType    inference.InputType `json:"input_type,omitempty"`
	TaskSettings json.RawMessage     `json:"task_settings,omitempty"`
}

func (c *Client) complete(
	ctx context.Context, endpoint inference.Endpoint, settings inference.TaskSettings, input string,
) (answer inference.Answer, usage inference.Usage, err error) {
	post, err := c.post(ctx, endpoint, runBody{Input: []string{input}, TaskSettings: taskSettings(settings)})
	if err != nil {
		return answer, usage, err
	}
	var wire struct {
		Completion []struct {
			Result string `json:"result"`
		} `json:"completion"`
	}
	if err := c.doJSON(ctx, post, &wire); err != nil {
		return answer, usage, err
	}
	if len(wire.Completion) == 0 {
		return answer, usage, c.malformedResponse(post, errors.New("it has no completion"))
	}
	// Each result is one block of the model's response.
	var text strings.Builder
	for _, block := range wire.Completion {
		text.WriteString(block.Result)
	}
	return inference.Answer{Text: text.String()}, usage, nil
}

func (c *Client) embed(ctx context.Context, endpoint inference.Endpoint, request inference.Request, input []string) ([][]float32, error) {
	post, err := c.post(ctx, endpoint, runBody{Input: input, InputType: request.InputType, TaskSettings: taskSettings(request.TaskSettings)})
	if err != nil {
		return nil, err
	}
	var wire struct {
		TextEmbedding []struct {
			Embedding []float32 `json:"embedding"`
		} `json:"text_embedding"`
	}
	if err := c.doJSON(ctx, post, &wire); err != nil {
		return nil, err
	}
	if len(wire.TextEmbedding) != len(input) {
		return nil, c.malformedResponse(post, fmt.Errorf("it has %d embeddings for %d inputs", len(wire.TextEmbedding), len(input)))
	}
	vectors := make([][]float32, len(input))
	for i, one := range wire.TextEmbedding {
		if len(one.Embedding) == 0 {
			return nil, c.malformedResponse(post, errors.New("it has an empty embedding"))
		}
		vectors[i] = one.Embedding
	}
	return vectors, nil
}

// post returns the call of a run. A run costs money, so it is not sent again if it
// may have been executed.
func (c *Client) post(ctx context.Context, endpoint inference.Endpoint, body any) (*call, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, &backend.Error{Kind: backend.Other, Summary: "Cannot write the request as JSON", Detail: err.Error()}
	}
	post := &call{
		doing:  fmt.Sprintf("run inference endpoint %q", endpoint.InferenceID),
		method: http.MethodPost, path: []string{"_inference", string(endpoint.TaskType), endpoint.InferenceID},
		body: encoded,
	}
	post.query, post.timeout = c.modelTime(ctx, true)
	return post, nil
}

// taskSettings returns task settings as JSON, with a decimal point in every double,
// which the API requires.
func taskSettings(settings inference.TaskSettings) json.RawMessage {
	if settings.IsZero() {
		return nil
	}
	body, err := inference.Update{TaskSettings: settings}.UpdateBody()
	if err != nil {
		return nil
	}
	var wire struct {
		TaskSettings json.RawMessage `json:"task_settings"`
	}
	if json.Unmarshal(body, &wire) != nil {
		return nil
	}
	return wire.TaskSettings
}

// chatBody is the body of POST _inference/chat_completion/{inference_id}/_stream,
// the only API for endpoints of this task type.
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

// chatChunk is one event of a response.
type chatChunk struct {
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

func (c *Client) chat(
	ctx context.Context, endpoint inference.Endpoint, settings inference.TaskSettings, input string,
) (answer inference.Answer, usage inference.Usage, err error) {
	post, err := c.post(ctx, endpoint, chatBody{
		Messages:    []chatMessage{{Role: "user", Content: input}},
		Temperature: settings.Temperature, TopP: settings.TopP, MaxCompletionTokens: settings.MaxNewTokens,
	})
	if err != nil {
		return answer, usage, err
	}
	post.path, post.accept = append(post.path, "_stream"), mediaStream
	body, err := c.do(ctx, post)
	if err != nil {
		return answer, usage, err
	}
	answer, usage, err = readStream(body, c.redactor)
	if found, ok := errors.AsType[*serverError](err); ok {
		return answer, usage, streamError(post, found)
	}
	if err != nil {
		return answer, usage, c.malformedResponse(post, err)
	}
	return answer, usage, nil
}

// readStream combines the events of a response.
func readStream(body []byte, redactor redact.Redactor) (answer inference.Answer, usage inference.Usage, err error) {
	var text strings.Builder
	for data := range events(body) {
		if string(data) == "[DONE]" {
			answer.Text = text.String()
			return answer, usage, nil
		}
		var chunk chatChunk
		if err := json.Unmarshal(data, &chunk); err != nil {
			return answer, usage, err
		}
		if found := readError(data, redactor); found != nil {
			return answer, usage, found
		}
		for _, choice := range chunk.Choices {
			text.WriteString(choice.Delta.Content)
			answer.StopReason = cmp.Or(choice.FinishReason, answer.StopReason)
		}
		if chunk.Usage != nil {
			usage = inference.Usage{InputTokens: &chunk.Usage.PromptTokens, OutputTokens: &chunk.Usage.CompletionTokens}
		}
	}
	return answer, usage, errors.New("the stream ended early")
}

// events returns the data of server-sent events. Elasticsearch writes each in one
// line.
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

// sumOf returns the total usage, or nothing if a response does not report its own.
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
