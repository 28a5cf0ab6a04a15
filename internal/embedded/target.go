// Package embedded is a target in process: endpoints in a bbolt file, run on
// Amazon Bedrock by internal/bedrock. It follows Elasticsearch's behaviour and
// departs from it only where its documentation says so.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// VariablePath names the file in the environment, and DefaultPath is where it
// lies when nothing does.
const (
	VariablePath = "INFERENCE_EMBEDDED_PATH"
	DefaultPath  = ".inference/endpoints.db"
)

// ID is the name of the target in the state, wherever its file lies: that is its
// Place.
const ID = "embedded"

// sample is what a new endpoint's model is asked, so that its dimensions are
// known and its keys proven (Elasticsearch asks the same words).
const sample = "how big"

// Target holds endpoints in a file and runs them on Amazon Bedrock.
type Target struct {
	store  *store
	runner *bedrock.Runner
}

var (
	_ backend.Target = (*Target)(nil)
	_ backend.Placed = (*Target)(nil)
)

// Option changes how a target keeps its endpoints.
type Option func(*Target)

// Sealed seals the keys in the file with a passphrase; an empty one leaves them
// in clear. A file is sealed when it is made, or never.
func Sealed(passphrase redact.Secret) Option {
	return func(t *Target) {
		if passphrase != "" {
			t.store.seal = &seal{passphrase: passphrase}
		}
	}
}

// SetBy says in errors where the path was written; without it, that is the
// provider's embedded.path.
func SetBy(setting string) Option {
	return func(t *Target) { t.store.setting = setting }
}

// New returns the target whose endpoints lie in the file at path. Nothing is
// opened or made before the first endpoint is.
func New(path string, runner *bedrock.Runner, options ...Option) *Target {
	t := &Target{store: newStore(path, nil), runner: runner}
	for _, option := range options {
		option(t)
	}
	return t
}

// Touch makes the file where there is none yet, and fails where it cannot be
// used.
func (t *Target) Touch(ctx context.Context) error { return t.store.touch(ctx) }

// FileUUID names the file, which has to be there.
func (t *Target) FileUUID(ctx context.Context) (string, error) { return t.store.uuid(ctx) }

// Place is the file, which has no uuid before it is there.
func (t *Target) Place(ctx context.Context) (backend.Place, error) {
	uuid, err := t.store.uuid(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return backend.Place{Path: filepath.ToSlash(filepath.Clean(t.store.path)), UUID: uuid}, err
}

// ID is always "embedded".
func (t *Target) ID(context.Context) (string, error) { return ID, nil }

// Capabilities never fails.
func (t *Target) Capabilities(context.Context) (backend.Capabilities, error) {
	return Capabilities(), nil
}

// Create asks the model once, then stores the endpoint.
func (t *Target) Create(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys) (inference.Endpoint, error) {
	// An id that was not known at plan is seen here first.
	if faults := Capabilities().Check(inference.Config{InferenceID: validation.Given(endpoint.InferenceID)}); len(faults) > 0 {
		return inference.Endpoint{}, faults
	}
	switch _, err := t.store.get(ctx, endpoint.InferenceID, false); {
	case err == nil:
		return inference.Endpoint{}, alreadyExists(endpoint)
	case !backend.Is(err, backend.NotFound):
		return inference.Endpoint{}, err
	}
	endpoint, err := t.prove(ctx, complete(endpoint), keys)
	if err != nil {
		return inference.Endpoint{}, err
	}
	if err := t.store.insert(ctx, record{Endpoint: endpoint, Keys: keys}); err != nil {
		return inference.Endpoint{}, err // what has the id, if anything, is not this one
	}
	return endpoint, nil
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
	stored, err := t.store.get(ctx, inferenceID, false)
	return stored.Endpoint, err
}

// Exists asks whether an id is taken.
func (t *Target) Exists(ctx context.Context, inferenceID string) (bool, error) {
	_, err := t.Get(ctx, inferenceID)
	return backend.Found(err)
}

// List reads all endpoints, sorted by id.
func (t *Target) List(ctx context.Context) ([]inference.Endpoint, error) {
	return t.store.list(ctx)
}

// Update applies the change; new keys are proven before they are stored.
func (t *Target) Update(ctx context.Context, prior inference.Endpoint, update inference.Update) (inference.Endpoint, error) {
	stored, err := t.store.get(ctx, prior.InferenceID, false)
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
func (t *Target) References(context.Context, inference.Endpoint) (backend.References, error) {
	return backend.References{}, nil
}

func alreadyExists(endpoint inference.Endpoint) error {
	return &backend.Error{
		Kind:    backend.AlreadyExists,
		Summary: "Inference endpoint already exists",
		Detail:  fmt.Sprintf("The embedded target has an inference endpoint %q already.", endpoint.InferenceID),
	}
}
