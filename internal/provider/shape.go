package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/tfvalue"
)

// shape is what a schema says of its attributes, worked out once. The framework
// looks it up anew for every attribute of every value, several times in a call.
type shape struct {
	form       *tfvalue.Form
	attributes map[string]attributeShape
}

type attributeShape struct {
	required, optional, computed, writeOnly bool

	path          path.Path
	null, unknown attr.Value
	fallback      attr.Value // nil without a default
	validators    []validator.String
	nested        *shape // nil but for an object
}

// newShape knows the kinds of attributes, defaults and validators that
// endpointSchema has, and leaves plan modifiers aside: those that the schema has
// do nothing in a plan of a new resource, and nothing where nothing changes.
func newShape(s schema.Schema) (*shape, error) {
	attributeTypes := map[string]attr.Type{}
	for name, attribute := range s.Attributes {
		attributeTypes[name] = attribute.GetType()
	}
	form, err := tfvalue.NewForm(attributeTypes)
	if err != nil {
		return nil, err
	}
	return shapeOf(path.Empty(), s.Attributes, form), nil
}

func shapeOf(at path.Path, attributes map[string]schema.Attribute, form *tfvalue.Form) *shape {
	made := &shape{form, map[string]attributeShape{}}
	for name, attribute := range attributes {
		one := attributeShape{
			required: attribute.IsRequired(), optional: attribute.IsOptional(), computed: attribute.IsComputed(), writeOnly: attribute.IsWriteOnly(),
			path: at.AtName(name), null: form.Null(name), unknown: form.Unknown(name),
		}
		one.fallback = defaultOf(attribute, one.path)
		switch attribute := attribute.(type) {
		case schema.StringAttribute:
			one.validators = attribute.Validators
		case schema.SingleNestedAttribute:
			one.nested = shapeOf(one.path, attribute.Attributes, form.Nested(name))
		}
		made.attributes[name] = one
	}
	return made
}

// defaultOf is nil for an attribute that has none.
func defaultOf(attribute schema.Attribute, at path.Path) attr.Value {
	ctx := context.Background()
	switch attribute := attribute.(type) {
	case schema.StringAttribute:
		if attribute.Default != nil {
			var resp defaults.StringResponse
			attribute.Default.DefaultString(ctx, defaults.StringRequest{Path: at}, &resp)
			return resp.PlanValue
		}
	case schema.BoolAttribute:
		if attribute.Default != nil {
			var resp defaults.BoolResponse
			attribute.Default.DefaultBool(ctx, defaults.BoolRequest{Path: at}, &resp)
			return resp.PlanValue
		}
	case schema.Int64Attribute:
		if attribute.Default != nil {
			var resp defaults.Int64Response
			attribute.Default.DefaultInt64(ctx, defaults.Int64Request{Path: at}, &resp)
			return resp.PlanValue
		}
	case schema.SingleNestedAttribute:
		if attribute.Default != nil {
			var resp defaults.ObjectResponse
			attribute.Default.DefaultObject(ctx, defaults.ObjectRequest{Path: at}, &resp)
			return resp.PlanValue
		}
	}
	return nil
}

// accepts tells that a configuration has all that the schema requires and
// nothing that it forbids. What is wrong with one, the framework says.
func (s *shape) accepts(ctx context.Context, config map[string]attr.Value) bool {
	for name, attribute := range s.attributes {
		if !attribute.accepts(ctx, config[name]) {
			return false
		}
	}
	return true
}

func (a attributeShape) accepts(ctx context.Context, value attr.Value) bool {
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
		return a.nested.accepts(ctx, value.Attributes())
	case types.String:
		for _, rule := range a.validators {
			var resp validator.StringResponse
			rule.ValidateString(ctx, validator.StringRequest{Path: a.path, PathExpression: a.path.Expression(), ConfigValue: value}, &resp)
			if len(resp.Diagnostics) > 0 {
				return false
			}
		}
	}
	return true
}

// withoutWriteOnly takes out what no plan and no state may hold.
func (a attributeShape) withoutWriteOnly(_, held attr.Value) attr.Value {
	if a.writeOnly {
		return a.null
	}
	return held
}

// withDefaults puts defaults into a proposed plan where nothing is configured.
func (a attributeShape) withDefaults(config, planned attr.Value) attr.Value {
	if a.fallback != nil && config.IsNull() {
		return a.fallback
	}
	return planned
}

// withUnknowns leaves to the apply what a new resource is to compute.
func (a attributeShape) withUnknowns(config, planned attr.Value) attr.Value {
	if a.computed && a.fallback == nil && config.IsNull() {
		return a.unknown
	}
	return planned
}

// change makes of every attribute of a plan, inner ones first, what a rule says.
// Null is null all the way down, as far as a configuration goes.
func (s *shape) change(config, plan map[string]attr.Value, rule func(a attributeShape, config, planned attr.Value) attr.Value) (changed bool) {
	for name, attribute := range s.attributes {
		configured, ok := config[name]
		if !ok {
			configured = attribute.null
		}
		before := plan[name]
		after := rule(attribute, configured, attribute.changeNested(configured, before, rule))
		if !after.Equal(before) {
			plan[name], changed = after, true
		}
	}
	return changed
}

func (a attributeShape) changeNested(config, planned attr.Value, rule func(a attributeShape, config, planned attr.Value) attr.Value) attr.Value {
	object, ok := planned.(types.Object)
	if !ok || object.IsNull() || object.IsUnknown() {
		return planned
	}
	var configured map[string]attr.Value
	if written, ok := config.(types.Object); ok {
		configured = written.Attributes()
	}
	values := object.Attributes()
	if !a.nested.change(configured, values, rule) {
		return planned
	}
	made, err := a.nested.form.Object(values)
	if err != nil { // the rules make values of the attribute's own type
		return planned
	}
	return made
}
