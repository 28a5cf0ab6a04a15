// Package inference is the domain: what an Amazon Bedrock inference endpoint
// is, how Elasticsearch's _inference API writes it as JSON, and every rule
// about its settings. It does no I/O and knows neither Terraform nor AWS.
package inference

import (
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// Service is the only service that this package describes, under the name that
// the _inference API has for Amazon Bedrock.
const Service = "amazonbedrock"

// TaskType is what an endpoint does with its input.
type TaskType string

// The task types of the amazonbedrock service.
const (
	TextEmbedding  TaskType = "text_embedding"
	Completion     TaskType = "completion"
	ChatCompletion TaskType = "chat_completion"
)

// TaskTypes are all task types of the service.
func TaskTypes() []TaskType { return []TaskType{TextEmbedding, Completion, ChatCompletion} }

// Generates tells that the task makes text: completion or chat_completion.
func (t TaskType) Generates() bool { return t == Completion || t == ChatCompletion }

// Similarities are the measures that an embedding endpoint may declare.
func Similarities() []string { return []string{"cosine", "dot_product", "l2_norm"} }

// DefaultRequestsPerMinute is the rate limit of an endpoint that sets none
// (Elasticsearch: RateLimitSettings of AmazonBedrockServiceSettings).
const DefaultRequestsPerMinute = 240

// DefaultSimilarity is what both embedding providers have where none is set
// (Elasticsearch: AmazonBedrockProviderCapabilities).
const DefaultSimilarity = "cosine"

// Endpoint is an inference endpoint as a target holds it, without its keys.
type Endpoint struct {
	InferenceID     string
	TaskType        TaskType
	Service         string
	ServiceSettings ServiceSettings
	TaskSettings    TaskSettings
	// Chunking is nil for tasks that make text, and on servers without
	// chunking settings.
	Chunking *ChunkingSettings
}

// ServiceSettings say which model answers, where, and how often it may be asked.
type ServiceSettings struct {
	Region   string
	Provider Provider
	Model    string
	// RequestsPerMinute is the rate limit; 0 leaves it to the target.
	RequestsPerMinute int64
	// Similarity is empty where the target chooses, and for completions.
	Similarity string
	// MaxInputTokens is 0 where it is not set.
	MaxInputTokens int64
	// Dimensions is what the target learnt from the model; 0 is unknown. It
	// is never sent: the API refuses it.
	Dimensions int64
}

// TaskSettings shape an answer. A nil field is not set, and then not sent.
type TaskSettings struct {
	Temperature  *float64
	TopP         *float64
	TopK         *float64
	MaxNewTokens *int64
	// Truncate is for Cohere embeddings: NONE, START or END; empty is not set.
	Truncate string
}

// IsZero tells that nothing is set.
func (t TaskSettings) IsZero() bool {
	return t == TaskSettings{}
}

// Equal compares values, not addresses.
func (t TaskSettings) Equal(other TaskSettings) bool {
	return equalValue(t.Temperature, other.Temperature) &&
		equalValue(t.TopP, other.TopP) &&
		equalValue(t.TopK, other.TopK) &&
		equalValue(t.MaxNewTokens, other.MaxNewTokens) &&
		t.Truncate == other.Truncate
}

func equalValue[T comparable](a, b *T) bool {
	return a == b || (a != nil && b != nil && *a == *b)
}

// ChunkingSettings say how a text is cut before it is embedded. Fields that the
// strategy does not have are zero.
type ChunkingSettings struct {
	Strategy string
	// MaxChunkSize is in words.
	MaxChunkSize int64
	// Overlap is in words; strategy word only.
	Overlap int64
	// SentenceOverlap is 0 or 1 sentences; strategy sentence only.
	SentenceOverlap int64
	// Separators and SeparatorGroup exclude each other; strategy recursive only.
	Separators     []string
	SeparatorGroup string
}

// Equal compares what the settings mean: a separator group equals its own
// separators written out, which is how servers show it, and recursive without
// either means the group plaintext.
func (c ChunkingSettings) Equal(other ChunkingSettings) bool {
	return c.Strategy == other.Strategy &&
		c.MaxChunkSize == other.MaxChunkSize &&
		c.Overlap == other.Overlap &&
		c.SentenceOverlap == other.SentenceOverlap &&
		slices.Equal(c.expandedSeparators(), other.expandedSeparators())
}

// EqualChunking compares two endpoints' chunking, either of which may be nil.
func EqualChunking(a, b *ChunkingSettings) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// Keys are the AWS credentials of an endpoint: both or neither are set.
type Keys struct {
	AccessKey redact.Secret
	SecretKey redact.Secret
}

// IsZero reports whether no keys are set.
func (k Keys) IsZero() bool { return k == Keys{} }
