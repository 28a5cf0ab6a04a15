// SPDX-License-Identifier: MPL-2.0

package chunking

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/javaregexp"
)

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings Settings
		want     string // part of the error
	}{
		{"strategy", Settings{Strategy: "Word", MaxChunkSize: 10}, `unknown strategy "Word"`},
		{"no size", Settings{Strategy: StrategySentence}, "max_chunk_size 0"},
		{"negative size", Settings{Strategy: StrategyWord, MaxChunkSize: -1}, "max_chunk_size -1"},
		{"overlap above half", Settings{Strategy: StrategyWord, MaxChunkSize: 10, Overlap: 6}, "overlap 6"},
		{"negative overlap", Settings{Strategy: StrategyWord, MaxChunkSize: 10, Overlap: -1}, "overlap -1"},
		{"sentence overlap", Settings{Strategy: StrategySentence, MaxChunkSize: 20, SentenceOverlap: 2}, "sentence_overlap 2"},
		{"group", Settings{Strategy: StrategyRecursive, MaxChunkSize: 20, SeparatorGroup: "html"}, `"html"`},
		{
			"separator",
			Settings{Strategy: StrategyRecursive, MaxChunkSize: 20, Separators: []string{"\n", "(a"}},
			`separator 1 "(a": unclosed group`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := New(c.settings); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestSeparatorErrorSaysWhich(t *testing.T) {
	_, err := New(Settings{Strategy: StrategyRecursive, MaxChunkSize: 20, Separators: []string{"\n", " ", "[a"}})
	var wrong *SeparatorError
	if !errors.As(err, &wrong) || wrong.Index != 2 || wrong.Separator != "[a" {
		t.Errorf("got %v, want a SeparatorError about index 2", err)
	}
}

func TestValidateSeparator(t *testing.T) {
	for separator, isValid := range map[string]bool{`\n+`: true, `\p{InThai}`: true, `(unclosed`: false, `[a`: false, `*`: false} {
		if err := ValidateSeparator(separator); (err == nil) != isValid {
			t.Errorf("%q: got error %v, want valid %t", separator, err, isValid)
		}
	}
}

func TestSlowSeparatorIsAnError(t *testing.T) {
	chunker, err := New(Settings{Strategy: StrategyRecursive, MaxChunkSize: 1, Separators: []string{`(?>)(a|aa)+$`}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = chunker.Chunks("one two " + strings.Repeat("a", 200) + "!")
	var slow *SeparatorError
	if !errors.Is(err, javaregexp.ErrTooSlow) || !errors.As(err, &slow) {
		t.Errorf("got error %v, want a SeparatorError that wraps ErrTooSlow", err)
	}
}

func TestInvalidUTF8IsAnError(t *testing.T) {
	for _, s := range allSettings {
		chunker, err := New(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"\xff", "a\xe4\xb8", "\xed\xa0\x80", "one\xc0\x80 two"} {
			if chunks, err := chunker.Chunks(text); !errors.Is(err, ErrInvalidUTF8) || chunks != nil {
				t.Errorf("%s, %q: got %v, %v", s.Strategy, text, chunks, err)
			}
		}
	}
}

func TestGroupsAreTheirSeparators(t *testing.T) {
	const text = "A title\n---\nsome text.\n\nMore of it\nhere.\n\n\n# One\n## Two\ntext\n\nAnother\n===\nend"
	for group, separators := range separatorGroups {
		byGroup := Settings{Strategy: StrategyRecursive, MaxChunkSize: 2, SeparatorGroup: group}
		byList := Settings{Strategy: StrategyRecursive, MaxChunkSize: 2, Separators: separators}
		if got, want := mustChunk(t, byGroup, text), mustChunk(t, byList, text); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", group, got, want)
		}
	}
}

func TestChunkerIsSafeForConcurrentUse(t *testing.T) {
	text := benchmarkText(t, 20_000, "long_mixed", "thai", "chinese", "se_asian")
	settings := append(slices.Clone(allSettings),
		Settings{Strategy: StrategyRecursive, MaxChunkSize: 20, Separators: []string{`(?<=\.)\s`, `\s+`}})
	for _, s := range settings {
		chunker, err := New(s)
		if err != nil {
			t.Fatal(err)
		}
		want, err := chunker.Chunks(text)
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if got, err := chunker.Chunks(text); err != nil || !slices.Equal(got, want) {
					t.Errorf("%s: another result, %v", s.Strategy, err)
				}
			})
		}
		all.Wait()
	}
}
