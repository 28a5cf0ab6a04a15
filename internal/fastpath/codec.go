// SPDX-License-Identifier: MPL-2.0

package fastpath

import (
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
	kind  kind
	codec *Codec
}

type kind int

const (
	kindString kind = iota
	kindBool
	kindNumber
	kindStringList
	kindObject
)

// NewCodec returns the codec of an object with the given attribute types:
// strings, booleans, numbers, lists of strings, and objects of these.
// Custom object types are treated as plain objects. The error names the first
// attribute whose type is not supported.
func NewCodec(attributes map[string]attr.Type) (*Codec, error) {
	codec := &Codec{fields: map[string]field{}, types: map[string]attr.Type{}}
	for name, typ := range attributes {
		f, base, err := newField(typ)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		codec.fields[name], codec.types[name] = f, base
		codec.names = append(codec.names, name)
	}
	slices.Sort(codec.names)
	return codec, nil
}

func newField(typ attr.Type) (field, attr.Type, error) {
	if object, ok := typ.(attr.TypeWithAttributeTypes); ok {
		codec, err := NewCodec(object.AttributeTypes())
		if err != nil {
			return field{}, nil, err
		}
		return field{kindObject, codec}, types.ObjectType{AttrTypes: codec.types}, nil
	}
	for kind, known := range map[kind]attr.Type{
		kindString: types.StringType, kindBool: types.BoolType, kindNumber: types.NumberType,
		kindStringList: types.ListType{ElemType: types.StringType},
	} {
		if typ.Equal(known) {
			return field{kind: kind}, known, nil
		}
	}
	return field{}, nil, fmt.Errorf("type %s is not supported", typ)
}

// Null returns the null value of the named attribute.
func (c *Codec) Null(name string) attr.Value { return c.fields[name].null() }

// Unknown returns the unknown value of the named attribute.
func (c *Codec) Unknown(name string) attr.Value { return c.fields[name].unknown() }

// Nested returns the codec of the named attribute, or nil if it is not an object.
func (c *Codec) Nested(name string) *Codec { return c.fields[name].codec }

// Object returns an object value. It returns an error if values do not have the
// types of the codec.
func (c *Codec) Object(values map[string]attr.Value) (types.Object, error) {
	object, diags := types.ObjectValue(c.types, values)
	if diags.HasError() {
		return object, errors.New(diags[0].Detail())
	}
	return object, nil
}

func (f field) null() attr.Value {
	switch f.kind {
	case kindBool:
		return types.BoolNull()
	case kindNumber:
		return types.NumberNull()
	case kindStringList:
		return types.ListNull(types.StringType)
	case kindObject:
		return types.ObjectNull(f.codec.types)
	case kindString:
	}
	return types.StringNull()
}

func (f field) unknown() attr.Value {
	switch f.kind {
	case kindBool:
		return types.BoolUnknown()
	case kindNumber:
		return types.NumberUnknown()
	case kindStringList:
		return types.ListUnknown(types.StringType)
	case kindObject:
		return types.ObjectUnknown(f.codec.types)
	case kindString:
	}
	return types.StringUnknown()
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
