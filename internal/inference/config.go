package inference

// Config is an endpoint, or the settings of one run, as a person wrote it: each
// value given, left out or not known yet. Rules read it; see Validate.
type Config struct {
	InferenceID     Setting[string]
	TaskType        Setting[TaskType]
	Service         Setting[string]
	ServiceSettings ServiceConfig
	TaskSettings    TaskConfig
	Chunking        Setting[ChunkingConfig]
	InputType       Setting[string]
}

// ServiceConfig is a service_settings object as written.
type ServiceConfig struct {
	AccessKey, SecretKey Setting[Secret]
	Region               Setting[string]
	Provider             Setting[string]
	Model                Setting[string]
	RequestsPerMinute    Setting[int64]
	Similarity           Setting[string]
	MaxInputTokens       Setting[int64]
}

// TaskConfig is a task_settings object as written.
type TaskConfig struct {
	Temperature, TopP, TopK Setting[float64]
	MaxNewTokens            Setting[int64]
	Truncate                Setting[string]
}

// ChunkingConfig is a chunking_settings object as written.
type ChunkingConfig struct {
	Strategy        Setting[string]
	MaxChunkSize    Setting[int64]
	Overlap         Setting[int64]
	SentenceOverlap Setting[int64]
	Separators      Setting[[]Setting[string]]
	SeparatorGroup  Setting[string]
}

// The paths of the settings.
const (
	pathInferenceID       Path = "inference_id"
	pathTaskType          Path = "task_type"
	pathService           Path = "service"
	pathAccessKey         Path = "service_settings.access_key"
	pathSecretKey         Path = "service_settings.secret_key"
	pathRegion            Path = "service_settings.region"
	pathProvider          Path = "service_settings.provider"
	pathModel             Path = "service_settings.model"
	pathRequestsPerMinute Path = "service_settings.rate_limit.requests_per_minute"
	pathSimilarity        Path = "service_settings.similarity"
	pathMaxInputTokens    Path = "service_settings.max_input_tokens"
	pathTemperature       Path = "task_settings.temperature"
	pathTopP              Path = "task_settings.top_p"
	pathTopK              Path = "task_settings.top_k"
	pathMaxNewTokens      Path = "task_settings.max_new_tokens"
	pathTruncate          Path = "task_settings.truncate"
	pathChunking          Path = "chunking_settings"
	pathStrategy          Path = "chunking_settings.strategy"
	pathMaxChunkSize      Path = "chunking_settings.max_chunk_size"
	pathOverlap           Path = "chunking_settings.overlap"
	pathSentenceOverlap   Path = "chunking_settings.sentence_overlap"
	pathSeparators        Path = "chunking_settings.separators"
	pathSeparatorGroup    Path = "chunking_settings.separator_group"
	pathInputType         Path = "input_type"
)

// Validate applies every universal rule and returns all that it finds, in the
// order of the settings. Rules of one target are that target's own.
func (c Config) Validate() Violations {
	var found Violations
	for _, rule := range []func(Config) Violations{
		inferenceIDRule, taskTypeRule, serviceRule,
		keysRule, regionRule, providerRule, modelRule,
		rateLimitRule, similarityRule, maxInputTokensRule,
		samplingRangeRule, samplingChoiceRule, topKRule, maxNewTokensRule, truncateRule, taskSettingsTaskRule,
		inputTypeRule, chunkingTaskRule,
	} {
		found = append(found, rule(c)...)
	}
	if chunking, ok := c.Chunking.Known(); ok {
		found = append(found, chunking.Validate()...)
	}
	return found
}

// knownTask is the task type where it is known and valid.
func (c Config) knownTask() (TaskType, bool) {
	task, ok := c.TaskType.Known()
	return task, ok && len(taskTypeRule(c)) == 0
}

// knownProvider is the provider where it is known and valid.
func (c Config) knownProvider() (Provider, bool) {
	name, ok := c.ServiceSettings.Provider.Known()
	if !ok {
		return "", false
	}
	return ParseProvider(name)
}

// Endpoint is the endpoint that the configuration asks for. What is left out or
// unknown is zero, which leaves it to the target; chunking that is given is
// complete.
func (c Config) Endpoint() Endpoint {
	endpoint := Endpoint{
		InferenceID:     c.InferenceID.Or(""),
		TaskType:        c.TaskType.Or(""),
		Service:         c.Service.Or(Service),
		ServiceSettings: c.ServiceSettings.settings(),
		TaskSettings:    c.TaskSettings.Settings(),
	}
	if chunking, ok := c.Chunking.Known(); ok {
		if complete, known := chunking.Complete(); known {
			endpoint.Chunking = &complete
		}
	}
	return endpoint
}

// Config is the endpoint as if a person had written it, for the rules to judge
// what a change would make of it. It has no keys.
func (e Endpoint) Config() Config {
	service := e.ServiceSettings
	config := Config{
		InferenceID: Given(e.InferenceID),
		TaskType:    Given(e.TaskType),
		Service:     Given(e.Service),
		ServiceSettings: ServiceConfig{
			Region:     Given(service.Region),
			Provider:   Given(string(service.Provider)),
			Model:      Given(service.Model),
			Similarity: givenText(service.Similarity),
		},
		TaskSettings: e.TaskSettings.config(),
	}
	if service.RequestsPerMinute != 0 {
		config.ServiceSettings.RequestsPerMinute = Given(service.RequestsPerMinute)
	}
	if service.MaxInputTokens != 0 {
		config.ServiceSettings.MaxInputTokens = Given(service.MaxInputTokens)
	}
	return config
}

func (t TaskSettings) config() TaskConfig {
	return TaskConfig{
		Temperature:  givenValue(t.Temperature),
		TopP:         givenValue(t.TopP),
		TopK:         givenValue(t.TopK),
		MaxNewTokens: givenValue(t.MaxNewTokens),
		Truncate:     givenText(t.Truncate),
	}
}

func (s ServiceConfig) settings() ServiceSettings {
	provider, _ := ParseProvider(s.Provider.Or(""))
	return ServiceSettings{
		Region:            s.Region.Or(""),
		Provider:          provider,
		Model:             s.Model.Or(""),
		RequestsPerMinute: s.RequestsPerMinute.Or(0),
		Similarity:        s.Similarity.Or(""),
		MaxInputTokens:    s.MaxInputTokens.Or(0),
	}
}

// Settings are the task settings that are given.
func (t TaskConfig) Settings() TaskSettings {
	return TaskSettings{
		Temperature:  pointer(t.Temperature),
		TopP:         pointer(t.TopP),
		TopK:         pointer(t.TopK),
		MaxNewTokens: pointer(t.MaxNewTokens),
		Truncate:     t.Truncate.Or(""),
	}
}

func pointer[T any](s Setting[T]) *T {
	if value, ok := s.Known(); ok {
		return &value
	}
	return nil
}
