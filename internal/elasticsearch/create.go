// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// readBackTimeout bounds the time in which the result of a failed request is read.
// It applies even if the context of the caller has ended.
const readBackTimeout = 10 * time.Second

// Create creates an endpoint. If it fails although the endpoint exists or may exist,
// it returns the endpoint together with the error.
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
	unlock, err := c.creates.Lock(ctx, endpoint.InferenceID)
	if err != nil {
		return inference.Endpoint{}, abandoned(ctx, fmt.Sprintf("create inference endpoint %q", endpoint.InferenceID))
	}
	defer unlock()
	// Elasticsearch checks the id only after it has called the model. After a lost
	// response, the new endpoint could not be distinguished from an existing one. The
	// check of the plan serves this one too if it is recent.
	_, err = c.reads.get(ctx, endpoint.InferenceID, toCreate)
	switch taken, err := backend.Found(err); {
	case err != nil:
		return inference.Endpoint{}, err
	case taken:
		return inference.Endpoint{}, alreadyExists(endpoint)
	}
	return c.put(ctx, endpoint, keys, release)
}

func (c *Client) put(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys, release Release) (inference.Endpoint, error) {
	body, err := endpoint.CreateBody(keys)
	if err != nil {
		return inference.Endpoint{}, &backend.Error{Kind: backend.Other, Summary: "Cannot write the inference endpoint as JSON", Detail: err.Error()}
	}
	put := &call{
		doing:  fmt.Sprintf("create inference endpoint %q", endpoint.InferenceID),
		method: http.MethodPut, path: []string{"_inference", string(endpoint.TaskType), endpoint.InferenceID},
		body: body, secrets: []redact.Secret{keys.AccessKey, keys.SecretKey}, idempotent: true, runsModel: true,
	}
	put.query, put.timeout = c.modelTime(ctx, release.CreateTimeout && !release.Assumed)
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

// differences returns the settings of a create that the server stores with other
// values. The server chooses settings that were not sent.
func differences(asked, held inference.Endpoint) []validation.Path {
	if asked.ServiceSettings.MaxInputTokens == 0 {
		asked.ServiceSettings.MaxInputTokens = held.ServiceSettings.MaxInputTokens
	}
	asked.TaskSettings = held.TaskSettings.Merge(asked.TaskSettings)
	return backend.Differences(asked, held)
}

// readBack reads the endpoint after a create that failed. After an attempt without
// a response, an endpoint with the settings that were sent is the one that the
// attempt created, because the id was free before.
func (c *Client) readBack(ctx context.Context, put *call, asked inference.Endpoint, failure error) (inference.Endpoint, error) {
	if !put.ambiguous {
		if backend.Is(failure, backend.AlreadyExists) {
			return inference.Endpoint{}, alreadyExists(asked)
		}
		if !backend.Is(failure, backend.Refused) && !backend.Is(failure, backend.Other) {
			return inference.Endpoint{}, failure
		}
		// Some versions store the endpoint despite the error (elasticsearch#137127).
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
		Detail:  "Elasticsearch already has an inference endpoint of this id. Existing endpoints are never adopted silently: use another inference_id, or delete the endpoint.",
		Status:  http.StatusBadRequest,
	}
}

// unknownOutcome returns the error of a create whose result cannot be read.
func unknownOutcome(put *call, failure, reading error) error {
	return &backend.Error{
		Kind:    backend.Undetermined,
		Summary: "Cannot " + put.doing,
		Detail:  fmt.Sprintf("%s\n\nIt is not known whether the endpoint was created: %s", failure, reading),
		Cause:   failure,
	}
}
