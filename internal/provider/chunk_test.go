// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestChunkFunction checks the chunks that the function returns for each kind of settings.
func TestChunkFunction(t *testing.T) {
	t.Parallel()
	const words = "one two three four five six seven eight nine ten eleven twelve"
	chunk := func(text string, start, end int64) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{
			"text": knownvalue.StringExact(text), "start_offset": knownvalue.Int64Exact(start), "end_offset": knownvalue.Int64Exact(end),
		})
	}
	var config strings.Builder
	var checks []statecheck.StateCheck
	for name, test := range map[string]struct {
		call string
		want []knownvalue.Check
	}{
		"defaults": {`"` + words + `", {}`, []knownvalue.Check{chunk(words, 0, 62)}},
		"subset":   {`"` + words + `", { strategy = "word", max_chunk_size = 10, overlap = 2 }`, []knownvalue.Check{chunk(words[:48], 0, 48), chunk(words[39:], 39, 62)}},
		"text":     {`"` + words + `", { strategy = "word", max_chunk_size = "10", overlap = "2" }`, []knownvalue.Check{chunk(words[:48], 0, 48), chunk(words[39:], 39, 62)}},
		"map":      {`"` + words + `", tomap({ strategy = "word", max_chunk_size = "10", overlap = 2 })`, []knownvalue.Check{chunk(words[:48], 0, 48), chunk(words[39:], 39, 62)}},
		"utf16":    {`"😀 a", { strategy = "none" }`, []knownvalue.Check{chunk("😀 a", 0, 4)}},
		"pattern":  {`"` + words + `", { strategy = "recursive", max_chunk_size = 10, separators = ["(?<=six) "] }`, []knownvalue.Check{chunk(words[:27], 0, 27), chunk(words[27:], 27, 62)}},
		"empty":    {`"", {}`, []knownvalue.Check{chunk("", 0, 0)}},
		"null":     {`"a", { strategy = null, separators = null }`, []knownvalue.Check{chunk("a", 0, 1)}},
	} {
		fmt.Fprintf(&config, "output %q { value = provider::inference::chunk(%s) }\n", name, test.call)
		checks = append(checks, statecheck.ExpectKnownOutputValue(name, knownvalue.ListExact(test.want)))
	}
	acceptance(t, step{config: config.String(), state: checks})
}

// TestChunkFunctionRefuses checks the errors of the function, which are reported at its
// second argument.
func TestChunkFunctionRefuses(t *testing.T) {
	t.Parallel()
	protocol := newProtocol(t)
	str, num := tftypes.String, tftypes.Number
	object := func(name string, typ tftypes.Type, value any) tftypes.Value {
		return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{name: typ}}, map[string]tftypes.Value{name: tftypes.NewValue(typ, value)})
	}
	for name, test := range map[string]struct {
		settings tftypes.Value
		want     string
	}{
		"no object":          {tftypes.NewValue(str, "word"), `not an object.*strategy = "word"`},
		"unknown attribute":  {object("size", num, 5), `no attribute "size".*max_chunk_size`},
		"wrong type":         {object("max_chunk_size", str, "ten"), `max_chunk_size is not of the right type: write a whole number`},
		"fraction in text":   {object("max_chunk_size", str, "20.5"), `max_chunk_size is 20.5. Write a whole number`},
		"infinity":           {object("max_chunk_size", str, "inf"), `write a whole number`},
		"empty text":         {object("max_chunk_size", str, ""), `write a whole number`},
		"size in text":       {object("max_chunk_size", str, "19"), `needs at least 20`},
		"map of one unknown": {tftypes.NewValue(tftypes.Map{ElementType: str}, map[string]tftypes.Value{"size": tftypes.NewValue(str, "5")}), `no attribute "size"`},
		"large number":       {object("sentence_overlap", num, 1e300), `sentence_overlap is 1e\+300. Write 0 or 1`},
		"large text":         {object("sentence_overlap", str, "1e999"), `sentence_overlap is 1e\+999. Write 0 or 1`},
		"large size":         {object("max_chunk_size", str, "-1e999"), `max_chunk_size is -1e\+999. Write a whole number from 20 to 2147483647`},
		"fraction":           {object("max_chunk_size", num, 20.5), `max_chunk_size is 20.5. Write a whole number`},
		"strategy":           {object("strategy", str, "words"), `"words" is not a chunking strategy`},
		"size":               {object("max_chunk_size", num, 19), `needs at least 20`},
		"no list":            {object("separators", str, "x"), `write a list of strings`},
	} {
		resp, err := protocol.server.CallFunction(context.Background(), &tfprotov6.CallFunctionRequest{
			Name: "chunk", Arguments: []*tfprotov6.DynamicValue{dynamic(t, str, tftypes.NewValue(str, "a text")), dynamic(t, tftypes.DynamicPseudoType, test.settings)},
		})
		if err != nil {
			t.Fatal(err)
		}
		if resp.Error == nil || !regexp.MustCompile(test.want).MatchString(resp.Error.Text) || resp.Error.FunctionArgument == nil || *resp.Error.FunctionArgument != 1 {
			t.Errorf("%s: got %+v, want %q", name, resp.Error, test.want)
		}
	}
}

// TestChunkFunctionNull checks that null settings are the defaults. It calls the provider
// directly because OpenTofu does not pass an untyped null to a provider.
func TestChunkFunctionNull(t *testing.T) {
	t.Parallel()
	resp, err := newProtocol(t).server.CallFunction(context.Background(), &tfprotov6.CallFunctionRequest{
		Name: "chunk", Arguments: []*tfprotov6.DynamicValue{
			dynamic(t, tftypes.String, tftypes.NewValue(tftypes.String, "a text")),
			dynamic(t, tftypes.DynamicPseudoType, tftypes.NewValue(tftypes.DynamicPseudoType, nil)),
		},
	})
	if err != nil || resp.Error != nil {
		t.Fatalf("got errors %+v and %v, want none", resp.Error, err)
	}
	chunk := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"text": tftypes.String, "start_offset": tftypes.Number, "end_offset": tftypes.Number}}
	value, err := resp.Result.Unmarshal(tftypes.List{ElementType: chunk})
	var chunks []tftypes.Value
	if err != nil || value.As(&chunks) != nil || len(chunks) != 1 {
		t.Errorf("got %s, error %v, want one chunk", value, err)
	}
}

// dynamic encodes a value for the plugin protocol.
func dynamic(t *testing.T, typ tftypes.Type, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(typ, value)
	if err != nil {
		t.Fatal(err)
	}
	return &encoded
}

// TestChunksEmbedded checks that the embedding of each chunk equals that of its text alone,
// and that the chunks equal those of the function.
func TestChunksEmbedded(t *testing.T) {
	t.Parallel()
	config := embedded(t) + `
locals { words = "one two three four five six seven eight nine ten eleven twelve" }
data "inference_text_embedding" "chunked" {` + inlineTitan + `
  input             = ["short", local.words]
  chunking_settings = { strategy = "word", max_chunk_size = 10, overlap = 2 }
}
data "inference_text_embedding" "alone" {` + inlineTitan + `
  input = [for chunk in data.inference_text_embedding.chunked.chunks : chunk.text]
}
output "same" {
  value = data.inference_text_embedding.alone.embeddings == tolist([for chunk in data.inference_text_embedding.chunked.chunks : chunk.embedding])
}
output "as_the_function" {
  value = [for chunk in provider::inference::chunk(local.words, { strategy = "word", max_chunk_size = 10, overlap = 2 }) : chunk.start_offset] == [for chunk in data.inference_text_embedding.chunked.chunks : chunk.start_offset if chunk.input_index == 1]
}
`
	chunks := tfjsonpath.New("chunks")
	acceptance(t, step{config: config, state: []statecheck.StateCheck{
		statecheck.ExpectKnownOutputValue("same", knownvalue.Bool(true)),
		statecheck.ExpectKnownOutputValue("as_the_function", knownvalue.Bool(true)),
		statecheck.ExpectKnownValue("data.inference_text_embedding.chunked", chunks, knownvalue.ListSizeExact(3)),
		statecheck.ExpectKnownValue("data.inference_text_embedding.chunked", chunks.AtSliceIndex(2).AtMapKey("input_index"), knownvalue.Int64Exact(1)),
		statecheck.ExpectKnownValue("data.inference_text_embedding.alone", chunks, knownvalue.Null()),
	}})
}

// TestLongTextInChunks checks that the plan rejects a text that is too long for the model,
// and that it is accepted in chunks.
func TestLongTextInChunks(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	data := func(more string) string {
		return provider + `
data "inference_text_embedding" "long" {
  service_settings = {
    region   = "us-east-1"
    provider = "cohere"
    model    = "cohere.embed-english-v3"
  }
  input = [join(" ", [for i in range(1000) : "word${i}"])]
  ` + more + `
}
`
	}
	acceptance(t,
		step{config: data(""), fails: `takes\s+at\s+most\s+2048`},
		step{config: data("chunking_settings = { strategy = \"recursive\", separators = [\"(\"] }"), fails: `Separator\s+cannot\s+be\s+used:\s+chunking_settings.separators\[0\]`},
		step{config: data("chunking_settings = { strategy = \"word\", max_chunk_size = 100 }"), state: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.inference_text_embedding.long", tfjsonpath.New("chunks"), knownvalue.ListSizeExact(19)),
		}},
	)
}

// TestSeparatorGroupsAgree checks that packages inference and chunking, which do not import
// each other, have the same separators for each group.
func TestSeparatorGroupsAgree(t *testing.T) {
	t.Parallel()
	text := "Title\n=====\nIntro of some words here.\n\n# One\nBody one two three four five six seven.\n\nAnother\n-------\nMore\nlines of words to be cut here and there."
	for _, group := range inference.SeparatorGroups() {
		byGroup, err := chunking.New(chunking.Settings{Strategy: "recursive", MaxChunkSize: 10, SeparatorGroup: group})
		if err != nil {
			t.Fatal(err)
		}
		byList, err := chunking.New(chunking.Settings{Strategy: "recursive", MaxChunkSize: 10, Separators: separatorsOf(t, group)})
		if err != nil {
			t.Fatal(err)
		}
		got, gotErr := byGroup.Chunks(text)
		want, wantErr := byList.Chunks(text)
		if gotErr != nil || wantErr != nil || fmt.Sprint(got) != fmt.Sprint(want) || len(got) < 3 {
			t.Errorf("%s: got %v, error %v, want as by separators %v, error %v", group, got, gotErr, want, wantErr)
		}
	}
}

// separatorsOf returns the separators that the API shows for a group.
func separatorsOf(t *testing.T, group string) []string {
	t.Helper()
	data, err := inference.Endpoint{Chunking: &inference.ChunkingSettings{Strategy: "recursive", MaxChunkSize: 10, SeparatorGroup: group}}.EndpointJSON()
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := inference.ParseEndpoint(data)
	if err != nil {
		t.Fatal(err)
	}
	return endpoint.Chunking.Separators
}

// TestChunkLargeText checks that a plan chunks a text of a megabyte.
func TestChunkLargeText(t *testing.T) {
	t.Parallel()
	terraform := newCLI(t, "output \"chunks\" {\n  value = length(provider::inference::chunk(file(\"large.txt\"), {}))\n}\n")
	sentence := "The quick brown fox jumps over the lazy dog, and then it rests. "
	if err := os.WriteFile(filepath.Join(terraform.dir, "large.txt"), []byte(strings.Repeat(sentence, 1_000_000/len(sentence))), 0o600); err != nil {
		t.Fatal(err)
	}
	if plan := terraform.succeeds("plan", "-no-color"); !strings.Contains(plan, "+ chunks = 868") {
		t.Errorf("got the plan, want 868 chunks:\n%s", plan)
	}
}
