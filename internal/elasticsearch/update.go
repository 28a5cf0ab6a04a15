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

// Update changes an endpoint in place. When it fails although something has
// changed, it returns the endpoint as it is now beside the error.
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
	put.query, put.timeout = c.modelTime(ctx, release.updateTimeout && !release.Assumed)
	defer c.wrote(prior.InferenceID)
	if _, err := c.do(ctx, put); err != nil {
		return inference.Endpoint{}, explainKeyError(put, release, update, err)
	}
	held, err := c.get(ctx, prior.InferenceID)
	if err != nil {
		return inference.Endpoint{}, err
	}
	return held, settingsNotApplied(put.doing, backend.Differences(prior.Apply(update), held))
}

// kept is the error of settings that the server holds otherwise than asked: some
// versions drop or reset them without a word.
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
		Detail: fmt.Sprintf("Elasticsearch did %s without an error, but holds another value than asked for %s. "+
			"Its version may not be able to change it, or somebody else has: see the next plan.", doing, strings.Join(names, ", ")),
	}
}

// keysRefused explains the fault of Elasticsearch 9.5.0 to 9.5.2, whose strict
// parser takes the key fields of an update for unknown ones (elasticsearch#157214).
func explainKeyError(put *call, release release, update inference.Update, err error) error {
	var found *serverError
	if update.Keys.IsZero() || !errors.As(err, &found) || !backend.Is(err, backend.Refused) || !isKeyUnknown(found.Reason) {
		return err
	}
	return &backend.Error{
		Kind:    backend.Refused,
		Summary: "Keys cannot change in place",
		Detail: fmt.Sprintf("%s cannot %s: this version does not take new keys for an endpoint that exists (%s). "+
			"Set credentials_rotation = \"replace\", so that the endpoint is made again with the new keys, or upgrade to Elasticsearch 9.5.3 or newer.",
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
