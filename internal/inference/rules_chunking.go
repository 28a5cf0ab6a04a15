// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"fmt"
	"math"
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

func chunkingTaskRule(c Config) validation.Violations {
	task := c.task()
	if !task.Generates() || !c.Chunking.IsGiven() {
		return nil
	}
	return validation.Violations{validation.Errorf(PathChunking, "Chunking on a completion",
		"Only text_embedding splits its input into chunks; task_type is %s. Remove chunking_settings.", task)}
}

// InvalidSeparator returns the violation of a separator that is not a regular expression.
func InvalidSeparator(at validation.Path, separator string, err error) validation.Violation {
	return validation.Errorf(at, "Separator cannot be used",
		"%s: %v. Separators are regular expressions in Java's syntax. Write a valid one; to match a character such as ( itself, write \\\\( in its place.",
		validation.Quote(separator), err)
}

// Validate applies the rules of chunking settings, for callers without an endpoint.
func (c ChunkingConfig) Validate() validation.Violations {
	found := slices.Concat(
		validation.Malformed(PathMaxChunkSize, c.MaxChunkSize, c.maxChunkSizeAdvice()),
		validation.Malformed(PathOverlap, c.Overlap, c.overlapAdvice()),
		validation.Malformed(PathSentenceOverlap, c.SentenceOverlap, sentenceOverlapAdvice),
		c.choiceRules(),
	)
	if !slices.Contains(Strategies(), c.Strategy.Or(defaultStrategy)) {
		return append(found, unknownValue(PathStrategy, "Unknown chunking strategy", "a chunking strategy", c.Strategy.Or(""), Strategies()))
	}
	// The allowed settings and their bounds depend on the strategy.
	if c.Strategy.IsUnknown() {
		return found
	}
	return slices.Concat(found, c.foreignRule(), c.sizeRule(), c.overlapRule())
}

// maxChunkSizeAdvice is what max_chunk_size may be. The bounds are those of the
// strategy, so they are omitted if it is unknown or has no max_chunk_size.
func (c ChunkingConfig) maxChunkSizeAdvice() string {
	least := minChunkSize[c.Strategy.Or(defaultStrategy)]
	if c.Strategy.IsUnknown() || least == 0 {
		return "Write a whole number."
	}
	return fmt.Sprintf("Write a whole number from %d to %d; the default is %d.", least, maxChunkSize, defaultMaxChunkSize)
}

// sentenceOverlapAdvice is what sentence_overlap may be.
const sentenceOverlapAdvice = "Write 0 or 1."

// choiceRules apply to every strategy.
func (c ChunkingConfig) choiceRules() validation.Violations {
	var found validation.Violations
	if group, ok := c.SeparatorGroup.Known(); ok && !slices.Contains(SeparatorGroups(), group) {
		found = append(found, unknownValue(PathSeparatorGroup, "Unknown separator group", "a separator group", group, SeparatorGroups()))
	}
	if c.SeparatorGroup.IsGiven() && c.Separators.IsGiven() {
		found = append(found, validation.Errorf(PathSeparatorGroup, "Two sets of separators",
			"separators and separator_group are both set. Keep one: a group is a predefined list of separators.").WithRule(validation.OneSeparatorSet))
	}
	separators, ok := c.Separators.Known()
	if ok && len(separators) == 0 {
		found = append(found, validation.Errorf(PathSeparators, "No separators",
			"separators is an empty list. List at least one regular expression, or leave it out for the separators of separator_group = %q.", GroupPlaintext).WithRule(validation.SomeSeparators))
	}
	for i, separator := range separators {
		at := validation.Path(fmt.Sprintf("%s.%d", PathSeparators, i))
		switch text, known := separator.Known(); {
		case separator.Absent():
			found = append(found, validation.Errorf(at, "Empty separator", "The separator is null. Write a regular expression, or remove it."))
		case known && text == "":
			found = append(found, validation.Errorf(at, "Empty separator",
				"The separator is an empty string, which would cut between any two characters. Write a regular expression, or remove it."))
		case known && c.Strategy.Or("") == StrategyRecursive:
			if err := chunking.ValidateSeparator(text); err != nil {
				found = append(found, InvalidSeparator(at, text, err))
			}
		}
	}
	if overlap, known := c.SentenceOverlap.Known(); known && overlap != 0 && overlap != 1 {
		found = append(found, validation.Errorf(PathSentenceOverlap, "Out of range",
			"sentence_overlap is %d. %s", overlap, sentenceOverlapAdvice).WithRule(validation.ZeroOrOne))
	}
	return found
}

// strategySettings are the settings of each strategy.
var strategySettings = map[string][]validation.Path{
	StrategyWord:      {PathMaxChunkSize, PathOverlap},
	StrategySentence:  {PathMaxChunkSize, PathSentenceOverlap},
	StrategyRecursive: {PathMaxChunkSize, PathSeparators, PathSeparatorGroup},
	StrategyNone:      {},
}

func (c ChunkingConfig) foreignRule() validation.Violations {
	strategy := c.Strategy.Or(defaultStrategy)
	var found validation.Violations
	for _, setting := range []struct {
		path  validation.Path
		given bool
	}{
		{PathMaxChunkSize, c.MaxChunkSize.IsGiven()},
		{PathOverlap, c.Overlap.IsGiven()},
		{PathSentenceOverlap, c.SentenceOverlap.IsGiven()},
		{PathSeparators, c.Separators.IsGiven()},
		{PathSeparatorGroup, c.SeparatorGroup.IsGiven()},
	} {
		hasSetting := func(strategy string) bool { return slices.Contains(strategySettings[strategy], setting.path) }
		if setting.given && !hasSetting(strategy) {
			others := filter(Strategies(), hasSetting)
			found = append(found, validation.Errorf(setting.path, "Setting of another strategy",
				"Strategy %q has no %s; %s has. Remove %s, or change the strategy.",
				strategy, setting.path.Name(), oneOf(others), setting.path.Name()).WithRule(validation.SettingOfStrategy))
		}
	}
	return found
}

func (c ChunkingConfig) sizeRule() validation.Violations {
	strategy := c.Strategy.Or(defaultStrategy)
	size, ok := c.MaxChunkSize.Known()
	least := minChunkSize[strategy]
	switch {
	case !ok:
		return nil
	case size > maxChunkSize:
		return validation.Violations{validation.Errorf(PathMaxChunkSize, "Chunks too large",
			"max_chunk_size is %d words. Elasticsearch and this provider take at most %d.", size, int64(maxChunkSize)).WithBound(validation.AtMost, maxChunkSize)}
	case size >= least:
		return nil
	}
	return validation.Violations{validation.Errorf(PathMaxChunkSize, "Chunks too small",
		"max_chunk_size is %d words. Strategy %q needs at least %d; the default is %d.", size, strategy, least, defaultMaxChunkSize).WithBound(validation.AtLeast, float64(least))}
}

// maxChunkSize is the largest int of Java, which holds the setting in
// Elasticsearch. It keeps sizes within an int of Go on 32-bit platforms too.
const maxChunkSize = math.MaxInt32

// minChunkSize is the smallest max_chunk_size of each strategy, in words
// (Elasticsearch: the ChunkingSettings of each strategy).
var minChunkSize = map[string]int64{StrategyWord: 10, StrategySentence: 20, StrategyRecursive: 10}

func (c ChunkingConfig) overlapRule() validation.Violations {
	overlap, given := c.Overlap.Known()
	if !given || c.MaxChunkSize.IsUnknown() || c.Strategy.Or(defaultStrategy) != StrategyWord {
		return nil
	}
	size := c.MaxChunkSize.Or(defaultMaxChunkSize)
	tooSmall := size < minChunkSize[StrategyWord] // sizeRule reports it
	if overlap >= 0 && (overlap <= size/2 || tooSmall) {
		return nil
	}
	most := mostOverlap(size)
	outside := validation.Errorf(PathOverlap, "Out of range",
		"overlap is %d words, max_chunk_size %d. %s", overlap, size, c.overlapAdvice()).WithBound(validation.AtMost, float64(most))
	if overlap < 0 {
		outside = outside.WithRule(validation.NotNegative)
	}
	return validation.Violations{outside}
}

// mostOverlap returns the largest overlap, in words.
func mostOverlap(size int64) int64 { return max(size, minChunkSize[StrategyWord]) / 2 }

func (c ChunkingConfig) overlapAdvice() string {
	advice := "The overlap must be between 0 and half of max_chunk_size"
	if c.MaxChunkSize.IsUnknown() {
		return advice + "."
	}
	return fmt.Sprintf("%s: write at most %d.", advice, mostOverlap(min(c.MaxChunkSize.Or(defaultMaxChunkSize), maxChunkSize)))
}
