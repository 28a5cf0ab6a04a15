// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

var chunkTypes = map[string]attr.Type{
	"text":         types.StringType,
	"start_offset": types.Int64Type,
	"end_offset":   types.Int64Type,
}

func newChunkFunction() function.Function {
	return providerFunction{name: "chunk", run: chunk, definition: function.Definition{
		Summary: "Chunks of a text as Elasticsearch makes them",
		MarkdownDescription: "Splits a text exactly as Elasticsearch does before it embeds the text, so that a plan can show the chunks. Returns a list of objects:\n\n" +
			"- `text`: text of the chunk\n" +
			"- `start_offset`: offset of the chunk's first character in the text, in UTF-16 code units as Elasticsearch counts them\n" +
			"- `end_offset`: offset of the first character after the chunk, in UTF-16 code units",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "text", MarkdownDescription: "Text to split."},
			function.DynamicParameter{
				Name: "settings", AllowNullValue: true,
				MarkdownDescription: "`null` for the defaults, or an object with any of the attributes of `chunking_settings`: `strategy`, `max_chunk_size`, `overlap`, `sentence_overlap`, `separators`, `separator_group`. On OpenTofu write `{}` instead of a bare `null`, whose result OpenTofu never computes.",
			},
		},
		Return: function.ListReturn{ElementType: types.ObjectType{AttrTypes: chunkTypes}},
	}}
}

func chunk(ctx context.Context, arguments function.ArgumentsData) (any, *function.FuncError) {
	var (
		text     string
		settings types.Dynamic
	)
	if err := arguments.Get(ctx, &text, &settings); err != nil {
		return nil, err
	}
	chunker, problem := chunkerOfArgument(settings)
	if problem != "" {
		return nil, argumentError(1, problem)
	}
	chunks, err := chunker.Chunks(text)
	if err != nil {
		argument := int64(0)
		if separator := new(chunking.SeparatorError); errors.As(err, &separator) {
			argument = 1 // the separator took too long
		}
		return nil, argumentError(argument, chunkingViolation(err).Detail)
	}
	rows := make([]attr.Value, len(chunks))
	for i, chunk := range chunks {
		rows[i] = types.ObjectValueMust(chunkTypes, map[string]attr.Value{
			"text":         types.StringValue(text[chunk.StartByte:chunk.EndByte]),
			"start_offset": types.Int64Value(int64(chunk.Start)),
			"end_offset":   types.Int64Value(int64(chunk.End)),
		})
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: chunkTypes}, rows), nil
}

// chunkerOfArgument makes the chunker of the settings argument, or says what is
// wrong with it.
func chunkerOfArgument(settings types.Dynamic) (chunker *chunking.Chunker, problem string) {
	config, problem := chunkingConfigOfArgument(settings)
	if problem != "" {
		return nil, problem
	}
	violations := config.Validate()
	if len(violations) == 0 {
		complete, _ := config.Complete()
		chunker, violations = newChunker(complete)
	}
	return chunker, violationText(violations)
}

// chunkingConfigOfArgument reads an object with any of the settings: a parameter
// of an object type would require all of them.
func chunkingConfigOfArgument(argument types.Dynamic) (config inference.ChunkingConfig, problem string) {
	if argument.IsNull() || argument.IsUnderlyingValueNull() {
		return config, ""
	}
	var values map[string]attr.Value
	switch value := argument.UnderlyingValue().(type) {
	case types.Object:
		values = value.Attributes()
	case types.Map:
		values = value.Elements()
	default:
		return config, "settings is not an object. Write an object such as { strategy = \"word\", max_chunk_size = 100 }, or null for the defaults."
	}
	settings := map[string]attr.Value{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := underlying(values[name])
		if value.IsNull() {
			continue
		}
		var ok bool
		instead := "write a whole number"
		switch chunkingSettingsTypes[name] {
		case nil:
			return config, fmt.Sprintf("settings has no attribute %q. It may have %s.", name, strings.Join(slices.Sorted(maps.Keys(chunkingSettingsTypes)), ", "))
		case types.StringType:
			settings[name], ok = value.(types.String)
			instead = "write a string"
		case types.NumberType:
			settings[name], ok = numberArgument(value)
		default:
			settings[name], ok = stringsArgument(value)
			instead = "write a list of strings"
		}
		if !ok {
			return config, fmt.Sprintf("%s is not of the right type: %s.", name, instead)
		}
	}
	return objectReader{values: settings}.chunking(), ""
}

// numberArgument also accepts a number in a string, as Terraform does for
// attributes: a map of strings has no numbers.
func numberArgument(value attr.Value) (types.Number, bool) {
	text, ok := value.(types.String)
	if !ok {
		number, ok := value.(types.Number)
		return number, ok
	}
	const precision = 512 // Terraform's own
	number, _, err := big.ParseFloat(text.ValueString(), 10, precision, big.ToNearestEven)
	if err != nil || number.IsInf() {
		return types.NumberNull(), false
	}
	return types.NumberValue(number), true
}

func stringsArgument(value attr.Value) (types.List, bool) {
	list, ok := value.(interface{ Elements() []attr.Value })
	if !ok {
		return types.List{}, false
	}
	texts := []attr.Value{}
	for _, element := range list.Elements() {
		text, ok := underlying(element).(types.String)
		if !ok || text.IsNull() {
			return types.List{}, false
		}
		texts = append(texts, text)
	}
	return types.ListValueMust(types.StringType, texts), true
}

// underlying unwraps a dynamic value.
func underlying(value attr.Value) attr.Value {
	if dynamic, ok := value.(types.Dynamic); ok && !dynamic.IsNull() && !dynamic.IsUnknown() {
		return dynamic.UnderlyingValue()
	}
	return value
}

// newChunker makes the chunker of valid settings. A violation names a separator
// that is not a Java regular expression or that cannot be executed here.
func newChunker(settings inference.ChunkingSettings) (*chunking.Chunker, validation.Violations) {
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
		at := validation.Path(fmt.Sprintf("chunking_settings.separators.%d", separator.Index))
		return inference.InvalidSeparator(at, separator.Separator, separator.Err)
	}
	return validation.Errorf("chunking_settings", "Text cannot be chunked", "%s.", err)
}
