// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"fmt"
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

// Merge returns the settings with every field that override sets replaced, as
// the _inference API merges a request's task settings into an endpoint's.
func (t TaskSettings) Merge(override TaskSettings) TaskSettings {
	if override.Temperature != nil {
		t.Temperature = override.Temperature
	}
	if override.TopP != nil {
		t.TopP = override.TopP
	}
	if override.TopK != nil {
		t.TopK = override.TopK
	}
	if override.MaxNewTokens != nil {
		t.MaxNewTokens = override.MaxNewTokens
	}
	if override.Truncate != "" {
		t.Truncate = override.Truncate
	}
	return t
}
