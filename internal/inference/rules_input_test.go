// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

func embeddingEndpoint(provider Provider, model string) Endpoint {
	return Endpoint{TaskType: TextEmbedding, ServiceSettings: ServiceSettings{Region: "us-east-1", Provider: provider, Model: model}}
}

func completionEndpoint(provider Provider) Endpoint {
	return Endpoint{TaskType: Completion, ServiceSettings: ServiceSettings{Region: "us-east-1", Provider: provider}}
}

func TestRequestValidate(t *testing.T) {
	titan := embeddingEndpoint(AmazonTitan, "amazon.titan-embed-text-v2:0")
	cohere := embeddingEndpoint(Cohere, "cohere.embed-english-v3")
	cohereV4 := embeddingEndpoint(Cohere, "us.cohere.embed-v4:0")
	opaque := embeddingEndpoint(Cohere, "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc")
	claude := completionEndpoint(Anthropic)
	cut := titan
	cut.ServiceSettings.MaxInputTokens = 8192
	truncating := cohere
	truncating.TaskSettings.Truncate = "START"
	number := func(n float64) *float64 { return &n }
	tokens := int64(0)
	of := func(texts ...string) Request { return Request{Input: texts} }
	with := func(task TaskSettings) Request { return Request{Input: []string{"a"}, TaskSettings: task} }

	for name, c := range map[string]struct {
		endpoint Endpoint
		request  Request
		path     validation.Path // empty where nothing is wrong
		says     string
	}{
		"a text":                        {titan, of("a"), "", ""},
		"no input":                      {titan, of(), "input", "empty list"},
		"empty text":                    {titan, of("a", ""), "input.1", "empty string"},
		"empty text for cohere":         {cohere, of(""), "input.0", "empty string"},
		"blank text for an embedding":   {titan, of(" \n"), "", ""},
		"blank text for a completion":   {claude, of("a", " \n"), "input.1", "white space"},
		"titan, longest":                {titan, of(strings.Repeat("é", 50_000)), "", ""},
		"titan, too long":               {titan, of("a", "b", strings.Repeat("é", 50_001)), "input.2", "has 50001 characters, amazon.titan-embed-text-v2:0 takes at most 50000"},
		"titan, cut to max_input":       {cut, of(strings.Repeat("é", 50_001)), "", ""},
		"cohere v3, longest":            {cohere, of(strings.Repeat("é", 2048)), "", ""},
		"cohere v3, too long":           {cohere, of(strings.Repeat("é", 2049)), "input.0", `truncate = "END" or "START"`},
		"cohere v3, profile, too long":  {embeddingEndpoint(Cohere, "us.cohere.embed-multilingual-v3"), of(strings.Repeat("é", 2049)), "input.0", "2049"},
		"cohere v3, truncated":          {truncating, of(strings.Repeat("é", 2049)), "", ""},
		"cohere v3, truncated here":     {cohere, Request{Input: []string{strings.Repeat("é", 2049)}, TaskSettings: TaskSettings{Truncate: "END"}}, "", ""},
		"cohere v3, told not to":        {truncating, Request{Input: []string{strings.Repeat("é", 2049)}, TaskSettings: TaskSettings{Truncate: "NONE"}}, "input.0", "2049"},
		"cohere v4 has no such limit":   {cohereV4, of(strings.Repeat("é", 10_000)), "", ""},
		"nor what an ARN does not name": {opaque, of(strings.Repeat("é", 10_000)), "", ""},
		"a long prompt":                 {claude, of(strings.Repeat("é", 100_000)), "", ""},

		"input type":                {titan, Request{Input: []string{"a"}, InputType: Clustering}, "", ""},
		"unknown input type":        {titan, Request{Input: []string{"a"}, InputType: "query"}, "input_type", "query"},
		"input type, completion":    {claude, Request{Input: []string{"a"}, InputType: Search}, "input_type", "completion"},
		"provider without the task": {embeddingEndpoint(Anthropic, "m"), of("a"), "service_settings.provider", "anthropic"},
		"image model":               {embeddingEndpoint(AmazonTitan, "amazon.titan-embed-image-v1"), of("a"), "service_settings.model", "more than text"},
		"nova":                      {embeddingEndpoint(AmazonTitan, "amazon.nova-2-multimodal-embeddings-v1:0"), of("a"), "service_settings.model", "more than text"},
		"nova, completion":          {Endpoint{TaskType: Completion, ServiceSettings: ServiceSettings{Provider: AmazonTitan, Model: "amazon.nova-lite-v1:0"}}, of("a"), "", ""},
		"unknown task":              {Endpoint{TaskType: "rerank", ServiceSettings: ServiceSettings{Provider: Cohere}}, of("a"), "task_type", "rerank"},

		"too hot":                    {claude, with(TaskSettings{Temperature: number(1.5)}), "task_settings.temperature", "1.5"},
		"top_k where there is none":  {completionEndpoint(Meta), with(TaskSettings{TopK: number(5)}), "task_settings.top_k", "meta"},
		"no new tokens":              {claude, with(TaskSettings{MaxNewTokens: &tokens}), "task_settings.max_new_tokens", "is 0"},
		"truncate on a completion":   {completionEndpoint(Cohere), with(TaskSettings{Truncate: "END"}), "task_settings.truncate", "text_embedding"},
		"sampling on an embedding":   {titan, with(TaskSettings{TopP: number(0.5)}), "task_settings.top_p", "text_embedding"},
		"two ways of sampling, over": {claude, with(TaskSettings{Temperature: number(0.5), TopP: number(0.5)}), "", ""},
	} {
		found := c.request.Validate(c.endpoint)
		switch {
		case c.path == "" && len(found) > 0:
			t.Errorf("%s: %v", name, found)
		case c.path != "" && (len(found) != 1 || found[0].Path != c.path || !strings.Contains(found[0].Detail, c.says)):
			t.Errorf("%s: %v, want %q at %s", name, found, c.says, c.path)
		}
	}
}

func TestRequestValidateFindsEveryFault(t *testing.T) {
	request := Request{Input: []string{"", "a", ""}, InputType: "query"}
	var paths []validation.Path
	for _, violation := range request.Validate(embeddingEndpoint(AmazonTitan, "m")) {
		paths = append(paths, violation.Path)
	}
	if want := []validation.Path{"input_type", "input.0", "input.2"}; !slices.Equal(paths, want) {
		t.Errorf("faults at %v, want %v", paths, want)
	}
}

func TestSentInput(t *testing.T) {
	for name, c := range map[string]struct {
		endpoint Endpoint
		tokens   int64
		truncate string
		text     string
		want     string
	}{
		"whole":                         {embeddingEndpoint(AmazonTitan, "m"), 0, "", "abcdefg", "abcdefg"},
		"three units to a token":        {embeddingEndpoint(AmazonTitan, "m"), 2, "", "abcdefg", "abcdef"},
		"units, not bytes":              {embeddingEndpoint(AmazonTitan, "m"), 2, "", "éééééé", "éééééé"},
		"a pair is two units":           {embeddingEndpoint(AmazonTitan, "m"), 2, "", "😀😀😀😀", "😀😀😀"},
		"a pair is not split":           {embeddingEndpoint(AmazonTitan, "m"), 1, "", "ab😀", "ab"},
		"more than there is":            {embeddingEndpoint(AmazonTitan, "m"), 1 << 62, "", "abc", "abc"},
		"END keeps the beginning":       {embeddingEndpoint(Cohere, "cohere.embed-english-v3"), 0, "END", strings.Repeat("é", 2047) + "xyz", strings.Repeat("é", 2047) + "x"},
		"START keeps the end":           {embeddingEndpoint(Cohere, "cohere.embed-english-v3"), 0, "START", "xyz" + strings.Repeat("é", 2047), "z" + strings.Repeat("é", 2047)},
		"NONE keeps all":                {embeddingEndpoint(Cohere, "cohere.embed-english-v3"), 0, "NONE", strings.Repeat("é", 2049), strings.Repeat("é", 2049)},
		"v4 truncates itself":           {embeddingEndpoint(Cohere, "us.cohere.embed-v4:0"), 0, "END", strings.Repeat("é", 2049), strings.Repeat("é", 2049)},
		"max_input_tokens comes first":  {embeddingEndpoint(Cohere, "cohere.embed-english-v3"), 1, "START", "abcdef", "abc"},
		"completions are never touched": {completionEndpoint(Anthropic), 1, "", "abcdef", "abcdef"},
	} {
		c.endpoint.ServiceSettings.MaxInputTokens = c.tokens
		request := Request{Input: []string{c.text}, TaskSettings: TaskSettings{Truncate: c.truncate}}
		if got := request.SentInput(c.endpoint); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestTruncateToCopiesNothing checks that a text is cut in place: a copy as code points
// takes four times the memory of an ASCII text.
func TestTruncateToCopiesNothing(t *testing.T) {
	text := strings.Repeat("a", 1<<20)
	for truncate, want := range map[string]int{"END": 2048, "START": 2048, "NONE": len(text), "": len(text)} {
		var got string
		if allocations := testing.AllocsPerRun(1, func() { got = truncateTo(text, truncate, 2048) }); allocations > 0 || len(got) != want {
			t.Errorf("%q: got %v allocations and %d bytes, want none and %d", truncate, allocations, len(got), want)
		}
	}
}
