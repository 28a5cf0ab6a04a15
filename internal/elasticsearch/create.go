package elasticsearch

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// settleTime is how long reading back a failed request may take, also
// when the caller's own time is up.
const readBackTimeout = 10 * time.Second

// Create makes an endpoint. When it fails although the endpoint exists now, or
// may exist, it returns that endpoint beside the error, for the caller to
// remember.
func (c *Client) Create(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys) (inference.Endpoint, error) {
	if !isName(endpoint.InferenceID) {
		return inference.Endpoint{}, &backend.Error{
			Kind: backend.Refused, Summary: "Cannot create the inference endpoint",
			Detail: fmt.Sprintf("%q is not an inference id.", endpoint.InferenceID),
		}
	}
	release, err := c.release(ctx)
	if err != nil {
		return inference.Endpoint{}, err
	}
	done, err := c.creates.take(ctx, endpoint.InferenceID)
	if err != nil {
		return inference.Endpoint{}, err
	}
	defer done()
	// Elasticsearch looks for the id only after it has called the model, and
	// an answer that gets lost could not be told from somebody else's endpoint.
	switch taken, err := c.Exists(ctx, endpoint.InferenceID); {
	case err != nil:
		return inference.Endpoint{}, err
	case taken:
		return inference.Endpoint{}, alreadyExists(endpoint)
	}
	return c.put(ctx, endpoint, keys, release)
}

func (c *Client) put(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys, release release) (inference.Endpoint, error) {
	body, err := endpoint.CreateBody(keys)
	if err != nil {
		return inference.Endpoint{}, &backend.Error{Kind: backend.Other, Summary: "Cannot write the inference endpoint as JSON", Detail: err.Error()}
	}
	put := &call{
		doing:  fmt.Sprintf("create inference endpoint %q", endpoint.InferenceID),
		method: http.MethodPut, path: []string{"_inference", string(endpoint.TaskType), endpoint.InferenceID},
		body: body, secrets: []redact.Secret{keys.AccessKey, keys.SecretKey}, idempotent: true, runsModel: true,
	}
	put.query, put.timeout = c.modelTime(ctx, release.createTimeout && !release.Assumed)
	defer c.wrote(endpoint.InferenceID)
	answer, err := c.do(ctx, put)
	if err != nil {
		return c.readBack(ctx, put, endpoint, err)
	}
	held, err := inference.ParseEndpoint(answer.body)
	if err != nil || held.InferenceID != endpoint.InferenceID {
		put.ambiguous = true
		return c.readBack(ctx, put, endpoint, c.malformedResponse(put, fmt.Errorf("it is not the endpoint: %w", orMissingID(err))))
	}
	return held, settingsNotApplied(put.doing, differences(endpoint, held))
}

// notTaken are the settings that a create asked for and the server holds
// otherwise. What was not asked is the server's choice.
func differences(asked, held inference.Endpoint) []validation.Path {
	if asked.ServiceSettings.MaxInputTokens == 0 {
		asked.ServiceSettings.MaxInputTokens = held.ServiceSettings.MaxInputTokens
	}
	asked.TaskSettings = held.TaskSettings.Merge(asked.TaskSettings)
	return backend.Differences(asked, held)
}

// settle finds out what a create that failed has left behind. An endpoint that
// is as asked, after an attempt that got no answer, is the one that the attempt
// made: nobody had the id before.
func (c *Client) readBack(ctx context.Context, put *call, asked inference.Endpoint, failure error) (inference.Endpoint, error) {
	if !put.ambiguous {
		if backend.Is(failure, backend.AlreadyExists) {
			return inference.Endpoint{}, alreadyExists(asked)
		}
		if !backend.Is(failure, backend.Refused) && !backend.Is(failure, backend.Other) {
			return inference.Endpoint{}, failure
		}
		// Some versions refuse and store all the same (elasticsearch#137127).
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readBackTimeout)
	defer cancel()
	held, err := c.get(ctx, asked.InferenceID)
	switch {
	case backend.Is(err, backend.NotFound):
		return inference.Endpoint{}, failure
	case err != nil:
		return asked, unknownOutcome(put, failure, err)
	case len(differences(asked, held)) > 0:
		return inference.Endpoint{}, alreadyExists(asked)
	case !put.ambiguous:
		return held, failure
	}
	c.config.Logger.LogAttrs(ctx, slog.LevelWarn, "Endpoint was created by an attempt without a response", slog.String("inference_id", asked.InferenceID))
	return held, nil
}

func alreadyExists(asked inference.Endpoint) error {
	return &backend.Error{
		Kind:    backend.AlreadyExists,
		Summary: fmt.Sprintf("Inference endpoint %q already exists", asked.InferenceID),
		Detail: fmt.Sprintf("Elasticsearch has an inference endpoint of this id, and it is not taken over silently. Write another inference_id, delete the endpoint, or import it:\n\n"+
			"  terraform import inference_endpoint.NAME %s/%s", asked.TaskType, asked.InferenceID),
		Status: http.StatusBadRequest,
	}
}

// unsettled is the error where nobody can tell what a create has left behind.
func unknownOutcome(put *call, failure, reading error) error {
	return &backend.Error{
		Kind:    backend.Unreachable,
		Summary: "Cannot " + put.doing,
		Detail:  fmt.Sprintf("%s\n\nWhether the endpoint exists now cannot be told either: %s\n\nThe state keeps it as tainted: the next apply sees whether it is there, and makes it anew.", failure, reading),
		Cause:   failure,
	}
}

// turns lets one after the other do something with an id.
type keyedMutex struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when the turn ends
}

func newKeyedMutex() *keyedMutex { return &keyedMutex{taken: map[string]chan struct{}{}} }

// take waits for the turn of the id; done ends it.
func (t *keyedMutex) take(ctx context.Context, id string) (done func(), err error) {
	for {
		taken := t.tryTake(id)
		if taken == nil {
			return func() { t.end(id) }, nil
		}
		select {
		case <-taken:
		case <-ctx.Done():
			return nil, abandoned(ctx, fmt.Sprintf("create inference endpoint %q", id))
		}
	}
}

// tryTake returns nil, or the end of the turn that has to be waited for.
func (t *keyedMutex) tryTake(id string) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	taken, ok := t.taken[id]
	if !ok {
		t.taken[id] = make(chan struct{})
	}
	return taken
}

func (t *keyedMutex) end(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.taken[id])
	delete(t.taken, id)
}
