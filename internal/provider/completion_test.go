// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const (
	inlineClaude = `
  service_settings = {
    region   = "us-east-1"
    provider = "anthropic"
    model    = "us.anthropic.claude-sonnet-4-6"
  }
`
	claudeSays = "[simulated answer of anthropic.claude-sonnet-4-6] You wrote: "
)

// exactly returns a check for a list of these texts, with null for empty ones.
func exactly(texts ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(texts))
	for i, text := range texts {
		checks[i] = knownvalue.StringExact(text)
		if text == "" {
			checks[i] = knownvalue.Null()
		}
	}
	return knownvalue.ListExact(checks)
}

// TestCompletion checks that each prompt has its own answer, and that the settings
// of a run override those of the endpoint.
func TestCompletion(t *testing.T) {
	t.Parallel()
	holds := func(name, attribute string, check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.inference_completion."+name, tfjsonpath.New(attribute), check)
	}
	acceptance(t, step{
		config: embedded(t) + endpointConfig("c", "completion", claude, `task_settings = { max_new_tokens = 3 }`) + `
data "inference_completion" "endpoint" {
  inference_id = inference_endpoint.this.id
  input        = ["one"]
}
data "inference_completion" "longer" {
  inference_id  = inference_endpoint.this.id
  input         = ["one"]
  task_settings = { max_new_tokens = 100, top_k = 40 }
}
data "inference_completion" "inline" {` + inlineClaude + `
  input    = ["one", "two words"]
  timeouts = { read = "1m" }
}
`,
		state: []statecheck.StateCheck{
			holds("endpoint", "result", knownvalue.StringExact("[simulated answer of")),
			holds("endpoint", "stop_reason", knownvalue.StringExact("max_tokens")),
			holds("longer", "result", knownvalue.StringExact(claudeSays+"one")),
			holds("longer", "stop_reason", knownvalue.StringExact("end_turn")),
			holds("inline", "result", knownvalue.StringExact(claudeSays+"one")),
			holds("inline", "results", exactly(claudeSays+"one", claudeSays+"two words")),
			holds("inline", "stop_reasons", exactly("end_turn", "end_turn")),
			holds("inline", "usage", knownvalue.ObjectExact(map[string]knownvalue.Check{
				"input_tokens": knownvalue.Int64Exact(3), "output_tokens": knownvalue.Int64Exact(15),
			})),
		},
	})
}

// TestChatCompletion creates an endpoint of chat_completion on the embedded target
// and runs one turn of text with it. The second plan is empty.
func TestChatCompletion(t *testing.T) {
	t.Parallel()
	acceptance(t, step{
		config: embedded(t) + endpointConfig("chat", "chat_completion", claude, `task_settings = { max_new_tokens = 100 }`) + `
data "inference_completion" "chat" {
  inference_id = inference_endpoint.this.id
  input        = ["one", "two words"]
}
data "inference_endpoints" "chats" {
  depends_on = [inference_endpoint.this]
  task_type  = "chat_completion"
}
`,
		state: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("inference_endpoint.this", tfjsonpath.New("task_type"), knownvalue.StringExact("chat_completion")),
			statecheck.ExpectKnownValue("data.inference_completion.chat", tfjsonpath.New("results"), exactly(claudeSays+"one", claudeSays+"two words")),
			statecheck.ExpectKnownValue("data.inference_endpoints.chats", tfjsonpath.New("endpoints"), knownvalue.ListSizeExact(1)),
		},
	})
}

// TestRunUnknown checks that a run waits for values that are unknown during
// validation and planning.
func TestRunUnknown(t *testing.T) {
	t.Parallel()
	acceptance(t, step{
		config: embedded(t) + `
resource "terraform_data" "later" { input = "a word" }
data "inference_completion" "this" {` + inlineClaude + `
  input = ["known", terraform_data.later.output]
}
`,
		state: []statecheck.StateCheck{statecheck.ExpectKnownValue("data.inference_completion.this",
			tfjsonpath.New("results"), exactly(claudeSays+"known", claudeSays+"a word"))},
	})
}

// TestRunRefuses checks the errors of runs that depend on an endpoint or its target.
// TestInvalidConfigurations has the others.
func TestRunRefuses(t *testing.T) {
	t.Parallel()
	config := func() string { return embedded(t) + endpointConfig("c", "completion", claude) }
	cohere := embedded(t) + endpointConfig("e", "text_embedding", keys+`region   = "us-east-1"
    provider = "cohere"
    model    = "cohere.embed-english-v3"`)
	by := func(kind, body string) string {
		return "data \"" + kind + "\" \"this\" {\n  inference_id = inference_endpoint.this.id\n  " + body + "\n}\n"
	}
	for name, test := range map[string]struct{ config, want string }{
		"task type":   {config() + by("inference_text_embedding", `input = ["x"]`), `"c"\s+has\s+task\s+type\s+completion,\s+but\s+text_embedding\s+is\s+needed`},
		"top_k":       {config() + by("inference_completion", "input = [\"x\"]\n  task_settings = { top_k = 0.5 }"), `Write\s+a\s+whole\s+number`},
		"long text":   {cohere + by("inference_text_embedding", `input = ["x", join("", [for i in range(700) : "four"])]`), `input\[1\].*takes\s+at\s+most\s+2048`},
		"no endpoint": {embedded(t) + "data \"inference_completion\" \"this\" {\n  inference_id = \"nobody\"\n  input = [\"x\"]\n}\n", `(?s)No inference endpoint "nobody".*\.db\s+has\s+no.*embedded\.path`},
		"too slow": {embedded(t) + `data "inference_completion" "this" {
  service_settings = { region = "us-east-1", provider = "meta", model = "meta.llama3-8b-instruct-v1:0", rate_limit = { requests_per_minute = 1 } }
  input            = ["a", "b", "c"]
  timeouts         = { read = "90s" }
}`, `Raise\s+requests_per_minute`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acceptance(t, step{config: test.config, fails: test.want})
		})
	}
}
