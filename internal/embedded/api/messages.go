// SPDX-License-Identifier: MPL-2.0

package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// message returns Elasticsearch's message about a violation of a rule of the
// domain. It is empty if Elasticsearch has no such rule.
func message(violation validation.Violation, value any) string {
	path := violation.Path.Parts()
	name, scope := violation.Path.Name(), path[max(0, len(path)-2)]
	switch violation.Rule {
	case validation.AtLeast, validation.AtMost:
		return outOfBounds(violation, scope, name, value)
	case validation.AboveZero, validation.NotNegative: // Elasticsearch uses this message for 0 too
		return notPositive(scope, name, esrest.JavaText(value))
	case validation.ZeroOrOne:
		return fmt.Sprintf("%s[%s] must be either 0 or 1", name, esrest.JavaText(value))
	case validation.OneOf:
		return fmt.Sprintf("[%s] Invalid value [%s] received. [%s] must be one of [%s]", scope, esrest.JavaText(value), name, choices(name))
	case validation.NotEmpty:
		return emptyText(scope, name)
	case validation.KeyPair:
		return missingSetting(scope, name)
	case validation.OneSeparatorSet:
		return "Recursive chunking settings can not have both separators and separator_set"
	case validation.SomeSeparators:
		return "Recursive chunking settings can not have an empty list of separators"
	default:
		return ""
	}
}

// outOfBounds returns nothing if the value is not a number of this request.
func outOfBounds(violation validation.Violation, scope, name string, value any) string {
	number, ok := value.(json.Number)
	if !ok {
		return ""
	}
	found, _ := number.Float64() // infinite if it is out of range
	if name == "max_chunk_size" && found <= 0 {
		return notPositive(scope, name, esrest.JavaText(value))
	}
	comparison := "greater"
	if violation.Rule == validation.AtMost {
		comparison = "less"
	}
	return fmt.Sprintf("[%s] Invalid value [%s]. [%s] must be %s than or equal to [%s]",
		scope, esrest.JavaDouble(found), name, comparison, esrest.JavaDouble(violation.Bound))
}

func notPositive(scope, name, value string) string {
	return fmt.Sprintf("[%s] Invalid value [%s]. [%s] must be a positive integer", scope, value, name)
}

func emptyText(scope, name string) string {
	return fmt.Sprintf("[%s] Invalid value empty string. [%s] must be a non-empty string", scope, name)
}

func missingSetting(scope, name string) string {
	return fmt.Sprintf("[%s] does not contain the required setting [%s]", scope, name)
}

// ownMessage returns the message about a rule that Elasticsearch does not have.
func ownMessage(violation validation.Violation) string {
	return fmt.Sprintf("[%s] %s: %s", violation.Path, violation.Summary, strings.TrimSuffix(violation.Detail, "."))
}

// choices lists the values of a setting as Elasticsearch does, in lower case and
// sorted.
func choices(name string) string {
	var values []string
	switch name {
	case "provider":
		for _, provider := range inference.Providers() {
			values = append(values, string(provider))
		}
	case "similarity":
		values = inference.Similarities()
	case "truncate":
		values = inference.Truncations()
	case "separator_group":
		values = inference.SeparatorGroups()
	}
	for i, value := range values {
		values[i] = strings.ToLower(value)
	}
	slices.Sort(values)
	return strings.Join(values, ", ")
}

// refusal returns Elasticsearch's answer to settings that are valid, but not for
// this provider, and nil for all other violations.
func refusal(violation validation.Violation, task inference.TaskType, provider string) *esrest.Error {
	switch violation.Rule {
	case validation.TaskOfProvider:
		return esrest.StatusError("The [%s] task type for provider [%s] is not available", task, provider)
	case validation.TopKOfProvider:
		return esrest.StatusError("The [top_k] task parameter is not available for provider [%s]", provider)
	case validation.TruncateOfProvider:
		return esrest.StatusError("The [%s] task type for provider [%s] does not allow [truncate] field", task, provider)
	default:
		return nil
	}
}

func wrongType(name string, value any, want string) string {
	shown := esrest.JavaText(redacted(name, value))
	return fmt.Sprintf("field [%s] is not of the expected type. The value [%s] cannot be converted to a [%s]", name, shown, want)
}

// publicSettings are the settings whose texts messages show. The blocks are not
// among them: a block that was sent as a text may contain keys.
var publicSettings = func() map[string]bool {
	public := map[string]bool{}
	for _, path := range []validation.Path{
		inference.PathInferenceID, inference.PathTaskType, inference.PathService,
		inference.PathRegion, inference.PathProvider, inference.PathModel, inference.PathRequestsPerMinute,
		inference.PathSimilarity, inference.PathMaxInputTokens,
		inference.PathTemperature, inference.PathTopP, inference.PathTopK, inference.PathMaxNewTokens, inference.PathTruncate,
		inference.PathStrategy, inference.PathMaxChunkSize, inference.PathOverlap, inference.PathSentenceOverlap,
		inference.PathSeparators, inference.PathSeparatorGroup, inference.PathInputType,
	} {
		public[path.Name()] = true
	}
	return public
}()

// secretName matches the names of secrets. Their values are not shown, whatever
// their type.
var secretName = regexp.MustCompile(`(?i)secret|acc?ess?.?key|api.?key|private.?key|passw|credential|token$`)

// shortWord matches texts that are shown for unknown names too, as Elasticsearch
// does, because no key is as short as they are.
var shortWord = regexp.MustCompile(`^[A-Za-z]{0,5}$`)

// redactedText is the text of an object of a request for messages, without the
// secrets in it. The text of a setting that is unknown may be a key under a
// misspelled name.
func redactedText(object map[string]any) string { return esrest.JavaText(redacted("", object)) }

// redacted returns the value of a setting without the secrets in it.
func redacted(name string, value any) any {
	const hidden = "::es_redacted::"
	switch value := value.(type) {
	case map[string]any:
		shown := make(map[string]any, len(value))
		for name, member := range value {
			if secretName.MatchString(name) {
				shown[name] = hidden
			} else {
				shown[name] = redacted(name, member)
			}
		}
		return shown
	case []any:
		shown := make([]any, len(value))
		for i, item := range value {
			shown[i] = redacted(name, item)
		}
		return shown
	case string:
		if !publicSettings[name] && !shortWord.MatchString(value) {
			return hidden
		}
	}
	return value
}

func notFound(id string) *esrest.Error {
	return esrest.New(esrest.TypeNotFound, "Inference endpoint not found [%s]", id).WithStatus(http.StatusNotFound)
}

// runFailure returns the answer to a run that failed. Throttling and refusals of
// AWS keep their status, so that a caller can react to them; Elasticsearch answers
// 500 to all of them.
func runFailure(endpoint inference.Endpoint, err error) error {
	fault, isFault := errors.AsType[*backend.Error](err)
	switch {
	case errors.As(err, new(*esrest.Error)) || errors.Is(err, context.Canceled) || !isFault:
		return err
	case fault.Kind == backend.NotFound:
		return notFound(endpoint.InferenceID)
	case fault.Kind == backend.Unusable || fault.Kind == backend.Damaged:
		return err
	case fault.Status == http.StatusConflict:
		return esrest.StatusError("%s", fault.Detail).WithStatus(fault.Status)
	}
	call := "converse"
	if endpoint.TaskType == inference.TextEmbedding {
		call = "invoke model"
	}
	status, exception := http.StatusInternalServerError, esrest.TypeException
	switch fault.Status {
	case http.StatusTooManyRequests, http.StatusUnauthorized, http.StatusForbidden:
		status, exception = fault.Status, esrest.TypeStatus
	}
	return esrest.New(exception, "AmazonBedrock %s failure: [%s]", call, fault.Detail).WithStatus(status).
		WithCause("bedrock_runtime_exception", fault.Detail)
}

// verificationFailure returns the answer to a change whose call of the model
// failed. The request is at fault, except for throttling.
func verificationFailure(reason string, endpoint inference.Endpoint, err error) error {
	if errors.As(err, new(*esrest.Error)) {
		return err
	}
	err = runFailure(endpoint, err)
	cause, ok := errors.AsType[*esrest.Error](err)
	if !ok || cause.Cause == nil {
		return err
	}
	answer := &esrest.Error{Status: http.StatusBadRequest, Type: esrest.TypeStatus, Reason: reason, Cause: cause}
	if cause.Status == http.StatusTooManyRequests {
		answer.Status = cause.Status
	}
	return answer
}
