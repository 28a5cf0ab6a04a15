package inference

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
