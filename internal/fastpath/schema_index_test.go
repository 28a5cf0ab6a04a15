// SPDX-License-Identifier: MPL-2.0

package fastpath

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TestUnsupportedSchemas checks that a schema with something that the index does not
// represent is an error that names the attribute.
func TestUnsupportedSchemas(t *testing.T) {
	t.Parallel()
	for name, attribute := range map[string]schema.Attribute{
		"type":          schema.MapAttribute{ElementType: types.StringType, Optional: true},
		"element type":  schema.ListAttribute{ElementType: types.Int64Type, Optional: true},
		"deprecation":   schema.StringAttribute{Optional: true, DeprecationMessage: "Use b."},
		"plan modifier": schema.StringAttribute{Optional: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}},
		"list modifier": schema.ListAttribute{ElementType: types.StringType, Optional: true, PlanModifiers: []planmodifier.List{listplanmodifier.RequiresReplace()}},
		"default":       schema.ListAttribute{ElementType: types.StringType, Optional: true, Computed: true, Default: listdefault.StaticValue(types.ListNull(types.StringType))},
	} {
		for level, s := range map[string]schema.Schema{
			"top level": {Attributes: map[string]schema.Attribute{"a": attribute}},
			"nested": {Attributes: map[string]schema.Attribute{
				"o": schema.SingleNestedAttribute{Optional: true, Attributes: map[string]schema.Attribute{"a": attribute}},
			}},
		} {
			if _, err := newSchemaIndex(s); err == nil || !strings.Contains(err.Error(), "a: ") {
				t.Errorf("%s, %s: got error %v, want one that names the attribute", name, level, err)
			}
		}
	}
	for _, s := range []schema.Schema{{DeprecationMessage: "Use b."}, {Blocks: map[string]schema.Block{"b": schema.SingleNestedBlock{}}}} {
		if _, err := newSchemaIndex(s); err == nil {
			t.Errorf("%+v: got no error, want one", s)
		}
	}
}
