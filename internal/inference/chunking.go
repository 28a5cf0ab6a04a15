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

// Strategies are all chunking strategies.
func Strategies() []string {
	return []string{StrategyWord, StrategySentence, StrategyRecursive, StrategyNone}
}

// The separator groups of the recursive strategy.
const (
	GroupPlaintext = "plaintext"
	GroupMarkdown  = "markdown"
)

// SeparatorGroups are all separator groups.
func SeparatorGroups() []string { return []string{GroupPlaintext, GroupMarkdown} }

const (
	defaultStrategy        = StrategySentence
	defaultMaxChunkSize    = 250
	defaultWordOverlap     = 100
	defaultSentenceOverlap = 1
)

// DefaultChunking is what an embedding endpoint has when chunking_settings is
// left out (Elasticsearch 8.16 and newer: ChunkingSettingsBuilder).
func DefaultChunking() ChunkingSettings {
	return ChunkingSettings{
		Strategy:        defaultStrategy,
		MaxChunkSize:    defaultMaxChunkSize,
		SentenceOverlap: defaultSentenceOverlap,
	}
}

// LegacyChunking is what servers show for endpoints made before 8.16.
func LegacyChunking() ChunkingSettings {
	return ChunkingSettings{Strategy: StrategyWord, MaxChunkSize: defaultMaxChunkSize, Overlap: defaultWordOverlap}
}

// FilledByServer tells that a server gives these settings to an endpoint that
// asked for none, so that leaving them out is no wish to change them.
func (c ChunkingSettings) FilledByServer() bool {
	return c.Equal(DefaultChunking()) || c.Equal(LegacyChunking())
}

// Complete fills what was left out with its default. It answers false while a
// value that a default depends on is not known yet.
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

// groupSeparators are the expressions that a group stands for, in the order in
// which they are tried (Elasticsearch: SeparatorGroup).
var groupSeparators = map[string][]string{
	GroupPlaintext: {`(?<!\n)\n\n(?!\n)`, `(?<!\n)\n(?!\n)`},
	GroupMarkdown: {
		`\n# `, `\n## `, `\n### `, `\n#### `, `\n##### `, `\n###### `,
		`\n^(?!\s*$).*\n-{1,}\n`, `\n^(?!\s*$).*\n={1,}\n`,
	},
}

// GroupOf is the group whose separators these are, or "".
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

// normalSeparators writes line feeds as \n: servers show either spelling.
func normalSeparators(separators []string) []string {
	normal := make([]string, len(separators))
	for i, separator := range separators {
		normal[i] = strings.ReplaceAll(separator, "\n", `\n`)
	}
	return normal
}

// SeparatorsOf are the expressions that a separator group stands for.
func SeparatorsOf(group string) []string { return slices.Clone(groupSeparators[group]) }
