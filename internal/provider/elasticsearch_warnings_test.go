// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestServerWarnings checks that a warning that Elasticsearch sends with every response is
// shown once per command.
func TestServerWarnings(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, elasticsearchtest.Newest)
	server.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		w.Header().Add("Warning", `299 Elasticsearch-9.6.0-abc "the \"_inference\" API is deprecated"`)
		next.ServeHTTP(w, r)
	})
	terraform := newCLI(t, provider+endpointConfig("e", "completion", claude))
	for _, command := range [][]string{{"plan", "-no-color"}, {"apply", "-no-color", "-auto-approve"}, {"plan", "-no-color"}} {
		output := terraform.succeeds(command...)
		text := unframed(output)
		if got := strings.Count(text, "Deprecation warning of Elasticsearch"); got != 1 || !strings.Contains(text, `the "_inference" API is deprecated`) {
			t.Errorf("%v: got %d warnings, want 1:\n%s", command, got, output)
		}
	}
}

// twoEndpoints returns two endpoints with additional lines of service_settings.
func twoEndpoints(first, second string) string {
	return endpointConfig("a", "completion", claude+"\n"+first) + strings.Replace(endpointConfig("b", "completion", claude+"\n"+second), `"this"`, `"that"`, 1)
}

// TestSharedRateLimits checks that the plan warns if endpoints that share a rate limit on
// the server configure different values.
func TestSharedRateLimits(t *testing.T) {
	t.Parallel()
	limit := func(n int) string { return fmt.Sprintf("rate_limit = { requests_per_minute = %d }", n) }
	_, elasticsearch := cluster(t, elasticsearchtest.Newest)
	for name, test := range map[string]struct {
		provider, config string
		warnings         int
	}{
		"different limits":        {elasticsearch, twoEndpoints(limit(60), limit(90)), 1},
		"a limit and the default": {elasticsearch, twoEndpoints(limit(60), ""), 1},
		"the default, explicit":   {elasticsearch, twoEndpoints(limit(240), ""), 0},
		"other keys":              {elasticsearch, strings.Replace(twoEndpoints(limit(60), limit(90)), "secret-one", "secret-two", 1), 0},
		"the embedded target":     {embedded(t), twoEndpoints(limit(60), limit(90)), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output := newCLI(t, test.provider+test.config).succeeds("plan", "-no-color")
			if got := strings.Count(output, "Rate limit is shared: service_settings.rate_limit.requests_per_minute"); got != test.warnings {
				t.Errorf("got %d warnings, want %d:\n%s", got, test.warnings, output)
			}
		})
	}
}

// TestDeletedBetweenPlanAndApply checks the error of an update of an endpoint that was
// deleted after the plan.
func TestDeletedBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, elasticsearchtest.Newest)
	remove := false
	server.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if remove && strings.HasSuffix(r.URL.Path, "/_update") {
			remove = false
			server.Remove("e")
		}
		next.ServeHTTP(w, r)
	})
	config := func(tokens int) string {
		return provider + endpointConfig("e", "completion", claude, fmt.Sprintf("task_settings = { max_new_tokens = %d }", tokens))
	}
	acceptance(t,
		step{config: config(7)},
		step{
			before: func() { remove = true },
			config: config(8),
			fails:  `(?s)Inference endpoint was deleted.*"e" was deleted after the\s+plan was made`,
		},
		step{config: config(8)},
	)
}

// TestInputTypeOfOldVersions checks that the plan rejects input_type for versions that do
// not accept it in a run, without running the model.
func TestInputTypeOfOldVersions(t *testing.T) {
	t.Parallel()
	for version, rejected := range map[string]bool{"8.18.0": true, "9.0.0": true, "8.19.0": false} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			server, provider := cluster(t, version)
			putEndpoint(t, server, "e", inference.TextEmbedding, inference.ServiceSettings{Region: "us-east-1", Provider: inference.Cohere, Model: "cohere.embed-english-v3"}, inference.TaskSettings{})
			server.Forget()
			config := provider + `
data "inference_text_embedding" "this" {
  inference_id = "e"
  input_type   = "search"
  input        = ["a"]
}
`
			output, ok := newCLI(t, config).run("plan", "-no-color")
			if ok == rejected || rejected && !strings.Contains(unframed(output), "does not accept input_type in a run") {
				t.Errorf("success: got %v, want %v:\n%s", ok, !rejected, output)
			}
			for _, request := range server.Requests() {
				if rejected && request.Method == http.MethodPost {
					t.Errorf("got the request %s, want no POST", request)
				}
			}
		})
	}
}

// unframed returns the text of diagnostics on one line.
func unframed(output string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(output, "│", "")), " ")
}
