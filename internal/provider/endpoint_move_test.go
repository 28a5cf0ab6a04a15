// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// elasticstackState is the state of an endpoint of the elasticstack provider, whose
// settings are JSON texts that contain the keys.
const elasticstackState = `{
  "id": "cluster-uuid/e", "inference_id": "e", "task_type": "completion", "service": "amazonbedrock",
  "service_settings": "{\"access_key\":\"AKIATEST\",\"secret_key\":\"secret-one\",\"region\":\"us-east-1\",\"provider\":\"anthropic\",\"model\":\"us.anthropic.claude-sonnet-4-6\"}",
  "task_settings": "{\"top_p\":0.5}", "chunking_settings": null, "elasticsearch_connection": []
}`

const movedBlock = `
moved {
  from = elasticstack_elasticsearch_inference_endpoint.old
  to   = inference_endpoint.this
}
`

// elasticstackStateFile returns a state file with an endpoint of elasticstack.
func elasticstackStateFile() string {
	return strings.Replace(`{
  "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "6c1a2c1e-0000-4000-8000-000000000000", "outputs": {},
  "resources": [{
    "mode": "managed", "type": "elasticstack_elasticsearch_inference_endpoint", "name": "old",
    "provider": "provider[\"registry.terraform.io/elastic/elasticstack\"]",
    "instances": [{"schema_version": 0, "attributes": ATTRIBUTES, "sensitive_attributes": []}]
  }]
}`, "ATTRIBUTES", strings.Replace(elasticstackState, `"{\"top_p\":0.5}"`, "null", 1), 1)
}

// TestMove checks that a moved block takes the state of elasticstack over: nothing
// is created or destroyed, and the keys are known to be equal.
func TestMove(t *testing.T) {
	t.Parallel()
	server, provider := cluster(t, "9.6.0")
	putEndpoint(t, server, "e", inference.Completion, claudeSettings, inference.TaskSettings{})
	server.Forget()
	terraform := newCLI(t, provider+endpointConfig("e", "completion", claude)+movedBlock)
	terraform.attached = append(terraform.attached, "elastic/elasticstack")
	terraform.write("terraform.tfstate", elasticstackStateFile())
	plan := terraform.succeeds("plan", "-no-color")
	if !strings.Contains(plan, "has moved to") || !strings.Contains(plan, "0 to add, 0 to change, 0 to destroy") {
		t.Errorf("got the plan, want a move without changes:\n%s", plan)
	}
	terraform.succeeds("apply", "-no-color", "-auto-approve")
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	for _, request := range server.Requests() {
		if request.Method == "PUT" || request.Method == "DELETE" {
			t.Errorf("got the request %s, want none that writes", request)
		}
	}
	moved, err := os.ReadFile(filepath.Join(terraform.dir, "terraform.tfstate"))
	if err != nil || strings.Contains(string(moved)+decodedPrivate(moved), "secret-one") {
		t.Errorf("the state contains the key, or error %v", err)
	}
	// The state has the digest of the keys, so that other keys are detected.
	terraform.rewrite("secret-one", "secret-two")
	if plan := terraform.succeeds("plan", "-no-color"); !strings.Contains(plan, "must be replaced") {
		t.Errorf("got the plan of other keys after a move, want a replacement:\n%s", plan)
	}
}

// TestMoveRefuses checks the errors of states that cannot be moved, which contain no keys.
func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	protocol := newProtocol(t)
	for name, test := range map[string]struct{ state, source, want string }{
		"another service":     {strings.Replace(elasticstackState, "amazonbedrock", "openai", 1), "elastic/elasticstack", `"openai"`},
		"broken settings":     {strings.Replace(elasticstackState, `"{\"top_p`, `"[\"top_p`, 1), "elastic/elasticstack", "task_settings"},
		"two broken settings": {strings.NewReplacer(`"{\"top_p`, `"[\"top_p`, `"chunking_settings": null`, `"chunking_settings": "[]"`).Replace(elasticstackState), "elastic/elasticstack", "task_settings"},
		"another provider":    {elasticstackState, "someone/else", "Unable to Move"},
		"no endpoint":         {`[]`, "elastic/elasticstack", "not the state of an inference endpoint"},
	} {
		resp, err := protocol.server.MoveResourceState(context.Background(), &tfprotov6.MoveResourceStateRequest{
			SourceProviderAddress: "registry.terraform.io/" + test.source,
			SourceTypeName:        "elasticstack_elasticsearch_inference_endpoint",
			SourceState:           &tfprotov6.RawState{JSON: []byte(test.state)},
			TargetTypeName:        "inference_endpoint",
		})
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, diagnostic := range resp.Diagnostics {
			text.WriteString(diagnostic.Summary + ": " + diagnostic.Detail)
		}
		if !strings.Contains(text.String(), test.want) || strings.Contains(text.String(), "secret-one") {
			t.Errorf("%s: got %q, want %q", name, text.String(), test.want)
		}
	}
}
