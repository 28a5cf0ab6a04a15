// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"fmt"
	"math"
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// Config is the configuration of an endpoint, or of one run. Each setting is set,
// absent or unknown. Validate applies the rules to it.
type Config struct {
	InferenceID     validation.Setting[string]
	TaskType        validation.Setting[TaskType]
	Service         validation.Setting[string]
	ServiceSettings ServiceConfig
	TaskSettings    TaskConfig
	Chunking        validation.Setting[ChunkingConfig]
	InputType       validation.Setting[string]
}

// ServiceConfig is the configuration of service_settings.
type ServiceConfig struct {
	AccessKey, SecretKey validation.Setting[redact.Secret]
	Region               validation.Setting[string]
	Provider             validation.Setting[string]
	Model                validation.Setting[string]
	RequestsPerMinute    validation.Setting[int64]
	Similarity           validation.Setting[string]
	MaxInputTokens       validation.Setting[int64]
}

// TaskConfig is the configuration of task_settings.
type TaskConfig struct {
	Temperature, TopP, TopK validation.Setting[float64]
	MaxNewTokens            validation.Setting[int64]
	Truncate                validation.Setting[string]
}

// ChunkingConfig is the configuration of chunking_settings.
type ChunkingConfig struct {
	Strategy        validation.Setting[string]
	MaxChunkSize    validation.Setting[int64]
	Overlap         validation.Setting[int64]
	SentenceOverlap validation.Setting[int64]
	Separators      validation.Setting[[]validation.Setting[string]]
	SeparatorGroup  validation.Setting[string]
}

// Paths of the settings. PathServiceSettings stands for what no single setting of
// service_settings is to blame for.
const (
	PathServiceSettings validation.Path = "service_settings"

	PathInferenceID       validation.Path = "inference_id"
	PathTaskType          validation.Path = "task_type"
	PathService           validation.Path = "service"
	PathAccessKey         validation.Path = "service_settings.access_key"
	PathSecretKey         validation.Path = "service_settings.secret_key"
	PathRegion            validation.Path = "service_settings.region"
	PathProvider          validation.Path = "service_settings.provider"
	PathModel             validation.Path = "service_settings.model"
	PathRequestsPerMinute validation.Path = "service_settings.rate_limit.requests_per_minute"
	PathSimilarity        validation.Path = "service_settings.similarity"
	PathMaxInputTokens    validation.Path = "service_settings.max_input_tokens"
	PathTemperature       validation.Path = "task_settings.temperature"
	PathTopP              validation.Path = "task_settings.top_p"
	PathTopK              validation.Path = "task_settings.top_k"
	PathMaxNewTokens      validation.Path = "task_settings.max_new_tokens"
	PathTruncate          validation.Path = "task_settings.truncate"
	PathChunking          validation.Path = "chunking_settings"
	PathStrategy          validation.Path = "chunking_settings.strategy"
	PathMaxChunkSize      validation.Path = "chunking_settings.max_chunk_size"
	PathOverlap           validation.Path = "chunking_settings.overlap"
	PathSentenceOverlap   validation.Path = "chunking_settings.sentence_overlap"
	PathSeparators        validation.Path = "chunking_settings.separators"
	PathSeparatorGroup    validation.Path = "chunking_settings.separator_group"
	PathInputType         validation.Path = "input_type"
)

// Validate returns the violations of all rules that apply to every target, in the
// order of the settings.
func (c Config) Validate() validation.Violations {
	found := slices.Concat(
		numbersRule(c),
		inferenceIDRule(c), taskTypeRule(c), serviceRule(c),
		keysRule(c), regionRule(c), providerRule(c), modelRule(c),
		rateLimitRule(c), similarityRule(c), maxInputTokensRule(c),
		samplingRangeRule(c), samplingChoiceRule(c), topKRule(c), maxNewTokensRule(c), truncateRule(c), taskSettingsTaskRule(c),
		inputTypeRule(c), chunkingTaskRule(c),
	)
	if chunking, ok := c.Chunking.Known(); ok {
		found = append(found, chunking.Validate()...)
	}
	return found
}

// numbersRule reports settings that are not numbers of the required kind.
func numbersRule(c Config) validation.Violations {
	service, task := c.ServiceSettings, c.TaskSettings
	return slices.Concat(
		validation.Malformed(PathRequestsPerMinute, service.RequestsPerMinute,
			fmt.Sprintf("Write a whole number from 1 to %d, or leave it out for %d.", int64(math.MaxInt64), DefaultRequestsPerMinute)),
		validation.Malformed(PathMaxInputTokens, service.MaxInputTokens, inputTokensAdvice),
		validation.Malformed(PathTemperature, task.Temperature, samplingAdvice+fitsFloat),
		validation.Malformed(PathTopP, task.TopP, samplingAdvice+fitsFloat),
		validation.Malformed(PathTopK, task.TopK, topKAdvice(c)),
		validation.Malformed(PathMaxNewTokens, task.MaxNewTokens, newTokensAdvice),
	)
}

// task returns the task type if it is known and valid, and an empty one otherwise.
func (c Config) task() TaskType {
	if task := c.TaskType.Or(""); slices.Contains(TaskTypes(), task) {
		return task
	}
	return ""
}

// knownProvider returns the provider if it is known and valid.
func (c Config) knownProvider() (Provider, bool) {
	return ParseProvider(c.ServiceSettings.Provider.Or(""))
}

// Endpoint returns the configured endpoint. Absent and unknown settings are zero,
// which means the default of the target; chunking settings are complete.
func (c Config) Endpoint() Endpoint {
	service := c.ServiceSettings
	provider, _ := c.knownProvider()
	endpoint := Endpoint{
		InferenceID: c.InferenceID.Or(""),
		TaskType:    c.TaskType.Or(""),
		Service:     c.Service.Or(Service),
		ServiceSettings: ServiceSettings{
			Region:            service.Region.Or(""),
			Provider:          provider,
			Model:             service.Model.Or(""),
			RequestsPerMinute: service.RequestsPerMinute.Or(0),
			Similarity:        service.Similarity.Or(""),
			MaxInputTokens:    service.MaxInputTokens.Or(0),
		},
		TaskSettings: c.TaskSettings.Settings(),
	}
	if chunking, ok := c.Chunking.Known(); ok {
		if complete, known := chunking.Complete(); known {
			endpoint.Chunking = &complete
		}
	}
	return endpoint
}

// Config returns the endpoint as a configuration without keys, so that the rules
// can be applied to an endpoint after an update.
func (e Endpoint) Config() Config {
	service := e.ServiceSettings
	return Config{
		InferenceID: validation.Given(e.InferenceID),
		TaskType:    validation.Given(e.TaskType),
		Service:     validation.Given(e.Service),
		ServiceSettings: ServiceConfig{
			Region:            validation.Given(service.Region),
			Provider:          validation.Given(string(service.Provider)),
			Model:             validation.Given(service.Model),
			Similarity:        givenUnlessZero(service.Similarity),
			RequestsPerMinute: givenUnlessZero(service.RequestsPerMinute),
			MaxInputTokens:    givenUnlessZero(service.MaxInputTokens),
		},
		TaskSettings: e.TaskSettings.config(),
	}
}

func (t TaskSettings) config() TaskConfig {
	return TaskConfig{
		Temperature:  givenValue(t.Temperature),
		TopP:         givenValue(t.TopP),
		TopK:         givenValue(t.TopK),
		MaxNewTokens: givenValue(t.MaxNewTokens),
		Truncate:     givenUnlessZero(t.Truncate),
	}
}

// Settings returns the task settings that are set and known.
func (t TaskConfig) Settings() TaskSettings {
	return TaskSettings{
		Temperature:  pointer(t.Temperature),
		TopP:         pointer(t.TopP),
		TopK:         pointer(t.TopK),
		MaxNewTokens: pointer(t.MaxNewTokens),
		Truncate:     t.Truncate.Or(""),
	}
}

func pointer[T any](s validation.Setting[T]) *T {
	if value, ok := s.Known(); ok {
		return &value
	}
	return nil
}

func givenValue[T any](value *T) validation.Setting[T] {
	if value == nil {
		return validation.Setting[T]{}
	}
	return validation.Given(*value)
}

func givenUnlessZero[T comparable](value T) validation.Setting[T] {
	var zero T
	if value == zero {
		return validation.Setting[T]{}
	}
	return validation.Given(value)
}
