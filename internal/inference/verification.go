package inference

import (
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

const pathDimensions validation.Path = "dimensions"

// sampleInput is what a model is asked where nothing else is wanted of it.
const sampleInput = "Say hello in one word."

// Verification is a trial of an endpoint: one text that its model is asked, and
// what the answer has to be like.
type Verification struct {
	Input      validation.Setting[string]
	Dimensions validation.Setting[int64]
}

// Request is the one inference of the trial, with the endpoint's own settings.
func (v Verification) Request() Request {
	return Request{Input: []string{v.Input.Or(sampleInput)}}
}

// Validate applies the rules that need no endpoint.
func (v Verification) Validate() validation.Violations {
	var found validation.Violations
	if input, ok := v.Input.Known(); ok && input == "" {
		found = append(found, validation.Errorf(pathInput, "Empty text",
			"input is an empty string, which no model takes. Write a text, or leave it out for %q.", sampleInput))
	}
	if want, ok := v.Dimensions.Known(); ok && want <= 0 {
		found = append(found, validation.Errorf(pathDimensions, "Out of range",
			"dimensions is %d. Write the length of the model's vectors, such as 1024, or leave it out.", want))
	}
	return found
}

// ValidateFor applies the rules that need the endpoint, before it is asked.
func (v Verification) ValidateFor(endpoint Endpoint) validation.Violations {
	found := v.Request().Validate(endpoint)
	for i := range found {
		if strings.HasPrefix(string(found[i].Path), string(pathInput)) {
			found[i].Path = pathInput // there is only one
		}
	}
	if isGiven(v.Dimensions) && endpoint.TaskType.Generates() {
		found = append(found, validation.Errorf(pathDimensions, "Dimensions of a completion",
			"dimensions belongs to text_embedding; inference endpoint %q does %s. Remove dimensions.", endpoint.InferenceID, endpoint.TaskType))
	}
	return found
}

// Check compares the vectors with the dimensions that are expected, and with
// those that the endpoint declares: the vectors of one index all have one
// length, so another one is a fault even where everything else works.
func (v Verification) Check(endpoint Endpoint, result Result) validation.Violations {
	want, expected := v.Dimensions.Known()
	declared := endpoint.ServiceSettings.Dimensions
	for _, vector := range result.Embeddings {
		got := int64(len(vector))
		switch {
		case expected && got != want:
			return validation.Violations{validation.Errorf(pathDimensions, "Vectors of another length",
				"Inference endpoint %q answered with %d dimensions, %d were expected. Write dimensions = %d, or give the endpoint a model that makes %d.", endpoint.InferenceID, got, want, got, want)}
		case declared != 0 && got != declared:
			return validation.Violations{validation.Errorf(pathInferenceID, "Vectors of another length",
				"Inference endpoint %q answered with %d dimensions and declares %d, so its vectors do not fit the indices made for it. Make the endpoint again, and embed again what was embedded with it.", endpoint.InferenceID, got, declared)}
		}
	}
	return nil
}
