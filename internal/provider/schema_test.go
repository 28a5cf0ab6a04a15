package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestSchema: the framework finds no fault in any schema, and nothing in them
// goes without a description.
func TestSchema(t *testing.T) {
	t.Parallel()
	schema := newProtocol(t).schema
	for _, diagnostic := range schema.Diagnostics {
		t.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail)
	}
	described(t, "provider", schema.Provider.Block)
	for name, resource := range schema.ResourceSchemas {
		described(t, name, resource.Block)
	}
	for name, data := range schema.DataSourceSchemas {
		described(t, "data "+name, data.Block)
	}
}

func described(t *testing.T, name string, block *tfprotov6.SchemaBlock) {
	t.Helper()
	if block.Description == "" {
		t.Errorf("%s has no description", name)
	}
	attributesDescribed(t, name, block.Attributes)
}

func attributesDescribed(t *testing.T, path string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, attribute := range attributes {
		at := path + "." + attribute.Name
		if attribute.Description == "" {
			t.Errorf("%s has no description", at)
		}
		if attribute.NestedType != nil {
			attributesDescribed(t, at, attribute.NestedType.Attributes)
		}
	}
}
