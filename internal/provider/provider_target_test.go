// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestIncompleteEnvironment checks that environment variables for Elasticsearch without an
// address are an error, unless the configuration selects the embedded target.
func TestIncompleteEnvironment(t *testing.T) {
	for name, environment := range map[string]map[string]string{
		"key":           {"ELASTICSEARCH_API_KEY": "secret"},
		"password":      {"ELASTICSEARCH_USERNAME": "elastic", "ELASTICSEARCH_PASSWORD": "secret"},
		"empty address": {"ELASTICSEARCH_URL": ""},
		"version":       {"ELASTICSEARCH_VERSION": "9.1.0"},
		"other name":    {"ELASTICSEARCH_HOSTS": "https://es:9200"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range environment {
				t.Setenv(variable, value)
			}
			found := errorsOf(newProtocol(t).configureWith(t, object{}))
			if len(found) != 1 || found[0].Summary != "Elasticsearch address is missing" {
				t.Fatalf("got %s, want one error about a missing address", diagnosticsText(found))
			}
			for variable := range environment {
				if !strings.Contains(found[0].Detail, variable) {
					t.Errorf("the error does not name %s: %s", variable, found[0].Detail)
				}
			}
			if strings.Contains(found[0].Detail, "secret") {
				t.Errorf("the error contains a secret: %s", found[0].Detail)
			}
			if found := errorsOf(newProtocol(t).configureWith(t, object{"embedded": object{}})); len(found) > 0 {
				t.Errorf("embedded = {}: got %s, want no error", diagnosticsText(found))
			}
		})
	}
	if found := errorsOf(newProtocol(t).configureWith(t, object{"elasticsearch": object{}})); len(found) != 1 || found[0].Summary != "No endpoint: elasticsearch.endpoints" && found[0].Summary != "No endpoint" {
		t.Errorf("elasticsearch = {} without an address: got %s, want one error", diagnosticsText(found))
	}
}

// TestImplicitTarget checks that a plan that creates endpoints has one warning about the
// local file, and only if the embedded target is not configured.
func TestImplicitTarget(t *testing.T) {
	t.Parallel()
	const warning = "Endpoints are stored in a local file"
	two := endpointConfig("e", "completion", claude) + strings.Replace(endpointConfig("f", "completion", claude), `"this"`, `"other"`, 1)
	terraform := newProcessCLI(t, "provider \"inference\" {\n  bedrock = { simulate = true }\n}\n"+two)
	if plan := terraform.succeeds("plan", "-no-color"); strings.Count(plan, warning) != 1 || !strings.Contains(plan, ".inference/endpoints.db") {
		t.Errorf("got the plan, want one warning:\n%s", plan)
	}
	terraform.rewrite("bedrock =", "embedded = {}\n  bedrock =")
	if plan := terraform.succeeds("plan", "-no-color"); strings.Contains(plan, warning) {
		t.Errorf("got a warning about an explicit target, want none:\n%s", plan)
	}
}

// TestReplacementOntoTakenID checks that the plan of a replacement fails if the target has
// an endpoint with the new id, and that nothing is deleted.
func TestReplacementOntoTakenID(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, elasticsearchtest.Newest)
	putEndpoint(t, server, "two", inference.Completion, claudeSettings, inference.TaskSettings{})
	terraform := newCLI(t, provider+endpointConfig("one", "completion", claude))
	terraform.succeeds(apply...)
	server.Forget()
	terraform.rewrite(`"one"`, `"two"`)
	out := strings.Join(strings.Fields(terraform.fails(apply...)), " ")
	if !strings.Contains(out, `replaces inference endpoint "one" by "two", but the target already has an endpoint "two"`) {
		t.Errorf("got %s, want an error about the id in use", out)
	}
	for _, request := range server.Requests() {
		if request.Method != "GET" && !strings.Contains(request.Query, "dry_run=true") {
			t.Errorf("got the request %s, want only GET", request)
		}
	}
	terraform.rewrite(`"two"`, `"three"`)
	terraform.succeeds(apply...)
}
