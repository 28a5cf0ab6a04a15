package api

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// inferenceRequest is the body of a run, ready for the target.
type inferenceRequest struct {
	body     map[string]any
	task     *block // task_settings
	endpoint inference.Endpoint
	request  inference.Request
	timeout  time.Duration
}

// runFields are the fields of the body of a run.
var runFields = []string{"input", "input_type", "task_settings", "timeout"}

// parserName is the name of Elasticsearch's parser of this body in its messages.
const parserName = "cluster:internal/xpack/inference"

type embeddingsBody struct {
	TextEmbedding []embeddingBody `json:"text_embedding"`
}

type embeddingBody struct {
	Embedding esrest.Floats `json:"embedding"`
}

type completionsBody struct {
	Completion []completionBody `json:"completion"`
}

type completionBody struct {
	Result string `json:"result"`
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
		body := embeddingsBody{TextEmbedding: make([]embeddingBody, len(result.Embeddings))}
		for i, vector := range result.Embeddings {
			body.TextEmbedding[i].Embedding = vector
		}
		return body, nil
	}
	body := completionsBody{Completion: make([]completionBody, len(result.Completions))}
	for i, answer := range result.Completions {
		body.Completion[i].Result = answer.Text
	}
	return body, nil
}

// readRun reads a run. The endpoint is looked up before the body is read, so
// that endpoints that do not exist cost no memory.
func (h *Handler) readRun(ctx context.Context, r *request) (*inferenceRequest, error) {
	endpoint, err := h.byID(ctx, r.id)
	if err != nil {
		return nil, err
	}
	body, err := r.requiredBody()
	if err != nil {
		return nil, err
	}
	run := &inferenceRequest{body: body, endpoint: endpoint}
	timeout, err := run.readFields()
	if err != nil {
		return nil, err
	}
	task := run.endpoint.TaskType
	if r.differsFrom(task) {
		return nil, esrest.StatusError("Incompatible task_type, the requested type [%s] does not match the model type [%s]", r.taskType, task)
	}
	if run.timeout, err = r.runTime(timeout, task); err != nil {
		return nil, err
	}
	// Settings that the task does not have are ignored.
	run.request.TaskSettings = takeTask(run.task, task).Settings()
	return run, run.task.failure()
}

// readFields returns the text of the timeout.
func (q *inferenceRequest) readFields() (timeout string, err error) {
	for _, name := range slices.Sorted(maps.Keys(q.body)) {
		if !slices.Contains(runFields, name) {
			return "", esrest.ParseError("[%s] unknown field [%s]%s", parserName, name, esrest.DidYouMean(name, runFields))
		}
	}
	if q.request.Input, err = inputsOf(q.body); err != nil {
		return "", err
	}
	var inputType string
	for name, field := range map[string]*string{"timeout": &timeout, "input_type": &inputType} {
		value, given := q.body[name]
		text, isText := value.(string)
		if given && !isText {
			return "", unsupportedType(name, value)
		}
		*field = text
	}
	q.request.InputType = inference.InputType(strings.ToLower(inputType))
	value, given := q.body[scopeTask]
	values, isObject := value.(map[string]any)
	if given && !isObject {
		return "", unsupportedType(scopeTask, value)
	}
	q.task = newBlock(scopeTask, maps.Clone(values))
	return timeout, nil
}

// unsupportedType is the error of Elasticsearch's parser for a value of another
// type than expected.
func unsupportedType(name string, value any) *esrest.Error {
	return esrest.ParseError("[%s] %s doesn't support values of type: %s", parserName, name, esrest.TokenName(value))
}

// inputsOf reads the texts. Numbers and booleans in a list are read as texts.
func inputsOf(body map[string]any) ([]string, error) {
	value, given := body["input"]
	switch input := value.(type) {
	case string:
		return []string{input}, nil
	case []any:
		if len(input) == 0 {
			return nil, esrest.ValidationError(esrest.TypeRequestValidation, "Field [input] cannot be an empty array")
		}
		texts := make([]string, len(input))
		for i, item := range input {
			switch item.(type) {
			case map[string]any, []any, nil:
				return nil, unsupportedType("input", item)
			}
			texts[i] = esrest.JavaText(item)
		}
		return texts, nil
	}
	if !given {
		return nil, esrest.ValidationError(esrest.TypeRequestValidation, "Field [input] cannot be null")
	}
	return nil, unsupportedType("input", value)
}

// failure returns the answer to an error in the request or of AWS.
func (q *inferenceRequest) failure(err error) error {
	var found validation.Violations
	if !errors.As(err, &found) {
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
		text := message(violation, valueAt(q.body, violation.Path))
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
func (h *Handler) stream(ctx context.Context, r *request) (iter.Seq2[string, error], error) {
	run, err := h.readRun(ctx, r)
	var problem *esrest.Error
	switch {
	case errors.As(err, &problem) && problem.Type == esrest.TypeNotFound, err != nil && problem == nil:
		return func(yield func(string, error) bool) { yield("", err) }, nil
	case err != nil:
		return nil, err
	case !run.endpoint.TaskType.Generates():
		problem := esrest.StatusError("Streaming is not allowed for service [%s] and task [%s]. Supported tasks: [%s]",
			run.endpoint.Service, run.endpoint.TaskType, inference.Completion)
		problem.Status = http.StatusMethodNotAllowed
		return func(yield func(string, error) bool) { yield("", problem) }, nil
	}
	return func(yield func(string, error) bool) {
		ctx, started, cancel := withStartTimeout(ctx, run.timeout)
		defer cancel()
		for piece, err := range h.target.Stream(ctx, run.endpoint, run.request) {
			switch {
			case err != nil && errors.Is(context.Cause(ctx), errStartTimeout):
				err = timedOut(run.timeout)
			case err != nil:
				err = run.failure(err)
			default:
				started()
			}
			if !yield(piece, err) {
				return
			}
		}
	}, nil
}

var errStartTimeout = errors.New("no text arrived before the timeout")

// withStartTimeout bounds the time until started is called, and the whole time
// to longestTime.
func withStartTimeout(ctx context.Context, timeout time.Duration) (_ context.Context, started func(), cancel func()) {
	start := &startContext{at: time.Now().Add(timeout)}
	ctx, end := context.WithTimeout(ctx, longestTime)
	ctx, late := context.WithCancelCause(ctx)
	start.Context = ctx
	timer := time.AfterFunc(timeout, func() { late(errStartTimeout) })
	return start, func() { start.started.Store(true); timer.Stop() }, func() {
		timer.Stop()
		late(nil)
		end()
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
