// SPDX-License-Identifier: MPL-2.0

package fastpath

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/numberplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// schemaIndex holds what a schema declares about each attribute, resolved once.
// The framework resolves it for every attribute of every value, several times
// per call.
type schemaIndex struct {
	codec      *Codec
	attributes map[string]attributeIndex
}

type attributeIndex struct {
	required, optional, computed, writeOnly bool

	path          path.Path
	null, unknown attr.Value
	defaultValue  attr.Value // nil without a default
	validators    []validator.String
	nested        *schemaIndex // nil unless the attribute is an object
}

// newSchemaIndex returns an error if the schema has something that the fast path
// does not support.
func newSchemaIndex(s schema.Schema) (*schemaIndex, error) {
	if len(s.Blocks) > 0 || s.DeprecationMessage != "" {
		return nil, errors.New("blocks and deprecated schemas are not supported")
	}
	attributeTypes := map[string]attr.Type{}
	for name, attribute := range s.Attributes {
		attributeTypes[name] = attribute.GetType()
	}
	codec, err := NewCodec(attributeTypes)
	if err != nil {
		return nil, err
	}
	return indexAttributes(path.Empty(), s.Attributes, codec)
}

func indexAttributes(parent path.Path, attributes map[string]schema.Attribute, codec *Codec) (*schemaIndex, error) {
	index := &schemaIndex{codec, map[string]attributeIndex{}}
	for name, attribute := range attributes {
		f := codec.fields[name]
		a := attributeIndex{
			required: attribute.IsRequired(), optional: attribute.IsOptional(), computed: attribute.IsComputed(), writeOnly: attribute.IsWriteOnly(),
			path: parent.AtName(name), null: f.null, unknown: f.unknown,
		}
		if err := a.addDeclarations(attribute); err != nil {
			return nil, fmt.Errorf("%s: %w", a.path, err)
		}
		if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
			var err error
			if a.nested, err = indexAttributes(a.path, nested.Attributes, f.codec); err != nil {
				return nil, err
			}
		}
		index.attributes[name] = a
	}
	return index, nil
}

// noEffectModifiers are the plan modifiers that change neither the plan of a new
// resource nor a plan without changes, so that they need not run.
var noEffectModifiers = []any{
	stringplanmodifier.UseStateForUnknown(), stringplanmodifier.UseNonNullStateForUnknown(),
	numberplanmodifier.UseStateForUnknown(), numberplanmodifier.UseNonNullStateForUnknown(),
}

// addDeclarations adds the default and the validators of an attribute. It returns an
// error for what the index does not represent.
func (a *attributeIndex) addDeclarations(attribute schema.Attribute) error {
	ctx := context.Background()
	var validators int
	var modifiers []any
	switch attribute := attribute.(type) {
	case schema.StringAttribute:
		a.validators, modifiers = attribute.Validators, anySlice(attribute.PlanModifiers)
		if attribute.Default != nil {
			var resp defaults.StringResponse
			attribute.Default.DefaultString(ctx, defaults.StringRequest{Path: a.path}, &resp)
			a.defaultValue = resp.PlanValue
		}
	case schema.BoolAttribute:
		validators, modifiers = len(attribute.Validators), anySlice(attribute.PlanModifiers)
		if attribute.Default != nil {
			var resp defaults.BoolResponse
			attribute.Default.DefaultBool(ctx, defaults.BoolRequest{Path: a.path}, &resp)
			a.defaultValue = resp.PlanValue
		}
	case schema.NumberAttribute:
		validators, modifiers = len(attribute.Validators), anySlice(attribute.PlanModifiers)
		if attribute.Default != nil {
			var resp defaults.NumberResponse
			attribute.Default.DefaultNumber(ctx, defaults.NumberRequest{Path: a.path}, &resp)
			a.defaultValue = resp.PlanValue
		}
	case schema.ListAttribute:
		validators, modifiers = len(attribute.Validators), anySlice(attribute.PlanModifiers)
		if attribute.Default != nil {
			return errors.New("the default of a list is not supported")
		}
	case schema.SingleNestedAttribute:
		validators, modifiers = len(attribute.Validators), anySlice(attribute.PlanModifiers)
		if attribute.Default != nil {
			var resp defaults.ObjectResponse
			attribute.Default.DefaultObject(ctx, defaults.ObjectRequest{Path: a.path}, &resp)
			a.defaultValue = resp.PlanValue
		}
	default:
		return fmt.Errorf("%T is not supported", attribute)
	}
	switch {
	case attribute.GetDeprecationMessage() != "":
		return errors.New("deprecated attributes are not supported")
	case validators > 0:
		return fmt.Errorf("validators of a %T are not supported", attribute)
	}
	for _, m := range modifiers {
		if !slices.Contains(noEffectModifiers, m) {
			return fmt.Errorf("plan modifier %T is not supported", m)
		}
	}
	return nil
}

func anySlice[T any](values []T) []any {
	converted := make([]any, len(values))
	for i, v := range values {
		converted[i] = v
	}
	return converted
}

// valid reports whether a configuration satisfies the schema. It does not say
// what is wrong with an invalid one: the framework does.
func (s *schemaIndex) valid(ctx context.Context, config Values) bool {
	for name, attribute := range s.attributes {
		if !attribute.valid(ctx, config[name]) {
			return false
		}
	}
	return true
}

func (a attributeIndex) valid(ctx context.Context, value attr.Value) bool {
	switch {
	case value.IsNull():
		return !a.required
	case !a.required && !a.optional:
		return false
	case value.IsUnknown():
		return true
	}
	switch value := value.(type) {
	case types.Object:
		return a.nested.valid(ctx, value.Attributes())
	case types.String:
		for _, v := range a.validators {
			var resp validator.StringResponse
			v.ValidateString(ctx, validator.StringRequest{Path: a.path, PathExpression: a.path.Expression(), ConfigValue: value}, &resp)
			if len(resp.Diagnostics) > 0 {
				return false
			}
		}
	}
	return true
}

// transformFunc returns the value that an attribute gets in a plan.
type transformFunc func(a attributeIndex, config, planned attr.Value) attr.Value

// nullWriteOnly sets write-only attributes to null: no plan or state holds them.
func nullWriteOnly(a attributeIndex, _, planned attr.Value) attr.Value {
	if a.writeOnly {
		return a.null
	}
	return planned
}

// applyDefault sets attributes that are not configured to their defaults.
func applyDefault(a attributeIndex, config, planned attr.Value) attr.Value {
	if a.defaultValue != nil && config.IsNull() {
		return a.defaultValue
	}
	return planned
}

// markComputedUnknown sets computed attributes of a new resource to unknown.
func markComputedUnknown(a attributeIndex, config, planned attr.Value) attr.Value {
	if a.computed && a.defaultValue == nil && config.IsNull() {
		return a.unknown
	}
	return planned
}

// transform applies a transformation to every attribute of a plan in place,
// nested attributes first, and reports whether a value changed. The attributes
// of a null object in the configuration count as null.
func (s *schemaIndex) transform(config, plan Values, f transformFunc) (changed bool) {
	for name, attribute := range s.attributes {
		configured, ok := config[name]
		if !ok {
			configured = attribute.null
		}
		before := plan[name]
		after := f(attribute, configured, attribute.transformNested(configured, before, f))
		if !after.Equal(before) {
			plan[name], changed = after, true
		}
	}
	return changed
}

func (a attributeIndex) transformNested(config, planned attr.Value, f transformFunc) attr.Value {
	object, ok := planned.(types.Object)
	if !ok || object.IsNull() || object.IsUnknown() {
		return planned
	}
	var configured Values
	if o, ok := config.(types.Object); ok {
		configured = o.Attributes()
	}
	values := object.Attributes()
	if !a.nested.transform(configured, values, f) {
		return planned
	}
	transformed, err := a.nested.codec.Object(values)
	if err != nil { // cannot happen: transformations keep the type of a value
		return planned
	}
	return transformed
}
