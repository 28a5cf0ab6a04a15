// Package embedded is a target in process: endpoints in a bbolt file, run on
// Amazon Bedrock by internal/bedrock. It follows Elasticsearch's behaviour and
// departs from it only where its documentation says so.
package embedded

import (
	"context"
	"errors"
	"fmt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/target"
)

// ID is the name of the target in the state. There is one per configuration,
// wherever its file lies.
const ID = "embedded"

// sample is what a new endpoint's model is asked, so that its dimensions are
// known and its keys proven (Elasticsearch asks the same words).
const sample = "how big"

// Target holds endpoints in a file and runs them on Amazon Bedrock.
type Target struct {
	store  *store
	runner *bedrock.Runner
}

var _ target.Target = (*Target)(nil)

// New returns the target whose endpoints lie in the file at path. Nothing is
// opened or made before the first endpoint is.
func New(path string, runner *bedrock.Runner) *Target {
	return &Target{store: newStore(path), runner: runner}
}

// ID is always "embedded".
func (t *Target) ID(context.Context) (string, error) { return ID, nil }

// Capabilities never fails.
func (t *Target) Capabilities(context.Context) (target.Capabilities, error) {
	return Capabilities(), nil
}

// Create asks the model once, then stores the endpoint.
func (t *Target) Create(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys) (inference.Endpoint, error) {
	switch _, err := t.store.get(ctx, endpoint.InferenceID); {
	case err == nil:
		return inference.Endpoint{}, alreadyExists(endpoint)
	case !target.Is(err, target.NotFound):
		return inference.Endpoint{}, err
	}
	endpoint, err := t.prove(ctx, complete(endpoint), keys)
	if err != nil {
		return inference.Endpoint{}, err
	}
	return endpoint, t.store.insert(ctx, record{Endpoint: endpoint, Keys: keys})
}

// complete fills the defaults that Elasticsearch fills.
func complete(endpoint inference.Endpoint) inference.Endpoint {
	if endpoint.ServiceSettings.RequestsPerMinute == 0 {
		endpoint.ServiceSettings.RequestsPerMinute = inference.DefaultRequestsPerMinute
	}
	if endpoint.TaskType != inference.TextEmbedding {
		return endpoint
	}
	if endpoint.ServiceSettings.Similarity == "" {
		endpoint.ServiceSettings.Similarity = inference.DefaultSimilarity
	}
	if endpoint.Chunking == nil {
		chunking := inference.DefaultChunking()
		endpoint.Chunking = &chunking
	}
	return endpoint
}

// prove asks the model, and returns the endpoint with the dimensions learnt.
func (t *Target) prove(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys) (inference.Endpoint, error) {
	asked := endpoint
	asked.TaskSettings = inference.TaskSettings{}
	result, err := t.runner.Run(ctx, asked, keys, inference.Request{Input: []string{sample}})
	if err != nil {
		return inference.Endpoint{}, runFault(fmt.Sprintf("The model of inference endpoint %s did not answer", endpoint.InferenceID), err)
	}
	if endpoint.TaskType == inference.TextEmbedding {
		endpoint.ServiceSettings.Dimensions = int64(len(result.Embeddings[0]))
	}
	return endpoint, nil
}

// Get reads one endpoint.
func (t *Target) Get(ctx context.Context, inferenceID string) (inference.Endpoint, error) {
	stored, err := t.store.get(ctx, inferenceID)
	return stored.Endpoint, err
}

// List reads all endpoints, sorted by id.
func (t *Target) List(ctx context.Context) ([]inference.Endpoint, error) {
	records, err := t.store.list(ctx)
	endpoints := make([]inference.Endpoint, len(records))
	for i, stored := range records {
		endpoints[i] = stored.Endpoint
	}
	return endpoints, err
}

// Update applies the change; new keys are proven before they are stored.
func (t *Target) Update(ctx context.Context, prior inference.Endpoint, update inference.Update) (inference.Endpoint, error) {
	stored, err := t.store.get(ctx, prior.InferenceID)
	if err != nil {
		return inference.Endpoint{}, err
	}
	if !update.Keys.IsZero() {
		if _, err := t.prove(ctx, stored.Endpoint, update.Keys); err != nil {
			return inference.Endpoint{}, err
		}
	}
	return t.store.update(ctx, prior.InferenceID, update)
}

// Delete removes the endpoint. Nothing can refer to one, so force changes nothing.
func (t *Target) Delete(ctx context.Context, endpoint inference.Endpoint, _ bool) error {
	return t.store.remove(ctx, endpoint.InferenceID)
}

// References is always empty: the embedded target has no pipelines or indices.
func (t *Target) References(context.Context, inference.Endpoint) (target.References, error) {
	return target.References{}, nil
}

// Run asks the stored endpoint's model with its stored keys.
func (t *Target) Run(ctx context.Context, endpoint inference.Endpoint, request inference.Request) (inference.Result, error) {
	stored, err := t.store.get(ctx, endpoint.InferenceID)
	if err != nil {
		return inference.Result{}, err
	}
	result, err := t.runner.Run(ctx, stored.Endpoint, stored.Keys, request)
	if err != nil {
		return inference.Result{}, runFault(fmt.Sprintf("Inference endpoint %s did not answer", endpoint.InferenceID), err)
	}
	return result, nil
}

// runFault keeps faults of the input as they are and sorts those of AWS.
func runFault(summary string, err error) error {
	var violations inference.Violations
	if errors.As(err, &violations) {
		return err
	}
	fault := &target.Error{Kind: target.Other, Summary: summary, Detail: err.Error(), Cause: err}
	var aws *bedrock.Error
	if errors.As(err, &aws) {
		fault.Status = aws.Status
		if aws.Denied() {
			fault.Kind = target.Denied
		}
	}
	return fault
}

func alreadyExists(endpoint inference.Endpoint) error {
	return &target.Error{
		Kind:    target.AlreadyExists,
		Summary: "Inference endpoint already exists",
		Detail:  fmt.Sprintf("The embedded target has an inference endpoint %q already.", endpoint.InferenceID),
	}
}

func notFound(inferenceID string) error {
	return &target.Error{
		Kind:    target.NotFound,
		Summary: "Inference endpoint not found",
		Detail:  fmt.Sprintf("The embedded target has no inference endpoint %q.", inferenceID),
	}
}
