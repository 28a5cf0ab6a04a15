// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// TestIdentity checks that create, update and import set the identity, and that an
// import by identity works.
func TestIdentity(t *testing.T) {
	t.Parallel()
	_, provider := cluster(t, "9.6.0")
	config := provider + endpointConfig("e", "completion", claude)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: config, ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(endpoint, map[string]knownvalue.Check{"inference_id": knownvalue.StringExact("e")}),
			}},
			{
				ResourceName: endpoint, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
				// The configuration has no keys, so that the import plans no change.
				Config:           strings.Replace(config, keys, "", 1),
				ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(endpoint, plancheck.ResourceActionNoop)}},
			},
		},
	})
}

// TestQuery checks that terraform query lists the endpoints that match a filter.
func TestQuery(t *testing.T) {
	t.Parallel()
	_, provider := cluster(t, "9.6.0")
	config := provider + endpointConfig("e", "text_embedding", titanEmbedding)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		Steps: []resource.TestStep{
			{Config: config},
			{
				Query: true,
				Config: `
list "inference_endpoint" "all" {
  provider = inference
}
list "inference_endpoint" "completions" {
  provider = inference
  config {
    task_type = "completion"
  }
}
`,
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength("inference_endpoint.all", 1),
					querycheck.ExpectIdentity("inference_endpoint.all", map[string]knownvalue.Check{"inference_id": knownvalue.StringExact("e")}),
					querycheck.ExpectLength("inference_endpoint.completions", 0),
				},
			},
			{
				Query: true,
				Config: `
list "inference_endpoint" "wrong" {
  provider = inference
  config {
    task_type = "chat"
  }
}
`,
				ExpectError: regexp.MustCompile(`"chat"\s+is\s+not\s+a\s+task\s+type`),
			},
		},
	})
}

// TestQueryUndecodableEndpoint checks that terraform query lists the other endpoints if
// Elasticsearch returns settings of some in an unknown form, and warns about each of them,
// whereas the data source fails: its result would not be complete.
func TestQueryUndecodableEndpoint(t *testing.T) {
	t.Parallel()
	needs(t, "1.14.0")
	server, provider := cluster(t, "9.6.0")
	const settings = `"region":"us-east-1","model":"anthropic.claude-3-haiku-20240307-v1:0","provider":"ANTHROPIC"`
	server.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		entry := `{"inference_id":%q,"task_type":"completion","service":"amazonbedrock","service_settings":{` + settings + `%s},"task_settings":%s}`
		_, _ = io.WriteString(w, `{"endpoints":[`+strings.Join([]string{
			fmt.Sprintf(entry, "first", "", "{}"),
			fmt.Sprintf(entry, "limit-is-text", `,"rate_limit":{"requests_per_minute":"many"}`, "{}"),
			fmt.Sprintf(entry, "limit-is-fraction", `,"rate_limit":{"requests_per_minute":1.5}`, "{}"),
			fmt.Sprintf(entry, "limit-is-list", `,"rate_limit":[1]`, "{}"),
			fmt.Sprintf(entry, "task-is-text", "", `"none"`),
			fmt.Sprintf(entry, "temperature-is-true", "", `{"temperature":true}`),
			fmt.Sprintf(entry, "second", "", "{}"),
		}, ",")+`]}`)
	})
	terraform := newCLI(t, provider)
	terraform.write("all.tfquery.hcl", "list \"inference_endpoint\" \"all\" {\n  provider         = inference\n  include_resource = true\n}\n")
	output := terraform.succeeds("query", "-no-color")
	text := words(output)
	for _, want := range []string{
		"inference_id=first", "inference_id=second", `"limit-is-text" is not listed`, `"temperature-is-true" is not listed`,
		`Elasticsearch returned service_settings.rate_limit.requests_per_minute as a string, where a whole number is expected.`,
		`Elasticsearch returned service_settings.rate_limit.requests_per_minute as the number 1.5, where a whole number is expected.`,
		`Elasticsearch returned service_settings.rate_limit as a list, where an object is expected.`,
		`Elasticsearch returned task_settings as a string, where an object is expected.`,
		`Elasticsearch returned task_settings.temperature as a boolean, where a number is expected.`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the output does not contain %q:\n%s", want, output)
		}
	}
	data := newCLI(t, provider+`data "inference_endpoints" "all" {}`)
	if output := words(data.fails("plan", "-no-color")); strings.Count(output, "where a whole number is expected") != 2 {
		t.Errorf("the data source does not report each endpoint:\n%s", output)
	}
}

// TestGeneratedConfiguration checks that the configuration that terraform query
// generates plans only imports, which give each endpoint the keys once if they are
// added.
func TestGeneratedConfiguration(t *testing.T) {
	t.Parallel()
	needs(t, "1.14.0")
	server, provider := cluster(t, "9.6.0")
	other := newCLI(t, provider+endpointConfig("words", "text_embedding", titanEmbedding+"\n    rate_limit = { requests_per_minute = 9 }",
		`chunking_settings = { strategy = "word", max_chunk_size = 40 }`)+
		strings.ReplaceAll(endpointConfig("text", "completion", claude, `task_settings = { top_p = 0.5 }`), `"this"`, `"that"`)+
		strings.ReplaceAll(endpointConfig("lines", "text_embedding", titanEmbedding, `chunking_settings = { strategy = "recursive" }`), `"this"`, `"lines"`))
	other.succeeds("apply", "-no-color", "-auto-approve")
	terraform := newCLI(t, provider)
	terraform.write("all.tfquery.hcl", "list \"inference_endpoint\" \"all\" {\n  provider         = inference\n  include_resource = true\n}\n")
	terraform.succeeds("query", "-no-color", "-generate-config-out=generated.tf")
	generated, err := os.ReadFile(filepath.Join(terraform.dir, "generated.tf"))
	if err != nil {
		t.Fatal(err)
	}
	withKeys := regexp.MustCompile(`(access_key|secret_key)(\s+)= null`).ReplaceAllString(string(generated), `$1$2= "AKIATEST"`)
	terraform.write("generated.tf", withKeys)
	plan := terraform.succeeds("plan", "-no-color")
	if !strings.Contains(plan, "3 to import, 0 to add, 3 to change, 0 to destroy") {
		t.Errorf("the generated configuration plans changes:\n%s\n%s", generated, plan)
	}
	terraform.succeeds("apply", "-no-color", "-auto-approve")
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	if ids := server.IDs(); len(ids) != 3 {
		t.Errorf("endpoints: %q", ids)
	}
}
