package provider

import (
	"errors"
	"fmt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// newChunker makes the chunker of valid settings. The error names a separator
// that is not a Java regular expression or that cannot be executed here.
func newChunker(settings inference.ChunkingSettings) (*chunking.Chunker, error) {
	chunker, err := chunking.New(chunking.Settings{
		Strategy:        settings.Strategy,
		MaxChunkSize:    int(settings.MaxChunkSize),
		Overlap:         int(settings.Overlap),
		SentenceOverlap: int(settings.SentenceOverlap),
		Separators:      settings.Separators,
		SeparatorGroup:  settings.SeparatorGroup,
	})
	if err != nil {
		return nil, validation.Violations{chunkingViolation(err)}
	}
	return chunker, nil
}

func chunkingViolation(err error) validation.Violation {
	var separator *chunking.SeparatorError
	if errors.As(err, &separator) {
		return validation.Errorf(separatorPath(separator.Index), "Separator cannot be used",
			"%q: %v. Separators are regular expressions in Java's syntax; write another one.", separator.Separator, separator.Err)
	}
	return validation.Errorf("chunking_settings", "Text cannot be chunked", "%s.", err)
}

func separatorPath(index int) validation.Path {
	return validation.Path(fmt.Sprintf("chunking_settings.separators.%d", index))
}

// validateSeparators compiles each known separator of the recursive strategy.
func validateSeparators(chunking validation.Setting[inference.ChunkingConfig]) validation.Violations {
	config, _ := chunking.Known()
	if config.Strategy.Or("") != inference.StrategyRecursive {
		return nil
	}
	var found validation.Violations
	for i, separator := range config.Separators.Or(nil) {
		text := separator.Or("")
		if text == "" {
			continue
		}
		settings := inference.DefaultChunking()
		settings.Strategy, settings.Separators = inference.StrategyRecursive, []string{text}
		var violations validation.Violations
		if _, err := newChunker(settings); errors.As(err, &violations) {
			violations[0].Path = separatorPath(i)
			found = append(found, violations...)
		}
	}
	return found
}
