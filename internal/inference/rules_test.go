package inference

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func embedding() Config {
	return Config{
		InferenceID: Given("my-embeddings"),
		TaskType:    Given(TextEmbedding),
		Service:     Given(Service),
		ServiceSettings: ServiceConfig{
			AccessKey: Given(Secret("access")), SecretKey: Given(Secret("secret")),
			Region: Given("us-east-1"), Provider: Given("amazontitan"), Model: Given("amazon.titan-embed-text-v2:0"),
		},
	}
}

func cohereEmbedding() Config {
	c := embedding()
	c.ServiceSettings.Provider, c.ServiceSettings.Model = Given("cohere"), Given("cohere.embed-english-v3")
	return c
}

func completion() Config {
	c := embedding()
	c.TaskType = Given(Completion)
	c.ServiceSettings.Provider, c.ServiceSettings.Model = Given("anthropic"), Given("anthropic.claude-3-haiku-20240307-v1:0")
	return c
}

func chunked(chunking ChunkingConfig) Config {
	c := embedding()
	c.Chunking = Given(chunking)
	return c
}

// TestRules states, for each rule and each bound, what passes and what does not:
// want lists the paths of the violations, with "?" behind those that only warn.
func TestRules(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		base Config
		edit func(*Config)
		want []Path
	}{
		"embedding":        {embedding(), nil, nil},
		"cohere embedding": {cohereEmbedding(), nil, nil},
		"completion":       {completion(), nil, nil},
		"nothing written":  {Config{}, nil, nil},

		"id of one letter":       {embedding(), func(c *Config) { c.InferenceID = Given("a") }, nil},
		"id with every sign":     {embedding(), func(c *Config) { c.InferenceID = Given("0a_b-c.d9") }, nil},
		"id of 300 letters":      {embedding(), func(c *Config) { c.InferenceID = Given(strings.Repeat("a", 300)) }, nil},
		"id is empty":            {embedding(), func(c *Config) { c.InferenceID = Given("") }, []Path{"inference_id"}},
		"id in capitals":         {embedding(), func(c *Config) { c.InferenceID = Given("My") }, []Path{"inference_id"}},
		"id begins with a dot":   {embedding(), func(c *Config) { c.InferenceID = Given(".elser") }, []Path{"inference_id"}},
		"id begins with a dash":  {embedding(), func(c *Config) { c.InferenceID = Given("-a") }, []Path{"inference_id"}},
		"id ends with a dash":    {embedding(), func(c *Config) { c.InferenceID = Given("a-") }, []Path{"inference_id"}},
		"id ends with a newline": {embedding(), func(c *Config) { c.InferenceID = Given("a\n") }, []Path{"inference_id"}},
		"id is _all":             {embedding(), func(c *Config) { c.InferenceID = Given("_all") }, []Path{"inference_id"}},
		"id unknown":             {embedding(), func(c *Config) { c.InferenceID = Unknown[string]() }, nil},

		"chat completion":   {completion(), func(c *Config) { c.TaskType = Given(ChatCompletion) }, nil},
		"unknown task":      {embedding(), func(c *Config) { c.TaskType = Given(TaskType("rerank")) }, []Path{"task_type"}},
		"task not known":    {embedding(), func(c *Config) { c.TaskType = Unknown[TaskType]() }, nil},
		"another service":   {embedding(), func(c *Config) { c.Service = Given("openai") }, []Path{"service"}},
		"service left out":  {embedding(), func(c *Config) { c.Service = Setting[string]{} }, nil},
		"input type":        {cohereEmbedding(), func(c *Config) { c.InputType = Given("ingest") }, nil},
		"input type slip":   {cohereEmbedding(), func(c *Config) { c.InputType = Given("query") }, []Path{"input_type"}},
		"completion has no": {completion(), func(c *Config) { c.InputType = Given("search") }, []Path{"input_type"}},

		"no keys": {embedding(), func(c *Config) {
			c.ServiceSettings.AccessKey, c.ServiceSettings.SecretKey = Setting[Secret]{}, Setting[Secret]{}
		}, nil},
		"keys of one letter": {embedding(), func(c *Config) {
			c.ServiceSettings.AccessKey, c.ServiceSettings.SecretKey = Given(Secret("a")), Given(Secret("b"))
		}, nil},
		"access key alone": {embedding(), func(c *Config) { c.ServiceSettings.SecretKey = Setting[Secret]{} }, []Path{"service_settings.secret_key"}},
		"secret key alone": {embedding(), func(c *Config) { c.ServiceSettings.AccessKey = Setting[Secret]{} }, []Path{"service_settings.access_key"}},
		"empty keys": {embedding(), func(c *Config) {
			c.ServiceSettings.AccessKey, c.ServiceSettings.SecretKey = Given(Secret("")), Given(Secret(""))
		}, []Path{"service_settings.access_key", "service_settings.secret_key"}},
		"other key unknown": {embedding(), func(c *Config) {
			c.ServiceSettings.AccessKey, c.ServiceSettings.SecretKey = Unknown[Secret](), Setting[Secret]{}
		}, nil},

		"region with three parts": {embedding(), func(c *Config) { c.ServiceSettings.Region = Given("us-gov-west-1") }, nil},
		"region in capitals":      {embedding(), func(c *Config) { c.ServiceSettings.Region = Given("US-EAST-1") }, []Path{"service_settings.region"}},
		"region is empty":         {embedding(), func(c *Config) { c.ServiceSettings.Region = Given("") }, []Path{"service_settings.region"}},
		"region is a zone":        {embedding(), func(c *Config) { c.ServiceSettings.Region = Given("us-east-1a") }, []Path{"service_settings.region"}},
		"region lacks bedrock":    {embedding(), func(c *Config) { c.ServiceSettings.Region = Given("cn-north-1") }, []Path{"service_settings.region"}},
		"region nobody knows":     {embedding(), func(c *Config) { c.ServiceSettings.Region = Given("eu-west-9") }, []Path{"service_settings.region?"}},
		"provider in capitals":    {embedding(), func(c *Config) { c.ServiceSettings.Provider = Given("AmazonTitan") }, []Path{"service_settings.provider"}},
		"provider is empty":       {embedding(), func(c *Config) { c.ServiceSettings.Provider = Given("") }, []Path{"service_settings.provider"}},
		"provider cannot embed": {embedding(), func(c *Config) {
			c.ServiceSettings.Provider, c.ServiceSettings.Model = Given("anthropic"), Given("anthropic.claude-x")
		}, []Path{"service_settings.provider"}},
		"provider of unknown task": {embedding(), func(c *Config) {
			c.TaskType = Unknown[TaskType]()
			c.ServiceSettings.Provider = Given("meta")
			c.ServiceSettings.Model = Given("meta.llama9")
		}, nil},

		"model of another vendor": {embedding(), func(c *Config) { c.ServiceSettings.Model = Given("cohere.embed-english-v3") }, []Path{"service_settings.model"}},
		"model of an unknown one": {completion(), func(c *Config) { c.ServiceSettings.Model = Given("newvendor.model-v1:0") }, nil},
		"model is a word":         {embedding(), func(c *Config) { c.ServiceSettings.Model = Given("titan") }, []Path{"service_settings.model"}},
		"model is empty":          {embedding(), func(c *Config) { c.ServiceSettings.Model = Given("") }, []Path{"service_settings.model"}},
		"model unknown to us":     {embedding(), func(c *Config) { c.ServiceSettings.Model = Given("amazon.titan-embed-text-v9:0") }, nil},
		"text model embeds":       {embedding(), func(c *Config) { c.ServiceSettings.Model = Given("amazon.titan-text-premier-v1:0") }, []Path{"service_settings.model"}},
		"embedding model completes": {completion(), func(c *Config) {
			c.ServiceSettings.Provider, c.ServiceSettings.Model = Given("amazontitan"), Given("amazon.titan-embed-text-v1")
		}, []Path{"service_settings.model"}},
		"nova completes": {completion(), func(c *Config) {
			c.ServiceSettings.Provider, c.ServiceSettings.Model = Given("amazontitan"), Given("amazon.nova-pro-v1:0")
		}, nil},
		"nova embeds": {embedding(), func(c *Config) { c.ServiceSettings.Model = Given("amazon.nova-2-multimodal-embeddings-v1:0") }, []Path{"service_settings.model"}},
		"arn of the region": {embedding(), func(c *Config) {
			c.ServiceSettings.Model = Given("arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0")
		}, nil},
		"arn of another region": {embedding(), func(c *Config) {
			c.ServiceSettings.Model = Given("arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-embed-text-v2:0")
		}, []Path{"service_settings.model"}},
		"arn of another vendor": {embedding(), func(c *Config) {
			c.ServiceSettings.Model = Given("arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3")
		}, []Path{"service_settings.model"}},
		"arn that names nothing": {embedding(), func(c *Config) {
			c.ServiceSettings.Model = Given("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/meta12345678")
		}, nil},
		"arn of a bucket":          {embedding(), func(c *Config) { c.ServiceSettings.Model = Given("arn:aws:s3:us-east-1:123456789012:bucket/x") }, []Path{"service_settings.model"}},
		"profile of the geography": {completion(), func(c *Config) { c.ServiceSettings.Model = Given("us.anthropic.claude-sonnet-4-5-20250929-v1:0") }, nil},
		"profile of another":       {completion(), func(c *Config) { c.ServiceSettings.Model = Given("eu.anthropic.claude-sonnet-4-5-20250929-v1:0") }, []Path{"service_settings.model"}},
		"global profile":           {completion(), func(c *Config) { c.ServiceSettings.Model = Given("global.anthropic.claude-sonnet-4-5-20250929-v1:0") }, nil},
		"global from govcloud": {completion(), func(c *Config) {
			c.ServiceSettings.Region, c.ServiceSettings.Model = Given("us-gov-west-1"), Given("global.anthropic.claude-sonnet-4-5-20250929-v1:0")
		}, []Path{"service_settings.model"}},
		"us profile from govcloud": {completion(), func(c *Config) {
			c.ServiceSettings.Region, c.ServiceSettings.Model = Given("us-gov-west-1"), Given("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
		}, []Path{"service_settings.model"}},
		"model with region unknown": {embedding(), func(c *Config) {
			c.ServiceSettings.Region, c.ServiceSettings.Model = Unknown[string](), Given("arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-embed-text-v2:0")
		}, nil},

		"one request a minute":  {embedding(), func(c *Config) { c.ServiceSettings.RequestsPerMinute = Given(int64(1)) }, nil},
		"no request a minute":   {embedding(), func(c *Config) { c.ServiceSettings.RequestsPerMinute = Given(int64(0)) }, []Path{"service_settings.rate_limit.requests_per_minute"}},
		"similarity":            {embedding(), func(c *Config) { c.ServiceSettings.Similarity = Given("l2_norm") }, nil},
		"similarity slip":       {embedding(), func(c *Config) { c.ServiceSettings.Similarity = Given("euclid") }, []Path{"service_settings.similarity"}},
		"similarity of text":    {completion(), func(c *Config) { c.ServiceSettings.Similarity = Given("cosine") }, []Path{"service_settings.similarity"}},
		"one input token":       {embedding(), func(c *Config) { c.ServiceSettings.MaxInputTokens = Given(int64(1)) }, nil},
		"no input token":        {embedding(), func(c *Config) { c.ServiceSettings.MaxInputTokens = Given(int64(0)) }, []Path{"service_settings.max_input_tokens"}},
		"most input tokens":     {embedding(), func(c *Config) { c.ServiceSettings.MaxInputTokens = Given(int64(math.MaxInt32)) }, nil},
		"too many input tokens": {embedding(), func(c *Config) { c.ServiceSettings.MaxInputTokens = Given(int64(math.MaxInt32 + 1)) }, []Path{"service_settings.max_input_tokens"}},
		"input tokens of text":  {completion(), func(c *Config) { c.ServiceSettings.MaxInputTokens = Given(int64(9)) }, []Path{"service_settings.max_input_tokens"}},

		"temperature 0":     {completion(), func(c *Config) { c.TaskSettings.Temperature = Given(0.0) }, nil},
		"temperature 1":     {completion(), func(c *Config) { c.TaskSettings.Temperature = Given(1.0) }, nil},
		"temperature below": {completion(), func(c *Config) { c.TaskSettings.Temperature = Given(-0.01) }, []Path{"task_settings.temperature"}},
		"temperature above": {completion(), func(c *Config) { c.TaskSettings.Temperature = Given(1.01) }, []Path{"task_settings.temperature"}},
		"top_p 0":           {completion(), func(c *Config) { c.TaskSettings.TopP = Given(0.0) }, nil},
		"top_p 1":           {completion(), func(c *Config) { c.TaskSettings.TopP = Given(1.0) }, nil},
		"top_p below":       {completion(), func(c *Config) { c.TaskSettings.TopP = Given(-0.01) }, []Path{"task_settings.top_p"}},
		"top_p above":       {completion(), func(c *Config) { c.TaskSettings.TopP = Given(1.01) }, []Path{"task_settings.top_p"}},
		"top_k 0":           {completion(), func(c *Config) { c.TaskSettings.TopK = Given(0.0) }, nil},
		"top_k below":       {completion(), func(c *Config) { c.TaskSettings.TopK = Given(-1.0) }, []Path{"task_settings.top_k"}},
		"top_p and top_k":   {completion(), func(c *Config) { c.TaskSettings.TopP, c.TaskSettings.TopK = Given(0.5), Given(5.0) }, nil},
		"temperature and both": {completion(), func(c *Config) {
			c.TaskSettings = TaskConfig{Temperature: Given(0.5), TopP: Given(0.5), TopK: Given(5.0)}
		}, []Path{"task_settings.top_p", "task_settings.top_k"}},
		"temperature unknown": {completion(), func(c *Config) { c.TaskSettings = TaskConfig{Temperature: Unknown[float64](), TopP: Given(0.5)} }, nil},
		"top_k of titan": {completion(), func(c *Config) {
			c.ServiceSettings.Provider, c.ServiceSettings.Model = Given("amazontitan"), Given("amazon.titan-text-express-v1")
			c.TaskSettings.TopK = Given(5.0)
		}, []Path{"task_settings.top_k"}},
		"one new token":          {completion(), func(c *Config) { c.TaskSettings.MaxNewTokens = Given(int64(1)) }, nil},
		"no new token":           {completion(), func(c *Config) { c.TaskSettings.MaxNewTokens = Given(int64(0)) }, []Path{"task_settings.max_new_tokens"}},
		"most new tokens":        {completion(), func(c *Config) { c.TaskSettings.MaxNewTokens = Given(int64(math.MaxInt32)) }, nil},
		"too many new tokens":    {completion(), func(c *Config) { c.TaskSettings.MaxNewTokens = Given(int64(math.MaxInt32 + 1)) }, []Path{"task_settings.max_new_tokens"}},
		"sampling of embeddings": {embedding(), func(c *Config) { c.TaskSettings = TaskConfig{Temperature: Given(0.5), MaxNewTokens: Given(int64(5))} }, []Path{"task_settings.temperature", "task_settings.max_new_tokens"}},
		"truncate":               {cohereEmbedding(), func(c *Config) { c.TaskSettings.Truncate = Given("END") }, nil},
		"truncate in lower case": {cohereEmbedding(), func(c *Config) { c.TaskSettings.Truncate = Given("end") }, []Path{"task_settings.truncate"}},
		"truncate of titan":      {embedding(), func(c *Config) { c.TaskSettings.Truncate = Given("END") }, []Path{"task_settings.truncate"}},
		"truncate of text": {completion(), func(c *Config) {
			c.ServiceSettings.Provider, c.ServiceSettings.Model, c.TaskSettings.Truncate = Given("cohere"), Given("cohere.command-r-v1:0"), Given("END")
		}, []Path{"task_settings.truncate"}},

		"chunking left empty":      {chunked(ChunkingConfig{}), nil, nil},
		"chunking of text":         {completion(), func(c *Config) { c.Chunking = Given(ChunkingConfig{}) }, []Path{"chunking_settings"}},
		"chunking unknown":         {completion(), func(c *Config) { c.Chunking = Unknown[ChunkingConfig]() }, nil},
		"strategy slip":            {chunked(ChunkingConfig{Strategy: Given("Sentence")}), nil, []Path{"chunking_settings.strategy"}},
		"sentence of 20":           {chunked(ChunkingConfig{Strategy: Given("sentence"), MaxChunkSize: Given(int64(20))}), nil, nil},
		"sentence of 19":           {chunked(ChunkingConfig{Strategy: Given("sentence"), MaxChunkSize: Given(int64(19))}), nil, []Path{"chunking_settings.max_chunk_size"}},
		"default of 19":            {chunked(ChunkingConfig{MaxChunkSize: Given(int64(19))}), nil, []Path{"chunking_settings.max_chunk_size"}},
		"word of 10":               {chunked(ChunkingConfig{Strategy: Given("word"), MaxChunkSize: Given(int64(10))}), nil, nil},
		"word of 9":                {chunked(ChunkingConfig{Strategy: Given("word"), MaxChunkSize: Given(int64(9))}), nil, []Path{"chunking_settings.max_chunk_size"}},
		"recursive of 10":          {chunked(ChunkingConfig{Strategy: Given("recursive"), MaxChunkSize: Given(int64(10))}), nil, nil},
		"recursive of 9":           {chunked(ChunkingConfig{Strategy: Given("recursive"), MaxChunkSize: Given(int64(9))}), nil, []Path{"chunking_settings.max_chunk_size"}},
		"none":                     {chunked(ChunkingConfig{Strategy: Given("none")}), nil, nil},
		"none has no size":         {chunked(ChunkingConfig{Strategy: Given("none"), MaxChunkSize: Given(int64(100))}), nil, []Path{"chunking_settings.max_chunk_size"}},
		"strategy unknown":         {chunked(ChunkingConfig{Strategy: Unknown[string](), MaxChunkSize: Given(int64(9)), Overlap: Given(int64(5))}), nil, nil},
		"overlap 0":                {chunked(ChunkingConfig{Strategy: Given("word"), Overlap: Given(int64(0))}), nil, nil},
		"overlap below":            {chunked(ChunkingConfig{Strategy: Given("word"), Overlap: Given(int64(-1))}), nil, []Path{"chunking_settings.overlap"}},
		"overlap of half":          {chunked(ChunkingConfig{Strategy: Given("word"), MaxChunkSize: Given(int64(250)), Overlap: Given(int64(125))}), nil, nil},
		"overlap of more":          {chunked(ChunkingConfig{Strategy: Given("word"), MaxChunkSize: Given(int64(250)), Overlap: Given(int64(126))}), nil, []Path{"chunking_settings.overlap"}},
		"overlap of half, odd":     {chunked(ChunkingConfig{Strategy: Given("word"), MaxChunkSize: Given(int64(21)), Overlap: Given(int64(10))}), nil, nil},
		"overlap of more, odd":     {chunked(ChunkingConfig{Strategy: Given("word"), MaxChunkSize: Given(int64(21)), Overlap: Given(int64(11))}), nil, []Path{"chunking_settings.overlap"}},
		"overlap of default size":  {chunked(ChunkingConfig{Strategy: Given("word"), Overlap: Given(int64(126))}), nil, []Path{"chunking_settings.overlap"}},
		"overlap, size too small":  {chunked(ChunkingConfig{Strategy: Given("word"), MaxChunkSize: Given(int64(9)), Overlap: Given(int64(5))}), nil, []Path{"chunking_settings.max_chunk_size"}},
		"overlap, size unknown":    {chunked(ChunkingConfig{Strategy: Given("word"), MaxChunkSize: Unknown[int64](), Overlap: Given(int64(200))}), nil, nil},
		"overlap of sentences":     {chunked(ChunkingConfig{Strategy: Given("sentence"), Overlap: Given(int64(5))}), nil, []Path{"chunking_settings.overlap"}},
		"sentence overlap 0":       {chunked(ChunkingConfig{SentenceOverlap: Given(int64(0))}), nil, nil},
		"sentence overlap 1":       {chunked(ChunkingConfig{SentenceOverlap: Given(int64(1))}), nil, nil},
		"sentence overlap 2":       {chunked(ChunkingConfig{SentenceOverlap: Given(int64(2))}), nil, []Path{"chunking_settings.sentence_overlap"}},
		"sentence overlap below":   {chunked(ChunkingConfig{SentenceOverlap: Given(int64(-1))}), nil, []Path{"chunking_settings.sentence_overlap"}},
		"sentence overlap of word": {chunked(ChunkingConfig{Strategy: Given("word"), SentenceOverlap: Given(int64(1))}), nil, []Path{"chunking_settings.sentence_overlap"}},
		"separators":               {chunked(ChunkingConfig{Strategy: Given("recursive"), Separators: separators("\n\n", "\n")}), nil, nil},
		"no separators":            {chunked(ChunkingConfig{Strategy: Given("recursive"), Separators: separators()}), nil, []Path{"chunking_settings.separators"}},
		"null separator":           {chunked(ChunkingConfig{Strategy: Given("recursive"), Separators: Given([]Setting[string]{{}, Given("a")})}), nil, []Path{"chunking_settings.separators.0"}},
		"empty separator":          {chunked(ChunkingConfig{Strategy: Given("recursive"), Separators: separators("\n", "")}), nil, []Path{"chunking_settings.separators.1"}},
		"separators of words":      {chunked(ChunkingConfig{Strategy: Given("word"), Separators: separators("\n")}), nil, []Path{"chunking_settings.separators"}},
		"group":                    {chunked(ChunkingConfig{Strategy: Given("recursive"), SeparatorGroup: Given("markdown")}), nil, nil},
		"group slip":               {chunked(ChunkingConfig{Strategy: Given("recursive"), SeparatorGroup: Given("html")}), nil, []Path{"chunking_settings.separator_group"}},
		"separators and group":     {chunked(ChunkingConfig{Strategy: Given("recursive"), Separators: separators("\n"), SeparatorGroup: Given("markdown")}), nil, []Path{"chunking_settings.separator_group"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := test.base
			if test.edit != nil {
				test.edit(&config)
			}
			var got []Path
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

func separators(texts ...string) Setting[[]Setting[string]] {
	list := []Setting[string]{}
	for _, text := range texts {
		list = append(list, Given(text))
	}
	return Given(list)
}

// TestAllFaultsAtOnce: a configuration with many faults names each in one run.
func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	config := Config{
		InferenceID: Given("Bad"), TaskType: Given(TextEmbedding), Service: Given("openai"),
		ServiceSettings: ServiceConfig{
			AccessKey: Given(Secret("a")), Region: Given("nowhere"), Provider: Given("anthropic"), Model: Given("x"),
			RequestsPerMinute: Given(int64(0)),
		},
		TaskSettings: TaskConfig{Temperature: Given(1.5), TopP: Given(0.5)},
		Chunking:     Given(ChunkingConfig{Strategy: Given("word"), MaxChunkSize: Given(int64(250)), Overlap: Given(int64(200))}),
	}
	want := []Path{
		"inference_id", "service", "service_settings.secret_key", "service_settings.region", "service_settings.provider",
		"service_settings.model", "service_settings.rate_limit.requests_per_minute", "task_settings.temperature",
		"task_settings.top_p", "task_settings.temperature", "task_settings.top_p", "chunking_settings.overlap",
	}
	var got []Path
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
		"inference_id":     func(c *Config) { c.InferenceID = Unknown[string]() },
		"task_type":        func(c *Config) { c.TaskType = Unknown[TaskType]() },
		"service":          func(c *Config) { c.Service = Unknown[string]() },
		"access_key":       func(c *Config) { c.ServiceSettings.AccessKey = Unknown[Secret]() },
		"secret_key":       func(c *Config) { c.ServiceSettings.SecretKey = Unknown[Secret]() },
		"region":           func(c *Config) { c.ServiceSettings.Region = Unknown[string]() },
		"provider":         func(c *Config) { c.ServiceSettings.Provider = Unknown[string]() },
		"model":            func(c *Config) { c.ServiceSettings.Model = Unknown[string]() },
		"requests":         func(c *Config) { c.ServiceSettings.RequestsPerMinute = Unknown[int64]() },
		"similarity":       func(c *Config) { c.ServiceSettings.Similarity = Unknown[string]() },
		"max_input_tokens": func(c *Config) { c.ServiceSettings.MaxInputTokens = Unknown[int64]() },
		"temperature":      func(c *Config) { c.TaskSettings.Temperature = Unknown[float64]() },
		"top_p":            func(c *Config) { c.TaskSettings.TopP = Unknown[float64]() },
		"top_k":            func(c *Config) { c.TaskSettings.TopK = Unknown[float64]() },
		"max_new_tokens":   func(c *Config) { c.TaskSettings.MaxNewTokens = Unknown[int64]() },
		"truncate":         func(c *Config) { c.TaskSettings.Truncate = Unknown[string]() },
		"input_type":       func(c *Config) { c.InputType = Unknown[string]() },
		"chunking":         func(c *Config) { c.Chunking = Unknown[ChunkingConfig]() },
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
