package inference

import "strings"

const pathDimensions Path = "dimensions"

// sampleInput is what a model is asked where nothing else is wanted of it.
const sampleInput = "Say hello in one word."

// Verification is a trial of an endpoint: one text that its model is asked, and
// what the answer has to be like.
type Verification struct {
	Input      Setting[string]
	Dimensions Setting[int64]
}

// Request is the one inference of the trial, with the endpoint's own settings.
func (v Verification) Request() Request {
	return Request{Input: []string{v.Input.Or(sampleInput)}}
}

// Validate applies the rules that need no endpoint.
func (v Verification) Validate() Violations {
	var found Violations
	if input, ok := v.Input.Known(); ok && input == "" {
		found = append(found, Errorf(pathInput, "Empty text",
			"input is an empty string, which no model takes. Write a text, or leave it out for %q.", sampleInput))
	}
	if want, ok := v.Dimensions.Known(); ok && want <= 0 {
		found = append(found, Errorf(pathDimensions, "Out of range",
			"dimensions is %d. Write the length of the model's vectors, such as 1024, or leave it out.", want))
	}
	return found
}

// ValidateFor applies the rules that need the endpoint, before it is asked.
func (v Verification) ValidateFor(endpoint Endpoint) Violations {
	found := v.Request().Validate(endpoint)
	for i := range found {
		if strings.HasPrefix(string(found[i].Path), string(pathInput)) {
			found[i].Path = pathInput // there is only one
		}
	}
	if isGiven(v.Dimensions) && endpoint.TaskType.Generates() {
		found = append(found, Errorf(pathDimensions, "Dimensions of a completion",
			"dimensions belongs to text_embedding; inference endpoint %q does %s. Remove dimensions.", endpoint.InferenceID, endpoint.TaskType))
	}
	return found
}

// Check compares the vectors with the dimensions that are expected, and with
// those that the endpoint declares: the vectors of one index all have one
// length, so another one is a fault even where everything else works.
func (v Verification) Check(endpoint Endpoint, result Result) Violations {
	want, expected := v.Dimensions.Known()
	declared := endpoint.ServiceSettings.Dimensions
	for _, vector := range result.Embeddings {
		got := int64(len(vector))
		switch {
		case expected && got != want:
			return Violations{Errorf(pathDimensions, "Vectors of another length",
				"Inference endpoint %q answered with %d dimensions, %d were expected. Write dimensions = %d, or give the endpoint a model that makes %d.", endpoint.InferenceID, got, want, got, want)}
		case declared != 0 && got != declared:
			return Violations{Errorf(pathInferenceID, "Vectors of another length",
				"Inference endpoint %q answered with %d dimensions and declares %d, so its vectors do not fit the indices made for it. Make the endpoint again, and embed again what was embedded with it.", endpoint.InferenceID, got, declared)}
		}
	}
	return nil
}
