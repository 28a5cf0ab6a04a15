// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// cluster starts a simulated cluster of a version of Elasticsearch, and returns it with a
// provider block for it.
func cluster(tb testing.TB, version string, options ...elasticsearchtest.Option) (*elasticsearchtest.Server, string) {
	tb.Helper()
	if version == "serverless" {
		options = append(options, elasticsearchtest.Serverless())
	} else {
		options = append(options, elasticsearchtest.Version(version))
	}
	server := elasticsearchtest.New(tb, options...)
	return server, clusterBlock(server)
}

// clusterBlock returns a provider block for a cluster.
func clusterBlock(server *elasticsearchtest.Server) string {
	return fmt.Sprintf(`
provider "inference" {
  elasticsearch = {
    endpoints      = [%q]
    retry_wait_min = "1ms"
    retry_wait_max = "5ms"
  }
}
`, server.URL)
}

var imported = step{importID: "e"}

// TestElasticsearchVersions checks that plans after create and import are empty,
// although the server returns the provider in upper case and fills in defaults.
func TestElasticsearchVersions(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"8.15.0", "8.16.0", "8.18.0", "9.1.0", "9.3.0", "9.5.0", "9.6.0", "serverless"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			server, provider := cluster(t, version)
			var chunking knownvalue.Check = knownvalue.NotNull()
			if version == "8.15.0" {
				chunking = knownvalue.Null()
			}
			acceptance(t,
				step{
					config: provider + endpointConfig("e", "text_embedding", titanEmbedding),
					state: []statecheck.StateCheck{
						holds(tfjsonpath.New("target"), knownvalue.StringRegexp(regexp.MustCompile("^elasticsearch:"))),
						holds(service("provider"), knownvalue.StringExact("amazontitan")),
						holds(service("dimensions"), knownvalue.NotNull()),
						holds(service("similarity"), knownvalue.StringExact("cosine")),
						holds(tfjsonpath.New("chunking_settings"), chunking),
					},
				},
				imported,
				step{
					config: provider + endpointConfig("e", "completion", claude, `task_settings = { top_p = 1, max_new_tokens = 9 }`),
					action: plancheck.ResourceActionReplace,
				},
				imported,
				step{config: provider},
			)
			if ids := server.IDs(); len(ids) != 0 {
				t.Errorf("got endpoints %q after destroy, want none", ids)
			}
		})
	}
}

// TestElasticsearchPlanner checks which changes are made in place on which version. The
// simulated cluster behaves as that version does, so that an apply fails if the plan is wrong.
func TestElasticsearchPlanner(t *testing.T) {
	t.Parallel()
	const replace, update = "replace", "update"
	embedding, completion := with(validEndpoint(), "inference_id", "e"), with(validCompletion(), "inference_id", "e")
	words := object{"strategy": "word", "max_chunk_size": 250, "overlap": 100}
	const maxInputTokens, similarity = "service_settings.max_input_tokens", "service_settings.similarity"
	tests := map[string]struct {
		config object
		at     string
		before any
		after  any
		want   map[string]string
	}{
		"rate limit": {completion, atLimit, 60, 61, map[string]string{
			"8.15.0": replace, "8.18.0": replace, "9.1.0": replace, "9.3.0": replace, "9.4.0": update, "9.5.0": update, "9.6.0": update, "serverless": update,
		}},
		"rate limit removed":       {completion, "service_settings.rate_limit", object{"requests_per_minute": 60}, nil, map[string]string{"8.18.0": replace, "9.6.0": update}},
		"max_input_tokens":         {embedding, maxInputTokens, 100, 200, map[string]string{"8.18.0": replace, "9.1.0": replace, "9.4.0": update, "9.5.0": update, "9.6.0": update}},
		"max_input_tokens removed": {embedding, maxInputTokens, 100, nil, map[string]string{"8.18.0": replace, "9.6.0": replace}},
		"similarity":               {embedding, similarity, "cosine", "dot_product", map[string]string{"8.18.0": replace, "9.6.0": replace}},
		"task setting changed": {completion, atTopP, 0.5, 0.6, map[string]string{
			"8.15.0": replace, "8.17.0": replace, "8.18.0": update, "9.1.0": update, "9.3.0": update, "9.5.0": update, "9.6.0": update,
		}},
		"task setting added": {completion, "task_settings", nil, object{"max_new_tokens": 6}, map[string]string{"8.15.0": replace, "8.18.0": update, "9.6.0": update}},
		"task setting removed": {with(completion, atMaxTokens, 6), atTopP, 0.5, nil, map[string]string{
			"8.15.0": replace, "8.18.0": replace, "9.6.0": replace,
		}},
		"chunking": {embedding, "chunking_settings", nil, words, map[string]string{
			"8.18.0": replace, "9.1.0": replace, "9.3.0": replace, "9.5.0": update, "9.6.0": update, "serverless": update,
		}},
		"keys in place": {with(completion, "credentials_rotation", "in_place"), "service_settings.secret_key", "secret-one", "secret-two", map[string]string{
			"8.18.0": update, "9.1.0": update, "9.6.0": update,
		}},
	}
	for name, test := range tests {
		for version, want := range test.want {
			t.Run(name+" on "+version, func(t *testing.T) {
				t.Parallel()
				server, _ := cluster(t, version)
				w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
				for _, value := range []any{test.before, test.after} {
					w.config = with(test.config, test.at, value)
					s := w.session(t.Context())
					found := s.refresh()
					planned, more := s.plan()
					got := update
					if planned.destroys {
						got = replace
					}
					if found = errorsOf(append(found, more...)); len(found) > 0 || w.state != nil && got != want {
						t.Fatalf("%s = %v: got %s, want %s: %s", test.at, value, got, want, diagnosticsText(found))
					}
					if found := errorsOf(w.session(t.Context()).applyPlan(planned)); len(found) > 0 {
						t.Fatalf("%s = %v: apply fails: %s", test.at, value, diagnosticsText(found))
					}
					w.checkSettled()
				}
			})
		}
	}
}

var claudeSettings = inference.ServiceSettings{Region: "us-east-1", Provider: inference.Anthropic, Model: "us.anthropic.claude-sonnet-4-6"}

// putEndpoint creates an endpoint without Terraform.
func putEndpoint(t *testing.T, server *elasticsearchtest.Server, id string, task inference.TaskType, service inference.ServiceSettings, settings inference.TaskSettings) {
	t.Helper()
	client, err := elasticsearch.New(elasticsearch.Config{Endpoints: []string{server.URL}, RequestTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Create(t.Context(), inference.Endpoint{
		InferenceID: id, TaskType: task, Service: inference.Service, ServiceSettings: service, TaskSettings: settings,
	}, inference.Keys{AccessKey: "AKIATEST", SecretKey: "secret-one"})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLimitsNeedKeys checks that the plan replaces the endpoint and gives the reason if a
// limit changes without keys, because Elasticsearch 9.4 changes limits in place only with
// keys.
func TestLimitsNeedKeys(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, "9.4.0")
	putEndpoint(t, server, "e", inference.Completion, claudeSettings, inference.TaskSettings{})
	settings := strings.Replace(claude, keys, "", 1) + "\n    rate_limit = { requests_per_minute = 61 }"
	terraform := newCLI(t, provider+endpointConfig("e", "completion", settings))
	terraform.succeeds("import", "-no-color", endpoint, "e")
	output := terraform.fails("plan", "-no-color") // a replacement needs the keys
	for _, want := range []string{"Elasticsearch 9.4.0 cannot change the rate limit without access_key and secret_key in place", "Key is missing"} {
		if !strings.Contains(unframed(output), want) {
			t.Errorf("got the plan, want it to contain %q:\n%s", want, output)
		}
	}
	terraform.rewrite("service_settings = {", "service_settings = {\n"+keys)
	terraform.succeeds("apply", "-no-color", "-auto-approve")
	if got := server.Endpoint("e"); !strings.Contains(got, `"requests_per_minute":61`) {
		t.Errorf("got %s, want requests_per_minute 61", got)
	}
	for _, request := range server.Requests() {
		if request.Method == http.MethodDelete && !strings.Contains(request.Query, "dry_run") {
			t.Errorf("got the request %s, want no DELETE", request)
		}
	}
}

// TestTimeouts checks that the timeout of each operation ends it if the server does not
// respond, and that the error names the setting.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"create", "read", "update", "delete"} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			server, _ := cluster(t, elasticsearchtest.Newest)
			w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
			limited := with(validEndpoint(), "timeouts", object{operation: "1ms"})
			if operation == "update" {
				w.config = validEndpoint()
				limited = with(limited, atLimit, 9)
			} else if operation != "create" {
				w.config = limited
			}
			if w.config != nil {
				if found := errorsOf(w.apply(t.Context(), func() {})); len(found) > 0 {
					t.Fatal(diagnosticsText(found))
				}
			}
			if w.config = limited; operation == "delete" {
				w.config = nil
			}
			planned, found := w.session(t.Context()).plan()
			if len(errorsOf(found)) > 0 {
				t.Fatal(diagnosticsText(found))
			}
			server.Intercept(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() })
			if operation == "read" {
				found = w.session(t.Context()).refresh()
			} else {
				found = w.session(t.Context()).applyPlan(planned)
			}
			if errs := errorsOf(found); len(errs) != 1 || !strings.Contains(diagnosticsText(errs), "Increase timeouts") {
				t.Errorf("got %s, want one error about the timeout", diagnosticsText(found))
			}
		})
	}
}

// TestUpdatesOfOldClusters checks that a replacement on 8.17 gives the reason why the
// endpoint is not updated.
func TestUpdatesOfOldClusters(t *testing.T) {
	t.Parallel()
	_, provider := cluster(t, "8.17.0")
	terraform := newCLI(t, provider+endpointConfig("e", "completion", claude, "task_settings = { max_new_tokens = 7 }"))
	terraform.succeeds("apply", "-no-color", "-auto-approve")
	terraform.rewrite("max_new_tokens = 7", "max_new_tokens = 8")
	output := terraform.succeeds("plan", "-no-color")
	if want := "cannot change max_new_tokens in place (its nodes cannot pass an update on to each other, which was fixed in 8.18.0)"; !strings.Contains(unframed(output), want) {
		t.Errorf("got the plan, want it to contain %q:\n%s", want, output)
	}
}
