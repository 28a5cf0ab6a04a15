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
