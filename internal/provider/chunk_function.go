package provider

import (
	"context"
	"errors"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking"
)

var _ function.Function = chunkFunction{}

type chunkFunction struct{}

func newChunkFunction() function.Function { return chunkFunction{} }

var chunkTypes = map[string]attr.Type{
	"text":         types.StringType,
	"start_offset": types.Int64Type,
	"end_offset":   types.Int64Type,
}

func (chunkFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "chunk"
}

func (chunkFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "How Elasticsearch would cut a text",
		MarkdownDescription: "Cuts a text exactly as Elasticsearch does before it embeds it, so that chunking can be seen in a plan. Returns a list of objects:\n\n" +
			"- `text`: the chunk\n" +
			"- `start_offset`, `end_offset`: where it begins, and where the next character after it begins, in UTF-16 code units as Elasticsearch counts them",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "text", MarkdownDescription: "Text to cut."},
			function.DynamicParameter{
				Name: "settings", AllowNullValue: true,
				MarkdownDescription: "`null` for the defaults, or an object with any of the attributes of `chunking_settings`: `strategy`, `max_chunk_size`, `overlap`, `sentence_overlap`, `separators`, `separator_group`. On OpenTofu, which passes no bare `null`, write `{}` for the defaults.",
			},
		},
		Return: function.ListReturn{ElementType: types.ObjectType{AttrTypes: chunkTypes}},
	}
}

func (chunkFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var (
		text    string
		written types.Dynamic
	)
	if resp.Error = req.Arguments.Get(ctx, &text, &written); resp.Error != nil {
		return
	}
	chunker, fault := chunkerOf(written)
	if fault != "" {
		resp.Error = argumentFault(1, fault)
		return
	}
	chunks, err := chunker.Chunks(text)
	if err != nil {
		resp.Error = argumentFault(argumentAtFault(err), chunkingFault(err).Detail)
		return
	}
	rows := make([]attr.Value, len(chunks))
	for i, chunk := range chunks {
		rows[i] = types.ObjectValueMust(chunkTypes, map[string]attr.Value{
			"text":         types.StringValue(text[chunk.StartByte:chunk.EndByte]),
			"start_offset": types.Int64Value(int64(chunk.Start)),
			"end_offset":   types.Int64Value(int64(chunk.End)),
		})
	}
	resp.Error = resp.Result.Set(ctx, types.ListValueMust(types.ObjectType{AttrTypes: chunkTypes}, rows))
}

// argumentAtFault is the settings' place where a separator took too long, else
// the text's.
func argumentAtFault(err error) int64 {
	var separator *chunking.SeparatorError
	if errors.As(err, &separator) {
		return 1
	}
	return 0
}

// chunkerOf makes the chunker that a function's argument asks for, or says what
// is wrong with it.
func chunkerOf(written types.Dynamic) (*chunking.Chunker, string) {
	config, fault := looseChunking(written)
	if fault != "" {
		return nil, fault
	}
	if faults := config.Validate(); len(faults) > 0 {
		return nil, told(faults)
	}
	settings, _ := config.Complete()
	chunker, err := newChunker(settings)
	var faults validation.Violations
	if errors.As(err, &faults) {
		return nil, told(faults)
	}
	return chunker, ""
}

// told joins faults for a function, which has no attributes to show them at.
func told(faults validation.Violations) string {
	var text string
	for i, fault := range faults {
		if i > 0 {
			text += "\n\n"
		}
		text += fault.Summary + ": " + fault.Detail
	}
	return text
}
