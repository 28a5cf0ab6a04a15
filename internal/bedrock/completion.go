// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"context"
	"iter"
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/document"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/schemas"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/smithy-go/transport/http/protocol/restjson1"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// complete generates the answer to each input in a separate conversation.
func (r *run) complete(ctx context.Context) (inference.Result, error) {
	answers, err := inOrder(ctx, r.input, 1, r.config.MaxConcurrency, r.converse)
	if err != nil {
		return inference.Result{}, err
	}
	return inference.Result{Completions: answers, Usage: r.usage.total}, nil
}

func (r *run) converse(ctx context.Context, prompt []string) ([]inference.Answer, error) {
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
		answer = inference.Answer{Text: joinText(message.Value.Content), StopReason: string(out.StopReason)}
		if len(message.Value.Content) == 0 && answer.StopReason == "" {
			return badResponse("it has neither content nor a stop reason", nil)
		}
		r.addUsage(out.Usage)
		return nil
	})
	return []inference.Answer{answer}, err
}

func (r *run) addUsage(counts *types.TokenUsage) {
	if counts == nil {
		counts = &types.TokenUsage{}
	}
	r.usage.add(toInt64(counts.InputTokens), toInt64(counts.OutputTokens))
}

func toInt64(n *int32) *int64 {
	if n == nil {
		return nil
	}
	return aws.Int64(int64(*n))
}

func userMessage(text string) []types.Message {
	return []types.Message{{
		Role:    types.ConversationRoleUser,
		Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: text}},
	}}
}

// inferenceConfig contains only the settings that are set: newer models reject
// sampling settings, even with the default values of older models.
func inferenceConfig(task inference.TaskSettings) *types.InferenceConfiguration {
	if task.Temperature == nil && task.TopP == nil && task.MaxNewTokens == nil {
		return nil
	}
	config := &types.InferenceConfiguration{Temperature: toFloat32(task.Temperature), TopP: toFloat32(task.TopP)}
	if task.MaxNewTokens != nil {
		config.MaxTokens = aws.Int32(int32(*task.MaxNewTokens)) //nolint:gosec // validation bounds it to 32 bits
	}
	return config
}

func toFloat32(value *float64) *float32 {
	if value == nil {
		return nil
	}
	return aws.Float32(float32(*value))
}

// additionalFields contains top_k, for which Converse has no field, under the
// name that it has in the models of the provider.
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

// joinText joins the text blocks of a message and skips other blocks, such as
// reasoning. For a block of unknown type the decoder of the SDK repeats the
// pointer of the previous block (bedrockruntime schemas, smithy-go v1.28.9).
func joinText(content []types.ContentBlock) string {
	var text strings.Builder
	var previous types.ContentBlock
	for _, block := range content {
		if member, ok := block.(*types.ContentBlockMemberText); ok && block != previous {
			text.WriteString(member.Value)
		}
		previous = block
	}
	return text.String()
}

// Stream generates the answer to one input and yields its text in parts as they
// arrive. An error is yielded last; it has the types of those of Run. Failures
// before the first part are retried as in Run. Nothing is sent before the
// sequence is iterated. It needs the AWS permission
// bedrock:InvokeModelWithResponseStream.
func (r *Runner) Stream(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys, request inference.Request) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if violations := streamRules(endpoint, request); violations != nil {
			yield("", violations)
			return
		}
		run, err := r.prepare(ctx, endpoint, keys, request)
		if err != nil {
			yield("", err)
			return
		}
		defer run.end()
		for event, err := range run.events(ctx, run.streamInput(userMessage(run.input[0]))) {
			text, isText := textOf(event)
			if (isText || err != nil) && !yield(text, err) {
				return
			}
		}
	}
}

func streamRules(endpoint inference.Endpoint, request inference.Request) error {
	switch {
	case !endpoint.TaskType.Generates():
		return validation.Violations{validation.Errorf("task_type", "Task cannot be streamed",
			"Only generated text can be streamed; task_type is %s.", endpoint.TaskType)}
	case len(request.Input) > 1:
		return validation.Violations{validation.Errorf("input", "Several inputs for one stream",
			"A stream is the answer to one input. Write one input.")}
	}
	return nil
}

// textOf returns the text in an event of a stream.
func textOf(event types.ConverseStreamOutput) (text string, ok bool) {
	if block, isDelta := event.(*types.ConverseStreamOutputMemberContentBlockDelta); isDelta {
		if delta, isText := block.Value.Delta.(*types.ContentBlockDeltaMemberText); isText {
			return delta.Value, true
		}
	}
	return "", false
}

func (r *run) streamInput(messages []types.Message) *bedrockruntime.ConverseStreamInput {
	return &bedrockruntime.ConverseStreamInput{
		ModelId:                      aws.String(r.endpoint.ServiceSettings.Model),
		Messages:                     messages,
		InferenceConfig:              inferenceConfig(r.endpoint.TaskSettings),
		AdditionalModelRequestFields: additionalFields(r.endpoint),
	}
}

// events sends a request and yields the events of the answer. An error is yielded last.
func (r *run) events(ctx context.Context, input *bedrockruntime.ConverseStreamInput) iter.Seq2[types.ConverseStreamOutput, error] {
	return func(yield func(types.ConverseStreamOutput, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		stream, err := r.openStream(ctx, input)
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { _ = stream.Close() }()
		complete := false
		for event := range stream.Events() {
			if _, isStop := event.(*types.ConverseStreamOutputMemberMessageStop); isStop {
				complete = true
			}
			if !yield(event, nil) {
				return
			}
		}
		switch err := stream.Err(); {
		case ctx.Err() != nil:
			yield(nil, r.failure(ctx.Err()))
		case err != nil && errorCode(err) != "":
			yield(nil, r.failure(err))
		case err != nil:
			yield(nil, r.failure(badResponse(err.Error(), err)))
		case !complete:
			yield(nil, badResponse("the stream ended before the answer was complete", nil))
		}
	}
}

// withOwnProtocol gives a stream its own decoder. The decoder of the client is
// shared by its streams and not safe for concurrent use (smithy-go v1.28.9,
// eventstream.Codec).
func withOwnProtocol(o *bedrockruntime.Options) {
	o.Protocol = restjson1.New(schemas.AmazonBedrockFrontendService)
}

// openStream returns when the response begins. RequestTimeout bounds this wait,
// not the response.
func (r *run) openStream(ctx context.Context, input *bedrockruntime.ConverseStreamInput) (*bedrockruntime.ConverseStreamEventStream, error) {
	var events *bedrockruntime.ConverseStreamEventStream
	err := r.attempts(ctx, func(attemptCtx context.Context) error {
		streamCtx, cancel := context.WithCancel(context.WithoutCancel(attemptCtx))
		stop := context.AfterFunc(attemptCtx, cancel)
		out, err := r.client.ConverseStream(streamCtx, input, withOwnProtocol)
		if err != nil {
			cancel()
			return err
		}
		events = out.GetStream()
		if !stop() {
			_ = events.Close()
			return attemptCtx.Err()
		}
		context.AfterFunc(ctx, cancel)
		return nil
	})
	return events, err
}
