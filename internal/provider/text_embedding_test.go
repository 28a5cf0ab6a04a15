// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const inlineTitan = `
  service_settings = {
    region   = "us-east-1"
    provider = "amazontitan"
    model    = "amazon.titan-embed-text-v2:0"
  }
`

// TestTextEmbedding checks that a run of an endpoint and a run of its model return the same
// embeddings.
func TestTextEmbedding(t *testing.T) {
	t.Parallel()
	config := embedded(t) + endpointConfig("e", "text_embedding", titanEmbedding) + `
data "inference_text_embedding" "endpoint" {
  inference_id = inference_endpoint.this.id
  input        = ["one text", "another text"]
}
data "inference_text_embedding" "inline" {` + inlineTitan + `
  input = ["one text", "another text"]
}
output "same" { value = data.inference_text_embedding.endpoint.embeddings == data.inference_text_embedding.inline.embeddings }
`
	acceptance(t, step{
		config: config,
		state: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("same", knownvalue.Bool(true)),
			statecheck.ExpectKnownValue("data.inference_text_embedding.endpoint", tfjsonpath.New("dimensions"), knownvalue.Int64Exact(1024)),
			statecheck.ExpectKnownValue("data.inference_text_embedding.endpoint", tfjsonpath.New("embeddings"), knownvalue.ListSizeExact(2)),
			statecheck.ExpectKnownValue("data.inference_text_embedding.endpoint", tfjsonpath.New("embeddings").AtSliceIndex(1), knownvalue.ListSizeExact(1024)),
		},
	})
}

// TestTextEmbeddingRefuses checks the errors of invalid runs in Terraform.
func TestTextEmbeddingRefuses(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	data := func(body string) string {
		return provider + "data \"inference_text_embedding\" \"this\" {\n" + body + "\n}\n"
	}
	for name, test := range map[string]struct{ config, want string }{
		"no model":           {data(`input = ["x"]`), `Neither\s+inference_id\s+nor\s+service_settings`},
		"two models":         {data(`inference_id = "x"` + "\n" + inlineTitan + `input = ["x"]`), `inference_id\s+and\s+service_settings\s+are\s+both\s+set`},
		"no input":           {data(inlineTitan + `input = []`), `input`},
		"empty input":        {data(inlineTitan + "input = [\"x\", \"\"]"), `input\[1\]`},
		"no endpoint":        {data("inference_id = \"nobody\"\ninput = [\"x\"]"), `(?s)No inference endpoint "nobody".*\.db\s+has\s+no.*embedded\.path`},
		"text model":         {data(`service_settings = { region = "us-east-1", provider = "amazontitan", model = "amazon.titan-text-lite-v1" }` + "\n" + `input = ["x"]`), `Text\s+model\s+for\s+an\s+embedding`},
		"invalid input type": {data(inlineTitan + "input_type = \"query\"\ninput = [\"x\"]"), `"query"\s+is\s+not\s+an\s+input\s+type`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acceptance(t, step{config: test.config, fails: test.want})
		})
	}
}
