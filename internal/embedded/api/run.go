package api

import (
	"context"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

type embeddingsBody struct {
	TextEmbedding []embeddingBody `json:"text_embedding"`
}

type embeddingBody struct {
	Embedding []float32 `json:"embedding"`
}

type completionsBody struct {
	Completion []completionBody `json:"completion"`
}

type completionBody struct {
	Result string `json:"result"`
}

// run asks an endpoint's model. Each input has an answer of its own, where
// Elasticsearch puts all inputs of a completion into one call as turns of one
// user, which Bedrock refuses: its turns have to alternate.
func (h *Handler) run(ctx context.Context, call *call) (any, error) {
	run, err := h.readRun(ctx, call)
	if err != nil {
		return nil, err
	}
	timeout, err := call.timeout(run.timeout, run.endpoint.TaskType)
	if err != nil {
		return nil, err
	}
	result, err := within(ctx, timeout, func(ctx context.Context) (inference.Result, error) {
		return h.target.Run(ctx, run.endpoint, run.request)
	})
	if err != nil {
		return nil, run.failure(err)
	}
	return resultBody(run.endpoint.TaskType, result), nil
}

func resultBody(task inference.TaskType, result inference.Result) any {
	if task == inference.TextEmbedding {
		body := embeddingsBody{TextEmbedding: make([]embeddingBody, len(result.Embeddings))}
		for i, vector := range result.Embeddings {
			body.TextEmbedding[i].Embedding = vector
		}
		return body
	}
	body := completionsBody{Completion: make([]completionBody, len(result.Completions))}
	for i, answer := range result.Completions {
		body.Completion[i].Result = answer.Text
	}
	return body
}
