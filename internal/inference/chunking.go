// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"slices"
	"strings"
)

// The chunking strategies of the _inference API.
const (
	StrategyWord      = "word"
	StrategySentence  = "sentence"
	StrategyRecursive = "recursive"
	StrategyNone      = "none"
)

// Strategies returns all chunking strategies.
func Strategies() []string {
	return []string{StrategyWord, StrategySentence, StrategyRecursive, StrategyNone}
}

// The separator groups of the recursive strategy.
const (
	GroupPlaintext = "plaintext"
	GroupMarkdown  = "markdown"
)

// SeparatorGroups returns all separator groups.
func SeparatorGroups() []string { return []string{GroupPlaintext, GroupMarkdown} }

const (
	defaultStrategy        = StrategySentence
	defaultMaxChunkSize    = 250
	defaultWordOverlap     = 100
	defaultSentenceOverlap = 1
)

// DefaultChunking returns the chunking settings of an embedding endpoint that
// configures none (Elasticsearch 8.16 and newer: ChunkingSettingsBuilder).
func DefaultChunking() ChunkingSettings {
	return ChunkingSettings{
		Strategy:        defaultStrategy,
		MaxChunkSize:    defaultMaxChunkSize,
		SentenceOverlap: defaultSentenceOverlap,
	}
}

// LegacyChunking returns what servers show for endpoints created before 8.16.
func LegacyChunking() ChunkingSettings {
	return ChunkingSettings{Strategy: StrategyWord, MaxChunkSize: defaultMaxChunkSize, Overlap: defaultWordOverlap}
}

// FilledByServer reports whether a server sets these chunking settings by itself,
// so that removing them from a configuration changes nothing.
func (c ChunkingSettings) FilledByServer() bool {
	return c.Equal(DefaultChunking()) || c.Equal(LegacyChunking())
}

// Complete returns the settings with defaults for absent values. It returns false
// if a value is unknown that a default depends on.
func (c ChunkingConfig) Complete() (ChunkingSettings, bool) {
	if c.Strategy.IsUnknown() || c.MaxChunkSize.IsUnknown() || c.Overlap.IsUnknown() || c.SentenceOverlap.IsUnknown() ||
		c.Separators.IsUnknown() || c.SeparatorGroup.IsUnknown() {
		return ChunkingSettings{}, false
	}
	complete := ChunkingSettings{Strategy: c.Strategy.Or(defaultStrategy)}
	if complete.Strategy == StrategyNone {
		return complete, true
	}
	complete.MaxChunkSize = c.MaxChunkSize.Or(defaultMaxChunkSize)
	switch complete.Strategy {
	case StrategyWord:
		complete.Overlap = c.Overlap.Or(min(defaultWordOverlap, complete.MaxChunkSize/2))
	case StrategySentence:
		complete.SentenceOverlap = c.SentenceOverlap.Or(defaultSentenceOverlap)
	case StrategyRecursive:
		complete.SeparatorGroup, _ = c.SeparatorGroup.Known()
		for _, separator := range c.Separators.Or(nil) {
			if separator.IsUnknown() {
				return ChunkingSettings{}, false
			}
			complete.Separators = append(complete.Separators, separator.Or(""))
		}
		if complete.SeparatorGroup == "" && complete.Separators == nil {
			complete.SeparatorGroup = GroupPlaintext
		}
	}
	return complete, true
}

// groupSeparators are the regular expressions of each group, in the order in which
// they are tried (Elasticsearch: SeparatorGroup).
var groupSeparators = map[string][]string{
	GroupPlaintext: {`(?<!\n)\n\n(?!\n)`, `(?<!\n)\n(?!\n)`},
	GroupMarkdown: {
		`\n# `, `\n## `, `\n### `, `\n#### `, `\n##### `, `\n###### `,
		`\n^(?!\s*$).*\n-{1,}\n`, `\n^(?!\s*$).*\n={1,}\n`,
	},
}

// GroupOf returns the group with these separators, or "" if there is none.
func GroupOf(separators []string) string {
	for _, group := range SeparatorGroups() {
		if slices.Equal(normalSeparators(separators), groupSeparators[group]) {
			return group
		}
	}
	return ""
}

func (c ChunkingSettings) expandedSeparators() []string {
	switch {
	case c.SeparatorGroup != "":
		return groupSeparators[c.SeparatorGroup]
	case c.Strategy == StrategyRecursive && c.Separators == nil:
		return groupSeparators[GroupPlaintext]
	}
	return normalSeparators(c.Separators)
}

// normalSeparators escapes line feeds, because servers show both forms.
func normalSeparators(separators []string) []string {
	return mapped(separators, func(separator string) string { return strings.ReplaceAll(separator, "\n", `\n`) })
}
