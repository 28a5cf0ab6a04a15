package provider

import (
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
)

// knownModifiers do nothing where nothing is unknown, and nothing without a prior
// state.
var knownModifiers = []any{
	stringplanmodifier.UseStateForUnknown(), stringplanmodifier.UseNonNullStateForUnknown(),
	int64planmodifier.UseStateForUnknown(), int64planmodifier.UseNonNullStateForUnknown(),
}

// TestShapeHasAllOfTheSchema: nothing that the schema says of an attribute is
// lost on the way around the framework.
func TestShapeHasAllOfTheSchema(t *testing.T) {
	t.Parallel()
	schema := endpointSchema(t.Context())
	shape, err := newShape(schema)
	if err != nil {
		t.Fatal(err)
	}
	if len(schema.Blocks) > 0 || schema.DeprecationMessage != "" {
		t.Error("a shape has neither blocks nor a deprecation")
	}
	shape.has(t, path.Empty(), schema.Attributes)
}

func (s *shape) has(t *testing.T, at path.Path, attributes map[string]schema.Attribute) {
	t.Helper()
	if len(s.attributes) != len(attributes) {
		t.Errorf("%s has %d attributes, want %d", at, len(s.attributes), len(attributes))
	}
	for name, attribute := range attributes {
		at := at.AtName(name)
		got := s.attributes[name]
		said := reflect.ValueOf(attribute)
		if attribute.GetDeprecationMessage() != "" {
			t.Errorf("%s: a shape has no deprecation", at)
		}
		modifiers := said.FieldByName("PlanModifiers")
		for i := range modifiers.Len() {
			if !slices.Contains(knownModifiers, modifiers.Index(i).Interface()) {
				t.Errorf("%s: a shape does not run %T", at, modifiers.Index(i).Interface())
			}
		}
		if rules := said.FieldByName("Validators").Len(); rules != len(got.validators) {
			t.Errorf("%s: %d of %d validators", at, len(got.validators), rules)
		}
		if hasDefault := !said.FieldByName("Default").IsNil(); hasDefault != (got.fallback != nil) {
			t.Errorf("%s: default %v", at, got.fallback)
		}
		if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
			got.nested.has(t, at, nested.Attributes)
		} else if got.nested != nil {
			t.Errorf("%s: is no object", at)
		}
	}
}
