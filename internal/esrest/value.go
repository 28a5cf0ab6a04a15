// SPDX-License-Identifier: MPL-2.0

package esrest

import (
	"encoding/json"
	"fmt"
)

// Kind is the kind of a value. Its text is the name of the value's first token in
// the messages of Elasticsearch's parser.
type Kind string

// The kinds of values.
const (
	KindString Kind = "VALUE_STRING"
	KindNumber Kind = "VALUE_NUMBER"
	KindBool   Kind = "VALUE_BOOLEAN"
	KindNull   Kind = "VALUE_NULL"
	KindObject Kind = "START_OBJECT"
	KindArray  Kind = "START_ARRAY"
)

// Location is a place in a body. Lines and columns are counted from 1, columns in
// bytes, as Jackson counts them.
type Location struct{ Line, Column int32 }

// String returns the location as it begins the messages of Elasticsearch's parser.
func (l Location) String() string { return fmt.Sprintf("[%d:%d]", l.Line, l.Column) }

// Value is a JSON value with its place in the body.
type Value struct {
	Kind Kind
	// Start is where the first token begins, End where the last token begins: the
	// closing bracket of an object or list, otherwise the same as Start.
	Start, End Location
	// Text is a string, or a number or boolean as it is written.
	Text   string
	Fields []Field
	Items  []Value
}

// Field is a member of an object, in the order of the body.
type Field struct {
	Name  string
	Start Location // of the name
	Value Value
}

// Field returns the member of an object with the given name.
func (v Value) Field(name string) (Value, bool) {
	for _, field := range v.Fields {
		if field.Name == name {
			return field.Value, true
		}
	}
	return Value{}, false
}

// Any returns the value as encoding/json decodes it, with numbers as json.Number,
// because the API distinguishes 1 from 1.0.
func (v Value) Any() any {
	switch v.Kind {
	case KindString:
		return v.Text
	case KindNumber:
		return json.Number(v.Text)
	case KindBool:
		return v.Text == "true"
	case KindObject:
		object := make(map[string]any, len(v.Fields))
		for _, field := range v.Fields {
			object[field.Name] = field.Value.Any()
		}
		return object
	case KindArray:
		items := make([]any, len(v.Items))
		for i, item := range v.Items {
			items[i] = item.Any()
		}
		return items
	default:
		return nil
	}
}

// TokenName returns the name of the first token of a decoded value in the messages
// of Elasticsearch's parser.
func TokenName(value any) string {
	switch value.(type) {
	case string:
		return string(KindString)
	case json.Number, float64:
		return string(KindNumber)
	case bool:
		return string(KindBool)
	case map[string]any:
		return string(KindObject)
	case []any:
		return string(KindArray)
	}
	return string(KindNull)
}
