package bedrock

import (
	"context"
	"iter"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/schemas"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/smithy-go/transport/http/protocol/restjson1"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// Stream asks for the answer to one input and yields its text piece by piece,
// as the model makes it. An error, of the same kinds as Run's, is yielded last.
// What fails before the answer begins is tried again as in Run; nothing is
// asked before the sequence is ranged over. The AWS permission is
// bedrock:InvokeModelWithResponseStream.
func (r *Runner) Stream(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys, request inference.Request) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if faults := streamFaults(endpoint, request); faults != nil {
			yield("", faults)
			return
		}
		run, err := r.prepare(ctx, endpoint, keys, request)
		if err != nil {
			yield("", err)
			return
		}
		defer run.end()
		run.stream(ctx, yield)
	}
}

func streamFaults(endpoint inference.Endpoint, request inference.Request) error {
	switch {
	case !endpoint.TaskType.Generates():
		return validation.Violations{{
			Path: "task_type", Summary: "Nothing to stream",
			Detail: "Only text is made piece by piece; task_type is " + string(endpoint.TaskType) + ".",
		}}
	case len(request.Input) > 1:
		return validation.Violations{{
			Path: "input", Summary: "Several inputs for one stream",
			Detail: "A stream is the answer to one input. Give one.",
		}}
	}
	return nil
}

func (r *run) stream(ctx context.Context, yield func(string, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events, err := r.openStream(ctx)
	if err != nil {
		yield("", err)
		return
	}
	defer func() { _ = events.Close() }()
	ended := false
	for event := range events.Events() {
		switch event := event.(type) {
		case *types.ConverseStreamOutputMemberContentBlockDelta:
			said, ok := event.Value.Delta.(*types.ContentBlockDeltaMemberText)
			if ok && !yield(said.Value, nil) {
				return
			}
		case *types.ConverseStreamOutputMemberMessageStop:
			ended = true
		}
	}
	switch err := events.Err(); {
	case ctx.Err() != nil:
		yield("", r.failure(ctx.Err()))
	case err != nil && errorCode(err) != "":
		yield("", r.failure(err))
	case err != nil:
		yield("", r.failure(badResponse(err.Error(), err)))
	case !ended:
		yield("", badResponse("it ended before the model's last word", nil))
	}
}

// ownProtocol gives a stream a decoder of its own. The client's is shared by all
// of its streams and not safe for that (smithy-go v1.28.8, eventstream.Codec).
func ownProtocol(o *bedrockruntime.Options) {
	o.Protocol = restjson1.New(schemas.AmazonBedrockFrontendService)
}

// openStream returns once the answer begins. The time of one attempt bounds
// the wait for it, not the answer.
func (r *run) openStream(ctx context.Context) (*bedrockruntime.ConverseStreamEventStream, error) {
	var events *bedrockruntime.ConverseStreamEventStream
	err := r.attempts(ctx, func(once context.Context) error {
		open, cancel := context.WithCancel(context.WithoutCancel(once))
		stop := context.AfterFunc(once, cancel)
		out, err := r.client.ConverseStream(open, &bedrockruntime.ConverseStreamInput{
			ModelId:                      aws.String(r.endpoint.ServiceSettings.Model),
			Messages:                     userMessage(r.input[0]),
			InferenceConfig:              inferenceConfig(r.endpoint.TaskSettings),
			AdditionalModelRequestFields: additionalFields(r.endpoint),
		}, ownProtocol)
		if err != nil {
			cancel()
			return err
		}
		events = out.GetStream()
		if !stop() {
			_ = events.Close()
			return once.Err()
		}
		context.AfterFunc(ctx, cancel)
		return nil
	})
	return events, err
}
