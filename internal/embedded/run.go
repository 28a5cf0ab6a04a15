package embedded

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// Run asks the stored endpoint's model with its stored keys.
func (t *Target) Run(ctx context.Context, endpoint inference.Endpoint, request inference.Request) (inference.Result, error) {
	stored, err := t.store.get(ctx, endpoint.InferenceID, true)
	if err != nil {
		return inference.Result{}, err
	}
	result, err := t.runner.Run(ctx, stored.Endpoint, stored.Keys, request)
	if err != nil {
		return inference.Result{}, runFault(noAnswer(endpoint), err)
	}
	return result, nil
}

// Stream asks like Run and yields the text of the answers as it is made, one
// input after the other. An error is yielded last.
func (t *Target) Stream(ctx context.Context, endpoint inference.Endpoint, request inference.Request) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		stored, err := t.store.get(ctx, endpoint.InferenceID, true)
		if err == nil {
			err = refused(request, stored.Endpoint)
		}
		if err != nil {
			yield("", err)
			return
		}
		for _, input := range request.Input {
			one := request
			one.Input = []string{input}
			for text, err := range t.runner.Stream(ctx, stored.Endpoint, stored.Keys, one) {
				if err != nil {
					yield("", runFault(noAnswer(endpoint), err))
					return
				}
				if !yield(text, nil) {
					return
				}
			}
		}
	}
}

// refused keeps an empty list from becoming an error that is not nil.
func refused(request inference.Request, endpoint inference.Endpoint) error {
	if faults := request.Validate(endpoint).Errors(); len(faults) > 0 {
		return faults
	}
	return nil
}

func noAnswer(endpoint inference.Endpoint) string {
	return fmt.Sprintf("Inference endpoint %s did not answer", endpoint.InferenceID)
}

// runFault keeps faults of the input as they are and sorts those of AWS. The
// status is the one by which an HTTP API would say it.
func runFault(summary string, err error) error {
	var violations validation.Violations
	if errors.As(err, &violations) {
		return err
	}
	fault := &backend.Error{Kind: backend.Other, Summary: summary, Detail: err.Error(), Cause: err}
	var aws *bedrock.Error
	if !errors.As(err, &aws) {
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
