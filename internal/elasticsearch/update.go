// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

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
	defer c.wrote(prior.InferenceID)
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
	var found *serverError
	if update.Keys.IsZero() || !errors.As(err, &found) || !backend.Is(err, backend.Refused) || !isKeyUnknown(found.Reason) {
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

var errMissing = errors.New("its id is missing")

func orMissingID(err error) error {
	if err != nil {
		return err
	}
	return errMissing
}
