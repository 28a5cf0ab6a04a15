// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
)

// planRotation applies an endpoint, calls between, and returns the plan of new keys with
// the diagnostics of both.
func planRotation(t *testing.T, provider, config object, between func()) (planned plan, created, found []*tfprotov6.Diagnostic, w *workspace) {
	t.Helper()
	w = newWorkspace(t, provider)
	w.config = config
	created = w.apply(t.Context(), func() {})
	if errs := errorsOf(created); len(errs) > 0 {
		t.Fatalf("apply fails: %s", diagnosticsText(errs))
	}
	between()
	w.config = with(config, "service_settings.secret_key", "another")
	s := w.session(t.Context())
	found = s.refresh()
	planned, more := s.plan()
	return planned, created, append(found, more...), w
}

// TestRotationMethod checks how keys are rotated for all combinations of
// credentials_rotation, force_destroy, use of the endpoint, and version of the server, and
// applies the plans.
func TestRotationMethod(t *testing.T) {
	t.Parallel()
	const (
		replaces = "replace"
		updates  = "update"
		fails    = "error"
	)
	sentence := object{"strategy": "sentence", "max_chunk_size": 100}
	for _, test := range []struct {
		name     string
		version  string
		rotation any
		force    bool
		used     bool
		chunking any
		want     string
		messages []string
	}{
		{name: "left out, not in use", version: "9.6.0", want: replaces},
		{name: "left out, in use", version: "9.6.0", used: true, want: updates, messages: []string{"AWS keys are changed in place", "ingest-docs", "would refuse to delete"}},
		{name: "left out, in use, 8.19.12", version: "8.19.12", used: true, want: updates, messages: []string{"AWS keys are changed in place"}},
		{name: "left out, in use, forced", version: "9.6.0", used: true, force: true, want: replaces, messages: []string{"force_destroy is true"}},
		{name: "left out, in use, keys are fixed", version: "9.5.0", used: true, want: fails, messages: []string{"AWS keys cannot be rotated", "cannot change keys in place", "ingest-docs", "Upgrade", "force_destroy = true"}},
		{name: "left out, in use, no updates", version: "8.16.0", used: true, want: fails, messages: []string{"AWS keys cannot be rotated", "cannot change keys in place"}},
		{name: "left out, in use, chunking would be reset", version: "8.19.0", used: true, chunking: sentence, want: fails, messages: []string{"would reset chunking_settings", "Upgrade", "remove those references"}},
		{name: "left out, in use, chunking is not reset", version: "8.19.0", used: true, chunking: object{"strategy": "word", "max_chunk_size": 250, "overlap": 100}, want: updates},
		{name: "left out, not in use, keys are fixed", version: "9.5.0", want: replaces},
		{name: "replace, not in use", version: "9.6.0", rotation: "replace", want: replaces, messages: []string{`credentials_rotation = "in_place"`}},
		{name: "replace, in use", version: "9.6.0", rotation: "replace", used: true, want: fails, messages: []string{"AWS keys cannot be rotated", `credentials_rotation is "replace"`, `write "in_place"`}},
		{name: "replace, in use, forced", version: "9.6.0", rotation: "replace", used: true, force: true, want: replaces},
		{name: "replace, in use, keys are fixed", version: "9.5.0", rotation: "replace", used: true, want: fails, messages: []string{"cannot change keys in place"}},
		{name: "in_place, not in use", version: "9.6.0", rotation: "in_place", want: updates},
		{name: "in_place, in use", version: "9.6.0", rotation: "in_place", used: true, want: updates},
		{name: "in_place, forced", version: "9.6.0", rotation: "in_place", used: true, force: true, want: updates},
		{name: "in_place, keys are fixed", version: "9.5.0", rotation: "in_place", want: fails, messages: []string{"Change cannot be made", `credentials_rotation = "replace"`}},
		{name: "in_place, chunking would be reset", version: "8.19.0", rotation: "in_place", chunking: sentence, want: fails, messages: []string{"would reset chunking_settings", `credentials_rotation = "replace"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := elasticsearchtest.New(t, elasticsearchtest.Version(test.version))
			config := with(with(with(validEndpoint(), "inference_id", "e"), "credentials_rotation", test.rotation), "force_destroy", test.force)
			config = with(config, "chunking_settings", test.chunking)
			planned, _, found, w := planRotation(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}}, config, func() {
				if test.used {
					server.Use("e", []string{"ingest-docs"}, nil)
				}
			})
			text, errs := diagnosticsText(found), errorsOf(found)
			got := updates
			switch {
			case len(errs) > 0:
				got = fails
			case planned.destroys:
				got = replaces
			}
			if got != test.want || len(errs) > 1 {
				t.Fatalf("got %s, want %s: %s", got, test.want, text)
			}
			for _, want := range test.messages {
				if !strings.Contains(text, want) {
					t.Errorf("got %s, want it to contain %q", text, want)
				}
			}
			if got == fails {
				return
			}
			if errs := errorsOf(w.session(t.Context()).applyPlan(planned)); len(errs) > 0 {
				t.Fatalf("apply fails: %s", diagnosticsText(errs))
			}
			if _, secret := server.Keys("e"); secret != "another" {
				t.Errorf("got the secret key %q on the server, want another", secret)
			}
			next := w.session(t.Context())
			if again, found := next.plan(); !again.isEmpty() || len(errorsOf(found)) > 0 {
				t.Errorf("got a next plan with changes, want none: %s", diagnosticsText(found))
			}
		})
	}
}

// TestRotationWithOtherChanges checks the rotation of an endpoint in use together with a
// change in place, and together with a change that replaces the endpoint.
func TestRotationWithOtherChanges(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path     string
		value    any
		replaces bool
	}{
		"rate limit": {atLimit, 7, false},
		"model":      {"service_settings.model", "amazon.titan-embed-text-v1", true},
	} {
		server := elasticsearchtest.New(t)
		_, _, _, w := planRotation(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}}, with(validEndpoint(), "inference_id", "e"), func() {})
		server.Use("e", []string{"ingest-docs"}, nil)
		w.config = with(w.config, test.path, test.value)
		planned, found := w.session(t.Context()).plan()
		if planned.destroys != test.replaces || len(errorsOf(found)) > 0 {
			t.Errorf("%s: replacement: got %t, want %t: %s", name, planned.destroys, test.replaces, diagnosticsText(found))
		}
		if got := strings.Contains(diagnosticsText(found), "are changed in place"); got == test.replaces {
			t.Errorf("%s: warning about a change in place: got %t, want %t: %s", name, got, !test.replaces, diagnosticsText(found))
		}
	}
}

// TestInPlaceWarning checks that the first plan with "in_place" warns if the
// target cannot change the keys in place, and later plans do not.
func TestInPlaceWarning(t *testing.T) {
	t.Parallel()
	const summary = "Keys cannot be rotated in place"
	for version, warns := range map[string]bool{"9.6.0": false, "9.5.0": true, "8.16.0": true, "8.18.0": true, "9.5.3": false} {
		server := elasticsearchtest.New(t, elasticsearchtest.Version(version))
		w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
		first := with(validEndpoint(), "inference_id", "e")
		for _, config := range []object{with(first, "credentials_rotation", "in_place"), first} {
			w.config = config
			if got := strings.Contains(diagnosticsText(w.apply(t.Context(), func() {})), summary); got != (warns && config["credentials_rotation"] != nil) {
				t.Errorf("%s: warning for %v: got %t", version, config["credentials_rotation"], got)
			}
		}
		w.config = with(first, "credentials_rotation", "in_place")
		if got := strings.Contains(diagnosticsText(w.apply(t.Context(), func() {})), summary); got != warns {
			t.Errorf("%s: warning of an update to in_place: got %t, want %t", version, got, warns)
		}
		if _, found := w.session(t.Context()).plan(); strings.Contains(diagnosticsText(found), summary) {
			t.Errorf("%s: the warning is repeated", version)
		}
	}
}

// TestRotationOfUsedEndpoint checks in Terraform that the keys of an endpoint that a
// pipeline uses are changed in place by default.
func TestRotationOfUsedEndpoint(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, "9.6.0")
	terraform := newCLI(t, provider+endpointConfig("e", "text_embedding", titanEmbedding))
	terraform.succeeds(apply...)
	server.Use("e", []string{"ingest-docs"}, []string{"docs"})
	terraform.rewrite("secret-one", "secret-two")
	if out := words(terraform.succeeds(apply...)); !strings.Contains(out, "0 added, 1 changed, 0 destroyed") || !strings.Contains(out, "AWS keys are changed in place") {
		t.Errorf("got %s, want one change in place", out)
	}
	if _, secret := server.Keys("e"); secret != "secret-two" {
		t.Error("the server does not have the new key")
	}
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
}

// TestReplacementKeepsDimensions checks whether dimensions and similarity are known in plans
// of replacements, and that the apply conforms to the plan.
func TestReplacementKeepsDimensions(t *testing.T) {
	t.Parallel()
	provider := object{"embedded": object{"path": filepath.Join(t.TempDir(), "e.db")}, "bedrock": object{"simulate": true}}
	w := newWorkspace(t, provider)
	first := with(validEndpoint(), "inference_id", "e")
	w.config = first
	if errs := errorsOf(w.apply(t.Context(), func() {})); len(errs) > 0 {
		t.Fatal(diagnosticsText(errs))
	}
	for _, test := range []struct {
		name        string
		path, value string
		dimensions  bool
	}{
		{"keys", "service_settings.secret_key", "second", true},
		{"similarity", "service_settings.similarity", "dot_product", true},
		{"similarity back to the default", "service_settings.secret_key", "third", true},
		{"region", "service_settings.region", "us-west-2", false},
		{"model", "service_settings.model", "amazon.titan-embed-text-v1", false},
	} {
		w.config = with(first, test.path, test.value)
		s := w.session(t.Context())
		s.refresh()
		planned, found := s.plan()
		if len(errorsOf(found)) > 0 || planned.createOrUpdate == nil || !planned.destroys {
			t.Fatalf("%s: want a replacement, got %s", test.name, diagnosticsText(found))
		}
		settings := attributesOf(attributesOf(planned.createOrUpdate.value)["service_settings"])
		if got := settings["dimensions"].IsKnown(); got != test.dimensions {
			t.Errorf("%s: dimensions known: got %t, want %t", test.name, got, test.dimensions)
		}
		if !settings["similarity"].IsKnown() {
			t.Errorf("%s: similarity is unknown", test.name)
		}
		if attributesOf(planned.createOrUpdate.value)["id"].IsKnown() {
			t.Errorf("%s: id is known before the replacement exists", test.name)
		}
		if errs := errorsOf(w.session(t.Context()).applyPlan(planned)); len(errs) > 0 {
			t.Fatalf("%s: %s", test.name, diagnosticsText(errs))
		}
	}
}

// TestReplacementOnTerraform checks the replacement of an endpoint whose outputs are used:
// Terraform plans the creation again during the apply, in another process.
func TestReplacementOnTerraform(t *testing.T) {
	t.Parallel()
	terraform := newInstalledCLI(t, embedded(t)+endpointConfig("e", "text_embedding", titanEmbedding)+`
output "dimensions" {
  value = inference_endpoint.this.service_settings.dimensions
}
output "revision" {
  value = inference_endpoint.this.credentials_revision
}
`)
	if plan := words(terraform.succeeds("plan", "-no-color")); !strings.Contains(plan, "+ revision = 1") {
		t.Errorf("got the plan, want revision 1:\n%s", plan)
	}
	terraform.succeeds(apply...)
	terraform.rewrite("secret-one", "secret-two")
	plan := words(terraform.succeeds("plan", "-no-color"))
	if !strings.Contains(plan, "1 to add, 0 to change, 1 to destroy") || strings.Contains(plan, "~ dimensions") {
		t.Errorf("got the plan, want a replacement without a change of dimensions:\n%s", plan)
	}
	terraform.succeeds(apply...)
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	terraform.succeeds("taint", endpoint)
	terraform.succeeds(apply...)
	terraform.succeeds("apply", "-no-color", "-auto-approve", "-replace="+endpoint)
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
}

// TestRenamedResource checks that the warning about a resource that was renamed, or that got
// count or for_each, names a moved block first.
func TestRenamedResource(t *testing.T) {
	t.Parallel()
	_, provider := cluster(t, "9.6.0")
	config := provider + endpointConfig("e", "completion", claude)
	for name, change := range map[string][2]string{
		"renamed":  {`"inference_endpoint" "this" {`, `"inference_endpoint" "other" {`},
		"count":    {`"inference_endpoint" "this" {`, "\"inference_endpoint\" \"other\" {\n  count = 1"},
		"for_each": {`"inference_endpoint" "this" {`, "\"inference_endpoint\" \"other\" {\n  for_each = toset([\"e\"])"},
	} {
		id := name
		terraform := newCLI(t, strings.Replace(config, `"e"`, `"`+id+`"`, 1))
		terraform.succeeds(apply...)
		terraform.rewrite(change[0], change[1])
		plan := words(terraform.succeeds("plan", "-no-color"))
		movedAt, importAt := strings.Index(plan, "moved {"), strings.Index(plan, "terraform import")
		if movedAt < 0 || importAt >= 0 && importAt < movedAt {
			t.Errorf("%s: got the plan, want it to name a moved block first:\n%s", name, plan)
		}
	}
}

// TestReplacementWithoutPrivateState checks that the replacement of an endpoint without
// private data is not reported as a second resource with the same id. Private data is lost
// if the provider is killed.
func TestReplacementWithoutPrivateState(t *testing.T) {
	t.Parallel()
	for _, refreshed := range []bool{true, false} {
		server := elasticsearchtest.New(t, elasticsearchtest.Version("9.5.0"))
		w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
		w.config = with(validEndpoint(), "inference_id", "e")
		if errs := errorsOf(w.apply(t.Context(), func() {})); len(errs) > 0 {
			t.Fatal(diagnosticsText(errs))
		}
		w.state.private = nil
		w.config = with(w.config, "service_settings.model", "amazon.titan-embed-text-v1")
		s := w.session(t.Context())
		if refreshed {
			s.refresh()
		}
		if planned, found := s.plan(); !planned.destroys || planned.createOrUpdate == nil || len(errorsOf(found)) > 0 {
			t.Errorf("refreshed %t: want a replacement, got %s", refreshed, diagnosticsText(found))
		}
	}
}

// TestResourcesWithSameID checks the errors of two resources with the same id, both of them
// new or one of them.
func TestResourcesWithSameID(t *testing.T) {
	t.Parallel()
	one := endpointConfig("e", "completion", claude)
	two := strings.Replace(one, `"this"`, `"other"`, 1)
	terraform := newCLI(t, embedded(t)+one+two)
	out := words(terraform.fails(apply...))
	if !strings.Contains(out, `Another resource of this configuration also creates inference endpoint "e"`) || strings.Contains(out, "terraform import") {
		t.Errorf("both are new: got the output:\n%s", out)
	}
	_, out, _ = strings.Cut(words(terraform.fails("plan", "-no-color")), "Error: ")
	if !strings.Contains(out, `Another resource of this configuration already manages inference endpoint "e"`) || strings.Contains(out, "terraform import") {
		t.Errorf("one is new: got the output:\n%s", out)
	}
}

// TestReplacementLosesKeys checks that the plan of a replacement warns if the
// endpoint has keys that are no longer configured, also after a plan without
// changes.
func TestReplacementLosesKeys(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, object{"embedded": object{"path": filepath.Join(t.TempDir(), "e.db")}, "bedrock": object{"simulate": true}})
	w.config = validEndpoint()
	if errs := errorsOf(w.apply(t.Context(), func() {})); len(errs) > 0 {
		t.Fatal(diagnosticsText(errs))
	}
	withoutKeys := with(with(validEndpoint(), "service_settings.access_key", nil), "service_settings.secret_key", nil)
	for _, test := range []struct {
		name   string
		config object
		warns  bool
	}{
		{"no replacement", withoutKeys, false},
		{"replacement", with(withoutKeys, "service_settings.region", "us-west-2"), true},
		{"replacement with keys", with(validEndpoint(), "service_settings.region", "us-west-2"), false},
	} {
		w.config = test.config
		_, found := w.session(t.Context()).plan()
		if got := strings.Contains(diagnosticsText(found), "AWS keys are not kept"); got != test.warns {
			t.Errorf("%s: got a warning: %t, want %t: %s", test.name, got, test.warns, diagnosticsText(found))
		}
	}
}
