// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestEdgeValues checks that validation rejects, in every type of block, fractions and
// values beyond 64 bits of every number, and null elements of every list and map. Each
// error is at its attribute, and no message blames the provider.
func TestEdgeValues(t *testing.T) {
	t.Parallel()
	provider := newProtocol(t)
	checked := 0
	for of, configs := range configsForEveryAttribute() {
		for _, config := range configs {
			for path, typ := range typesOf(provider.schemaFor(of).Block.Attributes, "") {
				for _, edge := range edgeValues(typ) {
					if withUnknownAt(config, path) == nil {
						continue
					}
					checked++
					found := errorsOf(provider.validateAndConfigure(t, of, with(config, path, edge)))
					if acceptedEdgeValues[path] == "" && !slices.ContainsFunc(found, func(d *tfprotov6.Diagnostic) bool { return strings.HasPrefix(dotted(d.Attribute), path) }) {
						t.Errorf("%s with %s = %v: not reported: %s", of, path, edge, diagnosticsText(found))
					}
					if strings.Contains(diagnosticsText(found), "always an error in the provider") {
						t.Errorf("%s with %s = %v: %s", of, path, edge, diagnosticsText(found))
					}
				}
			}
		}
	}
	if checked == 0 {
		t.Error("nothing was checked")
	}
	t.Logf("counted: %d configurations with an edge value, each rejected at its attribute", checked)
}

// acceptedEdgeValues are the attributes whose edge values validation accepts, and why.
var acceptedEdgeValues = map[string]string{
	"task_settings.top_k":   "depends on the target, which only a plan calls",
	"elasticsearch.headers": "a null header is not sent",
}

// edgeValues returns values of a type that no attribute of the type accepts.
func edgeValues(typ tftypes.Type) []any {
	switch {
	case typ.Is(tftypes.Number):
		return []any{1.5, 1e30, bigNumber("1e400")}
	case typ.Is(tftypes.List{}):
		return []any{[]any{nil}}
	case typ.Is(tftypes.Map{}):
		return []any{map[string]any{"a": nil}}
	}
	return nil
}

// typesOf returns the types of the attributes that a configuration may set, by path.
func typesOf(attributes []*tfprotov6.SchemaAttribute, below string) map[string]tftypes.Type {
	found := map[string]tftypes.Type{}
	for _, attribute := range attributes {
		if !attribute.Required && !attribute.Optional {
			continue
		}
		if attribute.NestedType == nil {
			found[below+attribute.Name] = attribute.Type
			continue
		}
		for path, typ := range typesOf(attribute.NestedType.Attributes, below+attribute.Name+".") {
			found[path] = typ
		}
	}
	return found
}

// TestNumberBeyondFloat64 checks the message about a number beyond the range of a float64.
func TestNumberBeyondFloat64(t *testing.T) {
	t.Parallel()
	provider := newProtocol(t)
	for written, shown := range map[string]string{"1e400": "1e+400", "-1e400": "-1e+400", "1e-400": "1e-400"} {
		config := with(validCompletion(), "task_settings", object{"temperature": bigNumber(written), "max_new_tokens": 1.5})
		found := errorsOf(provider.validateBlock(t, endpointResource, config))
		want := "temperature is " + shown + ". Write a number from 0.0 to 1.0 that fits into 64 bits."
		reported := slices.ContainsFunc(found, func(d *tfprotov6.Diagnostic) bool {
			return dotted(d.Attribute) == "task_settings.temperature" && d.Detail == want
		})
		if !reported || len(found) != 2 {
			t.Errorf("got %s, want %q and an error of max_new_tokens", diagnosticsText(found), want)
		}
	}
}

// TestFractionReportedWithOtherErrors checks that numbers that must be whole are reported together with
// other errors.
func TestFractionReportedWithOtherErrors(t *testing.T) {
	t.Parallel()
	provider := newProtocol(t)
	config := with(with(with(with(validCompletion(), "task_settings", object{"temperature": 0.5, "max_new_tokens": 1.5}), "credentials_version", 2.5), "inference_id", "Not-this"),
		"service_settings.rate_limit", object{"requests_per_minute": 1e30})
	want := map[string]string{
		"task_settings.max_new_tokens":                    "max_new_tokens is 1.5. Write a whole number from 1 to 2147483647",
		"credentials_version":                             "credentials_version is 2.5. Write a whole number",
		"service_settings.rate_limit.requests_per_minute": "requests_per_minute is 1e+30. Write a whole number",
		"inference_id":                                    "Not-this",
	}
	found := errorsOf(provider.validateBlock(t, endpointResource, config))
	for _, fault := range found {
		at := dotted(fault.Attribute)
		if text, ok := want[at]; !ok || !strings.Contains(fault.Detail, text) {
			t.Errorf("%s: got %q, want %q", at, fault.Detail, text)
		}
	}
	if len(found) != len(want) {
		t.Errorf("got %d errors, want %d: %s", len(found), len(want), diagnosticsText(found))
	}
}
