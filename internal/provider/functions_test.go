// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// TestFunctions checks the result of each function in a configuration.
func TestFunctions(t *testing.T) {
	t.Parallel()
	var config strings.Builder
	var checks []statecheck.StateCheck
	for name, test := range map[string]struct {
		call string
		want knownvalue.Check
	}{
		"same":        {`cosine_similarity([1, 2, 3], [2, 4, 6])`, knownvalue.Float64Exact(1)},
		"exact":       {`cosine_similarity([0.1, 0.2, 0.3], [0.1, 0.2, 0.3])`, knownvalue.Float64Exact(1)},
		"opposite":    {`cosine_similarity([1], [-1])`, knownvalue.Float64Exact(-1)},
		"computed":    {`cosine_similarity([for x in [1, 2, 3] : x / 3], [1, 2, 3])`, knownvalue.Float64Exact(1)},
		"many_digits": {`cosine_similarity([0.333333333333333333333333333333, 0], [1, 0])`, knownvalue.Float64Exact(1)},
		"subnormal":   {`cosine_similarity([1e-320, 1], [0, 1])`, knownvalue.Float64Exact(1)},
		"angle":       {`cosine_similarity([1, 0], [3, 4])`, knownvalue.Float64Exact(0.6)},
		"foundation":  {`parse_model_id("amazon.titan-embed-text-v2:0")`, modelID(map[string]string{"kind": "foundation-model", "provider": "amazontitan", "vendor": "amazon", "model": "amazon.titan-embed-text-v2:0"})},
		"nova":        {`parse_model_id("amazon.nova-lite-v1:0")`, modelID(map[string]string{"kind": "foundation-model", "provider": "amazontitan", "vendor": "amazon", "model": "amazon.nova-lite-v1:0"})},
		"profile": {`parse_model_id("us.anthropic.claude-sonnet-4-5-20250929-v1:0")`, modelID(map[string]string{
			"kind": "inference-profile", "provider": "anthropic", "vendor": "anthropic", "model": "anthropic.claude-sonnet-4-5-20250929-v1:0", "geography": "us",
		})},
		"arn": {`parse_model_id("arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:provisioned-model/abc123")`, modelID(map[string]string{
			"kind": "provisioned-model", "region": "us-gov-west-1", "partition": "aws-us-gov", "account_id": "123456789012",
		})},
		"lifecycle":  {`model_lifecycle("us.anthropic.claude-3-haiku-20240307-v1:0").end_of_life_date`, knownvalue.StringExact("2026-09-10")},
		"replaced":   {`model_lifecycle("us.anthropic.claude-3-haiku-20240307-v1:0").replacement`, knownvalue.StringExact("anthropic.claude-haiku-4-5-20251001-v1:0")},
		"noted":      {`model_lifecycle("us.anthropic.claude-3-haiku-20240307-v1:0").replacement_note`, knownvalue.StringExact("Claude Haiku 4.5")},
		"prose":      {`model_lifecycle("amazon.nova-premier-v1:0").replacement == null`, knownvalue.Bool(true)},
		"prose_note": {`model_lifecycle("amazon.nova-premier-v1:0").replacement_note`, knownvalue.StringExact("Nova 2 Pro")},
		"active":     {`model_lifecycle("anthropic.claude-sonnet-5").state`, knownvalue.StringExact("active")},
		"unlisted":   {`model_lifecycle("acme.model-v1").state == null`, knownvalue.Bool(true)},
	} {
		fmt.Fprintf(&config, "output %q { value = provider::inference::%s }\n", name, test.call)
		checks = append(checks, statecheck.ExpectKnownOutputValue(name, test.want))
	}
	acceptance(t, step{config: config.String(), state: checks})
}

// modelID returns a check for the result of parse_model_id, whose other attributes are null.
func modelID(texts map[string]string) knownvalue.Check {
	checks := map[string]knownvalue.Check{}
	for _, name := range []string{"kind", "provider", "vendor", "model", "region", "partition", "account_id", "geography"} {
		checks[name] = knownvalue.Null()
		if text, ok := texts[name]; ok {
			checks[name] = knownvalue.StringExact(text)
		}
	}
	return knownvalue.ObjectExact(checks)
}

// TestFunctionsRefuse checks the errors of the functions.
func TestFunctionsRefuse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ call, want string }{
		"lengths":               {`cosine_similarity([1, 2], [1, 2, 3])`, `different\s+lengths,\s+2\s+and\s+3.*pass\s+two\s+embeddings`},
		"lengths, one of zeros": {`cosine_similarity([1, 0], [0])`, `different\s+lengths,\s+2\s+and\s+1`},
		"empty":                 {`cosine_similarity([], [1])`, `vector\s+is\s+empty.*Give\s+an\s+embedding`},
		"zeros":                 {`cosine_similarity([1, 1], [0, 0])`, `all\s+zeros.*Give\s+an\s+embedding`},
		"null element":          {`cosine_similarity([1, null], [0, 1])`, `Element\s+\[1\]\s+is\s+null.*Pass\s+an\s+embedding`},
		"beyond a float64":      {`cosine_similarity([1, 1e400], [0, 1])`, `Element\s+\[1\]\s+is\s+1e\+400.\s+Write\s+a\s+number\s+that\s+fits`},
		"below a float64":       {`cosine_similarity([0, 1], [1e-400, 1])`, `Element\s+\[0\]\s+is\s+1e-400`},
		"model with a blank":    {`parse_model_id("us.anthropic.claude-sonnet-5 ")`, `Did\s+you\s+mean\s+"us.anthropic.claude-sonnet-5"\?\s+The\s+value\s+has\s+blanks`},
		"look-alike":            {`model_lifecycle("amazon.titan‐embed-text-v2:0")`, `"amazon.titan\\u2010embed-text-v2:0"\s+is\s+neither.*Did\s+you\s+mean\s+"amazon.titan-embed-text-v2:0"\?`},
		"no model":              {`parse_model_id("titan")`, `"titan"\s+is\s+neither\s+a\s+model\s+id.*Copy\s+the\s+id`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acceptance(t, step{
				config: `output "result" { value = provider::inference::` + test.call + ` }`,
				fails:  test.want,
			})
		})
	}
}

// TestFunctionErrorsEndOnce checks that errors of functions have no full stop at the end,
// because Terraform adds one.
func TestFunctionErrorsEndOnce(t *testing.T) {
	t.Parallel()
	protocol := newProtocol(t)
	text := func(value string) *tfprotov6.DynamicValue {
		return dynamic(t, tftypes.String, tftypes.NewValue(tftypes.String, value))
	}
	list := tftypes.List{ElementType: tftypes.Number}
	empty := dynamic(t, list, tftypes.NewValue(list, []tftypes.Value{}))
	for name, arguments := range map[string][]*tfprotov6.DynamicValue{
		"chunk":             {text("a"), dynamic(t, tftypes.DynamicPseudoType, tftypes.NewValue(tftypes.String, "word"))},
		"cosine_similarity": {empty, empty},
		"parse_model_id":    {text("titan")},
		"model_lifecycle":   {text("Amazon.titan-embed-text-v2:0")},
	} {
		resp, err := protocol.server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{Name: name, Arguments: arguments})
		if err != nil {
			t.Fatal(err)
		}
		if resp.Error == nil || resp.Error.Text == "" || strings.HasSuffix(resp.Error.Text, ".") || strings.HasSuffix(resp.Error.Text, "?") {
			t.Errorf("%s: got %+v, want an error without a full stop", name, resp.Error)
		}
	}
}
