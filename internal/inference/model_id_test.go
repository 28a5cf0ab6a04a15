// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

func TestParseModelID(t *testing.T) {
	t.Parallel()
	tests := map[string]ModelID{
		"amazon.titan-embed-text-v2:0":                  {Kind: "foundation-model", Vendor: "amazon", Provider: AmazonTitan, Model: "amazon.titan-embed-text-v2:0"},
		"amazon.titan-embed-text-v1:2:8k":               {Kind: "foundation-model", Vendor: "amazon", Provider: AmazonTitan, Model: "amazon.titan-embed-text-v1:2:8k"},
		"amazon.nova-pro-v1:0":                          {Kind: "foundation-model", Vendor: "amazon", Provider: AmazonTitan, Model: "amazon.nova-pro-v1:0"},
		"anthropic.claude-opus-4-7":                     {Kind: "foundation-model", Vendor: "anthropic", Provider: Anthropic, Model: "anthropic.claude-opus-4-7"},
		"ai21.jamba-1-5-large-v1:0":                     {Kind: "foundation-model", Vendor: "ai21", Provider: AI21Labs, Model: "ai21.jamba-1-5-large-v1:0"},
		"us.anthropic.claude-sonnet-4-5-20250929-v1:0":  {Kind: "inference-profile", Vendor: "anthropic", Provider: Anthropic, Model: "anthropic.claude-sonnet-4-5-20250929-v1:0", Geography: "us"},
		"us-gov.anthropic.claude-3-haiku-20240307-v1:0": {Kind: "inference-profile", Vendor: "anthropic", Provider: Anthropic, Model: "anthropic.claude-3-haiku-20240307-v1:0", Geography: "us-gov"},
		"global.cohere.embed-v4:0":                      {Kind: "inference-profile", Vendor: "cohere", Provider: Cohere, Model: "cohere.embed-v4:0", Geography: "global"},
		"deepseek.r1-v1:0":                              {Kind: "foundation-model", Vendor: "deepseek", Model: "deepseek.r1-v1:0"},
		"arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3": {
			Kind: "foundation-model", Vendor: "cohere", Provider: Cohere, Model: "cohere.embed-english-v3", Partition: "aws", Region: "us-east-1",
		},
		"arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.mistral.pixtral-large-2502-v1:0": {
			Kind: "inference-profile", Vendor: "mistral", Provider: Mistral, Model: "mistral.pixtral-large-2502-v1:0", Geography: "eu",
			Partition: "aws", Region: "eu-west-1", AccountID: "123456789012",
		},
		"arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:provisioned-model/abcdef123456": {
			Kind: "provisioned-model", Partition: "aws-us-gov", Region: "us-gov-west-1", AccountID: "123456789012",
		},
		"arn:aws:bedrock:us-west-2:123456789012:custom-model/meta.llama3-1-8b-instruct-v1:0/abcdef123456": {
			Kind: "custom-model", Vendor: "meta", Provider: Meta, Model: "meta.llama3-1-8b-instruct-v1:0",
			Partition: "aws", Region: "us-west-2", AccountID: "123456789012",
		},
		"arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/a1babba1b11": {
			Kind: "application-inference-profile", Partition: "aws", Region: "us-west-2", AccountID: "123456789012",
		},
		"arn:aws:sagemaker:us-west-2:123456789012:endpoint/my-endpoint": {
			Kind: "endpoint", Partition: "aws", Region: "us-west-2", AccountID: "123456789012",
		},
	}
	for model, want := range tests {
		if got, ok := ParseModelID(model); !ok || got != want {
			t.Errorf("%s: got %+v, %v\nwant %+v", model, got, ok, want)
		}
	}
}

func TestParseModelIDRefuses(t *testing.T) {
	t.Parallel()
	for _, model := range []string{
		"", "us.us.anthropic.claude-haiku-4-5-20251001-v1:0", "eu.global.amazon.nova-lite-v1:0", ".", "titan", "us.", "amazon.", " amazon.titan-embed-text-v2:0", "amazon.titan embed", "Amazon.titan", "amazon.titan-embed-text-v2:0\n",
		"arn:aws:bedrock:us-east-1:1:x", "arn:aws:bedrock:us-east-1::foundation-model/", "arn:aws:bedrock:us-east-1:12345:provisioned-model/x",
		"arn:aws:s3:::bucket", "arn:aws:sagemaker:us-west-2:123456789012:model/x", "arn:aws:bedrock:us-east-1:123456789012:guardrail/x",
	} {
		if got, ok := ParseModelID(model); ok {
			t.Errorf("%q was taken for %+v", model, got)
		}
	}
}

// TestKnownModels holds every model of the contract against the rules: with its
// own provider, task and a region of its geography, none is refused.
func TestKnownModels(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/bedrock-models.json")
	if err != nil {
		t.Fatal(err)
	}
	var known struct {
		Models []struct {
			ID       string    `json:"id"`
			Provider *Provider `json:"provider"`
			Task     TaskType  `json:"task"`
			Prefix   *string   `json:"profile_prefix"`
		} `json:"models"`
		Regions struct {
			Bedrock []string `json:"bedrock_runtime"`
		} `json:"regions"`
	}
	if err := json.Unmarshal(data, &known); err != nil {
		t.Fatal(err)
	}
	if len(known.Models) < 100 || len(known.Regions.Bedrock) < 30 {
		t.Fatalf("only %d models and %d regions were read", len(known.Models), len(known.Regions.Bedrock))
	}
	home := map[string]string{"us": "us-west-2", "eu": "eu-west-3", "apac": "ap-south-1", "jp": "ap-northeast-1", "au": "ap-southeast-2", "us-gov": "us-gov-east-1", "global": "sa-east-1"}
	for _, model := range known.Models {
		id, ok := ParseModelID(model.ID)
		if !ok {
			t.Errorf("%s was not read", model.ID)
		}
		if known, found := id.known(); model.Prefix == nil && (!found || known.task != model.Task) {
			t.Errorf("%s serves %q, %v; want %q", model.ID, known.task, found, model.Task)
		}
		want := Provider("")
		if model.Provider != nil {
			want = *model.Provider
		}
		if id.Provider != want && !id.isNova() {
			t.Errorf("%s is of %q, want %q", model.ID, id.Provider, want)
		}
		config := Config{TaskType: validation.Given(model.Task), ServiceSettings: ServiceConfig{
			Provider: validation.Given(string(want)), Model: validation.Given(model.ID), Region: validation.Given("us-east-1"),
		}}
		if want == "" {
			continue
		}
		if model.Prefix != nil {
			config.ServiceSettings.Region = validation.Given(home[*model.Prefix])
		}
		if found := config.Validate(); len(found) > 0 {
			t.Errorf("%s: %v", model.ID, found)
		}
	}
	for _, region := range known.Regions.Bedrock {
		if found := (Config{ServiceSettings: ServiceConfig{Region: validation.Given(region)}}).Validate(); len(found) > 0 {
			t.Errorf("%s: %v", region, found)
		}
	}
}

// TestModelIDForms checks ids whose base model has to be found behind a prefix or
// a suffix.
func TestModelIDForms(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]struct {
		geography string
		task      TaskType
	}{
		"cohere.embed-english-v3:0:512":                                                        {"", TextEmbedding},
		"cohere.embed-multilingual-v3:0:512":                                                   {"", TextEmbedding},
		"amazon.titan-embed-text-v2:0:8k":                                                      {"", TextEmbedding},
		"anthropic.claude-3-sonnet-20240229-v1:0:28k":                                          {"", Completion},
		"amazon.nova-pro-v1:0:300k":                                                            {"", Completion},
		"meta.llama3-1-8b-instruct-v1:0:128k":                                                  {"", Completion},
		"in.anthropic.claude-sonnet-5":                                                         {"in", Completion},
		"mx.cohere.embed-english-v3":                                                           {"mx", TextEmbedding},
		"eu-sovereign.amazon.titan-embed-text-v2:0":                                            {"eu-sovereign", TextEmbedding},
		"emea.meta.llama3-3-70b-instruct-v1:0":                                                 {"emea", Completion},
		"us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0":                                     {"us-gov", Completion},
		"arn:aws:bedrock:ap-south-1:123456789012:inference-profile/in.cohere.embed-english-v3": {"in", TextEmbedding},
	} {
		id, ok := ParseModelID(model)
		if !ok || id.Geography != want.geography {
			t.Errorf("%s: got geography %q, %t", model, id.Geography, ok)
		}
		if known, _ := id.known(); known.task != want.task {
			t.Errorf("%s: got task %q, want %q", model, known.task, want.task)
		}
	}
	// Ids with several dots are not profiles.
	for _, model := range []string{"zai.glm-4.7", "moonshotai.kimi-k2.5", "anthropic.claude-v2:1"} {
		if id, ok := ParseModelID(model); !ok || id.Geography != "" {
			t.Errorf("%s: got %+v, %t", model, id, ok)
		}
	}
}

// TestProfiles checks that remedies name existing profiles only.
func TestProfiles(t *testing.T) {
	t.Parallel()
	known, err := os.ReadFile("testdata/bedrock-models.json")
	if err != nil {
		t.Fatal(err)
	}
	for model, want := range map[string]string{
		"anthropic.claude-sonnet-4-5-20250929-v1:0": "jp.",
		"anthropic.claude-sonnet-5":                 "global.",
		"amazon.nova-pro-v1:0":                      "apac.",
	} {
		id, _ := ParseModelID(model)
		found := id.Profiles("ap-northeast-1")
		if !slices.Contains(found, want+model) {
			t.Errorf("%s: got %v, want %s", model, found, want)
		}
		for _, profile := range found {
			if !strings.Contains(string(known), strconv.Quote(profile)) {
				t.Errorf("%s does not exist", profile)
			}
		}
	}
}

func FuzzParseModelID(f *testing.F) {
	f.Add("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
	f.Add("arn:aws:bedrock:us-west-2:123456789012:custom-model/meta.llama3-1-8b-instruct-v1:0/abcdef123456")
	f.Fuzz(func(t *testing.T, model string) {
		id, ok := ParseModelID(model)
		if ok && id.Kind == "" {
			t.Errorf("%q has no kind", model)
		}
		config := Config{TaskType: validation.Given(TextEmbedding), ServiceSettings: ServiceConfig{Model: validation.Given(model), Region: validation.Given("us-east-1"), Provider: validation.Given("cohere")}}
		if found := config.Validate(); !ok && len(found) == 0 {
			t.Errorf("%q is no model id, and passes", model)
		}
	})
}

// TestMistakenModelIDs checks which ids are certainly not those of AWS. Ids that
// could be new are none of them.
func TestMistakenModelIDs(t *testing.T) {
	t.Parallel()
	for model, mistaken := range map[string]bool{
		"uss.amazon.nova-lite-v1:0":                                          true,
		"eus.anthropic.claude-sonnet-5":                                      true,
		"globl.anthropic.claude-sonnet-5":                                    true,
		"apc.amazon.nova-pro-v1:0":                                           true,
		"us.amazon.titan-embed-text-v2:0":                                    true,
		"eu.amazon.titan-text-express-v1":                                    true,
		"us.meta.llama2-13b-chat-v1":                                         true,
		"global.cohere.command-r-v1:0":                                       true,
		"amazon.titan-embed-text-v2":                                         true,
		"amazon.nova-lite":                                                   true,
		"anthropic.claude-haiku-4-5-20251001":                                true,
		"us.anthropic.claude-haiku-4-5-20251001-v1":                          true,
		"meta.llama3-8b-instruct":                                            true,
		"anthropic.claude-3-5-haku-20241022-v1:0":                            true,
		"amazon.titan-embed-text-v2:0":                                       false,
		"amazon.titan-embed-text-v2:0:8k":                                    false,
		"us.amazon.nova-lite-v1:0":                                           false,
		"in.anthropic.claude-sonnet-5":                                       false,
		"emea.meta.llama3-3-70b-instruct-v1:0":                               false,
		"us.anthropic.claude-3-haiku-20240307-v1:0":                          false,
		"anthropic.claude-sonnet-9":                                          false,
		"us.anthropic.claude-epos-1-20270101-v1:0":                           false,
		"amazon.titan-embed-text-v9:0":                                       false,
		"anthropic.claude-sonnet-4-5-20250929":                               false,
		"mistral.mistral-huge-2701":                                          false,
		"newvendor.new-model-v1:0":                                           false,
		"cohere.command-a-v1:0":                                              false, // one letter from command-r, and maybe a new model
		"amazon.titan-embed-txt-v2:0":                                        false,
		"anthropic.claude-3-hiaku-20240307-v1:0":                             true,
		"arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdef123456": false,
	} {
		id, ok := ParseModelID(model)
		if !ok || id.IsMistaken() != mistaken {
			t.Errorf("%s: parsed %v, mistaken %v, want %v", model, ok, id.IsMistaken(), mistaken)
		}
	}
	for _, known := range knownModels {
		for _, model := range append([]string{known.id}, ModelID{Model: known.id}.Profiles("us-east-1")...) {
			if id, ok := ParseModelID(model); !ok || id.IsMistaken() {
				t.Errorf("the known id %s counts as mistaken", model)
			}
		}
	}
}
