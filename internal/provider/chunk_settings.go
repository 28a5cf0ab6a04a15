package provider

import (
	"errors"
	"fmt"

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
		return nil, inference.Violations{chunkingFault(err)}
	}
	return chunker, nil
}

func chunkingFault(err error) inference.Violation {
	fault := inference.Violation{
		Path: "chunking_settings", Summary: "Text cannot be chunked", Detail: err.Error() + ".",
	}
	var separator *chunking.SeparatorError
	if errors.As(err, &separator) {
		fault.Path = inference.Path(fmt.Sprintf("chunking_settings.separators.%d", separator.Index))
		fault.Summary = "Separator cannot be used"
		fault.Detail = fmt.Sprintf("%q: %v. Separators are regular expressions in Java's syntax; write another one.", separator.Separator, separator.Err)
	}
	return fault
}

// separatorFaults tries the separators of a configuration, as far as they are
// known. What is wrong with other settings is not told twice.
func separatorFaults(written inference.Setting[inference.ChunkingConfig]) inference.Violations {
	config, ok := written.Known()
	if !ok || len(config.Validate()) > 0 {
		return nil
	}
	settings, known := config.Complete()
	if !known {
		return nil
	}
	var faults inference.Violations
	if _, err := newChunker(settings); errors.As(err, &faults) {
		return faults
	}
	return nil
}
