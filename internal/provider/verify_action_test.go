// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	embeddedtarget "github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// invoke runs an action, and returns its progress and its diagnostics.
func (p protocol) invoke(t *testing.T, name string, config object) (progress []string, found []*tfprotov6.Diagnostic) {
	t.Helper()
	stream, err := p.actions.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{
		ActionType: name, Config: encoded(t, p.schema.ActionSchemas[name].Schema, config),
	})
	if err != nil {
		t.Fatal(err)
	}
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			found = event.Diagnostics
		}
	}
	return progress, found
}

// encoded encodes a configuration for the plugin protocol.
func encoded(tb testing.TB, schema *tfprotov6.Schema, config object) *tfprotov6.DynamicValue {
	tb.Helper()
	typ := schema.ValueType()
	value, err := tfprotov6.NewDynamicValue(typ, valueOf(tb, typ, map[string]any(config)))
	if err != nil {
		tb.Fatal(err)
	}
	return &value
}

// endpointFile returns a file of the embedded target with an embedding endpoint "e"
// and a completion endpoint "c".
func endpointFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "target", "endpoints.db")
	simulator := bedrocksim.New()
	t.Cleanup(simulator.Close)
	target := embeddedtarget.New(path, bedrock.New(bedrock.Config{Simulator: simulator}))
	for id, service := range map[string]inference.ServiceSettings{
		"e": {Region: "us-east-1", Provider: inference.AmazonTitan, Model: "amazon.titan-embed-text-v2:0"},
		"c": {Region: "us-east-1", Provider: inference.Anthropic, Model: "us.anthropic.claude-sonnet-4-6"},
	} {
		task := map[string]inference.TaskType{"e": inference.TextEmbedding, "c": inference.Completion}[id]
		endpoint := inference.Endpoint{InferenceID: id, TaskType: task, Service: inference.Service, ServiceSettings: service}
		if _, err := target.Create(context.Background(), endpoint, inference.Keys{}); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// TestVerify checks the progress messages and errors of the action.
func TestVerify(t *testing.T) {
	t.Parallel()
	file := endpointFile(t)
	denying := bedrocksim.New(bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return bedrocksim.AccessDenied() }))
	t.Cleanup(denying.Close)
	simulated := object{"simulate": true}
	denied := object{"endpoint": denying.URL(), "access_key": bedrocksim.AccessKey, "secret_key": bedrocksim.SecretKey}
	for name, test := range map[string]struct {
		bedrock, config object
		progress        []string // patterns
		at, message     string   // of the error; empty without one
	}{
		"embedding": {bedrock: simulated, config: object{"inference_id": "e"}, progress: []string{
			`^Running inference endpoint "e": text_embedding with amazon.titan-embed-text-v2:0 in us-east-1\.$`,
			`^Inference endpoint "e" responded in [\dms.]+s: 1024 dimensions\.$`,
		}},
		"expected": {bedrock: simulated, config: object{"inference_id": "e", "dimensions": 1024}, progress: []string{``, `1024 dimensions`}},
		"completion": {bedrock: simulated, config: object{"inference_id": "c", "input": "Well?", "timeouts": object{"invoke": "1m"}}, progress: []string{
			`completion with us.anthropic`, `: "\[simulated answer of .*\] You wrote: Well\?", stop reason end_turn\.$`,
		}},
		"long answer": {bedrock: simulated, config: object{"inference_id": "c", "input": strings.Repeat("long ", 50)}, progress: []string{
			``, `: "\[simulated .{60,70}\.\.\.", stop reason end_turn\.$`,
		}},
		"dimensions": {
			bedrock: simulated, config: object{"inference_id": "e", "dimensions": 512}, progress: []string{``, ``},
			at: "dimensions", message: `answered with 1024 dimensions, 512 were expected. Write dimensions = 1024`,
		},
		"dimensions of a completion": {
			bedrock: simulated, config: object{"inference_id": "c", "dimensions": 512},
			at: "dimensions", message: `Remove dimensions`,
		},
		"blank": {
			bedrock: simulated, config: object{"inference_id": "c", "input": " "},
			at: "input", message: `no model answers. Write a text`,
		},
		"no endpoint": {
			bedrock: simulated, config: object{"inference_id": "nobody"},
			at: "inference_id", message: `\.db has no inference endpoint of this id\. Check the id and embedded\.path\. .*action_trigger`,
		},
		"no access": {
			bedrock: denied, config: object{"inference_id": "e"}, progress: []string{``},
			at: "inference_id", message: `AccessDeniedException.*request id .*grant the account access to the model`,
		},
		"not configured": {
			bedrock: object{"endpoint": unknown}, config: object{"inference_id": "e"},
			message: `known only after apply`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			protocol := newProtocol(t)
			protocol.configure(t, object{"embedded": object{"path": file}, "bedrock": test.bedrock})
			progress, found := protocol.invoke(t, "inference_verify", test.config)
			found = errorsOf(found)
			if len(progress) != len(test.progress) {
				t.Fatalf("got the progress %q, want %q", progress, test.progress)
			}
			for i, pattern := range test.progress {
				if !regexp.MustCompile(pattern).MatchString(progress[i]) {
					t.Errorf("got the progress %q, want a match of %q", progress[i], pattern)
				}
			}
			switch {
			case test.message == "" && len(found) > 0:
				t.Errorf("got the error %s: %s, want none", found[0].Summary, found[0].Detail)
			case test.message != "" && (len(found) != 1 || dotted(found[0].Attribute) != test.at || !regexp.MustCompile(test.message).MatchString(found[0].Detail)):
				t.Errorf("got %s, want %q at %q", diagnosticsText(found), test.message, test.at)
			}
		})
	}
}

// TestVerifyOnApply checks that an apply fails if an action fails that a resource
// triggers.
func TestVerifyOnApply(t *testing.T) {
	t.Parallel()
	config := embedded(t) + endpointConfig("e", "text_embedding", titanEmbedding, `lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.inference_verify.this]
    }
  }`) + `
action "inference_verify" "this" {
  config {
    inference_id = inference_endpoint.this.id
    dimensions   = 512
  }
}
`
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		Steps: []resource.TestStep{
			{Config: config, ExpectError: regexp.MustCompile(`1024\s+dimensions,\s+512\s+were\s+expected`)},
			{Config: strings.Replace(config, "512", "1024", 1)},
		},
	})
}
