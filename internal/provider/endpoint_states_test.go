// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestOldStates checks that plans are empty for states of the first version of the provider:
// one with an endpoint that was created, with a digest of its keys, and one with an endpoint
// that was imported without keys. The states were written by Terraform 1.11.4 and 1.15.9 with
// the provider of commit 18cee1d.
func TestOldStates(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"embedded-1.11", "embedded-1.15", "elasticsearch-1.11", "elasticsearch-1.15"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := func(file string) string {
				data, err := os.ReadFile(filepath.Join("testdata", "states", name, file))
				if err != nil {
					t.Fatal(err)
				}
				return string(data)
			}
			config := read("main.tf")
			if strings.HasPrefix(name, "elasticsearch") {
				server, _ := cluster(t, elasticsearchtest.Newest)
				putEndpoint(t, server, "created", inference.TextEmbedding, inference.ServiceSettings{
					Region: "us-east-1", Provider: "amazontitan", Model: "amazon.titan-embed-text-v2:0",
				}, inference.TaskSettings{})
				topP := 0.3
				haiku := inference.ServiceSettings{Region: "us-east-1", Provider: inference.Anthropic, Model: "anthropic.claude-3-haiku-20240307-v1:0"}
				putEndpoint(t, server, "imported", inference.Completion, haiku, inference.TaskSettings{TopP: &topP})
				config = strings.ReplaceAll(config, "URL", server.URL)
			}
			terraform := newCLI(t, "")
			terraform.write("main.tf", requiredProviders+strings.ReplaceAll(config, `"endpoints.db"`, strconv.Quote(filepath.Join(terraform.dir, "endpoints.db"))))
			if strings.HasPrefix(name, "embedded") {
				terraform.write("endpoints.db", read("endpoints.bolt"))
			}
			terraform.write("terraform.tfstate", read("state.json"))
			if !strings.Contains(cliPath(), "tofu") { // OpenTofu needs a plan first, which replaces the registry's host in the state
				terraform.succeeds("show", "-no-color")
			}
			out := terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
			if !strings.Contains(out, "No changes.") {
				t.Errorf("got the plan, want no changes:\n%s", out)
			}
			if strings.Contains(out, "AWS keys") {
				t.Errorf("got a warning about keys, want none:\n%s", out)
			}
			if out, ok := terraform.run("plan", "-no-color", "-refresh=false", "-detailed-exitcode"); !ok {
				t.Errorf("got the plan without a refresh, want no changes:\n%s", out)
			}
			terraform.succeeds("apply", "-no-color", "-auto-approve", "-refresh=false")
		})
	}
}
