// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

func TestCompleteChunking(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		written ChunkingConfig
		want    ChunkingSettings
	}{
		"nothing":            {ChunkingConfig{}, ChunkingSettings{Strategy: "sentence", MaxChunkSize: 250, SentenceOverlap: 1}},
		"size alone":         {ChunkingConfig{MaxChunkSize: validation.Given(int64(100))}, ChunkingSettings{Strategy: "sentence", MaxChunkSize: 100, SentenceOverlap: 1}},
		"no overlap":         {ChunkingConfig{SentenceOverlap: validation.Given(int64(0))}, ChunkingSettings{Strategy: "sentence", MaxChunkSize: 250}},
		"word":               {ChunkingConfig{Strategy: validation.Given("word")}, ChunkingSettings{Strategy: "word", MaxChunkSize: 250, Overlap: 100}},
		"word, half":         {ChunkingConfig{Strategy: validation.Given("word"), MaxChunkSize: validation.Given(int64(101))}, ChunkingSettings{Strategy: "word", MaxChunkSize: 101, Overlap: 50}},
		"word without":       {ChunkingConfig{Strategy: validation.Given("word"), Overlap: validation.Given(int64(0))}, ChunkingSettings{Strategy: "word", MaxChunkSize: 250}},
		"recursive":          {ChunkingConfig{Strategy: validation.Given("recursive")}, ChunkingSettings{Strategy: "recursive", MaxChunkSize: 250, SeparatorGroup: "plaintext"}},
		"recursive, markown": {ChunkingConfig{Strategy: validation.Given("recursive"), SeparatorGroup: validation.Given("markdown")}, ChunkingSettings{Strategy: "recursive", MaxChunkSize: 250, SeparatorGroup: "markdown"}},
		"recursive, own":     {ChunkingConfig{Strategy: validation.Given("recursive"), Separators: separators("#")}, ChunkingSettings{Strategy: "recursive", MaxChunkSize: 250, Separators: []string{"#"}}},
		"none":               {ChunkingConfig{Strategy: validation.Given("none")}, ChunkingSettings{Strategy: "none"}},
	}
	for name, test := range tests {
		got, ok := test.written.Complete()
		if !ok || !got.Equal(test.want) || got.SeparatorGroup != test.want.SeparatorGroup {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, ok, test.want)
		}
	}
	for name, unknown := range map[string]ChunkingConfig{
		"strategy":  {Strategy: validation.Unknown[string]()},
		"size":      {Strategy: validation.Given("word"), MaxChunkSize: validation.Unknown[int64]()},
		"separator": {Strategy: validation.Given("recursive"), Separators: validation.Given([]validation.Setting[string]{validation.Unknown[string]()})},
	} {
		if _, ok := unknown.Complete(); ok {
			t.Errorf("%s unknown: complete all the same", name)
		}
	}
}

func TestChunkingSpelledInTwoWays(t *testing.T) {
	t.Parallel()
	for _, group := range SeparatorGroups() {
		short := ChunkingSettings{Strategy: StrategyRecursive, MaxChunkSize: 100, SeparatorGroup: group}
		long := short
		long.SeparatorGroup, long.Separators = "", short.expandedSeparators()
		if !short.Equal(long) || GroupOf(long.Separators) != group {
			t.Errorf("%s differs from its own separators", group)
		}
	}
	// Servers may show a line feed as itself.
	if GroupOf([]string{"(?<!\n)\n\n(?!\n)", "(?<!\n)\n(?!\n)"}) != GroupPlaintext {
		t.Error("plaintext is not known with line feeds written out")
	}
	if GroupOf([]string{"#"}) != "" || GroupOf(nil) != "" {
		t.Error("a group was found where there is none")
	}
	bare := ChunkingSettings{Strategy: StrategyRecursive, MaxChunkSize: 100}
	if !bare.Equal(ChunkingSettings{Strategy: StrategyRecursive, MaxChunkSize: 100, SeparatorGroup: GroupPlaintext}) {
		t.Error("recursive alone is not plaintext")
	}
	one := ChunkingSettings{Strategy: StrategyRecursive, MaxChunkSize: 100, Separators: []string{"a"}}
	other := ChunkingSettings{Strategy: StrategyRecursive, MaxChunkSize: 100, Separators: []string{"b"}}
	if one.Equal(other) {
		t.Error("different separators are equal")
	}
}
