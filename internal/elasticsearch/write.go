// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
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
	defer c.reads.wrote(endpoint.InferenceID)
	answer, err := c.do(ctx, put)
	if err != nil {
		return c.readBack(ctx, put, endpoint, err)
	}
	held, err := inference.ParseEndpoint(answer)
	if err == nil && held.InferenceID != endpoint.InferenceID {
		err = errors.New("its id is missing")
	}
	if err != nil {
		put.ambiguous = true
		return c.readBack(ctx, put, endpoint, c.malformedResponse(put, fmt.Errorf("it is not the endpoint: %w", err)))
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

// Update changes an endpoint in place. If it fails after a part of the update was
// applied, it returns the endpoint with the error.
func (c *Client) Update(ctx context.Context, prior inference.Endpoint, update inference.Update) (inference.Endpoint, error) {
	release, err := c.release(ctx)
	if err != nil {
		return inference.Endpoint{}, err
	}
	if update.IsZero() {
		return c.get(ctx, prior.InferenceID)
	}
	body, err := update.UpdateBody()
	if err != nil {
		return inference.Endpoint{}, &backend.Error{Kind: backend.Other, Summary: "Cannot write the update as JSON", Detail: err.Error()}
	}
	put := &call{
		doing:  fmt.Sprintf("update inference endpoint %q", prior.InferenceID),
		method: http.MethodPut, path: []string{"_inference", string(prior.TaskType), prior.InferenceID, "_update"},
		body: body, secrets: []redact.Secret{update.Keys.AccessKey, update.Keys.SecretKey}, idempotent: true, runsModel: true,
	}
	put.query, put.timeout = c.modelTime(ctx, release.UpdateTimeout && !release.Assumed)
	defer c.reads.wrote(prior.InferenceID)
	if _, err := c.do(ctx, put); err != nil {
		return inference.Endpoint{}, explainKeyError(put, release, update, err)
	}
	// Unlike the response to a create, the response to an update does not say what is
	// stored in every version: some reset or drop settings (elasticsearch#139574).
	held, err := c.get(ctx, prior.InferenceID)
	if err != nil {
		return inference.Endpoint{}, err
	}
	return held, settingsNotApplied(put.doing, backend.Differences(prior.Apply(update), held))
}

// settingsNotApplied returns the error of settings that the server stores with
// other values than sent: some versions drop or reset them silently.
func settingsNotApplied(doing string, lost []validation.Path) error {
	if len(lost) == 0 {
		return nil
	}
	names := make([]string, len(lost))
	for i, path := range lost {
		names[i] = string(path)
	}
	return &backend.Error{
		Kind:    backend.Refused,
		Summary: "Settings were not applied",
		Detail: fmt.Sprintf("Elasticsearch did %s without an error, but stores another value than the one sent for %s. "+
			"Its version may not support the change, or the endpoint was changed elsewhere.", doing, strings.Join(names, ", ")),
	}
}

// explainKeyError explains the bug of Elasticsearch 9.5.0 to 9.5.2, whose strict
// parser treats the key fields of an update as unknown (elasticsearch#157214).
func explainKeyError(put *call, release Release, update inference.Update, err error) error {
	found, ok := errors.AsType[*serverError](err)
	if update.Keys.IsZero() || !ok || !backend.Is(err, backend.Refused) || !isKeyUnknown(found.Reason) {
		return err
	}
	return &backend.Error{
		Kind:    backend.KeysFixed,
		Summary: "Keys cannot change in place",
		Detail: fmt.Sprintf("%s cannot %s: this version does not accept new keys for an existing endpoint (%s). "+
			"Recreate the endpoint with the new keys, or upgrade to Elasticsearch 9.5.3 or newer.",
			release.Name, put.doing, found.Reason),
		Status: http.StatusBadRequest,
		Cause:  found,
	}
}

func isKeyUnknown(reason string) bool {
	reason = strings.ToLower(reason)
	names := strings.Contains(reason, "access_key") || strings.Contains(reason, "secret_key")
	return names && (strings.Contains(reason, "unknown") || strings.Contains(reason, "cannot be updated"))
}

// deletion is the response to DELETE and to its dry run. The field with the indices
// is not documented and has had two names.
type deletion struct {
	Acknowledged *bool    `json:"acknowledged"`
	Pipelines    []string `json:"pipelines"`
	Indexes      []string `json:"indexes"`
	Indices      []string `json:"indices"`
}

func (d deletion) references() backend.References {
	return backend.References{Pipelines: d.Pipelines, Indices: append(d.Indexes, d.Indices...)}
}

// Delete removes an endpoint.
func (c *Client) Delete(ctx context.Context, endpoint inference.Endpoint, force bool) error {
	var query url.Values
	if force {
		query = url.Values{"force": {"true"}}
	}
	remove := deleteCall(fmt.Sprintf("delete inference endpoint %q", endpoint.InferenceID), endpoint, query)
	defer c.reads.wrote(endpoint.InferenceID)
	done, err := c.delete(ctx, remove)
	switch {
	case backend.Is(err, backend.NotFound):
		return nil
	case backend.Is(err, backend.InUse):
		return inUse(endpoint, err)
	case err != nil:
		return err
	case !*done.Acknowledged:
		return &backend.Error{
			Kind: backend.Other, Summary: "Cannot " + remove.doing,
			Detail: "Elasticsearch did not acknowledge the deletion. Check whether the endpoint still exists, and try again.",
		}
	}
	return nil
}

// References returns what refers to the endpoint, from a dry run of its deletion.
func (c *Client) References(ctx context.Context, endpoint inference.Endpoint) (backend.References, error) {
	ask := deleteCall(fmt.Sprintf("read what uses inference endpoint %q", endpoint.InferenceID), endpoint, url.Values{"dry_run": {"true"}})
	found, err := c.delete(ctx, ask)
	if backend.Is(err, backend.NotFound) {
		return backend.References{}, nil
	}
	return found.references(), err
}

// deleteCall includes the task type, so that an endpoint that was recreated with
// another task type is not deleted.
func deleteCall(doing string, endpoint inference.Endpoint, query url.Values) *call {
	return &call{
		doing: doing, method: http.MethodDelete, query: query, idempotent: true,
		path: []string{"_inference", string(endpoint.TaskType), endpoint.InferenceID},
	}
}

func (c *Client) delete(ctx context.Context, remove *call) (deletion, error) {
	var done deletion
	if err := c.doJSON(ctx, remove, &done); err != nil {
		return deletion{}, err
	}
	if done.Acknowledged == nil {
		return deletion{}, c.malformedResponse(remove, errors.New("the field acknowledged is missing"))
	}
	return done, nil
}

// The lists in the text by which Elasticsearch refuses a deletion.
var (
	pipelinesText = regexp.MustCompile(`referenced by pipelines: \[([^\]]*)\]`)
	indexesText   = regexp.MustCompile(`in the mapping for indexes: \[([^\]]*)\]`)
)

func inUse(endpoint inference.Endpoint, err error) error {
	found, ok := errors.AsType[*serverError](err)
	if !ok {
		return err
	}
	why := "Elasticsearch says: " + found.Reason
	used := ParseReferences(found.Reason)
	if !used.IsZero() {
		why = fmt.Sprintf("It is used by %s, which would fail without it.", used)
	}
	return &backend.Error{
		Kind:    backend.InUse,
		Summary: fmt.Sprintf("Inference endpoint %q is in use", endpoint.InferenceID),
		Detail:  why + " Change these references to another endpoint first.",
		Status:  http.StatusConflict,
		Cause:   found,
	}
}

// ParseReferences returns the names in the text by which Elasticsearch refuses a
// deletion. It is empty if the text has another form.
func ParseReferences(reason string) backend.References {
	return backend.References{Pipelines: listIn(pipelinesText, reason), Indices: listIn(indexesText, reason)}
}

func listIn(text *regexp.Regexp, reason string) []string {
	match := text.FindStringSubmatch(reason)
	if match == nil {
		return nil
	}
	return strings.Split(match[1], ", ")
}
