package inference

// InputType says what embeddings are for; models that tell apart texts to be
// stored and texts to search by need it.
type InputType string

// The input types of the _inference API. Empty is unspecified.
const (
	Ingest         InputType = "ingest"
	Search         InputType = "search"
	Classification InputType = "classification"
	Clustering     InputType = "clustering"
)

// InputTypes are all input types.
func InputTypes() []InputType { return []InputType{Ingest, Search, Classification, Clustering} }

// Request is one inference: texts in, an answer for each of them out.
type Request struct {
	Input        []string
	InputType    InputType    // embeddings only
	TaskSettings TaskSettings // override the endpoint's own, field by field
}

// Result holds the answers in the order of the inputs. Embeddings is set for
// text_embedding, Completions for the tasks that make text.
type Result struct {
	Embeddings  [][]float32
	Completions []Answer
	Usage       Usage
}

// Answer is the text made for one input.
type Answer struct {
	Text string
	// StopReason is Bedrock's word for why the model stopped (end_turn,
	// max_tokens, ...); empty where the target does not say.
	StopReason string
}

// Usage counts tokens over all calls of a run. A nil field is not reported.
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
