// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

func embedding() Config {
	return Config{
		InferenceID: validation.Given("my-embeddings"),
		TaskType:    validation.Given(TextEmbedding),
		Service:     validation.Given(Service),
		ServiceSettings: ServiceConfig{
			AccessKey: validation.Given(redact.Secret("access")), SecretKey: validation.Given(redact.Secret("secret")),
			Region: validation.Given("us-east-1"), Provider: validation.Given("amazontitan"), Model: validation.Given("amazon.titan-embed-text-v2:0"),
		},
	}
}

func cohereEmbedding() Config {
	c := embedding()
	c.ServiceSettings.Provider, c.ServiceSettings.Model = validation.Given("cohere"), validation.Given("cohere.embed-english-v3")
	return c
}

func completion() Config {
	c := embedding()
	c.TaskType = validation.Given(Completion)
	c.ServiceSettings.Provider, c.ServiceSettings.Model = validation.Given("anthropic"), validation.Given("anthropic.claude-3-haiku-20240307-v1:0")
	return c
}

func chunked(chunking ChunkingConfig) Config {
	c := embedding()
	c.Chunking = validation.Given(chunking)
	return c
}

// TestRules states, for each rule and each bound, what passes and what does not:
// want lists the paths of the violations, with "?" behind those that only warn.
func TestRules(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		base Config
		edit func(*Config)
		want []validation.Path
	}{
		"embedding":        {embedding(), nil, nil},
		"cohere embedding": {cohereEmbedding(), nil, nil},
		"completion":       {completion(), nil, nil},
		"nothing written":  {Config{}, nil, nil},

		"id of one letter":       {embedding(), func(c *Config) { c.InferenceID = validation.Given("a") }, nil},
		"id with every sign":     {embedding(), func(c *Config) { c.InferenceID = validation.Given("0a_b-c.d9") }, nil},
		"id of 300 letters":      {embedding(), func(c *Config) { c.InferenceID = validation.Given(strings.Repeat("a", 300)) }, nil},
		"id is empty":            {embedding(), func(c *Config) { c.InferenceID = validation.Given("") }, []validation.Path{"inference_id"}},
		"id in capitals":         {embedding(), func(c *Config) { c.InferenceID = validation.Given("My") }, []validation.Path{"inference_id"}},
		"id begins with a dot":   {embedding(), func(c *Config) { c.InferenceID = validation.Given(".elser") }, []validation.Path{"inference_id"}},
		"id begins with a dash":  {embedding(), func(c *Config) { c.InferenceID = validation.Given("-a") }, []validation.Path{"inference_id"}},
		"id ends with a dash":    {embedding(), func(c *Config) { c.InferenceID = validation.Given("a-") }, []validation.Path{"inference_id"}},
		"id ends with a newline": {embedding(), func(c *Config) { c.InferenceID = validation.Given("a\n") }, []validation.Path{"inference_id"}},
		"id is _all":             {embedding(), func(c *Config) { c.InferenceID = validation.Given("_all") }, []validation.Path{"inference_id"}},
		"id unknown":             {embedding(), func(c *Config) { c.InferenceID = validation.Unknown[string]() }, nil},

		"chat completion":   {completion(), func(c *Config) { c.TaskType = validation.Given(ChatCompletion) }, nil},
		"unknown task":      {embedding(), func(c *Config) { c.TaskType = validation.Given(TaskType("rerank")) }, []validation.Path{"task_type"}},
		"task not known":    {embedding(), func(c *Config) { c.TaskType = validation.Unknown[TaskType]() }, nil},
		"another service":   {embedding(), func(c *Config) { c.Service = validation.Given("openai") }, []validation.Path{"service"}},
		"service left out":  {embedding(), func(c *Config) { c.Service = validation.Setting[string]{} }, nil},
		"input type":        {cohereEmbedding(), func(c *Config) { c.InputType = validation.Given("ingest") }, nil},
		"input type slip":   {cohereEmbedding(), func(c *Config) { c.InputType = validation.Given("query") }, []validation.Path{"input_type"}},
		"completion has no": {completion(), func(c *Config) { c.InputType = validation.Given("search") }, []validation.Path{"input_type"}},

		"no keys": {embedding(), func(c *Config) {
			c.ServiceSettings.AccessKey, c.ServiceSettings.SecretKey = validation.Setting[redact.Secret]{}, validation.Setting[redact.Secret]{}
		}, nil},
		"keys of one letter": {embedding(), func(c *Config) {
			c.ServiceSettings.AccessKey, c.ServiceSettings.SecretKey = validation.Given(redact.Secret("a")), validation.Given(redact.Secret("b"))
		}, nil},
		"access key alone": {embedding(), func(c *Config) { c.ServiceSettings.SecretKey = validation.Setting[redact.Secret]{} }, []validation.Path{"service_settings.secret_key"}},
		"secret key alone": {embedding(), func(c *Config) { c.ServiceSettings.AccessKey = validation.Setting[redact.Secret]{} }, []validation.Path{"service_settings.access_key"}},
		"empty keys": {embedding(), func(c *Config) {
			c.ServiceSettings.AccessKey, c.ServiceSettings.SecretKey = validation.Given(redact.Secret("")), validation.Given(redact.Secret(""))
		}, []validation.Path{"service_settings.access_key", "service_settings.secret_key"}},
		"other key unknown": {embedding(), func(c *Config) {
			c.ServiceSettings.AccessKey, c.ServiceSettings.SecretKey = validation.Unknown[redact.Secret](), validation.Setting[redact.Secret]{}
		}, nil},

		"region with three parts": {embedding(), func(c *Config) { c.ServiceSettings.Region = validation.Given("us-gov-west-1") }, nil},
		"region in capitals":      {embedding(), func(c *Config) { c.ServiceSettings.Region = validation.Given("US-EAST-1") }, []validation.Path{"service_settings.region"}},
		"region is empty":         {embedding(), func(c *Config) { c.ServiceSettings.Region = validation.Given("") }, []validation.Path{"service_settings.region"}},
		"region is a zone":        {embedding(), func(c *Config) { c.ServiceSettings.Region = validation.Given("us-east-1a") }, []validation.Path{"service_settings.region"}},
		"region lacks bedrock":    {embedding(), func(c *Config) { c.ServiceSettings.Region = validation.Given("cn-north-1") }, []validation.Path{"service_settings.region"}},
		"region nobody knows":     {embedding(), func(c *Config) { c.ServiceSettings.Region = validation.Given("eu-west-9") }, []validation.Path{"service_settings.region?"}},
		"provider in capitals":    {embedding(), func(c *Config) { c.ServiceSettings.Provider = validation.Given("AmazonTitan") }, []validation.Path{"service_settings.provider"}},
		"provider is empty":       {embedding(), func(c *Config) { c.ServiceSettings.Provider = validation.Given("") }, []validation.Path{"service_settings.provider"}},
		"provider cannot embed": {embedding(), func(c *Config) {
			c.ServiceSettings.Provider, c.ServiceSettings.Model = validation.Given("anthropic"), validation.Given("anthropic.claude-x")
		}, []validation.Path{"service_settings.provider"}},
		"provider of unknown task": {embedding(), func(c *Config) {
			c.TaskType = validation.Unknown[TaskType]()
			c.ServiceSettings.Provider = validation.Given("meta")
			c.ServiceSettings.Model = validation.Given("meta.llama9")
		}, nil},

		"model of another vendor": {embedding(), func(c *Config) { c.ServiceSettings.Model = validation.Given("cohere.embed-english-v3") }, []validation.Path{"service_settings.model"}},
		"model of an unknown one": {completion(), func(c *Config) { c.ServiceSettings.Model = validation.Given("newvendor.model-v1:0") }, nil},
		"model is a word":         {embedding(), func(c *Config) { c.ServiceSettings.Model = validation.Given("titan") }, []validation.Path{"service_settings.model"}},
		"model is empty":          {embedding(), func(c *Config) { c.ServiceSettings.Model = validation.Given("") }, []validation.Path{"service_settings.model"}},
		"model unknown to us":     {embedding(), func(c *Config) { c.ServiceSettings.Model = validation.Given("amazon.titan-embed-text-v9:0") }, nil},
		"text model embeds":       {embedding(), func(c *Config) { c.ServiceSettings.Model = validation.Given("amazon.titan-text-premier-v1:0") }, []validation.Path{"service_settings.model"}},
		"embedding model completes": {completion(), func(c *Config) {
			c.ServiceSettings.Provider, c.ServiceSettings.Model = validation.Given("amazontitan"), validation.Given("amazon.titan-embed-text-v1")
		}, []validation.Path{"service_settings.model"}},
		"nova completes": {completion(), func(c *Config) {
			c.ServiceSettings.Provider, c.ServiceSettings.Model = validation.Given("amazontitan"), validation.Given("amazon.nova-pro-v1:0")
		}, nil},
		"nova embeds": {embedding(), func(c *Config) {
			c.ServiceSettings.Model = validation.Given("amazon.nova-2-multimodal-embeddings-v1:0")
		}, []validation.Path{"service_settings.model"}},
		"arn of the region": {embedding(), func(c *Config) {
			c.ServiceSettings.Model = validation.Given("arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0")
		}, nil},
		"arn of another region": {embedding(), func(c *Config) {
			c.ServiceSettings.Model = validation.Given("arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-embed-text-v2:0")
		}, []validation.Path{"service_settings.model"}},
		"arn of another vendor": {embedding(), func(c *Config) {
			c.ServiceSettings.Model = validation.Given("arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3")
		}, []validation.Path{"service_settings.model"}},
		"arn that names nothing": {embedding(), func(c *Config) {
			c.ServiceSettings.Model = validation.Given("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/meta12345678")
		}, nil},
		"arn of a bucket": {embedding(), func(c *Config) {
			c.ServiceSettings.Model = validation.Given("arn:aws:s3:us-east-1:123456789012:bucket/x")
		}, []validation.Path{"service_settings.model"}},
		"profile of the geography": {completion(), func(c *Config) {
			c.ServiceSettings.Model = validation.Given("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
		}, nil},
		"profile of another": {completion(), func(c *Config) {
			c.ServiceSettings.Model = validation.Given("eu.anthropic.claude-sonnet-4-5-20250929-v1:0")
		}, []validation.Path{"service_settings.model"}},
		"global profile": {completion(), func(c *Config) {
			c.ServiceSettings.Model = validation.Given("global.anthropic.claude-sonnet-4-5-20250929-v1:0")
		}, nil},
		"global from govcloud": {completion(), func(c *Config) {
			c.ServiceSettings.Region, c.ServiceSettings.Model = validation.Given("us-gov-west-1"), validation.Given("global.anthropic.claude-sonnet-4-5-20250929-v1:0")
		}, []validation.Path{"service_settings.model"}},
		"us profile from govcloud": {completion(), func(c *Config) {
			c.ServiceSettings.Region, c.ServiceSettings.Model = validation.Given("us-gov-west-1"), validation.Given("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
		}, []validation.Path{"service_settings.model"}},
		"model with region unknown": {embedding(), func(c *Config) {
			c.ServiceSettings.Region, c.ServiceSettings.Model = validation.Unknown[string](), validation.Given("arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-embed-text-v2:0")
		}, nil},

		"one request a minute":  {embedding(), func(c *Config) { c.ServiceSettings.RequestsPerMinute = validation.Given(int64(1)) }, nil},
		"no request a minute":   {embedding(), func(c *Config) { c.ServiceSettings.RequestsPerMinute = validation.Given(int64(0)) }, []validation.Path{"service_settings.rate_limit.requests_per_minute"}},
		"similarity":            {embedding(), func(c *Config) { c.ServiceSettings.Similarity = validation.Given("l2_norm") }, nil},
		"similarity slip":       {embedding(), func(c *Config) { c.ServiceSettings.Similarity = validation.Given("euclid") }, []validation.Path{"service_settings.similarity"}},
		"similarity of text":    {completion(), func(c *Config) { c.ServiceSettings.Similarity = validation.Given("cosine") }, []validation.Path{"service_settings.similarity"}},
		"one input token":       {embedding(), func(c *Config) { c.ServiceSettings.MaxInputTokens = validation.Given(int64(1)) }, nil},
		"no input token":        {embedding(), func(c *Config) { c.ServiceSettings.MaxInputTokens = validation.Given(int64(0)) }, []validation.Path{"service_settings.max_input_tokens"}},
		"most input tokens":     {embedding(), func(c *Config) { c.ServiceSettings.MaxInputTokens = validation.Given(int64(math.MaxInt32)) }, nil},
		"too many input tokens": {embedding(), func(c *Config) { c.ServiceSettings.MaxInputTokens = validation.Given(int64(math.MaxInt32 + 1)) }, []validation.Path{"service_settings.max_input_tokens"}},
		"input tokens of text":  {completion(), func(c *Config) { c.ServiceSettings.MaxInputTokens = validation.Given(int64(9)) }, []validation.Path{"service_settings.max_input_tokens"}},

		"temperature 0":     {completion(), func(c *Config) { c.TaskSettings.Temperature = validation.Given(0.0) }, nil},
		"temperature 1":     {completion(), func(c *Config) { c.TaskSettings.Temperature = validation.Given(1.0) }, nil},
		"temperature below": {completion(), func(c *Config) { c.TaskSettings.Temperature = validation.Given(-0.01) }, []validation.Path{"task_settings.temperature"}},
		"temperature above": {completion(), func(c *Config) { c.TaskSettings.Temperature = validation.Given(1.01) }, []validation.Path{"task_settings.temperature"}},
		"top_p 0":           {completion(), func(c *Config) { c.TaskSettings.TopP = validation.Given(0.0) }, nil},
		"top_p 1":           {completion(), func(c *Config) { c.TaskSettings.TopP = validation.Given(1.0) }, nil},
		"top_p below":       {completion(), func(c *Config) { c.TaskSettings.TopP = validation.Given(-0.01) }, []validation.Path{"task_settings.top_p"}},
		"top_p above":       {completion(), func(c *Config) { c.TaskSettings.TopP = validation.Given(1.01) }, []validation.Path{"task_settings.top_p"}},
		"top_k 0":           {completion(), func(c *Config) { c.TaskSettings.TopK = validation.Given(0.0) }, nil},
		"top_k below":       {completion(), func(c *Config) { c.TaskSettings.TopK = validation.Given(-1.0) }, []validation.Path{"task_settings.top_k"}},
		"top_p and top_k": {completion(), func(c *Config) {
			c.TaskSettings.TopP, c.TaskSettings.TopK = validation.Given(0.5), validation.Given(5.0)
		}, nil},
		"temperature and both": {completion(), func(c *Config) {
			c.TaskSettings = TaskConfig{Temperature: validation.Given(0.5), TopP: validation.Given(0.5), TopK: validation.Given(5.0)}
		}, []validation.Path{"task_settings.top_p", "task_settings.top_k"}},
		"temperature unknown": {completion(), func(c *Config) {
			c.TaskSettings = TaskConfig{Temperature: validation.Unknown[float64](), TopP: validation.Given(0.5)}
		}, nil},
		"top_k of titan": {completion(), func(c *Config) {
			c.ServiceSettings.Provider, c.ServiceSettings.Model = validation.Given("amazontitan"), validation.Given("amazon.titan-text-express-v1")
			c.TaskSettings.TopK = validation.Given(5.0)
		}, []validation.Path{"task_settings.top_k"}},
		"one new token":       {completion(), func(c *Config) { c.TaskSettings.MaxNewTokens = validation.Given(int64(1)) }, nil},
		"no new token":        {completion(), func(c *Config) { c.TaskSettings.MaxNewTokens = validation.Given(int64(0)) }, []validation.Path{"task_settings.max_new_tokens"}},
		"most new tokens":     {completion(), func(c *Config) { c.TaskSettings.MaxNewTokens = validation.Given(int64(math.MaxInt32)) }, nil},
		"too many new tokens": {completion(), func(c *Config) { c.TaskSettings.MaxNewTokens = validation.Given(int64(math.MaxInt32 + 1)) }, []validation.Path{"task_settings.max_new_tokens"}},
		"sampling of embeddings": {embedding(), func(c *Config) {
			c.TaskSettings = TaskConfig{Temperature: validation.Given(0.5), MaxNewTokens: validation.Given(int64(5))}
		}, []validation.Path{"task_settings.temperature", "task_settings.max_new_tokens"}},
		"truncate":               {cohereEmbedding(), func(c *Config) { c.TaskSettings.Truncate = validation.Given("END") }, nil},
		"truncate in lower case": {cohereEmbedding(), func(c *Config) { c.TaskSettings.Truncate = validation.Given("end") }, []validation.Path{"task_settings.truncate"}},
		"truncate of titan":      {embedding(), func(c *Config) { c.TaskSettings.Truncate = validation.Given("END") }, []validation.Path{"task_settings.truncate"}},
		"truncate of text": {completion(), func(c *Config) {
			c.ServiceSettings.Provider, c.ServiceSettings.Model, c.TaskSettings.Truncate = validation.Given("cohere"), validation.Given("cohere.command-r-v1:0"), validation.Given("END")
		}, []validation.Path{"task_settings.truncate"}},

		"chunking left empty":      {chunked(ChunkingConfig{}), nil, nil},
		"chunking of text":         {completion(), func(c *Config) { c.Chunking = validation.Given(ChunkingConfig{}) }, []validation.Path{"chunking_settings"}},
		"chunking unknown":         {completion(), func(c *Config) { c.Chunking = validation.Unknown[ChunkingConfig]() }, nil},
		"strategy slip":            {chunked(ChunkingConfig{Strategy: validation.Given("Sentence")}), nil, []validation.Path{"chunking_settings.strategy"}},
		"sentence of 20":           {chunked(ChunkingConfig{Strategy: validation.Given("sentence"), MaxChunkSize: validation.Given(int64(20))}), nil, nil},
		"sentence of 19":           {chunked(ChunkingConfig{Strategy: validation.Given("sentence"), MaxChunkSize: validation.Given(int64(19))}), nil, []validation.Path{"chunking_settings.max_chunk_size"}},
		"default of 19":            {chunked(ChunkingConfig{MaxChunkSize: validation.Given(int64(19))}), nil, []validation.Path{"chunking_settings.max_chunk_size"}},
		"word of 10":               {chunked(ChunkingConfig{Strategy: validation.Given("word"), MaxChunkSize: validation.Given(int64(10))}), nil, nil},
		"word of 9":                {chunked(ChunkingConfig{Strategy: validation.Given("word"), MaxChunkSize: validation.Given(int64(9))}), nil, []validation.Path{"chunking_settings.max_chunk_size"}},
		"recursive of 10":          {chunked(ChunkingConfig{Strategy: validation.Given("recursive"), MaxChunkSize: validation.Given(int64(10))}), nil, nil},
		"recursive of 9":           {chunked(ChunkingConfig{Strategy: validation.Given("recursive"), MaxChunkSize: validation.Given(int64(9))}), nil, []validation.Path{"chunking_settings.max_chunk_size"}},
		"none":                     {chunked(ChunkingConfig{Strategy: validation.Given("none")}), nil, nil},
		"none has no size":         {chunked(ChunkingConfig{Strategy: validation.Given("none"), MaxChunkSize: validation.Given(int64(100))}), nil, []validation.Path{"chunking_settings.max_chunk_size"}},
		"strategy unknown":         {chunked(ChunkingConfig{Strategy: validation.Unknown[string](), MaxChunkSize: validation.Given(int64(9)), Overlap: validation.Given(int64(5))}), nil, nil},
		"overlap 0":                {chunked(ChunkingConfig{Strategy: validation.Given("word"), Overlap: validation.Given(int64(0))}), nil, nil},
		"overlap below":            {chunked(ChunkingConfig{Strategy: validation.Given("word"), Overlap: validation.Given(int64(-1))}), nil, []validation.Path{"chunking_settings.overlap"}},
		"overlap of half":          {chunked(ChunkingConfig{Strategy: validation.Given("word"), MaxChunkSize: validation.Given(int64(250)), Overlap: validation.Given(int64(125))}), nil, nil},
		"overlap of more":          {chunked(ChunkingConfig{Strategy: validation.Given("word"), MaxChunkSize: validation.Given(int64(250)), Overlap: validation.Given(int64(126))}), nil, []validation.Path{"chunking_settings.overlap"}},
		"overlap of half, odd":     {chunked(ChunkingConfig{Strategy: validation.Given("word"), MaxChunkSize: validation.Given(int64(21)), Overlap: validation.Given(int64(10))}), nil, nil},
		"overlap of more, odd":     {chunked(ChunkingConfig{Strategy: validation.Given("word"), MaxChunkSize: validation.Given(int64(21)), Overlap: validation.Given(int64(11))}), nil, []validation.Path{"chunking_settings.overlap"}},
		"overlap of default size":  {chunked(ChunkingConfig{Strategy: validation.Given("word"), Overlap: validation.Given(int64(126))}), nil, []validation.Path{"chunking_settings.overlap"}},
		"overlap, size too small":  {chunked(ChunkingConfig{Strategy: validation.Given("word"), MaxChunkSize: validation.Given(int64(9)), Overlap: validation.Given(int64(5))}), nil, []validation.Path{"chunking_settings.max_chunk_size"}},
		"overlap, size unknown":    {chunked(ChunkingConfig{Strategy: validation.Given("word"), MaxChunkSize: validation.Unknown[int64](), Overlap: validation.Given(int64(200))}), nil, nil},
		"overlap of sentences":     {chunked(ChunkingConfig{Strategy: validation.Given("sentence"), Overlap: validation.Given(int64(5))}), nil, []validation.Path{"chunking_settings.overlap"}},
		"sentence overlap 0":       {chunked(ChunkingConfig{SentenceOverlap: validation.Given(int64(0))}), nil, nil},
		"sentence overlap 1":       {chunked(ChunkingConfig{SentenceOverlap: validation.Given(int64(1))}), nil, nil},
		"sentence overlap 2":       {chunked(ChunkingConfig{SentenceOverlap: validation.Given(int64(2))}), nil, []validation.Path{"chunking_settings.sentence_overlap"}},
		"sentence overlap below":   {chunked(ChunkingConfig{SentenceOverlap: validation.Given(int64(-1))}), nil, []validation.Path{"chunking_settings.sentence_overlap"}},
		"sentence overlap of word": {chunked(ChunkingConfig{Strategy: validation.Given("word"), SentenceOverlap: validation.Given(int64(1))}), nil, []validation.Path{"chunking_settings.sentence_overlap"}},
		"separators":               {chunked(ChunkingConfig{Strategy: validation.Given("recursive"), Separators: separators("\n\n", "\n")}), nil, nil},
		"no separators":            {chunked(ChunkingConfig{Strategy: validation.Given("recursive"), Separators: separators()}), nil, []validation.Path{"chunking_settings.separators"}},
		"null separator":           {chunked(ChunkingConfig{Strategy: validation.Given("recursive"), Separators: validation.Given([]validation.Setting[string]{{}, validation.Given("a")})}), nil, []validation.Path{"chunking_settings.separators.0"}},
		"empty separator":          {chunked(ChunkingConfig{Strategy: validation.Given("recursive"), Separators: separators("\n", "")}), nil, []validation.Path{"chunking_settings.separators.1"}},
		"separators of words":      {chunked(ChunkingConfig{Strategy: validation.Given("word"), Separators: separators("\n")}), nil, []validation.Path{"chunking_settings.separators"}},
		"group":                    {chunked(ChunkingConfig{Strategy: validation.Given("recursive"), SeparatorGroup: validation.Given("markdown")}), nil, nil},
		"group slip":               {chunked(ChunkingConfig{Strategy: validation.Given("recursive"), SeparatorGroup: validation.Given("html")}), nil, []validation.Path{"chunking_settings.separator_group"}},
		"separators and group":     {chunked(ChunkingConfig{Strategy: validation.Given("recursive"), Separators: separators("\n"), SeparatorGroup: validation.Given("markdown")}), nil, []validation.Path{"chunking_settings.separator_group"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := test.base
			if test.edit != nil {
				test.edit(&config)
			}
			var got []validation.Path
			for _, violation := range config.Validate() {
				path := violation.Path
				if violation.Warning {
					path += "?"
				}
				got = append(got, path)
				if violation.Summary == "" || violation.Detail == "" || strings.Contains(violation.Detail, "%!") {
					t.Errorf("violation without words: %+v", violation)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q\n%v", got, test.want, config.Validate())
			}
		})
	}
}

func separators(texts ...string) validation.Setting[[]validation.Setting[string]] {
	list := []validation.Setting[string]{}
	for _, text := range texts {
		list = append(list, validation.Given(text))
	}
	return validation.Given(list)
}

// TestAllFaultsAtOnce: a configuration with many faults names each in one run.
func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	config := Config{
		InferenceID: validation.Given("Bad"), TaskType: validation.Given(TextEmbedding), Service: validation.Given("openai"),
		ServiceSettings: ServiceConfig{
			AccessKey: validation.Given(redact.Secret("a")), Region: validation.Given("nowhere"), Provider: validation.Given("anthropic"), Model: validation.Given("x"),
			RequestsPerMinute: validation.Given(int64(0)),
		},
		TaskSettings: TaskConfig{Temperature: validation.Given(1.5), TopP: validation.Given(0.5)},
		Chunking:     validation.Given(ChunkingConfig{Strategy: validation.Given("word"), MaxChunkSize: validation.Given(int64(250)), Overlap: validation.Given(int64(200))}),
	}
	want := []validation.Path{
		"inference_id", "service", "service_settings.secret_key", "service_settings.region", "service_settings.provider",
		"service_settings.model", "service_settings.rate_limit.requests_per_minute", "task_settings.temperature",
		"task_settings.top_p", "chunking_settings.overlap",
	}
	var got []validation.Path
	for _, violation := range config.Validate() {
		got = append(got, violation.Path)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestUnknownNeverFails replaces each setting in turn by an unknown value.
func TestUnknownNeverFails(t *testing.T) {
	t.Parallel()
	unknown := map[string]func(*Config){
		"inference_id":     func(c *Config) { c.InferenceID = validation.Unknown[string]() },
		"task_type":        func(c *Config) { c.TaskType = validation.Unknown[TaskType]() },
		"service":          func(c *Config) { c.Service = validation.Unknown[string]() },
		"access_key":       func(c *Config) { c.ServiceSettings.AccessKey = validation.Unknown[redact.Secret]() },
		"secret_key":       func(c *Config) { c.ServiceSettings.SecretKey = validation.Unknown[redact.Secret]() },
		"region":           func(c *Config) { c.ServiceSettings.Region = validation.Unknown[string]() },
		"provider":         func(c *Config) { c.ServiceSettings.Provider = validation.Unknown[string]() },
		"model":            func(c *Config) { c.ServiceSettings.Model = validation.Unknown[string]() },
		"requests":         func(c *Config) { c.ServiceSettings.RequestsPerMinute = validation.Unknown[int64]() },
		"similarity":       func(c *Config) { c.ServiceSettings.Similarity = validation.Unknown[string]() },
		"max_input_tokens": func(c *Config) { c.ServiceSettings.MaxInputTokens = validation.Unknown[int64]() },
		"temperature":      func(c *Config) { c.TaskSettings.Temperature = validation.Unknown[float64]() },
		"top_p":            func(c *Config) { c.TaskSettings.TopP = validation.Unknown[float64]() },
		"top_k":            func(c *Config) { c.TaskSettings.TopK = validation.Unknown[float64]() },
		"max_new_tokens":   func(c *Config) { c.TaskSettings.MaxNewTokens = validation.Unknown[int64]() },
		"truncate":         func(c *Config) { c.TaskSettings.Truncate = validation.Unknown[string]() },
		"input_type":       func(c *Config) { c.InputType = validation.Unknown[string]() },
		"chunking":         func(c *Config) { c.Chunking = validation.Unknown[ChunkingConfig]() },
	}
	for name, edit := range unknown {
		for _, base := range []Config{embedding(), cohereEmbedding(), completion()} {
			edit(&base)
			if found := base.Validate(); len(found) > 0 {
				t.Errorf("%s unknown: %v", name, found)
			}
		}
	}
}

// TestMalformedNumbers checks that a number that is not of the type of its setting gets
// the advice of that setting, not the bounds of the type.
func TestMalformedNumbers(t *testing.T) {
	t.Parallel()
	for path, test := range map[validation.Path]struct {
		base   Config
		edit   func(*Config, *big.Float)
		advice string
	}{
		PathRequestsPerMinute: {
			embedding(), func(c *Config, n *big.Float) { c.ServiceSettings.RequestsPerMinute = validation.WholeNumber(n) },
			"Write a whole number from 1 to 9223372036854775807, or leave it out for 240.",
		},
		PathMaxInputTokens: {embedding(), func(c *Config, n *big.Float) { c.ServiceSettings.MaxInputTokens = validation.WholeNumber(n) }, "Write a whole number from 1 to 2147483647, "},
		PathTemperature:    {completion(), func(c *Config, n *big.Float) { c.TaskSettings.Temperature = validation.Float(n) }, "Write a number from 0.0 to 1.0 that fits into 64 bits."},
		PathTopP:           {completion(), func(c *Config, n *big.Float) { c.TaskSettings.TopP = validation.Float(n) }, "Write a number from 0.0 to 1.0 that fits into 64 bits."},
		PathTopK:           {completion(), func(c *Config, n *big.Float) { c.TaskSettings.TopK = validation.Float(n) }, "Write a number from 0 to 500 that fits into 64 bits."},
		PathMaxNewTokens:   {completion(), func(c *Config, n *big.Float) { c.TaskSettings.MaxNewTokens = validation.WholeNumber(n) }, "Write a whole number from 1 to 2147483647, "},
		PathMaxChunkSize: {embedding(), func(c *Config, n *big.Float) {
			c.Chunking = validation.Given(ChunkingConfig{Strategy: validation.Given(StrategyWord), MaxChunkSize: validation.WholeNumber(n)})
		}, "Write a whole number from 10 to 2147483647; the default is 250."},
		PathOverlap: {embedding(), func(c *Config, n *big.Float) {
			c.Chunking = validation.Given(ChunkingConfig{Strategy: validation.Given(StrategyWord), MaxChunkSize: validation.Given[int64](40), Overlap: validation.WholeNumber(n)})
		}, "The overlap must be between 0 and half of max_chunk_size: write at most 20."},
		PathSentenceOverlap: {embedding(), func(c *Config, n *big.Float) {
			c.Chunking = validation.Given(ChunkingConfig{SentenceOverlap: validation.WholeNumber(n)})
		}, "Write 0 or 1."},
	} {
		for _, written := range []string{"1e999", "-1e999", "1e999999"} {
			number, _ := new(big.Float).SetString(written)
			config := test.base
			test.edit(&config, number)
			found := config.Validate()
			if len(found) != 1 || found[0].Path != path || !strings.Contains(found[0].Detail, "1e+999") || !strings.Contains(found[0].Detail, ". "+test.advice) {
				t.Errorf("%s = %s: got %v, want %q", path, written, found, test.advice)
			}
		}
	}
	huge, _ := new(big.Float).SetString("1e999")
	verification := Verification{Dimensions: validation.WholeNumber(huge)}
	if found := verification.Validate(); len(found) != 1 || !strings.Contains(found[0].Detail, "Write the length of the model's vectors") {
		t.Errorf("dimensions: %v", found)
	}
}

// TestMalformedNumberAdvice checks that the advice about a number names only bounds
// that are known to apply.
func TestMalformedNumberAdvice(t *testing.T) {
	t.Parallel()
	huge, _ := new(big.Float).SetString("1e999")
	topK := func(provider validation.Setting[string]) Config {
		config := completion()
		config.ServiceSettings.Provider = provider
		config.ServiceSettings.Model = validation.Unknown[string]()
		config.TaskSettings.TopK = validation.Float(huge)
		return config
	}
	size := func(strategy validation.Setting[string]) Config {
		config := embedding()
		config.Chunking = validation.Given(ChunkingConfig{Strategy: strategy, MaxChunkSize: validation.WholeNumber(huge)})
		return config
	}
	for name, test := range map[string]struct {
		config Config
		path   validation.Path
		advice string
	}{
		"anthropic":          {topK(validation.Given("anthropic")), PathTopK, "Write a number from 0 to 500 that fits into 64 bits."},
		"mistral":            {topK(validation.Given("mistral")), PathTopK, "Write a number from 0 to 200 that fits into 64 bits."},
		"unknown provider":   {topK(validation.Unknown[string]()), PathTopK, "Write a number from 0 up that fits into 64 bits."},
		"wrong provider":     {topK(validation.Given("nobody")), PathTopK, "Write a number from 0 up that fits into 64 bits."},
		"meta":               {topK(validation.Given("meta")), PathTopK, "Remove top_k."},
		"amazontitan":        {topK(validation.Given("amazontitan")), PathTopK, "Remove top_k."},
		"default strategy":   {size(validation.Setting[string]{}), PathMaxChunkSize, "Write a whole number from 20 to 2147483647; the default is 250."},
		"strategy word":      {size(validation.Given(StrategyWord)), PathMaxChunkSize, "Write a whole number from 10 to 2147483647; the default is 250."},
		"strategy recursive": {size(validation.Given(StrategyRecursive)), PathMaxChunkSize, "Write a whole number from 10 to 2147483647; the default is 250."},
		"strategy none":      {size(validation.Given(StrategyNone)), PathMaxChunkSize, "Write a whole number."},
		"unknown strategy":   {size(validation.Unknown[string]()), PathMaxChunkSize, "Write a whole number."},
		"wrong strategy":     {size(validation.Given("words")), PathMaxChunkSize, "Write a whole number."},
	} {
		var details []string
		for _, violation := range test.config.Validate() {
			if violation.Path == test.path {
				details = append(details, violation.Detail)
			}
		}
		if len(details) == 0 || !strings.HasSuffix(details[0], ". "+test.advice) {
			t.Errorf("%s: got %q, want %q", name, details, test.advice)
		}
	}
}
