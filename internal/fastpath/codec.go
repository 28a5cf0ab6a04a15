// SPDX-License-Identifier: MPL-2.0

package fastpath

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Codec encodes and decodes the values of one object type: framework values on
// one side, the MessagePack and JSON of Terraform's plugin protocol on the
// other. It is built once per type, whereas the framework resolves the type of
// every attribute by its path, several times per call.
//
// A Codec rejects everything that it does not know; the caller then leaves the
// call to the framework. It is safe for concurrent use.
type Codec struct {
	fields map[string]field
	names  []string // sorted, so that equal values have equal encodings
	types  map[string]attr.Type
}

// field is one attribute. codec is set for objects only.
type field struct {
	kind          kind
	null, unknown attr.Value
	codec         *Codec
}

type kind int

const (
	kindString kind = iota
	kindBool
	kindNumber
	kindStringList
	kindObject
)

// stringField is also the element of a list of strings.
var stringField = field{kind: kindString, null: types.StringNull(), unknown: types.StringUnknown()}

// plainFields are the supported attributes that are not objects.
var plainFields = []field{
	stringField,
	{kind: kindBool, null: types.BoolNull(), unknown: types.BoolUnknown()},
	{kind: kindNumber, null: types.NumberNull(), unknown: types.NumberUnknown()},
	{kind: kindStringList, null: types.ListNull(types.StringType), unknown: types.ListUnknown(types.StringType)},
}

// NewCodec returns the codec of an object with the given attribute types:
// strings, booleans, numbers, lists of strings, and objects of these.
// Custom object types are treated as plain objects. The error names the first
// attribute whose type is not supported.
func NewCodec(attributes map[string]attr.Type) (*Codec, error) {
	codec := &Codec{fields: map[string]field{}, types: map[string]attr.Type{}}
	for name, typ := range attributes {
		f, err := newField(typ)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		codec.fields[name], codec.types[name] = f, f.null.Type(context.Background())
		codec.names = append(codec.names, name)
	}
	slices.Sort(codec.names)
	return codec, nil
}

func newField(typ attr.Type) (field, error) {
	if object, ok := typ.(attr.TypeWithAttributeTypes); ok {
		codec, err := NewCodec(object.AttributeTypes())
		if err != nil {
			return field{}, err
		}
		return field{kindObject, types.ObjectNull(codec.types), types.ObjectUnknown(codec.types), codec}, nil
	}
	for _, plain := range plainFields {
		if typ.Equal(plain.null.Type(context.Background())) {
			return plain, nil
		}
	}
	return field{}, fmt.Errorf("type %s is not supported", typ)
}

// Object returns an object value. It returns an error if values do not have the
// types of the codec.
func (c *Codec) Object(values map[string]attr.Value) (types.Object, error) {
	object, diags := types.ObjectValue(c.types, values)
	if diags.HasError() {
		return object, errors.New(diags[0].Detail())
	}
	return object, nil
}

// parseNumber parses a number with the precision that Terraform uses.
func parseNumber(digits string) (attr.Value, error) {
	number, _, err := big.ParseFloat(digits, 10, 512, big.ToNearestEven)
	switch {
	case err != nil:
		return nil, err
	case number.IsInf():
		return nil, errors.New("infinite number")
	}
	return types.NumberValue(number), nil
}
