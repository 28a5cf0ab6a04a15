// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// Truncations returns the values of task_settings.truncate.
func Truncations() []string { return []string{"NONE", "START", "END"} }

// samplingAdvice is what temperature and top_p may be.
const samplingAdvice = "Write a number from 0.0 to 1.0"

// fitsFloat ends the advice about a number that is too large or too small for a float64.
const fitsFloat = " that fits into 64 bits."

// samplingRangeRule checks the bounds that Bedrock's Converse operation and
// Elasticsearch share.
func samplingRangeRule(c Config) validation.Violations {
	if c.task() == TextEmbedding { // taskSettingsTaskRule reports the settings
		return nil
	}
	var found validation.Violations
	for _, sampling := range c.TaskSettings.sampling() {
		value, ok := sampling.Known()
		if !ok || (value >= 0 && value <= 1) || sampling.path == PathTopK { // topKRule checks top_k
			continue
		}
		outside := validation.Errorf(sampling.path, "Out of range",
			"%s is %s. %s.", sampling.path.Name(), number(value), samplingAdvice).WithBound(validation.AtLeast, 0)
		if value > 1 {
			outside = outside.WithBound(validation.AtMost, 1)
		}
		found = append(found, outside)
	}
	return found
}

// samplingChoiceRule forbids temperature together with top_p or top_k.
// Elasticsearch stores the combination, but newer models refuse every call with
// it ("temperature and top_p cannot both be specified").
func samplingChoiceRule(c Config) validation.Violations {
	if !c.TaskSettings.Temperature.IsGiven() || c.task() == TextEmbedding {
		return nil
	}
	var found validation.Violations
	for _, other := range c.TaskSettings.sampling() {
		if other.IsGiven() && other.path != PathTemperature {
			found = append(found, validation.Errorf(other.path, "Conflicting sampling settings",
				"%s and temperature are both set; models take one or the other. Remove %s, or remove temperature.", other.path.Name(), other.path.Name()))
		}
	}
	return found
}

// topKRule checks the bounds of top_k, which depend on the provider.
func topKRule(c Config) validation.Violations {
	topK, ok := c.TaskSettings.TopK.Known()
	if !ok || c.task() == TextEmbedding {
		return nil
	}
	var found validation.Violations
	if !(topK >= 0) {
		found = append(found, validation.Errorf(PathTopK, "Out of range", "top_k is %s. Write a number that is at least 0.", number(topK)).WithBound(validation.AtLeast, 0))
	}
	provider, known := c.knownProvider()
	if most := provider.MaxTopK(); known && most > 0 && topK > float64(most) {
		found = append(found, validation.Errorf(PathTopK, "Out of range",
			"top_k is %s. Models of %s take at most %d, and refuse every call with more. Write a number up to %d.", number(topK), provider, most, most).WithBound(validation.AtMost, float64(most)))
	}
	if known && provider.TopKName() == "" {
		found = append(found, validation.Errorf(PathTopK, "Provider without top_k",
			"Models of %s have no top_k; those of %s do. Remove top_k.", provider,
			providersThat(func(p Provider) bool { return p.TopKName() != "" })).WithRule(validation.TopKOfProvider))
	}
	return found
}

// topKAdvice is the advice about a top_k that does not fit into 64 bits.
func topKAdvice(c Config) string {
	switch provider, known := c.knownProvider(); {
	case known && provider.TopKName() == "":
		return "Remove top_k."
	case known && provider.MaxTopK() > 0:
		return fmt.Sprintf("Write a number from 0 to %d", provider.MaxTopK()) + fitsFloat
	}
	return "Write a number from 0 up" + fitsFloat
}

func maxNewTokensRule(c Config) validation.Violations {
	tokens, ok := c.TaskSettings.MaxNewTokens.Known()
	if !ok || c.task() == TextEmbedding {
		return nil
	}
	return tokensRule(PathMaxNewTokens, tokens, newTokensAdvice)
}

var newTokensAdvice = fmt.Sprintf("Write a whole number from 1 to %d, or leave it out for the model's own limit.", maxTokens)

func truncateRule(c Config) validation.Violations {
	truncate, ok := c.TaskSettings.Truncate.Known()
	switch {
	case !ok:
		return nil
	case !slices.Contains(Truncations(), truncate):
		return validation.Violations{unknownValue(PathTruncate, "Unknown truncation", "a way to truncate", truncate, Truncations())}
	case c.task().Generates(): // taskSettingsTaskRule reports it
		return nil
	}
	if provider, known := c.knownProvider(); known && provider != Cohere {
		return validation.Violations{validation.Errorf(PathTruncate, "Provider without truncate",
			"Only Cohere's embedding models truncate; provider is %q. Remove truncate.", provider).WithRule(validation.TruncateOfProvider)}
	}
	return nil
}

// taskSettingsTaskRule forbids settings of the other kind of task.
func taskSettingsTaskRule(c Config) validation.Violations {
	task := c.task()
	var found validation.Violations
	switch {
	case task.Generates() && c.TaskSettings.Truncate.IsGiven():
		found = append(found, validation.Errorf(PathTruncate, "Embedding setting on a completion",
			"truncate belongs to text_embedding; task_type is %s. Remove truncate.", task))
	case task == TextEmbedding:
		for _, setting := range c.TaskSettings.completionSettings() {
			found = append(found, validation.Errorf(setting, "Completion setting on an embedding",
				"%s applies only to generated text; task_type is %s. Remove %s.", setting.Name(), task, setting.Name()))
		}
	}
	return found
}

func number(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }

// samplingSetting is a setting of sampling with its path.
type samplingSetting struct {
	path validation.Path
	validation.Setting[float64]
}

func (t TaskConfig) sampling() []samplingSetting {
	return []samplingSetting{{PathTemperature, t.Temperature}, {PathTopP, t.TopP}, {PathTopK, t.TopK}}
}

// samplingSettings returns the paths of the settings of sampling that are given.
func (t TaskConfig) samplingSettings() []validation.Path {
	var given []validation.Path
	for _, setting := range t.sampling() {
		if setting.IsGiven() {
			given = append(given, setting.path)
		}
	}
	return given
}

// completionSettings returns the paths of the settings of completions that are given.
func (t TaskConfig) completionSettings() []validation.Path {
	given := t.samplingSettings()
	if t.MaxNewTokens.IsGiven() {
		given = append(given, PathMaxNewTokens)
	}
	return given
}
