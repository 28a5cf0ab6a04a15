// SPDX-License-Identifier: MPL-2.0

package backend

import (
	"fmt"
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
		return validation.Violations{violation("service", "Target without Amazon Bedrock",
			c.Name+" does not have the service "+inference.Service+". "+c.Requirement)}
	}
	var found validation.Violations
	if id, ok := config.InferenceID.Known(); ok && c.MaxIDLength > 0 && len(id) > c.MaxIDLength {
		found = append(found, tooMuch("inference_id", "Id too long",
			fmt.Sprintf("inference_id has %d characters. %s accepts at most %d. Write a shorter one.", len(id), c.Name, c.MaxIDLength), float64(c.MaxIDLength)))
	}
	if task, ok := config.TaskType.Known(); ok && !slices.Contains(c.TaskTypes, task) {
		found = append(found, violation("task_type", "Unsupported task type",
			c.Name+" does not have "+string(task)+". It has "+list(c.TaskTypes)+"."))
	}
	if _, ok := config.TaskSettings.Truncate.Known(); ok && !c.Truncate {
		found = append(found, violation("task_settings.truncate", "Unsupported setting",
			c.Name+" does not have truncate: Elasticsearch 8.19 and 9.1 added it. Remove truncate."))
	}
	if inputType, ok := config.InputType.Known(); ok && c.NoInputType {
		found = append(found, violation("input_type", "Unsupported setting",
			fmt.Sprintf("input_type is %q. %s does not accept input_type in a run: Elasticsearch 8.19 and 9.1 added it. Remove input_type.", inputType, c.Name)))
	}
	found = append(found, c.checkRequests(config)...)
	found = append(found, c.checkTopK(config)...)
	if c.ChatSettingsIgnored {
		if task, ok := config.TaskType.Known(); ok && task == inference.ChatCompletion && slices.Contains(c.TaskTypes, task) && hasTaskSettings(config) {
			warning := violation("task_settings", "task_settings have no effect",
				c.Name+" stores the task settings of chat_completion but does not send them to the model. Upgrade to Elasticsearch 9.4.2 or newer.")
			warning.Warning = true
			found = append(found, warning)
		}
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
	service := config.ServiceSettings
	for _, key := range []struct {
		path validation.Path
		key  validation.Setting[redact.Secret]
	}{
		{"service_settings.access_key", service.AccessKey},
		{"service_settings.secret_key", service.SecretKey},
	} {
		if key.key.Absent() {
			found = append(found, violation(key.path, "Key is missing",
				c.Name+" requires the AWS keys of the endpoint. Write access_key and secret_key; both are write-only and never stored."))
		}
	}
	return found
}

func (c Capabilities) checkRequests(config inference.Config) validation.Violations {
	task, taskKnown := config.TaskType.Known()
	model, modelKnown := config.ServiceSettings.Model.Known()
	if !c.OwnRequests || !taskKnown || !modelKnown {
		return nil
	}
	return inference.RequestRule(task, model)
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
	value := strconv.FormatFloat(topK, 'g', -1, 64)
	switch {
	case topK > c.MaxTopK:
		return validation.Violations{tooMuch(path, "Out of range",
			"top_k is "+value+". "+c.Name+" accepts numbers from 0 to "+strconv.FormatFloat(c.MaxTopK, 'g', -1, 64)+".", c.MaxTopK)}
	case c.WholeTopK && topK != math.Trunc(topK):
		return validation.Violations{violation(path, "Not a whole number",
			"top_k is "+value+", but it is a number of tokens. Write a whole number from 0 to "+strconv.FormatFloat(c.MaxTopK, 'g', -1, 64)+".")}
	case c.TopKIgnored:
		warning := violation(path, "top_k has no effect",
			c.Name+" stores top_k but does not use it for sampling. Use top_p to limit the choice of tokens.")
		warning.Warning = true
		return validation.Violations{warning}
	}
	return nil
}

func (c Capabilities) checkChunking(chunking inference.ChunkingConfig) validation.Violations {
	if len(c.Strategies) == 0 {
		return validation.Violations{violation("chunking_settings", "Unsupported setting",
			c.Name+" does not have chunking settings: Elasticsearch 8.16 added them. Remove chunking_settings.")}
	}
	var found validation.Violations
	if strategy, ok := chunking.Strategy.Known(); ok && !slices.Contains(c.Strategies, strategy) {
		found = append(found, violation("chunking_settings.strategy", "Unsupported chunking strategy",
			c.Name+" does not have the strategy "+strconv.Quote(strategy)+". It has "+list(c.Strategies)+"."))
	}
	if separators, ok := chunking.Separators.Known(); ok && c.MaxSeparators > 0 && len(separators) > c.MaxSeparators {
		found = append(found, violation("chunking_settings.separators", "Too many separators",
			fmt.Sprintf("separators has %d items. %s accepts at most %d.", len(separators), c.Name, c.MaxSeparators)))
	}
	if size, ok := chunking.MaxChunkSize.Known(); ok && c.MaxChunkSize > 0 && size > c.MaxChunkSize {
		found = append(found, tooMuch("chunking_settings.max_chunk_size", "Chunks too large",
			"max_chunk_size is "+strconv.FormatInt(size, 10)+" words. "+c.Name+" accepts at most "+strconv.FormatInt(c.MaxChunkSize, 10)+".", float64(c.MaxChunkSize)))
	}
	if overlap, ok := chunking.Overlap.Known(); ok && overlap >= 0 && overlap < c.MinOverlap {
		found = append(found, violation("chunking_settings.overlap", "Overlap too small",
			c.Name+" does not accept an overlap of "+strconv.FormatInt(overlap, 10)+". Write at least "+strconv.FormatInt(c.MinOverlap, 10)+"."))
	}
	return found
}

func hasTaskSettings(config inference.Config) bool {
	settings := config.TaskSettings
	return !settings.Temperature.Absent() || !settings.TopP.Absent() || !settings.TopK.Absent() || !settings.MaxNewTokens.Absent()
}

func violation(path validation.Path, summary, detail string) validation.Violation {
	return validation.Violation{Path: path, Summary: summary, Detail: detail}
}

func tooMuch(path validation.Path, summary, detail string, most float64) validation.Violation {
	return validation.Violation{Path: path, Summary: summary, Detail: detail, Rule: validation.AtMost, Bound: most}
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
