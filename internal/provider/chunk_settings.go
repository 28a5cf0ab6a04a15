package provider

import (
	"errors"
	"fmt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// newChunker makes the chunker of settings that have passed their rules. The
// error names the separator that is no regular expression of Java's, or one that
// cannot be run here.
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
		return nil, validation.Violations{chunkingFault(err)}
	}
	return chunker, nil
}

func chunkingFault(err error) validation.Violation {
	fault := validation.Violation{
		Path: "chunking_settings", Summary: "Text cannot be chunked", Detail: err.Error() + ".",
	}
	var separator *chunking.SeparatorError
	if errors.As(err, &separator) {
		fault.Path = separatorPath(separator.Index)
		fault.Summary = "Separator cannot be used"
		fault.Detail = fmt.Sprintf("%q: %v. Separators are regular expressions in Java's syntax; write another one.", separator.Separator, separator.Err)
	}
	return fault
}

func separatorPath(index int) validation.Path {
	return validation.Path(fmt.Sprintf("chunking_settings.separators.%d", index))
}

// separatorFaults tries each separator of a configuration that is known and that
// its strategy has.
func separatorFaults(written validation.Setting[inference.ChunkingConfig]) validation.Violations {
	config, _ := written.Known()
	if config.Strategy.Or("") != inference.StrategyRecursive {
		return nil
	}
	var found validation.Violations
	for i, separator := range config.Separators.Or(nil) {
		text := separator.Or("")
		if text == "" {
			continue
		}
		trial := inference.DefaultChunking()
		trial.Strategy, trial.Separators = inference.StrategyRecursive, []string{text}
		var faults validation.Violations
		if _, err := newChunker(trial); errors.As(err, &faults) {
			faults[0].Path = separatorPath(i)
			found = append(found, faults...)
		}
	}
	return found
}
