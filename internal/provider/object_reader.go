// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// objectReader reads the attributes of an object as settings of the domain.
// Every attribute of an unknown object is unknown, every attribute of a null
// object is absent.
type objectReader struct {
	unknown bool
	values  map[string]attr.Value
}

func readObject(object types.Object) objectReader {
	return objectReader{object.IsUnknown(), object.Attributes()}
}

// setting converts a framework value; known returns the value of one that is
// neither null nor unknown.
func setting[V attr.Value, T any](value V, known func(V) T) validation.Setting[T] {
	switch {
	case value.IsUnknown():
		return validation.Unknown[T]()
	case value.IsNull():
		return validation.Setting[T]{}
	}
	return validation.Given(known(value))
}

func readAttribute[V attr.Value, T any](r objectReader, name string, convert func(V) validation.Setting[T]) validation.Setting[T] {
	if r.unknown {
		return validation.Unknown[T]()
	}
	value, ok := r.values[name].(V)
	if !ok {
		return validation.Setting[T]{}
	}
	return convert(value)
}

func stringSetting(value types.String) validation.Setting[string] {
	return setting(value, types.String.ValueString)
}

// numberSetting converts a number; the conversion of one that is not of the
// required kind is a malformed setting.
func numberSetting[T any](value types.Number, convert func(*big.Float) validation.Setting[T]) validation.Setting[T] {
	switch {
	case value.IsUnknown():
		return validation.Unknown[T]()
	case value.IsNull():
		return validation.Setting[T]{}
	}
	return convert(value.ValueBigFloat())
}

func int64Setting(value types.Number) validation.Setting[int64] {
	return numberSetting(value, validation.WholeNumber)
}

func float64Setting(value types.Number) validation.Setting[float64] {
	return numberSetting(value, validation.Float)
}

func secretSetting(value types.String) validation.Setting[redact.Secret] {
	return setting(value, func(s types.String) redact.Secret { return redact.Secret(s.ValueString()) })
}

func stringsSetting(value types.List) validation.Setting[[]validation.Setting[string]] {
	return setting(value, func(list types.List) []validation.Setting[string] {
		items := make([]validation.Setting[string], 0, len(list.Elements()))
		for _, element := range list.Elements() {
			if text, ok := element.(types.String); ok {
				items = append(items, stringSetting(text))
			}
		}
		return items
	})
}

func (r objectReader) string(name string) validation.Setting[string] {
	return readAttribute(r, name, stringSetting)
}

func (r objectReader) secret(name string) validation.Setting[redact.Secret] {
	return readAttribute(r, name, secretSetting)
}

func (r objectReader) int64(name string) validation.Setting[int64] {
	return readAttribute(r, name, int64Setting)
}

func (r objectReader) float64(name string) validation.Setting[float64] {
	return readAttribute(r, name, float64Setting)
}

func (r objectReader) strings(name string) validation.Setting[[]validation.Setting[string]] {
	return readAttribute(r, name, stringsSetting)
}

// object reads a nested object.
func (r objectReader) object(name string) objectReader {
	if r.unknown {
		return r
	}
	inner, ok := r.values[name].(types.Object)
	if !ok {
		return objectReader{}
	}
	return readObject(inner)
}

// value returns an attribute unconverted: unknown if the object is unknown, null
// if the object is null.
func (r objectReader) value(name string) attr.Value {
	if r.unknown {
		return types.StringUnknown()
	}
	if value := r.values[name]; value != nil {
		return value
	}
	return types.StringNull()
}

func serviceConfig(object types.Object) inference.ServiceConfig {
	r := readObject(object)
	return inference.ServiceConfig{
		AccessKey:         r.secret("access_key"),
		SecretKey:         r.secret("secret_key"),
		Region:            r.string("region"),
		Provider:          r.string("provider"),
		Model:             r.string("model"),
		RequestsPerMinute: r.object("rate_limit").int64("requests_per_minute"),
		Similarity:        r.string("similarity"),
		MaxInputTokens:    r.int64("max_input_tokens"),
	}
}

func taskConfig(object types.Object) inference.TaskConfig {
	r := readObject(object)
	return inference.TaskConfig{
		Temperature:  r.float64("temperature"),
		TopP:         r.float64("top_p"),
		TopK:         r.float64("top_k"),
		MaxNewTokens: r.int64("max_new_tokens"),
		Truncate:     r.string("truncate"),
	}
}

func chunkingConfig(object types.Object) validation.Setting[inference.ChunkingConfig] {
	return setting(object, func(object types.Object) inference.ChunkingConfig { return readObject(object).chunking() })
}

func (r objectReader) chunking() inference.ChunkingConfig {
	return inference.ChunkingConfig{
		Strategy:        r.string("strategy"),
		MaxChunkSize:    r.int64("max_chunk_size"),
		Overlap:         r.int64("overlap"),
		SentenceOverlap: r.int64("sentence_overlap"),
		Separators:      r.strings("separators"),
		SeparatorGroup:  r.string("separator_group"),
	}
}

func taskTypeSetting(task types.String) validation.Setting[inference.TaskType] {
	return setting(task, func(s types.String) inference.TaskType { return inference.TaskType(s.ValueString()) })
}

// isSet reports whether a value is neither null nor unknown.
func isSet(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }

// anyUnknown reports whether a value, or any value inside it, is unknown.
func anyUnknown(value attr.Value) bool {
	if value.IsUnknown() {
		return true
	}
	switch value := value.(type) {
	case types.List:
		return slices.ContainsFunc(value.Elements(), anyUnknown)
	case types.Object:
		return slices.ContainsFunc(slices.Collect(maps.Values(value.Attributes())), anyUnknown)
	case types.Map:
		return slices.ContainsFunc(slices.Collect(maps.Values(value.Elements())), anyUnknown)
	}
	return false
}

func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

func stringList(texts []string) types.List {
	elements := make([]attr.Value, len(texts))
	for i, text := range texts {
		elements[i] = types.StringValue(text)
	}
	return types.ListValueMust(types.StringType, elements)
}

// wholeNumber returns a number attribute of an integer. Attributes that can be
// configured are numbers of any size, because the framework's Int64 and Float64
// refuse others with a text that blames the provider.
func wholeNumber(n int64) types.Number { return types.NumberValue(new(big.Float).SetInt64(n)) }

func wholeNumberOrNull(n *int64) types.Number {
	if n == nil {
		return types.NumberNull()
	}
	return wholeNumber(*n)
}

// positiveOrNull returns a number above 0, or null for 0.
func positiveOrNull(n int64) types.Number {
	if n == 0 {
		return types.NumberNull()
	}
	return wholeNumber(n)
}
