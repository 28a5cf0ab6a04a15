package tfvalue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// DecodeJSON reads an object as a state file holds it. An attribute that is not
// there is null, as one is that came with a later version of the provider. The
// error is for what is not of the form.
func (f *Form) DecodeJSON(ctx context.Context, data []byte) (map[string]attr.Value, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var held map[string]any
	if err := decoder.Decode(&held); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	if held == nil {
		return nil, errors.New("there is no object")
	}
	return f.fromJSON(ctx, held)
}

func (f *Form) fromJSON(ctx context.Context, held map[string]any) (map[string]attr.Value, error) {
	values := make(map[string]attr.Value, len(f.names))
	known := 0
	for _, name := range f.names {
		given, ok := held[name]
		if ok {
			known++
		}
		value, err := f.fields[name].fromJSON(ctx, given)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		values[name] = value
	}
	if known != len(held) {
		return nil, errors.New("there is an attribute of another version")
	}
	return values, nil
}

func (f field) fromJSON(ctx context.Context, held any) (attr.Value, error) {
	switch held := held.(type) {
	case nil:
		return f.null(), nil
	case string:
		if f.kind == text {
			return types.StringValue(held), nil
		}
	case bool:
		if f.kind == boolean {
			return types.BoolValue(held), nil
		}
	case json.Number:
		return f.numberFromJSON(ctx, held)
	case []any:
		if f.kind == texts {
			return textsFromJSON(ctx, held)
		}
	case map[string]any:
		if f.kind == object {
			values, err := f.nested.fromJSON(ctx, held)
			if err != nil {
				return nil, err
			}
			return f.nested.Object(values)
		}
	}
	return nil, fmt.Errorf("%T is not of its form", held)
}

func (f field) numberFromJSON(ctx context.Context, held json.Number) (attr.Value, error) {
	switch f.kind {
	case whole:
		value, err := held.Int64()
		return types.Int64Value(value), err
	case number:
		return parseNumber(ctx, held.String())
	case text, boolean, texts, object:
	}
	return nil, errors.New("it is a number")
}

func textsFromJSON(ctx context.Context, held []any) (attr.Value, error) {
	elements := []attr.Value{}
	for _, one := range held {
		element, err := field{kind: text}.fromJSON(ctx, one)
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	return types.ListValueMust(types.StringType, elements), nil
}
