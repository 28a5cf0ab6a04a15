// SPDX-License-Identifier: MPL-2.0

package backend

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// Capabilities are what one target can do beside the universal rules.
type Capabilities struct {
	// Name is the name at the start of a sentence, such as "Elasticsearch 8.18.0" or
	// "The embedded target".
	Name string
	// Assumed means that the version could not be read, so that the newest known
	// version is assumed.
	Assumed bool
	// Supported is false if the target has no amazonbedrock service.
	Supported bool
	// Requirement says what would be needed if Supported is false.
	Requirement string
	// OwnRequests means that internal/bedrock calls the models, not Elasticsearch.
	OwnRequests bool
	// LocalRequests means that they are sent from this process, with its own
	// credentials and settings.
	LocalRequests bool
	// MaxIDLength is the largest length of an inference_id in bytes; 0 is no limit.
	MaxIDLength int
	// TaskTypes are the supported task types.
	TaskTypes []inference.TaskType
	// Strategies are the chunking strategies. It is empty if endpoints have no
	// chunking settings.
	Strategies []string
	// MaxChunkSize is the largest max_chunk_size; 0 is no limit.
	MaxChunkSize int64
	// MinOverlap is the smallest overlap of the strategy word.
	MinOverlap int64
	// Truncate reports whether embeddings may have task_settings.truncate.
	Truncate bool
	// MaxTopK is the largest top_k.
	MaxTopK float64
	// WholeTopK reports whether top_k is a whole number.
	WholeTopK bool
	// TopKIgnored reports whether top_k is stored but does not reach the model.
	TopKIgnored bool
	// NoInputType means that a run of embeddings cannot name its input type.
	NoInputType bool
	// ChatSettingsIgnored means that the task settings of chat_completion are
	// stored but not sent to the model.
	ChatSettingsIgnored bool
	// ChecksMappings means that an endpoint cannot be created while mappings of
	// indices use its id with another task type, similarity or dimensions.
	ChecksMappings bool
	// MaxSeparators is the largest number of separators; 0 is no bound.
	MaxSeparators int
	// SharedRateLimit means that endpoints with the same key pair share one rate
	// limit.
	SharedRateLimit bool
	// KeysRequired reports whether an endpoint cannot be created without keys.
	KeysRequired bool
	// Update is what can change in place.
	Update UpdateCapabilities
	// UpdateMissing explains why nothing can change in place, if a user would not
	// expect it; it may be empty.
	UpdateMissing string
}

// UpdateCapabilities are the changes that a target makes in place.
type UpdateCapabilities struct {
	TaskSettings      bool
	UnsetTaskSettings bool
	RateLimit         bool
	MaxInputTokens    bool
	Chunking          bool
	Keys              bool
	// LimitsNeedKeys means that an update of the rate limit or of
	// max_input_tokens has to contain the key pair.
	LimitsNeedKeys bool
	// ResetsChunking means that every update resets the chunking settings to word,
	// 250 and 100, a bug of the server.
	ResetsChunking bool
}

// EmbeddedClusterName is the name of the cluster in answers of the API of the
// embedded target.
const EmbeddedClusterName = "terraform-provider-inference"

// EmbeddedBuildHash is the hash of the build in these answers. No build of Elasticsearch
// has it.
const EmbeddedBuildHash = "unknown"

// WithEmbeddedLimits returns the capabilities with the limits of the embedded
// target, which its API has as well.
func (c Capabilities) WithEmbeddedLimits() Capabilities {
	c.OwnRequests = true
	c.MaxIDLength = 32_768 // bbolt.MaxKeySize
	c.MaxChunkSize = 300
	c.MaxTopK, c.WholeTopK, c.TopKIgnored = 500, true, false
	c.SharedRateLimit = false
	return c
}

// Check applies the target's own rules to a configuration that has passed the
// universal ones. Unknown values pass.
func (c Capabilities) Check(config inference.Config) validation.Violations {
	if !c.Supported {
		return validation.Violations{validation.Errorf("service", "Target without Amazon Bedrock",
			"%s does not have the service %s. %s", c.Name, inference.Service, c.Requirement)}
	}
	var found validation.Violations
	if id, ok := config.InferenceID.Known(); ok && c.MaxIDLength > 0 && len(id) > c.MaxIDLength {
		found = append(found, validation.Errorf("inference_id", "Id too long",
			"inference_id has %d characters. %s accepts at most %d. Write a shorter one.", len(id), c.Name, c.MaxIDLength).
			WithBound(validation.AtMost, float64(c.MaxIDLength)))
	}
	task, taskKnown := config.TaskType.Known()
	supported := taskKnown && slices.Contains(c.TaskTypes, task)
	if taskKnown && !supported {
		found = append(found, validation.Errorf("task_type", "Unsupported task type",
			"%s does not have %s. It has %s.", c.Name, task, list(c.TaskTypes)))
	}
	if _, ok := config.TaskSettings.Truncate.Known(); ok && !c.Truncate {
		found = append(found, validation.Errorf("task_settings.truncate", "Unsupported setting",
			"%s does not have truncate: Elasticsearch 8.19 and 9.1 added it. Remove truncate.", c.Name))
	}
	if inputType, ok := config.InputType.Known(); ok && c.NoInputType {
		found = append(found, validation.Errorf("input_type", "Unsupported setting",
			"input_type is %q. %s does not accept input_type in a run: Elasticsearch 8.19 and 9.1 added it. Remove input_type.", inputType, c.Name))
	}
	if model, ok := config.ServiceSettings.Model.Known(); ok && taskKnown && c.OwnRequests {
		found = append(found, inference.RequestRule(task, model)...)
	}
	found = append(found, c.checkTopK(config)...)
	if c.ChatSettingsIgnored && supported && task == inference.ChatCompletion && hasTaskSettings(config) {
		found = append(found, validation.Warningf("task_settings", "task_settings have no effect",
			"%s stores the task settings of chat_completion but does not send them to the model. Upgrade to Elasticsearch 9.4.2 or newer.", c.Name))
	}
	if chunking, ok := config.Chunking.Known(); ok {
		found = append(found, c.checkChunking(chunking)...)
	}
	return found
}

// CheckKeys checks the keys of an endpoint that is going to be created.
func (c Capabilities) CheckKeys(config inference.Config) validation.Violations {
	if !c.KeysRequired {
		return nil
	}
	var found validation.Violations
	require := func(path validation.Path, key validation.Setting[redact.Secret]) {
		if key.Absent() {
			found = append(found, validation.Errorf(path, "Key is missing",
				"%s requires the AWS keys of the endpoint. Write access_key and secret_key; both are write-only, so that Terraform does not store them.", c.Name))
		}
	}
	require(inference.PathAccessKey, config.ServiceSettings.AccessKey)
	require(inference.PathSecretKey, config.ServiceSettings.SecretKey)
	return found
}

func (c Capabilities) checkTopK(config inference.Config) validation.Violations {
	topK, ok := config.TaskSettings.TopK.Known()
	if !ok || topK < 0 {
		return nil
	}
	if provider, known := inference.ParseProvider(config.ServiceSettings.Provider.Or("")); known && provider.MaxTopK() > 0 && topK > float64(provider.MaxTopK()) {
		return nil // the universal rule has reported it
	}
	const path = "task_settings.top_k"
	value, most := strconv.FormatFloat(topK, 'g', -1, 64), strconv.FormatFloat(c.MaxTopK, 'g', -1, 64)
	switch {
	case topK > c.MaxTopK:
		return validation.Violations{validation.Errorf(path, "Out of range",
			"top_k is %s. %s accepts numbers from 0 to %s.", value, c.Name, most).WithBound(validation.AtMost, c.MaxTopK)}
	case c.WholeTopK && topK != math.Trunc(topK):
		return validation.Violations{validation.Errorf(path, "Not a whole number",
			"top_k is %s, but it is a number of tokens. Write a whole number from 0 to %s.", value, most)}
	case c.TopKIgnored:
		return validation.Violations{validation.Warningf(path, "top_k has no effect",
			"%s stores top_k but does not use it for sampling. Use top_p to limit the choice of tokens.", c.Name)}
	}
	return nil
}

func (c Capabilities) checkChunking(chunking inference.ChunkingConfig) validation.Violations {
	if len(c.Strategies) == 0 {
		return validation.Violations{validation.Errorf("chunking_settings", "Unsupported setting",
			"%s does not have chunking settings: Elasticsearch 8.16 added them. Remove chunking_settings.", c.Name)}
	}
	var found validation.Violations
	if strategy, ok := chunking.Strategy.Known(); ok && !slices.Contains(c.Strategies, strategy) {
		found = append(found, validation.Errorf("chunking_settings.strategy", "Unsupported chunking strategy",
			"%s does not have the strategy %q. It has %s.", c.Name, strategy, list(c.Strategies)))
	}
	if separators, ok := chunking.Separators.Known(); ok && c.MaxSeparators > 0 && len(separators) > c.MaxSeparators {
		found = append(found, validation.Errorf("chunking_settings.separators", "Too many separators",
			"separators has %d items. %s accepts at most %d.", len(separators), c.Name, c.MaxSeparators))
	}
	if size, ok := chunking.MaxChunkSize.Known(); ok && c.MaxChunkSize > 0 && size > c.MaxChunkSize {
		found = append(found, validation.Errorf("chunking_settings.max_chunk_size", "Chunks too large",
			"max_chunk_size is %d words. %s accepts at most %d.", size, c.Name, c.MaxChunkSize).
			WithBound(validation.AtMost, float64(c.MaxChunkSize)))
	}
	if overlap, ok := chunking.Overlap.Known(); ok && overlap >= 0 && overlap < c.MinOverlap {
		found = append(found, validation.Errorf("chunking_settings.overlap", "Overlap too small",
			"%s does not accept an overlap of %d. Write at least %d.", c.Name, overlap, c.MinOverlap))
	}
	return found
}

func hasTaskSettings(config inference.Config) bool {
	settings := config.TaskSettings
	return !settings.Temperature.Absent() || !settings.TopP.Absent() || !settings.TopK.Absent() || !settings.MaxNewTokens.Absent()
}

func list[T ~string](values []T) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = strconv.Quote(string(value))
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " and " + quoted[len(quoted)-1]
}
