package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// statusClientGone is nginx's for a caller that did not wait for the answer. It
// is seen in the log only.
const statusClientGone = 499

func missing(id string) *failure {
	return &failure{status: http.StatusNotFound, kind: "resource_not_found_exception", reason: "Inference endpoint not found [" + id + "]"}
}

func exists(id string) *failure {
	return &failure{status: http.StatusBadRequest, kind: "resource_already_exists_exception", reason: "Inference endpoint [" + id + "] already exists"}
}

// failureOf makes an answer of whatever went wrong.
func failureOf(err error) *failure {
	var fault *failure
	if errors.As(err, &fault) {
		return fault
	}
	if errors.Is(err, context.Canceled) {
		return &failure{status: statusClientGone, kind: "task_cancelled_exception", reason: "The caller did not wait for the answer"}
	}
	return &failure{status: http.StatusInternalServerError, kind: "exception", reason: err.Error()}
}

// notAnswered is the failure of a run. AWS's throttling and refusals keep their
// status, where Elasticsearch answers 500 to all of them: only so can a caller
// tell what to do about it.
func notAnswered(endpoint inference.Endpoint, err error) error {
	var fault *backend.Error
	switch {
	case errors.As(err, new(*failure)) || errors.Is(err, context.Canceled) || !errors.As(err, &fault):
		return err
	case fault.Kind == backend.NotFound:
		return missing(endpoint.InferenceID)
	case fault.Kind == backend.Unusable:
		return err
	}
	call := "converse"
	if endpoint.TaskType == inference.TextEmbedding {
		call = "invoke model"
	}
	answer := &failure{
		status: http.StatusInternalServerError, kind: "exception",
		reason: fmt.Sprintf("AmazonBedrock %s failure: [%s]", call, fault.Detail),
		cause:  &failure{kind: "bedrock_runtime_exception", reason: fault.Detail, foreign: true},
	}
	switch fault.Status {
	case http.StatusTooManyRequests, http.StatusUnauthorized, http.StatusForbidden:
		answer.status, answer.kind = fault.Status, "status_exception"
	}
	return answer
}

// unproven is the failure of a change whose trial of the model failed. It is the
// change that is wrong, but for throttling, which passes.
func unproven(reason string, endpoint inference.Endpoint, err error) error {
	err = notAnswered(endpoint, err)
	var cause *failure
	if !errors.As(err, &cause) || cause.cause == nil {
		return err
	}
	answer := &failure{status: http.StatusBadRequest, kind: "status_exception", reason: reason, cause: cause}
	if cause.status == http.StatusTooManyRequests {
		answer.status = cause.status
	}
	return answer
}
