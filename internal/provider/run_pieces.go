package provider

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking"
)

// piece is one text as it is sent: an input, or a chunk of one.
type piece struct {
	input int // index of the input
	text  string
	chunking.Chunk
}

// harmless stands for a text that is not known yet: no rule refuses it.
const harmless = "x"

// pieces are the texts to send, in the order of the inputs.
func (c runConfig) pieces() ([]piece, error) {
	chunker, err := c.chunker()
	if err != nil {
		return nil, err
	}
	var pieces []piece
	for i, element := range c.Input.Elements() {
		text, ok := element.(types.String)
		switch {
		case !ok:
		case text.IsUnknown():
			pieces = append(pieces, piece{input: i, text: harmless})
		case chunker == nil:
			pieces = append(pieces, piece{input: i, text: text.ValueString()})
		default:
			chunks, err := chunker.Chunks(text.ValueString())
			if err != nil {
				return nil, notChunked(i, err)
			}
			for _, chunk := range chunks {
				pieces = append(pieces, piece{i, text.ValueString()[chunk.StartByte:chunk.EndByte], chunk})
			}
		}
	}
	return pieces, nil
}

// chunker is nil where inputs are sent whole, and where that is not known yet.
func (c runConfig) chunker() (*chunking.Chunker, error) {
	config, ok := chunkingConfig(c.chunking).Known()
	if !ok || len(config.Validate()) > 0 {
		return nil, nil
	}
	settings, known := config.Complete()
	if !known {
		return nil, nil
	}
	return newChunker(settings)
}

func notChunked(input int, err error) error {
	fault := chunkingFault(err)
	var separator *chunking.SeparatorError
	if !errors.As(err, &separator) {
		fault.Path = validation.Path(fmt.Sprintf("input.%d", input))
	}
	return validation.Violations{fault}
}

func texts(pieces []piece) []string {
	all := make([]string, len(pieces))
	for i, piece := range pieces {
		all[i] = piece.text
	}
	return all
}

// atInputs shows what is wrong with a piece at the input that it is of, once.
func atInputs(faults validation.Violations, pieces []piece) validation.Violations {
	seen := map[validation.Path]bool{}
	var placed validation.Violations
	for _, fault := range faults {
		if index, ok := strings.CutPrefix(string(fault.Path), "input."); ok {
			if i, err := strconv.Atoi(index); err == nil && i < len(pieces) {
				fault.Path = validation.Path(fmt.Sprintf("input.%d", pieces[i].input))
				if seen[fault.Path] {
					continue
				}
				seen[fault.Path] = true
			}
		}
		placed = append(placed, fault)
	}
	return placed
}

var embeddedChunkTypes = map[string]attr.Type{
	"input_index":  types.Int64Type,
	"start_offset": types.Int64Type,
	"end_offset":   types.Int64Type,
	"text":         types.StringType,
	"embedding":    vectorType,
}

// chunksValue puts each chunk beside its vector.
func chunksValue(pieces []piece, vectors types.List) types.List {
	rows := make([]attr.Value, len(pieces))
	embeddings := vectors.Elements() // which copies them
	for i, piece := range pieces {
		rows[i] = types.ObjectValueMust(embeddedChunkTypes, map[string]attr.Value{
			"input_index":  types.Int64Value(int64(piece.input)),
			"start_offset": types.Int64Value(int64(piece.Start)),
			"end_offset":   types.Int64Value(int64(piece.End)),
			"text":         types.StringValue(piece.text),
			"embedding":    embeddings[i],
		})
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: embeddedChunkTypes}, rows)
}
