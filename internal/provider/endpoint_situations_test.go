// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/faultproxy"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// plannedSituations are functions that prepare the situations in the guide, by their names.
var plannedSituations = map[string]func(t *testing.T) *cli{
	"import, with keys in the configuration": func(t *testing.T) *cli {
		t.Helper()
		return importedEndpoint(t, "9.6.0", claude)
	},
	"import, without keys": func(t *testing.T) *cli {
		t.Helper()
		return importedEndpoint(t, "9.6.0", strings.Replace(claude, keys, "", 1))
	},
	"import, the version cannot change keys": func(t *testing.T) *cli {
		t.Helper()
		return importedEndpoint(t, "9.5.0", claude)
	},
	"move from elasticstack, equal keys": func(t *testing.T) *cli {
		t.Helper()
		return movedEndpoint(t, "secret-one")
	},
	"move from elasticstack, other keys": func(t *testing.T) *cli {
		t.Helper()
		return movedEndpoint(t, "secret-two")
	},
	"update that was interrupted": func(t *testing.T) *cli {
		t.Helper()
		server := elasticsearchtest.New(t)
		proxy := faultproxy.New(t, server.URL)
		terraform := newCLI(t, strings.Replace(clusterBlock(server), server.URL, proxy.URL, 1)+
			endpointConfig("e", "text_embedding", titanEmbedding+"\n    rate_limit = { "+limitChange[0]+" }"))
		terraform.succeeds(apply...)
		terraform.rewrite(limitChange[0], limitChange[1])
		terraform.killedDuring(proxy, toPath(http.MethodPut, "/_update"), true, apply)
		return terraform
	},
	"environment with credentials but no address": func(t *testing.T) *cli {
		t.Helper()
		return newProcessCLI(t, endpointConfig("e", "completion", claude), "ELASTICSEARCH_API_KEY=dGVycmFmb3JtOmtleQ==")
	},
	"environment with an empty address": func(t *testing.T) *cli {
		t.Helper()
		return newProcessCLI(t, endpointConfig("e", "completion", claude), "ELASTICSEARCH_URL=")
	},
	"no cluster in the environment, elasticsearch = {}": func(t *testing.T) *cli {
		t.Helper()
		return newProcessCLI(t, "provider \"inference\" {\n  elasticsearch = {}\n}\n"+endpointConfig("e", "completion", claude))
	},
	"nothing chooses a target": func(t *testing.T) *cli {
		t.Helper()
		return newProcessCLI(t, endpointConfig("e", "completion", claude))
	},
	"empty variable for a key": func(t *testing.T) *cli {
		t.Helper()
		_, provider := cluster(t, "9.6.0")
		return newCLI(t, provider+endpointConfig("e", "completion", withSecret(claude, "")))
	},
	"provider is configured for another cluster": func(t *testing.T) *cli {
		t.Helper()
		_, former := cluster(t, "9.6.0", elasticsearchtest.ClusterUUID("former"))
		_, other := cluster(t, "9.6.0", elasticsearchtest.ClusterUUID("other"))
		terraform := newCLI(t, former+endpointConfig("e", "completion", claude))
		terraform.succeeds(apply...)
		terraform.rewrite(former, other)
		return terraform
	},
	"resource is renamed without a moved block": func(t *testing.T) *cli {
		t.Helper()
		_, provider := cluster(t, "9.6.0")
		terraform := newCLI(t, provider+endpointConfig("e", "completion", claude))
		terraform.succeeds(apply...)
		terraform.rewrite(`"inference_endpoint" "this" {`, `"inference_endpoint" "other" {`)
		return terraform
	},
	"second resource with the same id": func(t *testing.T) *cli {
		t.Helper()
		_, provider := cluster(t, "9.6.0")
		config := endpointConfig("e", "completion", claude)
		terraform := newCLI(t, provider+config)
		terraform.succeeds(apply...)
		terraform.write("other.tf", strings.Replace(config, `"this"`, `"other"`, 1))
		return terraform
	},
	"new keys, the endpoint is in use": func(t *testing.T) *cli {
		t.Helper()
		return usedEndpoint(t, "9.6.0")
	},
	"new keys, the endpoint is in use, the version cannot change keys": func(t *testing.T) *cli {
		t.Helper()
		return usedEndpoint(t, "9.5.0")
	},
	"bad key, with preflight": func(t *testing.T) *cli {
		t.Helper()
		return refusedModel(t, "access key does not exist")
	},
	"no access to the model, with preflight": func(t *testing.T) *cli {
		t.Helper()
		return refusedModel(t, "no access to the model")
	},
	"part of a key pair in the environment, embedded target": func(t *testing.T) *cli {
		t.Helper()
		return newProcessCLI(t, "provider \"inference\" {\n  embedded = {}\n}\n"+endpointConfig("e", "completion", strings.Replace(claude, keys, "", 1)),
			"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=", "AWS_SECRET_KEY=", "AWS_BEARER_TOKEN_BEDROCK=")
	},
	"retired model": func(t *testing.T) *cli {
		t.Helper()
		_, provider := cluster(t, "9.6.0")
		return newCLI(t, provider+endpointConfig("e", "completion", strings.Replace(claude, sonnet46, haiku3, 1)))
	},
}

// importedEndpoint returns a directory after the import of an endpoint.
func importedEndpoint(t *testing.T, version, settings string) *cli {
	t.Helper()
	server, provider := cluster(t, version)
	putEndpoint(t, server, "e", inference.Completion, claudeSettings, inference.TaskSettings{})
	terraform := newCLI(t, provider+endpointConfig("e", "completion", settings))
	terraform.succeeds("import", "-no-color", endpoint, "e")
	return terraform
}

// movedEndpoint returns a directory with a moved block for an endpoint of elasticstack.
func movedEndpoint(t *testing.T, secret string) *cli {
	t.Helper()
	server, provider := cluster(t, "9.6.0")
	putEndpoint(t, server, "e", inference.Completion, claudeSettings, inference.TaskSettings{})
	terraform := newCLI(t, provider+endpointConfig("e", "completion", withSecret(claude, secret))+movedBlock)
	terraform.attached = append(terraform.attached, "elastic/elasticstack")
	terraform.write("terraform.tfstate", elasticstackStateFile())
	return terraform
}

// usedEndpoint returns a directory with new keys for an endpoint that a pipeline uses.
func usedEndpoint(t *testing.T, version string) *cli {
	t.Helper()
	server, provider := cluster(t, version)
	terraform := newCLI(t, provider+endpointConfig("e", "text_embedding", titanEmbedding))
	terraform.succeeds(apply...)
	server.Use("e", []string{"ingest-docs"}, nil)
	terraform.rewrite("secret-one", "secret-two")
	return terraform
}

// refusedModel returns a directory with new keys that AWS rejects.
func refusedModel(t *testing.T, fault string) *cli {
	t.Helper()
	server := elasticsearchtest.New(t)
	bedrock := newFakeBedrock(t, keyPair{"AKIATEST", "secret-one"}, modelFaults[fault])
	provider := strings.Replace(clusterBlock(server), "elasticsearch = {", "preflight = true\n  bedrock = { endpoint = \""+bedrock.URL+"\" }\n  elasticsearch = {", 1)
	terraform := newCLI(t, provider+endpointConfig("e", "text_embedding", titanEmbedding))
	terraform.succeeds(apply...)
	terraform.rewrite("AKIATEST", "AKIAOTHER")
	return terraform
}

// TestSituations checks in Terraform the plan of each situation in the guide. The second
// cell of a row says whether the plan fails, is empty, and quotes its output.
func TestSituations(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(reliabilityGuide)
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(page), "<!-- situations -->\n")
	if !ok {
		t.Fatal("the guide has no table of situations")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(strings.TrimSpace(table), "\n")[2:]
	if len(rows) != len(plannedSituations) {
		t.Errorf("got %d situations in the guide, want %d", len(rows), len(plannedSituations))
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	for _, row := range rows {
		cells := tableCells(row)
		name := strings.ReplaceAll(cells[0], "`", "")
		prepare, ok := plannedSituations[name]
		if !ok {
			t.Errorf("the situation %q of the guide is not tested", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, succeeded := prepare(t).run("plan", "-no-color")
			text := words(out)
			if succeeded == strings.HasPrefix(cells[1], "fails") {
				t.Errorf("plan succeeds: %t, want as in the guide %q:\n%s", succeeded, cells[1], out)
			}
			if strings.HasPrefix(cells[1], "is empty") != (strings.Contains(text, "No changes.") || strings.Contains(text, "0 to add, 0 to change, 0 to destroy")) {
				t.Errorf("got the plan, want as in the guide %q:\n%s", cells[1], out)
			}
			for _, quote := range quoted.FindAllStringSubmatch(cells[1], -1) {
				if !strings.Contains(text, quote[1]) {
					t.Errorf("got the plan, want it to contain %q:\n%s", quote[1], out)
				}
			}
		})
	}
}
