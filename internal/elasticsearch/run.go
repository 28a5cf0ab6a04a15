package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// inFlight bounds the requests of one run.
const inFlight = 4

// Run asks the model through Elasticsearch, which sends what it gets in a single
// call: several texts to a completion become turns of one conversation, and
// several texts to Titan are refused. So each request holds only as many inputs
// as the model takes at once.
func (c *Client) Run(ctx context.Context, endpoint inference.Endpoint, request inference.Request) (inference.Result, error) {
	switch endpoint.TaskType {
	case inference.ChatCompletion:
		return c.chatAll(ctx, endpoint, request)
	case inference.Completion:
		answers := make([]inference.Answer, len(request.Input))
		err := inBatches(ctx, request.Input, 1, func(ctx context.Context, first int, input []string) (err error) {
			answers[first], err = c.complete(ctx, endpoint, request, input)
			return err
		})
		return inference.Result{Completions: answers}, err
	default:
		return c.embedAll(ctx, endpoint, request)
	}
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

// inBatches calls ask for each stretch of the inputs, some at a time.
func inBatches(ctx context.Context, inputs []string, size int, ask func(ctx context.Context, first int, input []string) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inFlight)
	for first := 0; first < len(inputs); first += size {
		input := inputs[first:min(first+size, len(inputs))]
		group.Go(func() error {
			if ctx.Err() != nil {
				return given(ctx, "run the model")
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

func (c *Client) complete(ctx context.Context, endpoint inference.Endpoint, request inference.Request, input []string) (inference.Answer, error) {
	post, err := c.post(ctx, endpoint, runBody{Input: input, TaskSettings: taskSettings(request.TaskSettings)})
	if err != nil {
		return inference.Answer{}, err
	}
	answer, err := c.do(ctx, post)
	if err != nil {
		return inference.Answer{}, err
	}
	var wire struct {
		Completion []struct {
			Result string `json:"result"`
		} `json:"completion"`
	}
	if err := json.Unmarshal(answer.body, &wire); err != nil {
		return inference.Answer{}, c.senseless(post, err)
	}
	if len(wire.Completion) == 0 {
		return inference.Answer{}, c.senseless(post, errors.New("it has no completion"))
	}
	// One result is one block of what the model said.
	var text strings.Builder
	for _, block := range wire.Completion {
		text.WriteString(block.Result)
	}
	return inference.Answer{Text: text.String()}, nil
}

func (c *Client) embed(ctx context.Context, endpoint inference.Endpoint, request inference.Request, input []string) ([][]float32, error) {
	post, err := c.post(ctx, endpoint, runBody{Input: input, InputType: request.InputType, TaskSettings: taskSettings(request.TaskSettings)})
	if err != nil {
		return nil, err
	}
	answer, err := c.do(ctx, post)
	if err != nil {
		return nil, err
	}
	var wire struct {
		TextEmbedding []struct {
			Embedding []float32 `json:"embedding"`
		} `json:"text_embedding"`
	}
	if err := json.Unmarshal(answer.body, &wire); err != nil {
		return nil, c.senseless(post, err)
	}
	if len(wire.TextEmbedding) != len(input) {
		return nil, c.senseless(post, fmt.Errorf("it has %d embeddings for %d inputs", len(wire.TextEmbedding), len(input)))
	}
	vectors := make([][]float32, len(input))
	for i, one := range wire.TextEmbedding {
		if len(one.Embedding) == 0 {
			return nil, c.senseless(post, errors.New("it has an empty embedding"))
		}
		vectors[i] = one.Embedding
	}
	return vectors, nil
}

// post makes the call of a run. It costs money, so it is not sent again once it
// may have been carried out.
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

// taskSettings writes task settings as the API wants them, which only the
// domain knows: with a decimal point in every double.
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
