package bedrock

import (
	"context"
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/document"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// complete asks for an answer to each input in a conversation of its own.
func (r *run) complete(ctx context.Context) (inference.Result, error) {
	answers, err := inOrder(ctx, r.input, 1, r.config.MaxConcurrency, r.answer)
	if err != nil {
		return inference.Result{}, err
	}
	return inference.Result{Completions: answers, Usage: r.usage.total()}, nil
}

func (r *run) answer(ctx context.Context, prompt []string) ([]inference.Answer, error) {
	var answer inference.Answer
	err := r.attempts(ctx, func(ctx context.Context) error {
		out, err := r.client.Converse(ctx, &bedrockruntime.ConverseInput{
			ModelId:                      aws.String(r.endpoint.ServiceSettings.Model),
			Messages:                     userMessage(prompt[0]),
			InferenceConfig:              inferenceConfig(r.endpoint.TaskSettings),
			AdditionalModelRequestFields: additionalFields(r.endpoint),
		})
		if err != nil {
			return err
		}
		message, ok := out.Output.(*types.ConverseOutputMemberMessage)
		if !ok {
			return badResponse("it has no message", nil)
		}
		r.usage.addCounts(out.Usage)
		answer = inference.Answer{Text: textOf(message.Value), StopReason: string(out.StopReason)}
		return nil
	})
	return []inference.Answer{answer}, err
}

func userMessage(text string) []types.Message {
	return []types.Message{{
		Role:    types.ConversationRoleUser,
		Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: text}},
	}}
}

// inferenceConfig holds what is set and nothing else: newer models refuse
// sampling settings, even at the value that older ones have by default.
func inferenceConfig(task inference.TaskSettings) *types.InferenceConfiguration {
	if task.Temperature == nil && task.TopP == nil && task.MaxNewTokens == nil {
		return nil
	}
	config := &types.InferenceConfiguration{Temperature: float(task.Temperature), TopP: float(task.TopP)}
	if task.MaxNewTokens != nil {
		config.MaxTokens = aws.Int32(int32(*task.MaxNewTokens)) //nolint:gosec // its rule bounds it to 32 bits
	}
	return config
}

func float(value *float64) *float32 {
	if value == nil {
		return nil
	}
	return aws.Float32(float32(*value))
}

// additionalFields carry top_k, for which Converse has no field, under the name
// that the provider's models have for it.
func additionalFields(endpoint inference.Endpoint) document.Interface {
	topK, name := endpoint.TaskSettings.TopK, endpoint.ServiceSettings.Provider.TopKName()
	if topK == nil || name == "" {
		return nil
	}
	if whole := math.Trunc(*topK); whole == *topK && whole < math.MaxInt32 {
		return document.NewLazyDocument(map[string]any{name: int64(whole)})
	}
	return document.NewLazyDocument(map[string]any{name: *topK})
}

// textOf joins what the model says. It passes over blocks that are not text,
// such as a model's reasoning, which may come first.
func textOf(message types.Message) string {
	var text strings.Builder
	for _, block := range message.Content {
		if said, ok := block.(*types.ContentBlockMemberText); ok {
			text.WriteString(said.Value)
		}
	}
	return text.String()
}
