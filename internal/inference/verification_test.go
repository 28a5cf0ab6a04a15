// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

func TestVerification(t *testing.T) {
	embeds := Endpoint{
		InferenceID: "e", TaskType: TextEmbedding,
		ServiceSettings: ServiceSettings{Region: "us-east-1", Provider: AmazonTitan, Model: "amazon.titan-embed-text-v2:0", Dimensions: 4},
	}
	unlearnt := embeds
	unlearnt.ServiceSettings.Dimensions = 0
	writes := Endpoint{
		InferenceID: "c", TaskType: Completion,
		ServiceSettings: ServiceSettings{Region: "us-east-1", Provider: Meta, Model: "meta.llama3-8b-instruct-v1:0"},
	}
	vector := func(length int) Result { return Result{Embeddings: [][]float32{make([]float32, length)}} }
	text := Result{Completions: []Answer{{Text: "Hello."}}}
	for name, c := range map[string]struct {
		verification Verification
		endpoint     Endpoint
		result       Result
		path         validation.Path
		want         string // empty: nothing is wrong
	}{
		"declared":            {Verification{}, embeds, vector(4), "", ""},
		"expected":            {Verification{Dimensions: validation.Given[int64](4)}, unlearnt, vector(4), "", ""},
		"nothing is known":    {Verification{}, unlearnt, vector(7), "", ""},
		"completion":          {Verification{}, writes, text, "", ""},
		"tool call":           {Verification{}, writes, Result{Completions: []Answer{{StopReason: "tool_use"}}}, "inference_id", `with stop reason "tool_use". It called a tool`},
		"refusal":             {Verification{}, writes, Result{Completions: []Answer{{StopReason: "refusal"}}}, "inference_id", `with stop reason "refusal". The content was filtered or refused`},
		"guardrail":           {Verification{}, writes, Result{Completions: []Answer{{Text: " \n", StopReason: "guardrail_intervened"}}}, "inference_id", `"guardrail_intervened"`},
		"no tokens left":      {Verification{}, writes, Result{Completions: []Answer{{StopReason: "max_tokens"}}}, "inference_id", "Increase max_new_tokens"},
		"other reason":        {Verification{}, writes, Result{Completions: []Answer{{StopReason: "end_turn"}}}, "inference_id", `stop reason "end_turn". Change the prompt`},
		"no reason":           {Verification{}, writes, Result{Completions: []Answer{{}}}, "inference_id", "is not reported"},
		"another than asked":  {Verification{Dimensions: validation.Given[int64](8)}, embeds, vector(4), "dimensions", "Write dimensions = 4"},
		"another than before": {Verification{}, embeds, vector(5), "inference_id", "answered with 5 dimensions and declares 4"},
		"of a completion":     {Verification{Dimensions: validation.Given[int64](8)}, writes, text, "dimensions", "Remove dimensions"},
		"empty":               {Verification{Input: validation.Given("")}, embeds, vector(4), "input", "Write a text"},
		"blank":               {Verification{Input: validation.Given(" ")}, writes, text, "input", "Write a text"},
		"too long":            {Verification{Input: validation.Given(strings.Repeat("x", 50_001))}, embeds, vector(4), "input", "at most 50000"},
		"no dimensions":       {Verification{Dimensions: validation.Given[int64](0)}, writes, text, "dimensions", "or leave it out"},
		"unknown":             {Verification{Input: validation.Unknown[string](), Dimensions: validation.Unknown[int64]()}, embeds, vector(4), "", ""},
	} {
		found := c.verification.Validate()
		if len(found) == 0 {
			found = c.verification.ValidateFor(c.endpoint)
		}
		if len(found) == 0 {
			found = c.verification.Check(c.endpoint, c.result)
		}
		switch {
		case c.want == "" && len(found) > 0:
			t.Errorf("%s: %v", name, found)
		case c.want != "" && (len(found) != 1 || found[0].Path != c.path || !strings.Contains(found[0].Detail, c.want)):
			t.Errorf("%s: %v; want %q at %s", name, found, c.want, c.path)
		}
	}
}
