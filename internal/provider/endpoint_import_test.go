// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestImportWithKeys checks that the first plan after an import gives the endpoint
// the configured keys once, in place, and that the plan is empty afterwards. If the
// target cannot change keys in place, every plan warns and nothing is replaced.
func TestImportWithKeys(t *testing.T) {
	t.Parallel()
	for version, inPlace := range map[string]bool{"9.6.0": true, "9.4.0": true, "8.19.0": true, "9.5.0": false, "8.16.0": false} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			server, provider := cluster(t, version)
			putEndpoint(t, server, "e", inference.Completion, claudeSettings, inference.TaskSettings{})
			terraform := newCLI(t, provider+endpointConfig("e", "completion", strings.Replace(claude, "secret-one", "secret-two", 1)))
			terraform.succeeds("import", "-no-color", endpoint, "e")
			plan := terraform.succeeds("plan", "-no-color")
			if !inPlace {
				if !strings.Contains(plan, "No changes.") || !strings.Contains(plan, "AWS keys are not compared") {
					t.Errorf("the plan does not warn, or changes something:\n%s", plan)
				}
				return
			}
			if !strings.Contains(plan, "0 to add, 1 to change, 0 to destroy") || !strings.Contains(plan, "AWS keys will be sent once") || !strings.Contains(plan, "imported") {
				t.Errorf("the plan does not send the keys, or gives no reason:\n%s", plan)
			}
			server.Forget()
			terraform.succeeds(apply...)
			sent := 0
			for _, request := range server.Requests() {
				if request.Method == "PUT" && strings.Contains(request.Body, "secret-two") {
					sent++
				}
			}
			if sent != 1 {
				t.Errorf("the keys were sent %d times", sent)
			}
			terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
		})
	}
}

// TestImportComparesKeys checks that the plan after an import from the embedded target,
// which can read its keys, is empty if they are the configured ones, and otherwise says
// what the endpoint has and sends the configured keys once, in place.
func TestImportComparesKeys(t *testing.T) {
	t.Parallel()
	withoutKeys := strings.Replace(claude, keys, "", 1)
	for name, row := range map[string]struct{ stored, configured, reason string }{
		"equal keys":           {claude, claude, ""},
		"another secret key":   {claude, withSecret(claude, "secret-two"), "was imported or moved, and has other keys than the configured ones"},
		"another access key":   {claude, strings.Replace(claude, "AKIATEST", "AKIANEXT", 1), "was imported or moved, and has other keys than the configured ones"},
		"keys for one without": {withoutKeys, claude, "was imported or moved, and has no AWS keys of its own"},
		"no keys configured":   {claude, withoutKeys, ""},
		"neither has keys":     {withoutKeys, withoutKeys, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			provider := embedded(t)
			newCLI(t, provider+endpointConfig("e", "completion", row.stored)).succeeds(apply...)
			terraform := newCLI(t, provider+endpointConfig("e", "completion", row.configured))
			terraform.succeeds("import", "-no-color", endpoint, "e")
			if row.reason == "" {
				terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
				return
			}
			plan := terraform.succeeds("plan", "-no-color")
			if text := words(plan); !strings.Contains(text, "0 to add, 1 to change, 0 to destroy") || !strings.Contains(text, "AWS keys will be sent once") || !strings.Contains(text, row.reason) {
				t.Errorf("the plan does not send the keys, or gives no reason:\n%s", plan)
			}
			terraform.succeeds(apply...)
			terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
		})
	}
}

// TestImportAndReplace checks that the plan does not speak of keys that are sent to
// an imported endpoint, or not compared, if it replaces the endpoint.
func TestImportAndReplace(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"9.6.0", "9.5.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			server, provider := cluster(t, version)
			putEndpoint(t, server, "e", inference.Completion, claudeSettings, inference.TaskSettings{})
			terraform := newCLI(t, provider+endpointConfig("e", "completion", strings.Replace(claude, "us-east-1", "us-west-2", 1)))
			terraform.succeeds("import", "-no-color", endpoint, "e")
			plan := terraform.succeeds("plan", "-no-color")
			if !strings.Contains(plan, `"us-east-1" -> "us-west-2" # forces replacement`) || strings.Count(plan, "# forces replacement") != 1 || strings.Contains(plan, "AWS keys") {
				t.Errorf("the plan does not replace, or gives other reasons than the region:\n%s", plan)
			}
			terraform.succeeds(apply...)
			terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
		})
	}
}

// TestImportForeignTaskType checks that an endpoint of a task type that the provider
// does not know is not imported, and that the error does not suggest an id that is
// refused as well.
func TestImportForeignTaskType(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, "9.6.0")
	server.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		_, _ = io.WriteString(w, `{"endpoints":[{"inference_id":"e","task_type":"rerank","service":"amazonbedrock","service_settings":{"region":"us-east-1","model":"cohere.rerank-v3-5:0","provider":"COHERE"}}]}`)
	})
	terraform := newCLI(t, provider+endpointConfig("e", "completion", claude))
	for _, id := range []string{"e", "completion/e"} {
		output := terraform.fails("import", "-no-color", endpoint, id)
		if text := strings.Join(strings.Fields(output), " "); !strings.Contains(text, `Inference endpoint "e" has task type "rerank", which the provider does not manage. Remove the import`) || !strings.Contains(text, "Task type cannot be managed") {
			t.Errorf("%s:\n%s", id, output)
		}
	}
}
