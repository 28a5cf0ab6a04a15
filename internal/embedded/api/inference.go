// SPDX-License-Identifier: MPL-2.0

package api

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// inferenceRequest is the body of a run, ready for the target.
type inferenceRequest struct {
	body     esrest.Value
	task     *block // task_settings
	endpoint inference.Endpoint
	request  inference.Request
	timeout  time.Duration
}

// parserName is the name of Elasticsearch's parser of this body in its messages.
const parserName = "cluster:internal/xpack/inference"

type embeddingBody struct {
	Embedding esrest.Floats `json:"embedding"`
}

type completionBody struct {
	Result string `json:"result"`
}

type completionDelta struct {
	Delta string `json:"delta"`
}

// infer runs an endpoint's model. Each input has an answer of its own.
// Elasticsearch sends all inputs of a completion as consecutive messages of one
// user, which Bedrock refuses because roles must alternate.
func (h *Handler) infer(ctx context.Context, r *request) (any, error) {
	run, err := h.readRun(ctx, r)
	if err != nil {
		return nil, err
	}
	result, err := withTimeout(ctx, run.timeout, func(ctx context.Context) (inference.Result, error) {
		return h.target.Run(ctx, run.endpoint, run.request)
	})
	if err != nil {
		return nil, run.failure(err)
	}
	if run.endpoint.TaskType == inference.TextEmbedding {
		embeddings := make([]embeddingBody, len(result.Embeddings))
		for i, vector := range result.Embeddings {
			embeddings[i].Embedding = vector
		}
		return map[string]any{"text_embedding": embeddings}, nil
	}
	completions := make([]completionBody, len(result.Completions))
	for i, answer := range result.Completions {
		completions[i].Result = answer.Text
	}
	return map[string]any{"completion": completions}, nil
}

// runTasks are the task types for which the API of runs exists.
var runTasks = []string{"text_embedding", "sparse_embedding", "completion", anyTask}

// readRun reads a run. The endpoint is looked up before the body is read, so
// that endpoints that do not exist cost no memory.
func (h *Handler) readRun(ctx context.Context, r *request) (*inferenceRequest, error) {
	if r.taskType != "" && !slices.Contains(runTasks, r.taskType) {
		return nil, esrest.ValidationError(esrest.TypeRequestValidation, "Task type ["+r.taskType+
			"] cannot be used with InferenceAction.Request. Supported task types are ["+strings.Join(runTasks, ", ")+"]")
	}
	endpoint, err := h.byID(ctx, r.id)
	if err != nil {
		return nil, err
	}
	body, err := r.requiredBody()
	if err != nil {
		return nil, err
	}
	run := &inferenceRequest{body: *body, endpoint: endpoint}
	if err := run.readFields(r); err != nil {
		return nil, err
	}
	task := run.endpoint.TaskType
	if r.differsFrom(task) {
		return nil, r.incompatible(task)
	}
	if task == inference.ChatCompletion {
		return nil, esrest.StatusError("Inference entity [%s] does not support task type [%s] for inference, the task type must be one of [text_embedding, completion]. "+
			"The task type for the inference entity is %s, please use the _inference/%s/%s/_stream URL.", r.id, task, task, task, r.id)
	}
	run.timeout = r.runTime(task)
	// Settings that the task does not have are ignored.
	settings := takeTask(run.task, task)
	run.request.TaskSettings = settings.Settings()
	if err := run.task.failure(); err != nil {
		return nil, err
	}
	if found := embedded.Capabilities().Check(inference.Config{TaskSettings: settings}); len(found) > 0 {
		return nil, run.failure(found)
	}
	return run, nil
}

// readFields reads the body in the order of Elasticsearch's parser. A timeout in it
// counts if the query has none.
func (q *inferenceRequest) readFields(r *request) error {
	q.task = &block{scope: scopeTask}
	hasInput := false
	parser := esrest.ObjectParser{Name: parserName, Fields: []esrest.ObjectField{
		{Name: "input", Kinds: []esrest.Kind{esrest.KindString, esrest.KindArray}, Read: func(value esrest.Value) (failure *esrest.Failure) {
			hasInput = true
			q.request.Input, failure = readTexts(value)
			return failure
		}},
		{Name: "input_type", Kinds: textKinds, Read: func(value esrest.Value) *esrest.Failure {
			inputType, problem := parseInputType(value.Text)
			q.request.InputType = inputType
			return esrest.FailIf(value.Start, problem)
		}},
		{Name: scopeTask, Kinds: objectKinds, Read: func(value esrest.Value) *esrest.Failure {
			values, _ := value.Any().(map[string]any)
			q.task.values = values
			return nil
		}},
		{Name: "timeout", Kinds: textKinds, Read: func(value esrest.Value) *esrest.Failure {
			timeout, problem := esrest.ParseTime("timeout", value.Text)
			if r.timeout == nil {
				r.timeout = &timeout
			}
			return esrest.FailIf(value.Start, problem)
		}},
	}}
	if failure := parser.Parse(q.body); failure != nil {
		return failure.Problem
	}
	switch {
	case !hasInput:
		return esrest.ValidationError(esrest.TypeRequestValidation, "Field [input] cannot be null")
	case len(q.request.Input) == 0:
		return esrest.ValidationError(esrest.TypeRequestValidation, "Field [input] cannot be an empty array")
	}
	return nil
}

// readTexts reads a text or a list of texts. Numbers and booleans in a list are
// read as texts.
func readTexts(value esrest.Value) ([]string, *esrest.Failure) {
	if value.Kind == esrest.KindString {
		return []string{value.Text}, nil
	}
	texts := make([]string, len(value.Items))
	for i, item := range value.Items {
		var failure *esrest.Failure
		if texts[i], failure = esrest.ReadTextOrNumber(item); failure != nil {
			return nil, failure
		}
	}
	return texts, nil
}

// parseInputType reads an input type in any case. "unspecified" stands for none.
func parseInputType(text string) (inference.InputType, *esrest.Error) {
	name := strings.ToLower(strings.TrimSpace(text))
	switch {
	case name == "unspecified":
		return "", nil
	case name == "internal_search" || name == "internal_ingest":
		return "", esrest.IllegalArgument("Unrecognized input_type [%s]", name)
	case !slices.Contains(inference.InputTypes(), inference.InputType(name)):
		return "", esrest.IllegalArgument("No enum constant org.elasticsearch.inference.InputType.%s", strings.ToUpper(name))
	}
	return inference.InputType(name), nil
}

// failure returns the answer to an error in the request or of AWS.
func (q *inferenceRequest) failure(err error) error {
	found, ok := errors.AsType[validation.Violations](err)
	if !ok {
		return runFailure(q.endpoint, err)
	}
	var own []string
	for _, violation := range found {
		if violation.Rule == validation.InputTypeOfTask {
			return esrest.ValidationError(esrest.TypeRequestValidation, "Field [input_type] cannot be specified for task type ["+string(q.endpoint.TaskType)+"]")
		}
		if refused := refusal(violation, q.endpoint.TaskType, string(q.endpoint.ServiceSettings.Provider)); refused != nil {
			return refused
		}
		text := message(violation, valueAt(q.body.Any(), violation.Path))
		if text == "" || violation.Path == "input_type" {
			text = ownMessage(violation)
		}
		own = append(own, text)
	}
	return esrest.ValidationError(esrest.TypeValidation, own...)
}

// stream runs an endpoint's model and yields the answers as they are generated,
// one input after the other. The timeout ends with the first text. Errors in the
// request are returned; errors of the run are yielded.
func (h *Handler) stream(ctx context.Context, r *request) (*events, error) {
	if r.taskType == string(inference.ChatCompletion) {
		return h.chat(ctx, r)
	}
	run, err := h.readRun(ctx, r)
	problem, isProblem := errors.AsType[*esrest.Error](err)
	switch {
	case isProblem && problem.Type == esrest.TypeNotFound, err != nil && !isProblem:
		return &events{failed(err), (*esrest.Error).Body}, nil
	case err != nil:
		return nil, err
	case !run.endpoint.TaskType.Generates():
		problem := esrest.StatusError("Streaming is not allowed for service [%s] and task [%s]. Supported tasks: [%s, %s]",
			run.endpoint.Service, run.endpoint.TaskType, inference.Completion, inference.ChatCompletion)
		return &events{failed(problem.WithStatus(http.StatusMethodNotAllowed)), (*esrest.Error).Body}, nil
	}
	return &events{streamed(ctx, run.timeout,
		func(ctx context.Context) iter.Seq2[string, error] {
			return h.target.Stream(ctx, run.endpoint, run.request)
		},
		func(piece string) any { return map[string]any{"completion": []completionDelta{{piece}}} },
		run.failure,
	), (*esrest.Error).Body}, nil
}

var errStartTimeout = errors.New("no text arrived before the timeout")

// streamed yields the parts of a run as they arrive, as body encodes them. timeout
// bounds the time until the first part, longestTime the whole. failure returns the
// answer to any other error of the run.
func streamed[T any](ctx context.Context, timeout time.Duration, run func(context.Context) iter.Seq2[T, error], body func(T) any,
	failure func(error) error,
) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		ctx, end := context.WithTimeout(ctx, longestTime)
		defer end()
		ctx, stop := context.WithCancelCause(ctx)
		defer stop(nil)
		start := &startContext{Context: ctx, at: time.Now().Add(timeout)}
		timer := time.AfterFunc(timeout, func() { stop(errStartTimeout) })
		defer timer.Stop()
		for part, err := range run(start) { //nolint:contextcheck // start contains ctx
			switch {
			case err != nil && errors.Is(context.Cause(ctx), errStartTimeout):
				err = timedOut(timeout)
			case err != nil:
				err = failure(err)
			default:
				start.started.Store(true)
				timer.Stop()
			}
			if !yield(body(part), err) {
				return
			}
		}
	}
}

// startContext reports the deadline for the first text until that has arrived.
// The rate limiter refuses a run at once if it cannot start before the deadline.
type startContext struct {
	context.Context
	at      time.Time
	started atomic.Bool
}

// Deadline returns the deadline for the first text, or for the whole run once
// the first text has arrived.
func (c *startContext) Deadline() (time.Time, bool) {
	if c.started.Load() {
		return c.Context.Deadline()
	}
	return c.at, true
}
