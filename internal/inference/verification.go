// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

const pathDimensions validation.Path = "dimensions"

// sampleInput is the default text of a verification.
const sampleInput = "Say hello in one word."

// Verification is a test of an endpoint with one text, and what is expected of the
// answer.
type Verification struct {
	Input      validation.Setting[string]
	Dimensions validation.Setting[int64]
}

// Request returns the request of the verification, with the endpoint's own settings.
func (v Verification) Request() Request {
	return Request{Input: []string{v.Input.Or(sampleInput)}}
}

// Validate applies the rules that do not depend on the endpoint.
func (v Verification) Validate() validation.Violations {
	var found validation.Violations
	if input, ok := v.Input.Known(); ok && input == "" {
		found = append(found, validation.Errorf(pathInput, "Empty text",
			"input is an empty string, which no model takes. Write a text, or leave it out for %q.", sampleInput))
	}
	const advice = "Write the length of the model's vectors, such as 1024, or leave it out."
	found = append(found, validation.Malformed(pathDimensions, v.Dimensions, advice)...)
	if want, ok := v.Dimensions.Known(); ok && want <= 0 {
		found = append(found, validation.Errorf(pathDimensions, "Out of range",
			"dimensions is %d. %s", want, advice))
	}
	return found
}

// ValidateFor applies the rules that depend on the endpoint, before it is called.
func (v Verification) ValidateFor(endpoint Endpoint) validation.Violations {
	found := v.Request().Validate(endpoint)
	for i := range found {
		if strings.HasPrefix(string(found[i].Path), string(pathInput)) {
			found[i].Path = pathInput // there is one text only
		}
	}
	if v.Dimensions.IsGiven() && endpoint.TaskType.Generates() {
		found = append(found, validation.Errorf(pathDimensions, "Dimensions of a completion",
			"dimensions belongs to text_embedding; inference endpoint %q does %s. Remove dimensions.", endpoint.InferenceID, endpoint.TaskType))
	}
	return found
}

// Check requires that a completion has text. It compares the length of vectors
// with the expected dimensions and with those that the endpoint declares, because
// all vectors of an index must have the same length.
func (v Verification) Check(endpoint Endpoint, result Result) validation.Violations {
	want, expected := v.Dimensions.Known()
	declared := endpoint.ServiceSettings.Dimensions
	for _, violation := range result.EmptyAnswers() {
		return validation.Violations{validation.Errorf(PathInferenceID, emptyAnswer,
			"Inference endpoint %q answered without text. %s", endpoint.InferenceID, violation.Detail)}
	}
	for _, vector := range result.Embeddings {
		got := int64(len(vector))
		switch {
		case expected && got != want:
			return validation.Violations{validation.Errorf(pathDimensions, "Wrong number of dimensions",
				"Inference endpoint %q answered with %d dimensions, %d were expected. Write dimensions = %d, or give the endpoint a model whose vectors have %d dimensions.", endpoint.InferenceID, got, want, got, want)}
		case declared != 0 && got != declared:
			return validation.Violations{validation.Errorf(PathInferenceID, "Wrong number of dimensions",
				"Inference endpoint %q answered with %d dimensions and declares %d, so its vectors do not fit the indices that use it. Recreate the endpoint, and index the documents again.", endpoint.InferenceID, got, declared)}
		}
	}
	return nil
}
