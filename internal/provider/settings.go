package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// written reads the attributes of an object as settings of the domain. What
// stands in an unknown object is unknown, in a null object left out.
type written struct {
	unknown bool
	values  map[string]attr.Value
}

func writtenIn(object types.Object) written {
	return written{object.IsUnknown(), object.Attributes()}
}

// setting turns a framework value into a setting; read gives its known value.
func setting[V attr.Value, T any](w written, name string, read func(V) T) validation.Setting[T] {
	if w.unknown {
		return validation.Unknown[T]()
	}
	value, ok := w.values[name].(V)
	if !ok {
		return validation.Setting[T]{}
	}
	return settingOf(value, read)
}

func settingOf[V attr.Value, T any](value V, read func(V) T) validation.Setting[T] {
	switch {
	case value.IsUnknown():
		return validation.Unknown[T]()
	case value.IsNull():
		return validation.Setting[T]{}
	}
	return validation.Given(read(value))
}

func (w written) text(name string) validation.Setting[string] {
	return setting(w, name, types.String.ValueString)
}

func (w written) secret(name string) validation.Setting[redact.Secret] {
	return setting(w, name, func(s types.String) redact.Secret { return redact.Secret(s.ValueString()) })
}

func (w written) whole(name string) validation.Setting[int64] {
	return setting(w, name, types.Int64.ValueInt64)
}

func (w written) number(name string) validation.Setting[float64] {
	return setting(w, name, types.Float64.ValueFloat64)
}

func (w written) texts(name string) validation.Setting[[]validation.Setting[string]] {
	return setting(w, name, func(list types.List) []validation.Setting[string] {
		items := make([]validation.Setting[string], 0, len(list.Elements()))
		for _, element := range list.Elements() {
			if text, ok := element.(types.String); ok {
				items = append(items, settingOf(text, types.String.ValueString))
			}
		}
		return items
	})
}

func (w written) within(name string) written {
	if w.unknown {
		return w
	}
	inner, ok := w.values[name].(types.Object)
	if !ok {
		return written{}
	}
	return writtenIn(inner)
}

func serviceConfig(object types.Object) inference.ServiceConfig {
	w := writtenIn(object)
	return inference.ServiceConfig{
		AccessKey:         w.secret("access_key"),
		SecretKey:         w.secret("secret_key"),
		Region:            w.text("region"),
		Provider:          w.text("provider"),
		Model:             w.text("model"),
		RequestsPerMinute: w.within("rate_limit").whole("requests_per_minute"),
		Similarity:        w.text("similarity"),
		MaxInputTokens:    w.whole("max_input_tokens"),
	}
}

func taskConfig(object types.Object) inference.TaskConfig {
	w := writtenIn(object)
	return inference.TaskConfig{
		Temperature:  w.number("temperature"),
		TopP:         w.number("top_p"),
		TopK:         w.number("top_k"),
		MaxNewTokens: w.whole("max_new_tokens"),
		Truncate:     w.text("truncate"),
	}
}

func chunkingConfig(object types.Object) validation.Setting[inference.ChunkingConfig] {
	return settingOf(object, func(object types.Object) inference.ChunkingConfig {
		w := writtenIn(object)
		return inference.ChunkingConfig{
			Strategy:        w.text("strategy"),
			MaxChunkSize:    w.whole("max_chunk_size"),
			Overlap:         w.whole("overlap"),
			SentenceOverlap: w.whole("sentence_overlap"),
			Separators:      w.texts("separators"),
			SeparatorGroup:  w.text("separator_group"),
		}
	})
}
