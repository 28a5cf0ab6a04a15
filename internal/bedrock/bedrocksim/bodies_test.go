// SPDX-License-Identifier: MPL-2.0

package bedrocksim

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// ask sends a body and returns the error code and message, or the answer.
func ask(t *testing.T, s *Simulator, model, operation, body string) (code, said string) {
	t.Helper()
	_, code, answer := send(t, sign(t, s, model, operation, body, own(), time.Now()))
	var message struct{ Message string }
	if code != "" && json.Unmarshal([]byte(answer), &message) == nil {
		return code, message.Message
	}
	return code, answer
}

func TestEmbeddingBodies(t *testing.T) {
	const (
		v1       = "amazon.titan-embed-text-v1"
		cohereV3 = "cohere.embed-english-v3"
		cohereV4 = "us.cohere.embed-v4:0"
	)
	long := func(n int) string { return strings.Repeat("é", n) }
	list := func(n int) string { return `["` + strings.Repeat(`a","`, n-1) + `a"]` }
	s := start(t)
	for name, c := range map[string]struct{ model, body, refusal string }{
		"titan":                 {titanModel, `{"inputText":"a"}`, ""},
		"titan, all":            {titanModel, `{"inputText":"a","dimensions":256,"normalize":true,"embeddingTypes":["float"]}`, ""},
		"titan, blank":          {titanModel, `{"inputText":" "}`, ""},
		"titan, longest":        {titanModel, `{"inputText":"` + long(50_000) + `"}`, ""},
		"titan, too long":       {titanModel, `{"inputText":"` + long(50_001) + `"}`, "#/inputText: expected maxLength: 50000, actual: 50001"},
		"titan, empty":          {titanModel, `{"inputText":""}`, "#/inputText: expected minLength: 1, actual: 0"},
		"titan, nothing":        {titanModel, `{}`, "#: required key [inputText] not found"},
		"titan, a list":         {titanModel, `{"inputText":["a"]}`, "#/inputText: expected type: String, found: JSONArray"},
		"titan, a number":       {titanModel, `{"inputText":1.5}`, "#/inputText: expected type: String, found: BigDecimal"},
		"titan, null":           {titanModel, `{"inputText":null}`, "#/inputText: expected type: String, found: Null"},
		"titan, of cohere":      {titanModel, `{"inputText":"a","texts":["a"]}`, "#: extraneous key [texts] is not permitted"},
		"titan, two faults":     {titanModel, `{"texts":["a"]}`, "2 schema violations found"},
		"titan, dimensions":     {titanModel, `{"inputText":"a","dimensions":100}`, "#/dimensions: 100 is not a valid enum value"},
		"titan, normalize":      {titanModel, `{"inputText":"a","normalize":"yes"}`, "#/normalize: expected type: Boolean, found: String"},
		"titan v1, dimensions":  {v1, `{"inputText":"a","dimensions":256}`, "#: extraneous key [dimensions] is not permitted"},
		"titan, no JSON":        {titanModel, `{"inputText":`, "Malformed input request, please"},
		"titan, no object":      {titanModel, `["a"]`, "#: expected type: JSONObject, found: JSONArray"},
		"cohere":                {cohereV3, `{"texts":["a"],"input_type":"search_query"}`, ""},
		"cohere, 96":            {cohereV3, `{"texts":` + list(96) + `,"input_type":"search_query"}`, ""},
		"cohere, 97":            {cohereV3, `{"texts":` + list(97) + `,"input_type":"search_query"}`, "#/texts: expected maximum item count: 96, found: 97"},
		"cohere, none":          {cohereV3, `{"texts":[],"input_type":"search_query"}`, "#/texts: expected minimum item count: 1, found: 0"},
		"cohere, empty":         {cohereV3, `{"texts":["a",""],"input_type":"search_query"}`, "#/texts/1: expected minLength: 1, actual: 0"},
		"cohere, longest":       {cohereV3, `{"texts":["` + long(2048) + `"],"input_type":"search_query"}`, ""},
		"cohere, too long":      {cohereV3, `{"texts":["` + long(2049) + `"],"input_type":"search_query","truncate":"END"}`, "#/texts/0: expected maxLength: 2048, actual: 2049"},
		"cohere, no type":       {cohereV3, `{"texts":["a"]}`, "#: required key [input_type] not found"},
		"cohere, ingest":        {cohereV3, `{"texts":["a"],"input_type":"ingest"}`, "#/input_type: ingest is not a valid enum value"},
		"cohere v3, START":      {cohereV3, `{"texts":["a"],"input_type":"search_query","truncate":"START"}`, ""},
		"cohere v3, LEFT":       {cohereV3, `{"texts":["a"],"input_type":"search_query","truncate":"LEFT"}`, "#/truncate: LEFT is not a valid enum value"},
		"cohere v4, LEFT":       {cohereV4, `{"texts":["a"],"input_type":"search_query","truncate":"LEFT"}`, ""},
		"cohere v4, START":      {cohereV4, `{"texts":["a"],"input_type":"search_query","truncate":"START"}`, "#/truncate: START is not a valid enum value"},
		"cohere v4, long":       {cohereV4, `{"texts":["` + long(10_000) + `"],"input_type":"search_query"}`, ""},
		"cohere v4, dimensions": {cohereV4, `{"texts":["a"],"input_type":"search_query","output_dimension":512,"max_tokens":10}`, ""},
		"cohere v4, max_tokens": {cohereV4, `{"texts":["a"],"input_type":"search_query","max_tokens":0}`, "#/max_tokens: 0 is not greater or equal to 1"},
		"cohere v3, dimensions": {cohereV3, `{"texts":["a"],"input_type":"search_query","output_dimension":512}`, "#: extraneous key [output_dimension] is not permitted"},
	} {
		code, said := ask(t, s, c.model, "invoke", c.body)
		if (code == "ValidationException") != (c.refusal != "") || !strings.Contains(said, c.refusal) {
			t.Errorf("%s: %s %.200s, want %q", name, code, said, c.refusal)
		}
	}
}

func TestConversations(t *testing.T) {
	const hi = `"messages":[{"role":"user","content":[{"text":"hi"}]}]`
	s := start(t)
	for name, c := range map[string]struct{ model, body, refusal string }{
		"plain":              {claudeModel, `{` + hi + `}`, ""},
		"all":                {claudeModel, `{` + hi + `,"inferenceConfig":{"maxTokens":1,"temperature":0,"topP":1},"additionalModelRequestFields":{"top_k":500}}`, ""},
		"no messages":        {claudeModel, `{"messages":[]}`, "at least one message"},
		"assistant first":    {claudeModel, `{"messages":[{"role":"assistant","content":[{"text":"hi"}]}]}`, "must start with a user message"},
		"two of one":         {claudeModel, `{"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"user","content":[{"text":"b"}]}]}`, "must alternate"},
		"no content":         {claudeModel, `{"messages":[{"role":"user","content":[]}]}`, "messages.0 is empty"},
		"blank":              {claudeModel, `{"messages":[{"role":"user","content":[{"text":" \n"}]}]}`, "messages.0.content.0 is blank"},
		"no tokens":          {claudeModel, `{` + hi + `,"inferenceConfig":{"maxTokens":0}}`, "Value '0' at 'inferenceConfig.maxTokens'"},
		"too hot":            {claudeModel, `{` + hi + `,"inferenceConfig":{"temperature":1.5}}`, "Value '1.5' at 'inferenceConfig.temperature'"},
		"two faults":         {claudeModel, `{` + hi + `,"inferenceConfig":{"temperature":-1,"topP":2}}`, "2 validation errors"},
		"top_k too high":     {claudeModel, `{` + hi + `,"additionalModelRequestFields":{"top_k":501}}`, "#/top_k: 501 is not less or equal to 500"},
		"top_k not whole":    {claudeModel, `{` + hi + `,"additionalModelRequestFields":{"top_k":0.5}}`, "#/top_k: expected type: Integer, found: BigDecimal"},
		"k of another":       {claudeModel, `{` + hi + `,"additionalModelRequestFields":{"k":5}}`, "extraneous key [k]"},
		"k":                  {"cohere.command-r-v1:0", `{` + hi + `,"additionalModelRequestFields":{"k":5}}`, ""},
		"meta has none":      {"meta.llama3-8b-instruct-v1:0", `{` + hi + `,"additionalModelRequestFields":{"top_k":5}}`, "extraneous key [top_k]"},
		"an embedding model": {titanModel, `{` + hi + `}`, "doesn't support the model"},
		"profile only":       {"anthropic.claude-sonnet-4-5-20250929-v1:0", `{` + hi + `}`, "on-demand throughput isn’t supported"},
		"by profile":         {"us.anthropic.claude-sonnet-4-5-20250929-v1:0", `{` + hi + `,"inferenceConfig":{"temperature":0.5}}`, ""},
		"both samplings":     {"us.anthropic.claude-sonnet-4-5-20250929-v1:0", `{` + hi + `,"inferenceConfig":{"temperature":0.5,"topP":0.5}}`, "cannot both be specified"},
		"no sampling":        {"us.anthropic.claude-opus-4-8", `{` + hi + `,"inferenceConfig":{"temperature":0.5}}`, "`temperature` is deprecated"},
		"no top_k":           {"us.anthropic.claude-opus-4-8", `{` + hi + `,"additionalModelRequestFields":{"top_k":5}}`, "`top_k` is deprecated"},
		"an ARN":             {"arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc", `{` + hi + `,"additionalModelRequestFields":{"anything":5}}`, ""},
	} {
		for _, operation := range []string{"converse", "converse-stream"} {
			code, said := ask(t, s, c.model, operation, c.body)
			if (code == "ValidationException") != (c.refusal != "") || !strings.Contains(said, c.refusal) {
				t.Errorf("%s, %s: %s %.200s, want %q", name, operation, code, said, c.refusal)
			}
		}
	}
	if code, _ := ask(t, s, claudeModel, "converse", `{"messages":"hi"}`); code != "SerializationException" {
		t.Errorf("text for messages: %s", code)
	}
}

func TestCompletionsAreMarked(t *testing.T) {
	for _, c := range []struct {
		prompt, want, stop string
		most               int64
	}{
		{"hello there", "[simulated answer of m] You wrote: hello there", "end_turn", 100},
		{"hello there", "[simulated", "max_tokens", 1},
		{"hello there", "[simulated answer of", "max_tokens", 3},
		{strings.Repeat("w ", 13), "[simulated answer of m] You wrote: w w w w w w w w w w w w ...", "end_turn", 100},
	} {
		text, stop := cut(compose("m", c.prompt), &c.most)
		if text != c.want || stop != c.stop {
			t.Errorf("%q %s, want %q %s", text, stop, c.want, c.stop)
		}
	}
}
