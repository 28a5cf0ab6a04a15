package provider

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// looseChunking reads chunking settings from an object with any of their
// attributes: a function's parameter of an object type would demand all of them.
// The text says what is wrong; it is empty where nothing is.
func looseChunking(argument types.Dynamic) (config inference.ChunkingConfig, fault string) {
	if argument.IsNull() || argument.IsUnderlyingValueNull() {
		return config, ""
	}
	values, ok := members(argument.UnderlyingValue())
	if !ok {
		return config, "settings is not an object. Write an object such as { strategy = \"word\", max_chunk_size = 100 }, or null for the defaults."
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := plain(values[name])
		if value.IsNull() {
			continue
		}
		if ok, known := readLoose(&config, name, value); !known {
			return config, fmt.Sprintf("settings has no attribute %q. It may have %s.", name, strings.Join(slices.Sorted(maps.Keys(chunkingSettingsTypes)), ", "))
		} else if !ok {
			return config, fmt.Sprintf("%s is not of the right type: %s.", name, wanted(name))
		}
	}
	return config, ""
}

// members are what an object has, or a map, as variables of type map(string) are.
func members(value attr.Value) (map[string]attr.Value, bool) {
	switch value := value.(type) {
	case types.Object:
		return value.Attributes(), true
	case types.Map:
		return value.Elements(), true
	}
	return nil, false
}

// readLoose reads one attribute; known is false where there is none of the name.
func readLoose(config *inference.ChunkingConfig, name string, value attr.Value) (ok, known bool) {
	switch name {
	case "strategy":
		return readText(&config.Strategy, value), true
	case "separator_group":
		return readText(&config.SeparatorGroup, value), true
	case "max_chunk_size":
		return readWhole(&config.MaxChunkSize, value), true
	case "overlap":
		return readWhole(&config.Overlap, value), true
	case "sentence_overlap":
		return readWhole(&config.SentenceOverlap, value), true
	case "separators":
		return readTexts(&config.Separators, value), true
	}
	return false, false
}

func wanted(name string) string {
	switch name {
	case "strategy", "separator_group":
		return "write a string"
	case "separators":
		return "write a list of strings"
	}
	return "write a whole number"
}

func readText(into *validation.Setting[string], value attr.Value) bool {
	text, ok := value.(types.String)
	*into = validation.Given(text.ValueString())
	return ok
}

func readWhole(into *validation.Setting[int64], value attr.Value) bool {
	number, ok := numberIn(value)
	if !ok {
		return false
	}
	whole, accuracy := number.Int64()
	*into = validation.Given(whole)
	return accuracy == big.Exact
}

// numberIn reads a number also from a text, as Terraform does for attributes: a
// map of strings has no other.
func numberIn(value attr.Value) (*big.Float, bool) {
	switch value := value.(type) {
	case types.Number:
		return value.ValueBigFloat(), true
	case types.String:
		const precision = 512 // Terraform's own
		number, _, err := big.ParseFloat(value.ValueString(), 10, precision, big.ToNearestEven)
		return number, err == nil
	}
	return nil, false
}

func readTexts(into *validation.Setting[[]validation.Setting[string]], value attr.Value) bool {
	list, ok := value.(interface{ Elements() []attr.Value })
	if !ok {
		return false
	}
	texts := []validation.Setting[string]{}
	for _, element := range list.Elements() {
		text, ok := plain(element).(types.String)
		if !ok || text.IsNull() {
			return false
		}
		texts = append(texts, validation.Given(text.ValueString()))
	}
	*into = validation.Given(texts)
	return true
}

// plain takes a value out of the wrapping that a dynamic one has.
func plain(value attr.Value) attr.Value {
	if dynamic, ok := value.(types.Dynamic); ok && !dynamic.IsNull() && !dynamic.IsUnknown() {
		return dynamic.UnderlyingValue()
	}
	return value
}
