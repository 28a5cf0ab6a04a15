// SPDX-License-Identifier: MPL-2.0

// Package inference is the domain: what an Amazon Bedrock inference endpoint is,
// its JSON in Elasticsearch's _inference API, and every rule about its settings.
// It does no I/O and knows neither Terraform nor the AWS SDK.
package inference

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// Service is the name of Amazon Bedrock in the _inference API, the only service
// that this package describes.
const Service = "amazonbedrock"

// TaskType is what an endpoint does with its input.
type TaskType string

// The task types of the amazonbedrock service.
const (
	TextEmbedding  TaskType = "text_embedding"
	Completion     TaskType = "completion"
	ChatCompletion TaskType = "chat_completion"
)

// TaskTypes returns all task types of the service.
func TaskTypes() []TaskType { return []TaskType{TextEmbedding, Completion, ChatCompletion} }

// Generates reports whether the task generates text: completion or chat_completion.
func (t TaskType) Generates() bool { return t == Completion || t == ChatCompletion }

// Similarities returns the similarity measures of embedding endpoints.
func Similarities() []string { return []string{"cosine", "dot_product", "l2_norm"} }

// DefaultRequestsPerMinute is the default rate limit of an endpoint
// (Elasticsearch: RateLimitSettings of AmazonBedrockServiceSettings).
const DefaultRequestsPerMinute = 240

// DefaultSimilarity is the default of both embedding providers
// (Elasticsearch: AmazonBedrockProviderCapabilities).
const DefaultSimilarity = "cosine"

// Endpoint is an inference endpoint without its keys.
type Endpoint struct {
	InferenceID     string
	TaskType        TaskType
	Service         string
	ServiceSettings ServiceSettings
	TaskSettings    TaskSettings
	// Chunking is nil for completions, and on servers without chunking settings.
	Chunking *ChunkingSettings
}

// ServiceSettings are the model, its region, and the rate limit.
type ServiceSettings struct {
	Region   string
	Provider Provider
	Model    string
	// RequestsPerMinute is the rate limit; 0 is the default of the target.
	RequestsPerMinute int64
	// Similarity is empty for the default of the target, and for completions.
	Similarity string
	// MaxInputTokens is 0 if it is not set.
	MaxInputTokens int64
	// Dimensions is the length of the vectors, which the target determines; 0 is
	// unknown. It is never sent, because the API refuses it.
	Dimensions int64
}

// TaskSettings are parameters of the model. A field that is nil is not sent.
type TaskSettings struct {
	Temperature  *float64
	TopP         *float64
	TopK         *float64
	MaxNewTokens *int64
	// Truncate is for Cohere embeddings: NONE, START or END; empty is not set.
	Truncate string
}

// IsZero reports whether no setting is set.
func (t TaskSettings) IsZero() bool { return t == TaskSettings{} }

// Equal reports whether both have the same values.
func (t TaskSettings) Equal(other TaskSettings) bool { return reflect.DeepEqual(t, other) }

// ChunkingSettings determine how a text is split into chunks before it is
// embedded. Fields that the strategy does not have are zero.
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

// Equal reports whether the settings mean the same: a separator group equals the
// list of its separators, as servers show it, and the recursive strategy without
// either uses the group plaintext.
func (c ChunkingSettings) Equal(other ChunkingSettings) bool {
	return c.Strategy == other.Strategy &&
		c.MaxChunkSize == other.MaxChunkSize &&
		c.Overlap == other.Overlap &&
		c.SentenceOverlap == other.SentenceOverlap &&
		slices.Equal(c.expandedSeparators(), other.expandedSeparators())
}

// EqualChunking compares the chunking settings of two endpoints. Both may be nil.
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

// Update is a change of an endpoint in place. Zero fields stay unchanged and are
// not sent.
type Update struct {
	// Keys are both set or both empty.
	Keys              Keys
	RequestsPerMinute int64
	// MaxInputTokens is nil if it stays, and 0 if it is removed.
	MaxInputTokens *int64
	// TaskSettings holds the settings that are new or changed.
	TaskSettings TaskSettings
	// UnsetTaskSettings replaces all task settings by TaskSettings, so that
	// those left out are removed. The _inference API has no such request.
	UnsetTaskSettings bool
	// Chunking replaces the chunking settings as a whole.
	Chunking *ChunkingSettings
}

// IsZero reports whether nothing changes.
func (u Update) IsZero() bool { return u == Update{} }

// Merge returns the settings with every field that override sets replaced, as
// the _inference API merges a request's task settings into an endpoint's.
func (t TaskSettings) Merge(override TaskSettings) TaskSettings {
	return TaskSettings{
		Temperature:  cmp.Or(override.Temperature, t.Temperature),
		TopP:         cmp.Or(override.TopP, t.TopP),
		TopK:         cmp.Or(override.TopK, t.TopK),
		MaxNewTokens: cmp.Or(override.MaxNewTokens, t.MaxNewTokens),
		Truncate:     cmp.Or(override.Truncate, t.Truncate),
	}
}

// Changed returns the settings of t that differ from prior.
func (t TaskSettings) Changed(prior TaskSettings) TaskSettings {
	changed := TaskSettings{
		Temperature:  changedValue(t.Temperature, prior.Temperature),
		TopP:         changedValue(t.TopP, prior.TopP),
		TopK:         changedValue(t.TopK, prior.TopK),
		MaxNewTokens: changedValue(t.MaxNewTokens, prior.MaxNewTokens),
	}
	if t.Truncate != prior.Truncate {
		changed.Truncate = t.Truncate
	}
	return changed
}

// changedValue returns value, or nil if it equals prior.
func changedValue[T comparable](value, prior *T) *T {
	if value != nil && prior != nil && *value == *prior {
		return nil
	}
	return value
}

// Apply returns the endpoint after the update.
func (e Endpoint) Apply(u Update) Endpoint {
	e.ServiceSettings.RequestsPerMinute = cmp.Or(u.RequestsPerMinute, e.ServiceSettings.RequestsPerMinute)
	if u.MaxInputTokens != nil {
		e.ServiceSettings.MaxInputTokens = *u.MaxInputTokens
	}
	if u.UnsetTaskSettings {
		e.TaskSettings = TaskSettings{}
	}
	e.TaskSettings = e.TaskSettings.Merge(u.TaskSettings)
	e.Chunking = cmp.Or(u.Chunking, e.Chunking)
	return e
}
