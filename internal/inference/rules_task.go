package inference

import (
	"slices"
	"strconv"
)

// Truncations are the values of task_settings.truncate.
func Truncations() []string { return []string{"NONE", "START", "END"} }

// samplingRangeRule: the bounds are those of Bedrock's Converse operation and of
// Elasticsearch alike.
func samplingRangeRule(c Config) Violations {
	var found Violations
	for _, sampling := range []struct {
		path  Path
		value Setting[float64]
	}{
		{pathTemperature, c.TaskSettings.Temperature},
		{pathTopP, c.TaskSettings.TopP},
	} {
		value, ok := sampling.value.Known()
		if !ok || (value >= 0 && value <= 1) {
			continue
		}
		outside := Errorf(sampling.path, "Out of range",
			"%s is %s. Write a number from 0.0 to 1.0.", sampling.path.Name(), number(value)).WithBound(AtLeast, 0)
		if value > 1 {
			outside = outside.WithBound(AtMost, 1)
		}
		found = append(found, outside)
	}
	return found
}

// samplingChoiceRule: Elasticsearch stores the combination, newer models refuse
// it at every call ("temperature and top_p cannot both be specified").
func samplingChoiceRule(c Config) Violations {
	if !isGiven(c.TaskSettings.Temperature) {
		return nil
	}
	var found Violations
	for _, other := range []struct {
		path  Path
		value Setting[float64]
	}{
		{pathTopP, c.TaskSettings.TopP},
		{pathTopK, c.TaskSettings.TopK},
	} {
		if isGiven(other.value) {
			found = append(found, Errorf(other.path, "Two ways of sampling",
				"%s and temperature are both set; models take one or the other. Remove %s, or remove temperature.", other.path.Name(), other.path.Name()))
		}
	}
	return found
}

func topKRule(c Config) Violations {
	topK, ok := c.TaskSettings.TopK.Known()
	if !ok {
		return nil
	}
	var found Violations
	if !(topK >= 0) {
		found = append(found, Errorf(pathTopK, "Out of range", "top_k is %s. Write a number that is at least 0.", number(topK)).WithBound(AtLeast, 0))
	}
	if provider, known := c.knownProvider(); known && provider.TopKName() == "" {
		found = append(found, Errorf(pathTopK, "Provider without top_k",
			"Models of %s have no top_k; those of %s do. Remove top_k.", provider,
			providersThat(func(p Provider) bool { return p.TopKName() != "" })).WithRule(TopKOfProvider))
	}
	return found
}

func maxNewTokensRule(c Config) Violations {
	tokens, ok := c.TaskSettings.MaxNewTokens.Known()
	if !ok || (tokens > 0 && tokens <= maxTokens) {
		return nil
	}
	return Violations{Errorf(pathMaxNewTokens, "Out of range",
		"max_new_tokens is %d. Write a whole number from 1 to %d, or leave it out for the model's own limit.", tokens, maxTokens).tokens(tokens)}
}

func truncateRule(c Config) Violations {
	truncate, ok := c.TaskSettings.Truncate.Known()
	if !ok {
		return nil
	}
	if !slices.Contains(Truncations(), truncate) {
		return Violations{Errorf(pathTruncate, "Unknown truncation",
			"%q is not a way to truncate. Write %s.", truncate, oneOf(Truncations())).WithRule(OneOf)}
	}
	if provider, known := c.knownProvider(); known && provider != Cohere {
		return Violations{Errorf(pathTruncate, "Provider without truncate",
			"Only Cohere's embedding models truncate; provider is %q. Remove truncate.", provider).WithRule(TruncateOfProvider)}
	}
	return nil
}

// taskSettingsTaskRule: settings of the other kind of task are faults.
func taskSettingsTaskRule(c Config) Violations {
	task, ok := c.knownTask()
	if !ok {
		return nil
	}
	var found Violations
	t := c.TaskSettings
	if task.Generates() {
		if isGiven(t.Truncate) {
			found = append(found, Errorf(pathTruncate, "Embedding setting on a completion",
				"truncate belongs to text_embedding; task_type is %s. Remove truncate.", task))
		}
		return found
	}
	for _, setting := range []struct {
		path  Path
		given bool
	}{
		{pathTemperature, isGiven(t.Temperature)},
		{pathTopP, isGiven(t.TopP)},
		{pathTopK, isGiven(t.TopK)},
		{pathMaxNewTokens, isGiven(t.MaxNewTokens)},
	} {
		if setting.given {
			found = append(found, Errorf(setting.path, "Completion setting on an embedding",
				"%s shapes generated text; task_type is %s. Remove %s.", setting.path.Name(), task, setting.path.Name()))
		}
	}
	return found
}

func number(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }
