// Package tfvalue reads and writes the values of Terraform's plugin protocol as
// values of the plugin framework, by a form that is worked out once. The
// framework does the same for any schema, in several passes over a tree of its
// own, and finds each attribute's type by its path every time: at a thousand
// resources that is most of what a provider costs. What this package does not
// know, it refuses, and leaves to the framework.
package tfvalue

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Form is how the values of one object look on the wire.
type Form struct {
	fields map[string]field
	// names are sorted: what is equal is written equally.
	names []string
	// types are what the framework calls it.
	types map[string]attr.Type
}

// field is one attribute: an object where nested is set, or else of one of the
// simple types.
type field struct {
	kind   kind
	nested *Form
}

type kind int

const (
	text kind = iota
	boolean
	whole
	number
	texts
	object
)

// NewForm works out the form of an object with attributes of these types:
// strings, booleans, 64-bit numbers, lists of strings, and objects of such. A
// custom type of an object is taken for the object, without rules of its own. The
// error names a type that the package does not know.
func NewForm(attributes map[string]attr.Type) (*Form, error) {
	form := &Form{fields: map[string]field{}, types: map[string]attr.Type{}}
	for name, typ := range attributes {
		made, base, err := newField(typ)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		form.fields[name], form.types[name] = made, base
		form.names = append(form.names, name)
	}
	slices.Sort(form.names)
	return form, nil
}

func newField(typ attr.Type) (field, attr.Type, error) {
	if nested, ok := typ.(attr.TypeWithAttributeTypes); ok {
		form, err := NewForm(nested.AttributeTypes())
		if err != nil {
			return field{}, nil, err
		}
		return field{object, form}, types.ObjectType{AttrTypes: form.types}, nil
	}
	for kind, known := range map[kind]attr.Type{
		text: types.StringType, boolean: types.BoolType, whole: types.Int64Type, number: types.Float64Type,
		texts: types.ListType{ElemType: types.StringType},
	} {
		if typ.Equal(known) {
			return field{kind: kind}, known, nil
		}
	}
	return field{}, nil, fmt.Errorf("%s is no type that is read here", typ)
}

// Null is the null value of an attribute that the form has.
func (f *Form) Null(name string) attr.Value { return f.fields[name].null() }

// Unknown is the unknown value of an attribute that the form has.
func (f *Form) Unknown(name string) attr.Value { return f.fields[name].unknown() }

// Nested is the form of an attribute that is an object; nil for any other.
func (f *Form) Nested(name string) *Form { return f.fields[name].nested }

// Object makes a value of the form. The error is for values that are not.
func (f *Form) Object(values map[string]attr.Value) (types.Object, error) {
	made, diags := types.ObjectValue(f.types, values)
	if diags.HasError() {
		return made, errors.New(diags[0].Detail())
	}
	return made, nil
}

func (f field) null() attr.Value {
	switch f.kind {
	case boolean:
		return types.BoolNull()
	case whole:
		return types.Int64Null()
	case number:
		return types.Float64Null()
	case texts:
		return types.ListNull(types.StringType)
	case object:
		return types.ObjectNull(f.nested.types)
	case text:
	}
	return types.StringNull()
}

func (f field) unknown() attr.Value {
	switch f.kind {
	case boolean:
		return types.BoolUnknown()
	case whole:
		return types.Int64Unknown()
	case number:
		return types.Float64Unknown()
	case texts:
		return types.ListUnknown(types.StringType)
	case object:
		return types.ObjectUnknown(f.nested.types)
	case text:
	}
	return types.StringUnknown()
}
