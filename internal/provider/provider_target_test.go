package provider_test

import (
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestHalfSetEnvironment checks that a cluster which the environment names only
// in part is an error, unless the configuration chooses the embedded target.
func TestHalfSetEnvironment(t *testing.T) {
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
				t.Fatalf("got %s", told(found))
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
				t.Errorf("embedded = {}: %s", told(found))
			}
		})
	}
	if found := errorsOf(newProtocol(t).configureWith(t, object{"elasticsearch": object{}})); len(found) != 1 || found[0].Summary != "No endpoint: elasticsearch.endpoints" && found[0].Summary != "No endpoint" {
		t.Errorf("elasticsearch = {} without an address: %s", told(found))
	}
}

// TestImplicitTarget checks that a plan which creates endpoints warns once of the
// local file, and only if nothing chooses the embedded target.
func TestImplicitTarget(t *testing.T) {
	t.Parallel()
	const warning = "Endpoints are stored in a local file"
	two := endpointConfig("e", "completion", claude) + strings.Replace(endpointConfig("f", "completion", claude), `"this"`, `"other"`, 1)
	terraform := newCLI(t, "provider \"inference\" {\n  bedrock = { simulate = true }\n}\n"+two)
	if plan := terraform.succeeds("plan", "-no-color"); strings.Count(plan, warning) != 1 || !strings.Contains(plan, ".inference/endpoints.db") {
		t.Errorf("the plan does not warn once:\n%s", plan)
	}
	terraform.rewrite("bedrock =", "embedded = {}\n  bedrock =")
	if plan := terraform.succeeds("plan", "-no-color"); strings.Contains(plan, warning) {
		t.Errorf("the plan warns of an explicit target:\n%s", plan)
	}
}

// TestReplacementOntoTakenID checks that a replacement whose new id is taken is
// an error of the plan, and that nothing is deleted.
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
		t.Errorf("the plan does not say that the id is taken: %s", out)
	}
	for _, request := range server.Requests() {
		if request.Method != "GET" && !strings.Contains(request.Query, "dry_run=true") {
			t.Errorf("the plan sent %s", request)
		}
	}
	terraform.rewrite(`"two"`, `"three"`)
	terraform.succeeds(apply...)
}
