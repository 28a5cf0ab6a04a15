package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestOddValues sets every number of every kind of block to a fraction and to
// values beyond 64 bits, and every list and map to one with a null element. Each
// is refused at its attribute, and no message blames the provider.
func TestOddValues(t *testing.T) {
	t.Parallel()
	provider := newProtocol(t)
	checked := 0
	for of, configs := range everyPlace() {
		for _, config := range configs {
			for path, typ := range typesOf(provider.schemaFor(of).Block.Attributes, "") {
				for _, odd := range oddValues(typ) {
					if unknownAt(config, path) == nil {
						continue
					}
					checked++
					found := errorsOf(provider.validateUnknown(t, of, with(config, path, odd)))
					if allowedOdd[path] == "" && !slices.ContainsFunc(found, func(d *tfprotov6.Diagnostic) bool { return strings.HasPrefix(dotted(d.Attribute), path) }) {
						t.Errorf("%s with %s = %v: not reported: %s", of, path, odd, told(found))
					}
					if strings.Contains(told(found), "always an error in the provider") {
						t.Errorf("%s with %s = %v: %s", of, path, odd, told(found))
					}
				}
			}
		}
	}
	t.Logf("counted: %d configurations with an odd value, each refused at its place", checked)
}

// allowedOdd are the attributes whose odd values validation accepts, and why.
var allowedOdd = map[string]string{
	"task_settings.top_k":   "the target decides, which only a plan asks",
	"elasticsearch.headers": "a null header is not sent",
}

func oddValues(typ tftypes.Type) []any {
	switch {
	case typ.Is(tftypes.Number):
		return []any{1.5, 1e30, digits("1e400")}
	case typ.Is(tftypes.List{}):
		return []any{[]any{nil}}
	case typ.Is(tftypes.Map{}):
		return []any{map[string]any{"a": nil}}
	}
	return nil
}

// typesOf are the types of the attributes that a configuration may set.
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

// TestBeyondFloat checks the message about a number beyond the range of a float64.
func TestBeyondFloat(t *testing.T) {
	t.Parallel()
	provider := newProtocol(t)
	for written, shown := range map[string]string{"1e400": "1e+400", "-1e400": "-1e+400", "1e-400": "1e-400"} {
		config := with(goodCompletion(), "task_settings", object{"temperature": digits(written), "max_new_tokens": 1.5})
		found := errorsOf(provider.validateShape(t, endpointShape, config))
		want := "temperature is " + shown + ". Write a number that fits into 64 bits, such as 0.5."
		told := slices.ContainsFunc(found, func(d *tfprotov6.Diagnostic) bool {
			return dotted(d.Attribute) == "task_settings.temperature" && d.Detail == want
		})
		if !told || len(found) != 2 {
			t.Errorf("got %v, want %q and a fault of max_new_tokens", found, want)
		}
	}
}

// TestNotWhole checks that numbers that must be whole are reported together with
// other errors.
func TestNotWhole(t *testing.T) {
	t.Parallel()
	provider := newProtocol(t)
	config := with(with(with(with(goodCompletion(), "task_settings", object{"temperature": 0.5, "max_new_tokens": 1.5}), "credentials_version", 2.5), "inference_id", "Not-this"),
		"service_settings.rate_limit", object{"requests_per_minute": 1e30})
	want := map[string]string{
		"task_settings.max_new_tokens":                    "max_new_tokens is 1.5. Write a whole number, of at most 9223372036854775807.",
		"credentials_version":                             "credentials_version is 2.5. Write a whole number",
		"service_settings.rate_limit.requests_per_minute": "requests_per_minute is 1e+30. Write a whole number",
		"inference_id":                                    "Not-this",
	}
	found := errorsOf(provider.validateShape(t, endpointShape, config))
	for _, fault := range found {
		at := dotted(fault.Attribute)
		if text, ok := want[at]; !ok || !strings.Contains(fault.Detail, text) {
			t.Errorf("%s: %s: %s", at, fault.Summary, fault.Detail)
		}
	}
	if len(found) != len(want) {
		t.Errorf("got %d faults, want %d: %s", len(found), len(want), told(found))
	}
}
