// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// InputType is the purpose of embeddings. Models that embed stored texts and
// queries differently need it.
type InputType string

// The input types of the _inference API. Empty is unspecified.
const (
	Ingest         InputType = "ingest"
	Search         InputType = "search"
	Classification InputType = "classification"
	Clustering     InputType = "clustering"
)

// InputTypes returns all input types.
func InputTypes() []InputType { return []InputType{Ingest, Search, Classification, Clustering} }

// Request is one run of an endpoint with one or more texts.
type Request struct {
	Input        []string
	InputType    InputType    // embeddings only
	TaskSettings TaskSettings // override the endpoint's own, field by field
}

// Result has one answer per input, in the order of the inputs. Embeddings is set
// for text_embedding, Completions for the other tasks.
type Result struct {
	Embeddings  [][]float32
	Completions []Answer
	Usage       Usage
}

// Answer is the text generated for one input.
type Answer struct {
	Text string
	// StopReason is Bedrock's reason why the model stopped (end_turn, max_tokens,
	// ...); empty if the target does not return it.
	StopReason string
}

// EmptyAnswers returns a warning at the input of each completion that has no text.
func (r Result) EmptyAnswers() validation.Violations {
	var found validation.Violations
	for i, answer := range r.Completions {
		if strings.TrimSpace(answer.Text) == "" {
			path := validation.Path(fmt.Sprintf("%s.%d", pathInput, i))
			found = append(found, validation.Warningf(path, emptyAnswer, "%s", answer.whyEmpty()))
		}
	}
	return found
}

const emptyAnswer = "Completion without text"

// whyEmpty says why an answer has no text, by its stop reason.
func (a Answer) whyEmpty() string {
	if a.StopReason == "" {
		return "The model returned no text, and its stop reason is not reported. Change the prompt or the model."
	}
	text := fmt.Sprintf("The model returned no text, with stop reason %q.", a.StopReason)
	switch a.StopReason {
	case "tool_use", "malformed_tool_use":
		return text + " It called a tool, and runs have no tools. Change the prompt."
	case "guardrail_intervened", "content_filtered", "refusal":
		return text + " The content was filtered or refused. Change the prompt, or check the guardrails of the account."
	case "max_tokens", "model_context_window_exceeded":
		return text + " It had no tokens left for the text. Increase max_new_tokens, or shorten the prompt."
	}
	return text + " Change the prompt or the model."
}

// Usage is the number of tokens of all calls of a run; nil if not reported.
type Usage struct {
	InputTokens  *int64
	OutputTokens *int64
}

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

// The reasons why a cosine is not defined.
var (
	ErrEmptyVector = errors.New("the vector is empty")
	ErrZeroVector  = errors.New("the vector is all zeros")
	ErrDimensions  = errors.New("the vectors have different lengths")
)

// CheckVector returns ErrEmptyVector or ErrZeroVector if a vector has no direction.
func CheckVector(vector []float64) error {
	switch {
	case len(vector) == 0:
		return ErrEmptyVector
	case largest(vector) == 0:
		return ErrZeroVector
	}
	return nil
}

// CosineSimilarity returns the cosine of the angle between two vectors: 1 for the
// same direction, 0 for orthogonal vectors.
func CosineSimilarity(a, b []float64) (float64, error) {
	// Different lengths are reported before zeros: they come from different models,
	// which another text does not change.
	switch {
	case len(a) == 0 || len(b) == 0:
		return 0, ErrEmptyVector
	case len(a) != len(b):
		return 0, ErrDimensions
	case largest(a) == 0 || largest(b) == 0:
		return 0, ErrZeroVector
	}
	largestA, largestB := largest(a), largest(b)
	var dot, lengthA, lengthB float64
	for i := range a {
		// Scaling keeps the squares of very large and very small numbers within the
		// range of a float64.
		x, y := a[i]/largestA, b[i]/largestB
		dot += x * y
		lengthA += x * x
		lengthB += y * y
	}
	// One square root of the product makes the cosine of a vector with itself exactly 1.
	return max(-1, min(1, dot/math.Sqrt(lengthA*lengthB))), nil
}

func largest(vector []float64) float64 {
	var largest float64
	for _, x := range vector {
		largest = max(largest, math.Abs(x))
	}
	return largest
}
