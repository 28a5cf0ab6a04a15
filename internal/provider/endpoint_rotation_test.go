package provider_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
)

// rotated applies an endpoint and returns the plan of new keys, with the messages
// of both.
func rotated(t *testing.T, provider, config object, between func()) (planned plan, created, found []*tfprotov6.Diagnostic, w *workspace) {
	t.Helper()
	w = newWorkspace(t, provider)
	w.config = config
	created = w.apply(t.Context(), func() {})
	if errs := errorsOf(created); len(errs) > 0 {
		t.Fatalf("not created: %s", told(errs))
	}
	between()
	w.config = with(config, "service_settings.secret_key", "another")
	s := w.session(t.Context())
	found = s.refresh()
	planned, more := s.plan()
	return planned, created, append(found, more...), w
}

// TestRotationMethod plans rotations for all combinations of credentials_rotation,
// force_destroy, use of the endpoint, and what the server can do, and carries out
// those that are planned.
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
		says     []string
	}{
		{name: "left out, not in use", version: "9.6.0", want: replaces},
		{name: "left out, in use", version: "9.6.0", used: true, want: updates, says: []string{"AWS keys are changed in place", "ingest-docs", "would refuse to delete"}},
		{name: "left out, in use, 8.19.12", version: "8.19.12", used: true, want: updates, says: []string{"AWS keys are changed in place"}},
		{name: "left out, in use, forced", version: "9.6.0", used: true, force: true, want: replaces, says: []string{"force_destroy is true"}},
		{name: "left out, in use, keys are fixed", version: "9.5.0", used: true, want: fails, says: []string{"AWS keys cannot be rotated", "cannot change keys in place", "ingest-docs", "Upgrade", "force_destroy = true"}},
		{name: "left out, in use, no updates", version: "8.16.0", used: true, want: fails, says: []string{"AWS keys cannot be rotated", "cannot change keys in place"}},
		{name: "left out, in use, chunking would be reset", version: "8.19.0", used: true, chunking: sentence, want: fails, says: []string{"would reset chunking_settings", "Upgrade", "remove those references"}},
		{name: "left out, in use, chunking is not reset", version: "8.19.0", used: true, chunking: object{"strategy": "word", "max_chunk_size": 250, "overlap": 100}, want: updates},
		{name: "left out, not in use, keys are fixed", version: "9.5.0", want: replaces},
		{name: "replace, not in use", version: "9.6.0", rotation: "replace", want: replaces, says: []string{`credentials_rotation = "in_place"`}},
		{name: "replace, in use", version: "9.6.0", rotation: "replace", used: true, want: fails, says: []string{"AWS keys cannot be rotated", `credentials_rotation is "replace"`, `write "in_place"`}},
		{name: "replace, in use, forced", version: "9.6.0", rotation: "replace", used: true, force: true, want: replaces},
		{name: "replace, in use, keys are fixed", version: "9.5.0", rotation: "replace", used: true, want: fails, says: []string{"cannot change keys in place"}},
		{name: "in_place, not in use", version: "9.6.0", rotation: "in_place", want: updates},
		{name: "in_place, in use", version: "9.6.0", rotation: "in_place", used: true, want: updates},
		{name: "in_place, forced", version: "9.6.0", rotation: "in_place", used: true, force: true, want: updates},
		{name: "in_place, keys are fixed", version: "9.5.0", rotation: "in_place", want: fails, says: []string{"Change cannot be made", `credentials_rotation = "replace"`}},
		{name: "in_place, chunking would be reset", version: "8.19.0", rotation: "in_place", chunking: sentence, want: fails, says: []string{"would reset chunking_settings", `credentials_rotation = "replace"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := elasticsearchtest.New(t, elasticsearchtest.Version(test.version))
			config := with(with(with(good(), "inference_id", "e"), "credentials_rotation", test.rotation), "force_destroy", test.force)
			config = with(config, "chunking_settings", test.chunking)
			planned, _, found, w := rotated(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}}, config, func() {
				if test.used {
					server.Use("e", []string{"ingest-docs"}, nil)
				}
			})
			text, errs := told(found), errorsOf(found)
			got := updates
			switch {
			case len(errs) > 0:
				got = fails
			case planned.deletes:
				got = replaces
			}
			if got != test.want || len(errs) > 1 {
				t.Fatalf("got %s, want %s: %s", got, test.want, text)
			}
			for _, want := range test.says {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing in: %s", want, text)
				}
			}
			if got == fails {
				return
			}
			if errs := errorsOf(w.session(t.Context()).carryOut(planned)); len(errs) > 0 {
				t.Fatalf("not applied: %s", told(errs))
			}
			if _, secret := server.Keys("e"); secret != "another" {
				t.Errorf("the server has the keys %q", secret)
			}
			next := w.session(t.Context())
			if again, found := next.plan(); !again.isEmpty() || len(errorsOf(found)) > 0 {
				t.Errorf("the next plan is not empty: %s", told(found))
			}
		})
	}
}

// TestRotationWithOtherChanges rotates the keys of an endpoint in use together with
// another change: one that is made in place, and one that replaces the endpoint.
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
		_, _, _, w := rotated(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}}, with(good(), "inference_id", "e"), func() {})
		server.Use("e", []string{"ingest-docs"}, nil)
		w.config = with(w.config, test.path, test.value)
		planned, found := w.session(t.Context()).plan()
		if planned.deletes != test.replaces || len(errorsOf(found)) > 0 {
			t.Errorf("%s: replaces is %t: %s", name, planned.deletes, told(found))
		}
		if got := strings.Contains(told(found), "are changed in place"); got == test.replaces {
			t.Errorf("%s: got %s", name, told(found))
		}
	}
}

// TestInPlaceIsAnnounced checks that the first plan with "in_place" warns if the
// target cannot change the keys in place, and later plans do not.
func TestInPlaceIsAnnounced(t *testing.T) {
	t.Parallel()
	const summary = "Keys cannot be rotated in place"
	for version, warns := range map[string]bool{"9.6.0": false, "9.5.0": true, "8.16.0": true, "8.18.0": true, "9.5.3": false} {
		server := elasticsearchtest.New(t, elasticsearchtest.Version(version))
		w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
		first := with(good(), "inference_id", "e")
		for _, config := range []object{with(first, "credentials_rotation", "in_place"), first} {
			w.config = config
			if got := strings.Contains(told(w.apply(t.Context(), func() {})), summary); got != (warns && config["credentials_rotation"] != nil) {
				t.Errorf("%s: warned is %t for %v", version, got, config["credentials_rotation"])
			}
		}
		w.config = with(first, "credentials_rotation", "in_place")
		if got := strings.Contains(told(w.apply(t.Context(), func() {})), summary); got != warns {
			t.Errorf("%s: an update to in_place warned %t", version, got)
		}
		if _, found := w.session(t.Context()).plan(); strings.Contains(told(found), summary) {
			t.Errorf("%s: the warning is repeated", version)
		}
	}
}

// TestRotationOfUsedEndpoint rotates the keys of an endpoint that a pipeline uses,
// on Terraform, without any setting for it.
func TestRotationOfUsedEndpoint(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, "9.6.0")
	terraform := newCLI(t, provider+endpointConfig("e", "text_embedding", titanEmbedding))
	terraform.succeeds(apply...)
	server.Use("e", []string{"ingest-docs"}, []string{"docs"})
	terraform.rewrite("secret-one", "secret-two")
	if out := words(terraform.succeeds(apply...)); !strings.Contains(out, "0 added, 1 changed, 0 destroyed") || !strings.Contains(out, "AWS keys are changed in place") {
		t.Errorf("got %s", out)
	}
	if _, secret := server.Keys("e"); secret != "secret-two" {
		t.Error("the server does not have the new key")
	}
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
}

// TestReplacementKeepsVectors checks in plans of replacements whether dimensions and
// similarity are known, and that the apply agrees.
func TestReplacementKeepsVectors(t *testing.T) {
	t.Parallel()
	provider := object{"embedded": object{"path": filepath.Join(t.TempDir(), "e.db")}, "bedrock": object{"simulate": true}}
	w := newWorkspace(t, provider)
	first := with(good(), "inference_id", "e")
	w.config = first
	if errs := errorsOf(w.apply(t.Context(), func() {})); len(errs) > 0 {
		t.Fatal(told(errs))
	}
	for _, test := range []struct {
		name        string
		path, value string
		dimensions  bool
		similarity  bool
	}{
		{"keys", "service_settings.secret_key", "second", true, true},
		{"similarity", "service_settings.similarity", "dot_product", true, true},
		{"similarity back to the default", "service_settings.secret_key", "third", true, false},
		{"region", "service_settings.region", "us-west-2", false, false},
		{"model", "service_settings.model", "amazon.titan-embed-text-v1", false, false},
	} {
		w.config = with(first, test.path, test.value)
		planning := w.session(t.Context())
		planning.refresh()
		planned, found := planning.plan()
		if len(errorsOf(found)) > 0 || planned.makes == nil || !planned.deletes {
			t.Fatalf("%s: no replacement: %s", test.name, told(found))
		}
		settings := attributesOf(attributesOf(planned.makes.value)["service_settings"])
		if got := settings["dimensions"].IsKnown(); got != test.dimensions {
			t.Errorf("%s: dimensions are known: %t", test.name, got)
		}
		if got := settings["similarity"].IsKnown(); got != test.similarity {
			t.Errorf("%s: similarity is known: %t", test.name, got)
		}
		if attributesOf(planned.makes.value)["id"].IsKnown() {
			t.Errorf("%s: id is known before the replacement exists", test.name)
		}
		if errs := errorsOf(w.session(t.Context()).carryOut(planned)); len(errs) > 0 {
			t.Fatalf("%s: %s", test.name, told(errs))
		}
	}
}

// TestReplacementOnTerraform replaces an endpoint whose outputs are used: Terraform
// plans the creation again during the apply, in another process.
func TestReplacementOnTerraform(t *testing.T) {
	t.Parallel()
	terraform := newCLI(t, embedded(t)+endpointConfig("e", "text_embedding", titanEmbedding)+`
output "dimensions" {
  value = inference_endpoint.this.service_settings.dimensions
}
output "revision" {
  value = inference_endpoint.this.credentials_revision
}
`)
	if plan := words(terraform.succeeds("plan", "-no-color")); !strings.Contains(plan, "+ revision = 1") {
		t.Errorf("the revision of a new endpoint is not known:\n%s", plan)
	}
	terraform.succeeds(apply...)
	terraform.rewrite("secret-one", "secret-two")
	plan := words(terraform.succeeds("plan", "-no-color"))
	if !strings.Contains(plan, "1 to add, 0 to change, 1 to destroy") || strings.Contains(plan, "~ dimensions") {
		t.Errorf("the rotation changes the dimensions:\n%s", plan)
	}
	terraform.succeeds(apply...)
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	terraform.succeeds("taint", endpoint)
	terraform.succeeds(apply...)
	terraform.succeeds("apply", "-no-color", "-auto-approve", "-replace="+endpoint)
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
}

// TestRenamed renames a resource without a moved block, and gives it for_each: the
// warning of the plan and the error of the apply lead with a moved block.
func TestRenamed(t *testing.T) {
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
		moved, advised := strings.Index(plan, "moved {"), strings.Index(plan, "terraform import")
		if moved < 0 || advised >= 0 && advised < moved {
			t.Errorf("%s: the warning does not lead with a moved block:\n%s", name, plan)
		}
	}
}

// TestReplacementWithoutPrivateState replaces an endpoint whose private data was lost
// with a killed provider: it is not taken for a second resource with the same id.
func TestReplacementWithoutPrivateState(t *testing.T) {
	t.Parallel()
	for _, refreshed := range []bool{true, false} {
		server := elasticsearchtest.New(t, elasticsearchtest.Version("9.5.0"))
		w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
		w.config = with(good(), "inference_id", "e")
		if errs := errorsOf(w.apply(t.Context(), func() {})); len(errs) > 0 {
			t.Fatal(told(errs))
		}
		w.held.private = nil
		w.config = with(w.config, "service_settings.model", "amazon.titan-embed-text-v1")
		s := w.session(t.Context())
		if refreshed {
			s.refresh()
		}
		if planned, found := s.plan(); !planned.deletes || planned.makes == nil || len(errorsOf(found)) > 0 {
			t.Errorf("refreshed is %t: %s", refreshed, told(found))
		}
	}
}

// TestOneIDTwice has two resources with one id: both new, and one of them new.
func TestOneIDTwice(t *testing.T) {
	t.Parallel()
	one := endpointConfig("e", "completion", claude)
	two := strings.Replace(one, `"this"`, `"other"`, 1)
	terraform := newCLI(t, embedded(t)+one+two)
	out := words(terraform.fails(apply...))
	if !strings.Contains(out, `Another resource of this configuration has just created inference endpoint "e"`) || strings.Contains(out, "terraform import") {
		t.Errorf("both are new:\n%s", out)
	}
	_, out, _ = strings.Cut(words(terraform.fails("plan", "-no-color")), "Error: ")
	if !strings.Contains(out, `Another resource of this configuration already manages inference endpoint "e"`) || strings.Contains(out, "terraform import") {
		t.Errorf("one is new:\n%s", out)
	}
}
