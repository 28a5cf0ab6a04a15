// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestSchema checks that the schemas have no errors, and that each attribute, function and
// parameter has a description.
func TestSchema(t *testing.T) {
	t.Parallel()
	schema := newProtocol(t).schema
	for _, diagnostic := range schema.Diagnostics {
		t.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail)
	}
	checkDescriptions(t, "provider", schema.Provider.Block)
	for name, resource := range schema.ResourceSchemas {
		checkDescriptions(t, name, resource.Block)
	}
	for name, data := range schema.DataSourceSchemas {
		checkDescriptions(t, "data "+name, data.Block)
	}
	for name, ephemeral := range schema.EphemeralResourceSchemas {
		checkDescriptions(t, "ephemeral "+name, ephemeral.Block)
	}
	for name, action := range schema.ActionSchemas {
		checkDescriptions(t, "action "+name, action.Schema.Block)
	}
	for name, function := range schema.Functions {
		if function.Summary == "" || function.Description == "" {
			t.Errorf("function %s has no summary or description", name)
		}
		for _, parameter := range function.Parameters {
			if parameter.Description == "" {
				t.Errorf("parameter %s of function %s has no description", parameter.Name, name)
			}
		}
	}
}

// checkDescriptions checks the descriptions of a block and its attributes.
func checkDescriptions(t *testing.T, name string, block *tfprotov6.SchemaBlock) {
	t.Helper()
	if block.Description == "" {
		t.Errorf("%s has no description", name)
	}
	checkAttributeDescriptions(t, name, block.Attributes)
}

func checkAttributeDescriptions(t *testing.T, path string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, attribute := range attributes {
		at := path + "." + attribute.Name
		if attribute.Description == "" {
			t.Errorf("%s has no description", at)
		}
		if attribute.NestedType != nil {
			checkAttributeDescriptions(t, at, attribute.NestedType.Attributes)
		}
	}
}
