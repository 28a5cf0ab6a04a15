// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	embeddedtarget "github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
)

// TestEndpointInUse checks that the server refuses to delete an endpoint that
// pipelines and indices use, that the error names them, and that force_destroy
// deletes it.
func TestEndpointInUse(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, "9.6.0")
	config := provider + endpointConfig("e", "text_embedding", titanEmbedding)
	forced := provider + endpointConfig("e", "text_embedding", titanEmbedding, "force_destroy = true")
	acceptance(t,
		step{config: config},
		step{
			before: func() { server.Use("e", []string{"ingest-docs"}, []string{"docs-1", "docs-2"}) },
			config: provider,
			fails:  `(?s)ingest-docs.*docs-1.*docs-2.*force_destroy`,
		},
		step{config: forced, action: plancheck.ResourceActionUpdate},
		step{config: provider},
	)
	if ids := server.IDs(); len(ids) != 0 {
		t.Errorf("got endpoints %q, want none", ids)
	}
}

// TestPlanReportsTargetOnce checks that a plan for another target, or for one that
// does not respond, has one error and does not ask what uses the endpoint.
func TestPlanReportsTargetOnce(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, elasticsearchtest.Newest)
	other, _ := cluster(t, elasticsearchtest.Newest, elasticsearchtest.ClusterUUID("other"))
	other.Use("e", []string{"ingest-docs"}, nil)
	var w *workspace
	for _, url := range []string{other.URL, server.URL} {
		w = newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{url}}})
		w.config = with(validEndpoint(), "inference_id", "e")
		s := w.session(t.Context())
		created, _ := s.plan()
		if found := errorsOf(s.applyPlan(created)); len(found) > 0 {
			t.Fatalf("apply fails: %s", diagnosticsText(found))
		}
	}
	replaced := with(w.config, "service_settings.model", "amazon.titan-embed-text-v1")
	newKey := with(w.config, "service_settings.secret_key", "another")
	for name, endpoint := range map[string]string{"another": other.URL, "none": "http://127.0.0.1:1"} {
		w.provider = object{"elasticsearch": object{"endpoints": []any{endpoint}, "max_retries": 0}}
		for change, config := range map[string]object{"destroy": nil, "replacement": replaced, "rotation": newKey} {
			w.config = config
			if _, found := w.session(t.Context()).plan(); len(found) != 1 || len(errorsOf(found)) != 1 {
				t.Errorf("%s, %s: got %s, want one error", name, change, diagnosticsText(found))
			}
		}
	}
}

// TestPlanNamesUse checks that the plans of a destroy and of a replacement name what
// uses the endpoint.
func TestPlanNamesUse(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, "9.6.0")
	terraform := newCLI(t, provider+endpointConfig("e", "text_embedding", titanEmbedding))
	terraform.succeeds("apply", "-no-color", "-auto-approve")
	server.Use("e", []string{"ingest-docs"}, []string{"docs-1"})
	destroy := terraform.succeeds("plan", "-no-color", "-destroy")
	terraform.rewrite("amazon.titan-embed-text-v2:0", "amazon.titan-embed-text-v1")
	change := terraform.succeeds("plan", "-no-color")
	for name, plan := range map[string]string{"destroy": destroy, "change of model": change} {
		if !strings.Contains(plan, "ingest-docs") || !strings.Contains(plan, "docs-1") {
			t.Errorf("%s does not name what uses the endpoint:\n%s", name, plan)
		}
	}
	if !regexp.MustCompile(`cannot\s+be\s+compared\s+with\s+those\s+stored`).MatchString(change) {
		t.Errorf("a change of model does not say that stored vectors no longer match:\n%s", change)
	}
}

// TestStateOfAnotherCluster checks that plans fail, and change nothing, for a state
// of another cluster.
func TestStateOfAnotherCluster(t *testing.T) {
	t.Parallel()
	_, here := cluster(t, "9.6.0", elasticsearchtest.ClusterUUID("here"))
	elsewhere, there := cluster(t, "9.6.0", elasticsearchtest.ClusterUUID("there"))
	config := endpointConfig("e", "completion", claude)
	terraform := newCLI(t, here+config)
	terraform.succeeds("apply", "-no-color", "-auto-approve")
	terraform.rewrite(here, there)
	plan := terraform.fails("plan", "-no-color")
	if !strings.Contains(plan, "elasticsearch:here") || !strings.Contains(plan, "elasticsearch:there") {
		t.Errorf("the plan does not name both clusters:\n%s", plan)
	}
	terraform.rewrite(`task_type    = "completion"`, "task_type    = \"completion\"\n  task_settings = { top_p = 0.5 }")
	if out := terraform.fails("plan", "-no-color"); !strings.Contains(out, "elasticsearch:here") {
		t.Errorf("the error of a change does not name the cluster:\n%s", out)
	}
	if ids := elsewhere.IDs(); len(ids) != 0 {
		t.Errorf("got endpoints %q on the other cluster, want none", ids)
	}
}

// TestUnsupportedVersion checks that the plan rejects a cluster without the service, and names
// the first version that has it.
func TestUnsupportedVersion(t *testing.T) {
	t.Parallel()
	_, provider := cluster(t, "8.14.3")
	acceptance(t, step{
		config: provider + endpointConfig("e", "completion", claude), planOnly: true,
		fails: `(?s)Elasticsearch 8\.14\.3.*8\.15`,
	})
}

// TestRequiredKeys checks that a plan on Elasticsearch requires keys for a new
// endpoint and for a replacement.
func TestRequiredKeys(t *testing.T) {
	t.Parallel()
	_, provider := cluster(t, "9.6.0")
	without := func(settings string) string { return strings.Replace(settings, keys, "", 1) }
	const missing = "requires the AWS keys"
	acceptance(t,
		step{config: provider + endpointConfig("e", "completion", without(claude)), planOnly: true, fails: missing},
		step{config: provider + endpointConfig("e", "completion", claude)},
		step{config: provider + endpointConfig("e", "completion", without(claude)), action: plancheck.ResourceActionNoop},
		step{config: provider + endpointConfig("e", "completion", without(titanText)), planOnly: true, fails: missing},
	)
}

// TestDeletedEndpoint checks that an endpoint that was deleted outside Terraform is planned to
// be created, and that deleting it is not an error.
func TestDeletedEndpoint(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, "9.6.0")
	config := provider + endpointConfig("e", "completion", claude)
	acceptance(t,
		step{config: config},
		step{before: func() { server.Remove("e") }, config: config, action: plancheck.ResourceActionCreate},
		step{before: func() { server.Remove("e") }, config: provider},
	)
}

// TestCreateBeforeDestroy checks that the error of a replacement with the same id
// names create_before_destroy. With another id, it works.
func TestCreateBeforeDestroy(t *testing.T) {
	t.Parallel()
	_, provider := cluster(t, "9.6.0")
	const lifecycle = "lifecycle {\n    create_before_destroy = true\n  }"
	acceptance(t,
		step{config: provider + endpointConfig("e", "completion", claude, lifecycle)},
		step{
			config: provider + endpointConfig("e", "completion", titanText, lifecycle),
			fails:  `remove\s+lifecycle.create_before_destroy`,
		},
		step{
			config: provider + strings.Replace(endpointConfig("e", "completion", titanText, lifecycle), `"e"`, `"e2"`, 1),
		},
	)
}

// TestUnsupportedRotation checks that the plan rejects "in_place" on a server that cannot
// change keys in place, and says what to do.
func TestUnsupportedRotation(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"8.15.0", "9.5.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			_, provider := cluster(t, version)
			config := provider + endpointConfig("e", "completion", claude, `credentials_rotation = "in_place"`)
			acceptance(t,
				step{config: config},
				step{config: withSecret(config, "secret-two"), planOnly: true, fails: `credentials_rotation\s+=\s+"replace"`},
			)
		})
	}
}

// TestReadEndpoints checks that the data sources read the endpoints of the resources,
// and that filters select among them.
func TestReadEndpoints(t *testing.T) {
	t.Parallel()
	_, provider := cluster(t, "9.6.0")
	config := provider + endpointConfig("e", "text_embedding", titanEmbedding) + `
resource "inference_endpoint" "text" {
  inference_id = "a-text"
  task_type    = "completion"
  service_settings = {
    ` + claude + `
  }
}
data "inference_endpoint" "one" {
  inference_id = inference_endpoint.this.id
}
data "inference_endpoints" "all" {
  depends_on = [inference_endpoint.this, inference_endpoint.text]
}
data "inference_endpoints" "completions" {
  task_type  = "completion"
  service    = "amazonbedrock"
  depends_on = [inference_endpoint.this, inference_endpoint.text]
}
data "inference_endpoints" "none" {
  model      = "anthropic.claude-v2"
  depends_on = [inference_endpoint.this, inference_endpoint.text]
}
`
	names := tfjsonpath.New[string]
	acceptance(t, step{config: config, state: []statecheck.StateCheck{
		statecheck.ExpectKnownValue("data.inference_endpoint.one", names("service_settings").AtMapKey("model"), knownvalue.StringExact("amazon.titan-embed-text-v2:0")),
		statecheck.ExpectKnownValue("data.inference_endpoint.one", names("chunking_settings").AtMapKey("strategy"), knownvalue.StringExact("sentence")),
		statecheck.ExpectKnownValue("data.inference_endpoints.all", names("endpoints"), knownvalue.ListSizeExact(2)),
		statecheck.ExpectKnownValue("data.inference_endpoints.all", names("endpoints").AtSliceIndex(0).AtMapKey("inference_id"), knownvalue.StringExact("a-text")),
		statecheck.ExpectKnownValue("data.inference_endpoints.completions", names("endpoints"), knownvalue.ListSizeExact(1)),
		statecheck.ExpectKnownValue("data.inference_endpoints.none", names("endpoints"), knownvalue.ListSizeExact(0)),
	}})
}

// TestUnreadableVersion checks that one warning names the assumed version if the user may
// not read it, and none if it is configured.
func TestUnreadableVersion(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, "9.6.0")
	server.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/" {
			w.Header().Set("X-Elastic-Product", "Elasticsearch")
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"error":{"type":"security_exception","reason":"action is unauthorized"},"status":403}`)
			return
		}
		next.ServeHTTP(w, r)
	})
	terraform := newCLI(t, provider+endpointConfig("a", "completion", claude)+
		strings.NewReplacer(`"this"`, `"that"`, `"a"`, `"b"`).Replace(endpointConfig("a", "completion", claude)))
	if plan := terraform.succeeds("plan", "-no-color"); strings.Count(plan, "Elasticsearch version is assumed") != 1 {
		t.Errorf("the plan does not have one warning:\n%s", plan)
	}
	terraform.rewrite("elasticsearch = {", "elasticsearch = {\n    version = \"9.6.0\"")
	if plan := terraform.succeeds("plan", "-no-color"); strings.Contains(plan, "Warning") {
		t.Errorf("the plan has a warning:\n%s", plan)
	}
}

// TestReplacementIsNoDuplicate checks that replacements do not report that the endpoint
// already exists.
func TestReplacementIsNoDuplicate(t *testing.T) {
	t.Parallel()
	const lifecycle = "lifecycle {\n    create_before_destroy = true\n  }"
	terraform := newCLI(t, embedded(t)+endpointConfig("e", "completion", claude, lifecycle))
	terraform.succeeds(apply...)
	requested := terraform.succeeds("plan", "-no-color", "-replace="+endpoint)
	terraform.rewrite("secret-one", "secret-two")
	for _, plan := range []string{requested, terraform.succeeds("plan", "-no-color")} {
		if strings.Contains(plan, "already exists") || strings.Contains(plan, "Duplicate inference_id") {
			t.Errorf("got a message about a duplicate, want none:\n%s", plan)
		}
	}
}

// TestDuplicateID checks that the plan warns about two new resources with the same id, and
// that the apply creates one of them.
func TestDuplicateID(t *testing.T) {
	t.Parallel()
	one, other := endpointConfig("e", "completion", claude), endpointConfig("f", "completion", claude)
	terraform := newCLI(t, embedded(t)+one+strings.Replace(other, `"this"`, `"other"`, 1))
	if plan := terraform.succeeds("plan", "-no-color"); strings.Contains(plan, "Duplicate inference_id") {
		t.Errorf("got a warning about different ids, want none:\n%s", plan)
	}
	terraform.rewrite(`inference_id = "f"`, "force_destroy = true\n  inference_id = \"e\"")
	plan := strings.Join(strings.Fields(terraform.succeeds("plan", "-no-color")), " ")
	if got := strings.Count(plan, "Duplicate inference_id"); got != 1 || !strings.Contains(plan, `creates an inference endpoint "e" with other settings`) {
		t.Errorf("got %d warnings, want 1:\n%s", got, plan)
	}
	if out := terraform.fails(apply...); !strings.Contains(out, "Inference endpoint already exists") {
		t.Errorf("got the output, want an error about the second resource:\n%s", out)
	}
	// The rejected resource must not be in the state, or it would be destroyed.
	if resources := strings.Fields(terraform.succeeds("state", "list")); len(resources) != 1 {
		t.Errorf("got resources %q in the state, want one", resources)
	}
	if state := terraform.succeeds("show", "-no-color"); strings.Contains(state, "tainted") {
		t.Errorf("the created endpoint is tainted:\n%s", state)
	}
}

// TestImportInvalidID checks the errors of imports with ids that no endpoint has, for
// example with an empty one from an unset shell variable.
func TestImportInvalidID(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	p.configure(t, object{"embedded": object{"path": filepath.Join(t.TempDir(), "e.db")}})
	for id, want := range map[string]string{
		"":          `"" is not an inference id: `,
		"E1":        `"E1" is not an inference id: `,
		"\te1":      `Write for example "e1".`,
		"rerank/e1": `The id is "rerank/e1". "rerank" is not a task type`,
		"e1/":       `The id is "e1/". "" is not`,
		".elser":    `".elser" begins with a dot, as the ids of Elasticsearch's own default endpoints do. They can be neither changed nor deleted, so Terraform cannot manage them.`,
	} {
		resp, err := p.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: endpointType, ID: id})
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary != "Invalid import id" || !strings.Contains(resp.Diagnostics[0].Detail, want) {
			t.Errorf("%q: got %s", id, diagnosticsText(resp.Diagnostics))
		}
	}
}

// TestRepeatedPlans checks that one provider may plan the same endpoint several
// times, before and after it is created.
func TestRepeatedPlans(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, object{"embedded": object{"path": filepath.Join(t.TempDir(), "e.db")}, "bedrock": object{"simulate": true}})
	w.config = with(validEndpoint(), "inference_id", "e")
	s := w.session(t.Context())
	_, first := s.plan()
	created, second := s.plan()
	s.applyPlan(created)
	w.state, w.config = nil, with(w.config, "force_destroy", true)
	_, third := s.plan()
	for i, found := range [][]*tfprotov6.Diagnostic{first, second, third} {
		if strings.Contains(diagnosticsText(found), "Duplicate inference_id") {
			t.Errorf("plan %d: got %s, want no warning about a duplicate", i, diagnosticsText(found))
		}
	}
}

// TestRemovedSimilarity checks that the plan of a replacement warns if a similarity
// was removed from the configuration.
func TestRemovedSimilarity(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, object{"embedded": object{"path": filepath.Join(t.TempDir(), "e.db")}, "bedrock": object{"simulate": true}})
	configured := with(validEndpoint(), "service_settings.similarity", "dot_product")
	w.config = configured
	s := w.session(t.Context())
	created, _ := s.plan()
	if found := errorsOf(s.applyPlan(created)); len(found) > 0 {
		t.Fatalf("apply fails: %s", diagnosticsText(found))
	}
	for config, warns := range map[string]bool{"kept": false, "removed": true} {
		w.config = with(configured, "service_settings.secret_key", "another")
		if warns {
			w.config = with(w.config, "service_settings.similarity", nil)
		}
		_, found := s.plan()
		if got := strings.Contains(diagnosticsText(found), `Similarity is not kept: service_settings.similarity: The endpoint has similarity "dot_product"`); got != warns {
			t.Errorf("%s: warning: got %t, want %t: %s", config, got, warns, diagnosticsText(found))
		}
	}
}

// TestPlanPredictsRecreation checks the plans of replacements of an endpoint that an index
// uses, because Elasticsearch compares its mapping when the endpoint is created again.
func TestPlanPredictsRecreation(t *testing.T) {
	t.Parallel()
	const rejected, uncertain = "Endpoint cannot be recreated", "Endpoint may not be recreated"
	for version, checks := range map[string]bool{"9.2.0": false, elasticsearchtest.Newest: true} {
		server, _ := cluster(t, version)
		w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
		w.config = with(with(validEndpoint(), "inference_id", "e"), "force_destroy", true)
		s := w.session(t.Context())
		created, _ := s.plan()
		if found := errorsOf(s.applyPlan(created)); len(found) > 0 {
			t.Fatalf("apply fails: %s", diagnosticsText(found))
		}
		server.Use("e", nil, []string{"docs"})
		applied := w.config
		for name, test := range map[string]struct{ path, value, want string }{
			"similarity": {"service_settings.similarity", "l2_norm", rejected},
			"model":      {"service_settings.model", "amazon.titan-embed-text-v1", uncertain},
			"keys":       {"service_settings.secret_key", "another", ""},
			"id":         {"inference_id", "f", ""},
		} {
			w.config = with(applied, test.path, test.value)
			_, found := w.session(t.Context()).plan()
			text := diagnosticsText(found)
			want := test.want
			if !checks {
				want = ""
			}
			for _, summary := range []string{rejected, uncertain} {
				if got := strings.Contains(text, summary); got != (summary == want) {
					t.Errorf("%s, %s: %q in the plan: got %t, want %t: %s", version, name, summary, got, !got, text)
				}
			}
			if got := len(errorsOf(found)) > 0; got != (want == rejected) {
				t.Errorf("%s, %s: error: got %t, want %t: %s", version, name, got, !got, text)
			}
			if want != "" && !strings.Contains(text, "new inference_id") {
				t.Errorf("%s, %s: got %s, want a remedy", version, name, text)
			}
		}
	}
}

// TestForceDestroyTooLate checks that the plan of a replacement says that a new
// force_destroy = true has no effect on the endpoint that it deletes.
func TestForceDestroyTooLate(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, "9.6.0")
	for name, change := range map[string][2]string{
		"model":         {"amazon.titan-embed-text-v2:0", "amazon.titan-embed-text-v1"},
		"rotation, set": {"secret-one", "secret-two"},
	} {
		id := strings.Fields(name)[0][:3]
		terraform := newCLI(t, provider+endpointConfig(id, "text_embedding", titanEmbedding, "force_destroy = false", `credentials_rotation = "replace"`))
		terraform.succeeds(apply...)
		server.Use(id, []string{"ingest-docs"}, nil)
		terraform.rewrite(change[0], change[1])
		terraform.rewrite("force_destroy = false", "force_destroy = true")
		out, _ := terraform.run("plan", "-no-color")
		if !strings.Contains(words(out), "force_destroy = true is not applied yet when the old endpoint is deleted") {
			t.Errorf("%s: got the plan, want a warning about force_destroy:\n%s", name, out)
		}
	}
}

// TestDamagedFile checks that a plan reports a damaged file once, at the attribute
// with its path, and that no endpoint is planned to be created.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	valid := filepath.Join(t.TempDir(), "valid.db")
	if err := embeddedtarget.New(valid, nil).Touch(t.Context()); err != nil {
		t.Fatal(err)
	}
	place, err := embeddedtarget.New(valid, nil).Place(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	uuid := []byte(place.UUID)
	content, err := os.ReadFile(valid)
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string][]byte{
		"another format": bytes.Repeat([]byte("another format "), 4000),
		"empty":          {},
		"cut off":        content[:len(content)/2],
		"another UUID":   bytes.Replace(content, uuid, []byte("AAAAAAAAAAAAAAAAAAAAAA"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "x.db")
			if err := os.WriteFile(file, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			terraform := newCLI(t, fmt.Sprintf("provider \"inference\" {\n  embedded = { path = %q }\n}\n", file)+
				endpointConfig("e", "completion", claude)+strings.Replace(endpointConfig("f", "completion", claude), `"this"`, `"that"`, 1))
			out := words(terraform.fails("plan", "-no-color"))
			if strings.Count(out, "Endpoint file is damaged") != 1 || !strings.Contains(out, `in provider "inference"`) || !strings.Contains(out, "terraform apply then creates the configured endpoints") || strings.Contains(out, "moved_from") {
				t.Errorf("got %s, want one error about the file", out)
			}
		})
	}
}
