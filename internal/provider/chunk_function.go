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
	}
}

func (chunkFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var (
		text     string
		settings types.Dynamic
	)
	if resp.Error = req.Arguments.Get(ctx, &text, &settings); resp.Error != nil {
		return
	}
	chunker, problem := chunkerOfArgument(settings)
	if problem != "" {
		resp.Error = argumentError(1, problem)
		return
	}
	chunks, err := chunker.Chunks(text)
	if err != nil {
		argument := int64(0)
		if separator := new(chunking.SeparatorError); errors.As(err, &separator) {
			argument = 1 // the separator took too long
		}
		resp.Error = argumentError(argument, chunkingViolation(err).Detail)
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

// chunkerOfArgument makes the chunker of the settings argument, or says what is
// wrong with it.
func chunkerOfArgument(settings types.Dynamic) (chunker *chunking.Chunker, problem string) {
	config, problem := chunkingConfigOfArgument(settings)
	if problem != "" {
		return nil, problem
	}
	if violations := config.Validate(); len(violations) > 0 {
		return nil, violationText(violations)
	}
	complete, _ := config.Complete()
	chunker, err := newChunker(complete)
	var violations validation.Violations
	if errors.As(err, &violations) {
		return nil, violationText(violations)
	}
	return chunker, ""
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
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := underlying(values[name])
		if value.IsNull() {
			continue
		}
		var ok bool
		instead := "write a whole number"
		switch name {
		case "strategy":
			config.Strategy, ok = stringArgument(value)
			instead = "write a string"
		case "separator_group":
			config.SeparatorGroup, ok = stringArgument(value)
			instead = "write a string"
		case "max_chunk_size":
			config.MaxChunkSize, ok = int64Argument(value)
		case "overlap":
			config.Overlap, ok = int64Argument(value)
		case "sentence_overlap":
			config.SentenceOverlap, ok = int64Argument(value)
		case "separators":
			config.Separators, ok = stringsArgument(value)
			instead = "write a list of strings"
		default:
			return config, fmt.Sprintf("settings has no attribute %q. It may have %s.", name, strings.Join(slices.Sorted(maps.Keys(chunkingSettingsTypes)), ", "))
		}
		if !ok {
			return config, fmt.Sprintf("%s is not of the right type: %s.", name, instead)
		}
	}
	return config, ""
}

func stringArgument(value attr.Value) (validation.Setting[string], bool) {
	text, ok := value.(types.String)
	return validation.Given(text.ValueString()), ok
}

// int64Argument also accepts a number in a string, as Terraform does for
// attributes: a map of strings has no numbers.
func int64Argument(value attr.Value) (validation.Setting[int64], bool) {
	var number *big.Float
	switch value := value.(type) {
	case types.Number:
		number = value.ValueBigFloat()
	case types.String:
		const precision = 512 // Terraform's own
		var err error
		if number, _, err = big.ParseFloat(value.ValueString(), 10, precision, big.ToNearestEven); err != nil || number.IsInf() {
			return validation.Setting[int64]{}, false
		}
	default:
		return validation.Setting[int64]{}, false
	}
	return validation.WholeNumber(number), true
}

func stringsArgument(value attr.Value) (validation.Setting[[]validation.Setting[string]], bool) {
	var none validation.Setting[[]validation.Setting[string]]
	list, ok := value.(interface{ Elements() []attr.Value })
	if !ok {
		return none, false
	}
	texts := []validation.Setting[string]{}
	for _, element := range list.Elements() {
		text, ok := underlying(element).(types.String)
		if !ok || text.IsNull() {
			return none, false
		}
		texts = append(texts, validation.Given(text.ValueString()))
	}
	return validation.Given(texts), true
}

// underlying unwraps a dynamic value.
func underlying(value attr.Value) attr.Value {
	if dynamic, ok := value.(types.Dynamic); ok && !dynamic.IsNull() && !dynamic.IsUnknown() {
		return dynamic.UnderlyingValue()
	}
	return value
}

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
