// SPDX-License-Identifier: MPL-2.0

// Package embedded manages inference endpoints in a bbolt file and runs them on
// Amazon Bedrock. It behaves like Elasticsearch, except for the differences that
// its documentation lists.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/http"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

const (
	// VariablePath is the environment variable with the path of the file.
	VariablePath = "INFERENCE_EMBEDDED_PATH"
	// DefaultPath is the path of the file if none is configured.
	DefaultPath = ".inference/endpoints.db"
	// ID is the id of the target, which does not depend on the path of its file; Place names the file.
	ID = "embedded"
)

// sampleInput is sent to the model of a new endpoint to learn its dimensions and
// to verify its keys. Elasticsearch sends the same text.
const sampleInput = "how big"

// maxAttempts bounds how often a change is repeated because the endpoint was
// changed at the same time.
const maxAttempts = 10

// Target stores endpoints in a file and runs them on Amazon Bedrock. It is safe
// for concurrent use.
type Target struct {
	store  *store
	runner *bedrock.Runner
}

var (
	_ backend.Target = (*Target)(nil)
	_ backend.Placed = (*Target)(nil)

	_ backend.OptionalKeys = (*Target)(nil)
)

// Option configures a target.
type Option func(*Target)

// Encrypted encrypts the keys in the file with a passphrase. An empty passphrase
// leaves them in clear. Whether a file is encrypted is decided when it is created.
func Encrypted(passphrase redact.Secret) Option {
	return EncryptedWithCost(passphrase, defaultWorkFactor)
}

// EncryptedWithCost is Encrypted with the cost of scrypt for a new file, as a power of two
// of at most 17. A lower cost than that of Encrypted suits tests only.
func EncryptedWithCost(passphrase redact.Secret, workFactor int) Option {
	return func(t *Target) {
		if passphrase != "" {
			t.store.encryption = &fileEncryption{passphrase: passphrase, workFactor: workFactor}
		}
	}
}

// WithSettingName names the setting of the path in error messages. The default is
// embedded.path.
func WithSettingName(setting string) Option {
	return func(t *Target) { t.store.setting = setting }
}

// Pinned keeps the target on the file that it opens first. Operations return an
// error if that file is removed or replaced.
func Pinned() Option {
	return func(t *Target) { t.store.pinned = true }
}

// New returns the target for the file at path. The file is created when it is
// first written.
func New(path string, runner *bedrock.Runner, options ...Option) *Target {
	t := &Target{store: newStore(path), runner: runner}
	for _, option := range options {
		option(t)
	}
	return t
}

// Touch creates the file if there is none, and returns an error if it cannot be
// used.
func (t *Target) Touch(ctx context.Context) error {
	return t.store.write(ctx, func(*bbolt.Tx) error { return nil })
}

// Check reads the whole file, and returns a Damaged error if it is damaged and an
// Unusable error if it cannot be used. It needs no passphrase. It returns fs.ErrNotExist if there is no file.
func (t *Target) Check(ctx context.Context) error {
	return t.store.readFile(ctx, 0, func(*bbolt.Tx) error { return nil })
}

// verifyInterval is how long Health relies on a verification of the whole file.
const verifyInterval = time.Minute

// Health returns an error if the file cannot be used, as any operation would. The
// whole file is verified if it changed since it was last verified (its identity, size,
// modification time or the number of its last transaction), and otherwise once a
// minute, because failing storage can change a file without changing its metadata.
func (t *Target) Health(ctx context.Context) error {
	return t.store.readFile(ctx, verifyInterval, t.store.accept)
}

// FileUUID returns the uuid of the file, which stays the same when it is moved. It
// returns fs.ErrNotExist if there is no file.
func (t *Target) FileUUID(ctx context.Context) (uuid string, err error) {
	err = t.store.read(ctx, func(tx *bbolt.Tx) error {
		uuid = string(tx.Bucket(bucketMeta).Get(keyUUID))
		return nil
	})
	return uuid, err
}

// Place returns the path and the uuid of the file. The uuid is empty if there is
// no file yet.
func (t *Target) Place(ctx context.Context) (backend.Place, error) {
	uuid, err := t.FileUUID(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return backend.Place{Path: t.Address(), UUID: uuid}, err
}

// Address returns the path of the file as it is configured.
func (t *Target) Address() string { return filepath.ToSlash(filepath.Clean(t.store.path)) }

// ID returns "embedded".
func (t *Target) ID(context.Context) (string, error) { return ID, nil }

// Capabilities returns the capabilities of every embedded target.
func (t *Target) Capabilities(context.Context) (backend.Capabilities, error) {
	return Capabilities(), nil
}

// Capabilities returns those of the newest Elasticsearch, except for the
// documented differences: all settings that can be updated can also be unset,
// top_k reaches the model, and keys may come from AWS's default chain.
func Capabilities() backend.Capabilities {
	return backend.Capabilities{
		Name:          "The embedded target",
		Supported:     true,
		LocalRequests: true,
		TaskTypes:     inference.TaskTypes(),
		Strategies:    inference.Strategies(),
		Truncate:      true,
		Update: backend.UpdateCapabilities{
			TaskSettings:      true,
			UnsetTaskSettings: true,
			RateLimit:         true,
			MaxInputTokens:    true,
			Chunking:          true,
			Keys:              true,
		},
	}.WithEmbeddedLimits()
}

// Create sends a sample to the model, and stores the endpoint if it answers.
func (t *Target) Create(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys) (inference.Endpoint, error) {
	// The id may not have been validated before, because it was unknown.
	if found := Capabilities().Check(inference.Config{InferenceID: validation.Given(endpoint.InferenceID)}); len(found) > 0 {
		return inference.Endpoint{}, found
	}
	switch _, _, err := t.store.get(ctx, endpoint.InferenceID, false); {
	case err == nil:
		return inference.Endpoint{}, alreadyExists(endpoint)
	case !backend.Is(err, backend.NotFound):
		return inference.Endpoint{}, err
	}
	endpoint, err := t.verify(ctx, withDefaults(endpoint), keys)
	if err != nil {
		return inference.Endpoint{}, err
	}
	if err := t.store.insert(ctx, endpoint, keys); err != nil {
		return inference.Endpoint{}, err
	}
	return endpoint, nil
}

// withDefaults sets the defaults that Elasticsearch sets.
func withDefaults(endpoint inference.Endpoint) inference.Endpoint {
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
		endpoint.Chunking = new(inference.DefaultChunking())
	}
	return endpoint
}

// verify sends a sample to the model, and returns the endpoint with the
// dimensions of the answer.
func (t *Target) verify(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys) (inference.Endpoint, error) {
	sampled := endpoint
	sampled.TaskSettings = inference.TaskSettings{}
	result, err := t.runner.Run(ctx, sampled, keys, inference.Request{Input: []string{sampleInput}})
	if err != nil {
		return inference.Endpoint{}, runError(fmt.Sprintf("The model of inference endpoint %s did not answer", endpoint.InferenceID), err)
	}
	if endpoint.TaskType == inference.TextEmbedding {
		endpoint.ServiceSettings.Dimensions = int64(len(result.Embeddings[0]))
	}
	return endpoint, nil
}

// Get returns an endpoint, or a NotFound error.
func (t *Target) Get(ctx context.Context, inferenceID string) (inference.Endpoint, error) {
	endpoint, _, err := t.store.get(ctx, inferenceID, false)
	return endpoint, err
}

// GetWithKeys returns an endpoint and its AWS keys, which are zero if it is stored
// without keys, or a NotFound error.
func (t *Target) GetWithKeys(ctx context.Context, inferenceID string) (inference.Endpoint, inference.Keys, error) {
	return t.store.get(ctx, inferenceID, true)
}

// Exists reports whether an endpoint exists.
func (t *Target) Exists(ctx context.Context, inferenceID string) (bool, error) {
	_, err := t.Get(ctx, inferenceID)
	return backend.Found(err)
}

// List yields all endpoints, sorted by id. They are read in one transaction.
func (t *Target) List(ctx context.Context) iter.Seq2[backend.Listed, error] {
	return func(yield func(backend.Listed, error) bool) {
		all, err := t.store.list(ctx)
		if err != nil {
			yield(backend.Listed{}, err)
			return
		}
		for _, listed := range all {
			if !yield(listed, nil) {
				return
			}
		}
	}
}

// Update applies a change to the stored endpoint. New keys are verified before
// they are stored.
func (t *Target) Update(ctx context.Context, prior inference.Endpoint, update inference.Update) (inference.Endpoint, error) {
	return t.Modify(ctx, prior.InferenceID, func(stored inference.Endpoint) (inference.Update, error) {
		if found := stored.Apply(update).Config().Validate().Errors(); len(found) > 0 {
			return inference.Update{}, found
		}
		return update, nil
	})
}

// Modify asks change for the update of the stored endpoint and applies it. If
// the endpoint is changed by somebody else before the update is stored, change
// is asked again, so that what it checked is what is changed. Modify returns an
// error of status 409 if that happens too often.
func (t *Target) Modify(ctx context.Context, inferenceID string, change func(stored inference.Endpoint) (inference.Update, error)) (inference.Endpoint, error) {
	for range maxAttempts {
		stored, err := t.Get(ctx, inferenceID)
		if err != nil {
			return inference.Endpoint{}, err
		}
		update, err := change(stored)
		if err != nil {
			return inference.Endpoint{}, err
		}
		if !update.Keys.IsZero() {
			if _, err := t.verify(ctx, stored, update.Keys); err != nil {
				return inference.Endpoint{}, err
			}
		}
		updated, err := t.store.update(ctx, stored, update)
		if !errors.Is(err, errConflict) {
			return updated, err
		}
	}
	return inference.Endpoint{}, &backend.Error{
		Kind: backend.Other, Status: http.StatusConflict, Summary: "Inference endpoint changed at the same time",
		Detail: fmt.Sprintf("Inference endpoint %q was changed by others during each of %d attempts. Try again.", inferenceID, maxAttempts),
	}
}

// Delete removes the endpoint if it exists. Nothing can refer to an endpoint of
// the embedded target, so force has no effect.
func (t *Target) Delete(ctx context.Context, endpoint inference.Endpoint, _ bool) error {
	if err := t.Remove(ctx, endpoint.InferenceID, nil); !backend.Is(err, backend.NotFound) {
		return err
	}
	return nil
}

// Remove removes the endpoint if check, which may be nil, returns no error for
// it. Nothing can change the endpoint between the check and the removal. Remove
// returns a NotFound error if the endpoint does not exist.
func (t *Target) Remove(ctx context.Context, inferenceID string, check func(inference.Endpoint) error) error {
	return t.store.remove(ctx, inferenceID, check)
}

// References returns nothing: the embedded target has no pipelines or indices.
func (t *Target) References(context.Context, inference.Endpoint) (backend.References, error) {
	return backend.References{}, nil
}

// Run calls the model of the stored endpoint with its stored keys.
func (t *Target) Run(ctx context.Context, endpoint inference.Endpoint, request inference.Request) (inference.Result, error) {
	stored, keys, err := t.store.get(ctx, endpoint.InferenceID, true)
	if err != nil {
		return inference.Result{}, err
	}
	result, err := t.runner.Run(ctx, stored, keys, request)
	if err != nil {
		return inference.Result{}, runError(noAnswer(endpoint), err)
	}
	return result, nil
}

// Stream calls the model like Run and yields the text of the answers as it is
// generated, one input after the other. An error is yielded last.
func (t *Target) Stream(ctx context.Context, endpoint inference.Endpoint, request inference.Request) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		stored, keys, err := t.store.get(ctx, endpoint.InferenceID, true)
		if err == nil {
			if found := request.Validate(stored).Errors(); len(found) > 0 {
				err = found
			}
		}
		if err != nil {
			yield("", err)
			return
		}
		for _, input := range request.Input {
			single := request
			single.Input = []string{input}
			for text, err := range t.runner.Stream(ctx, stored, keys, single) {
				if err != nil {
					err = runError(noAnswer(endpoint), err)
				}
				if !yield(text, err) || err != nil {
					return
				}
			}
		}
	}
}

// Chat answers a conversation with the stored endpoint and its stored keys, and
// yields the parts of the answer as they arrive. An error is yielded last.
func (t *Target) Chat(ctx context.Context, endpoint inference.Endpoint, request inference.ChatRequest) iter.Seq2[inference.ChatEvent, error] {
	return func(yield func(inference.ChatEvent, error) bool) {
		stored, keys, err := t.store.get(ctx, endpoint.InferenceID, true)
		if err != nil {
			yield(inference.ChatEvent{}, err)
			return
		}
		for event, err := range t.runner.Chat(ctx, stored, keys, request) {
			if err != nil {
				err = runError(noAnswer(endpoint), err)
			}
			if !yield(event, err) {
				return
			}
		}
	}
}

func noAnswer(endpoint inference.Endpoint) string {
	return fmt.Sprintf("Inference endpoint %s did not answer", endpoint.InferenceID)
}

// runError returns violations unchanged, and classifies errors of AWS. The
// status is the one that an HTTP API answers with.
func runError(summary string, err error) error {
	if errors.As(err, new(validation.Violations)) {
		return err
	}
	fault := &backend.Error{Kind: backend.Other, Summary: summary, Detail: err.Error(), Cause: err}
	aws, ok := errors.AsType[*bedrock.Error](err)
	if !ok {
		return fault
	}
	fault.Status = aws.Status
	switch {
	case aws.Throttled():
		fault.Status = http.StatusTooManyRequests
	case aws.Unauthenticated():
		fault.Kind, fault.Status = backend.Denied, http.StatusUnauthorized
	case aws.Denied():
		fault.Kind, fault.Status = backend.Denied, http.StatusForbidden
	}
	return fault
}

func alreadyExists(endpoint inference.Endpoint) error {
	return &backend.Error{
		Kind:    backend.AlreadyExists,
		Summary: "Inference endpoint already exists",
		Detail:  fmt.Sprintf("The embedded target has an inference endpoint %q already.", endpoint.InferenceID),
	}
}
