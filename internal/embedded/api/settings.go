package api

import (
	"maps"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// The blocks of a request, under the names that messages have for them.
const (
	scopeService  = "service_settings"
	scopeTask     = "task_settings"
	scopeChunking = "chunking_settings"
	scopeKeys     = "secret_settings"
	scopeRate     = "rate_limit"
)

const (
	pathAccessKey validation.Path = "service_settings.access_key"
	pathSecretKey validation.Path = "service_settings.secret_key"
	pathStrategy  validation.Path = "chunking_settings.strategy"
)

// settings is the body of a request that describes an endpoint, taken apart.
type settings struct {
	body   map[string]any // as it was written
	config inference.Config

	service, keys, task, chunking *block
	// left are the members of the body that nobody took.
	left map[string]any
}

// readBlocks finds the blocks. What is no object where one is due ends it.
func readBlocks(body map[string]any) (*settings, error) {
	s := &settings{body: body, left: maps.Clone(body)}
	for _, one := range []struct {
		scope string
		block **block
	}{{scopeService, &s.service}, {scopeTask, &s.task}, {scopeChunking, &s.chunking}} {
		value := body[one.scope]
		values, isObject := value.(map[string]any)
		if value != nil && !isObject {
			return nil, invalid(kindValidation, wrongType(one.scope, value, "Map"))
		}
		*one.block = newBlock(one.scope, maps.Clone(values))
	}
	// The keys come among the service settings and are judged apart.
	s.keys = newBlock(scopeKeys, s.service.values)
	return s, nil
}

// readService takes the service settings of a task in Elasticsearch's order.
func (s *settings) readService(task inference.TaskType) {
	service := &s.config.ServiceSettings
	service.Model = s.service.requiredText("model")
	service.Region = s.service.requiredText("region")
	service.Provider = s.service.requiredText("provider")
	if provider, ok := inference.ParseProvider(service.Provider.Or("")); ok {
		service.Provider = validation.Given(string(provider))
	}
	service.RequestsPerMinute = s.readRateLimit()
	if task == inference.TextEmbedding {
		service.Similarity = lowered(s.service.text("similarity"))
		service.MaxInputTokens = s.service.whole("max_input_tokens")
		for _, name := range []string{"dimensions", "dimensions_set_by_user"} {
			if _, given := s.service.take(name); given {
				s.service.fault(name, "["+scopeService+"] does not allow the setting ["+name+"]")
			}
		}
	}
	s.readKeys()
}

func (s *settings) readKeys() {
	s.config.ServiceSettings.AccessKey = s.keys.key("access_key")
	s.config.ServiceSettings.SecretKey = s.keys.key("secret_key")
}

// readRateLimit refuses unknown settings at once, and under the name that the
// service has in Elasticsearch's code.
func (s *settings) readRateLimit() (setting validation.Setting[int64]) {
	value, given := s.service.take("rate_limit")
	if !given {
		return setting
	}
	values, ok := value.(map[string]any)
	if !ok {
		s.service.wrongType("rate_limit", value, "Map")
		return validation.Unknown[int64]()
	}
	limit := newBlock(scopeRate, maps.Clone(values))
	setting = limit.long("requests_per_minute")
	for _, fault := range limit.faults {
		s.service.fault("rate_limit", fault.text)
	}
	if len(limit.values) > 0 {
		s.service.fatal = unknownTo("amazon_bedrock", limit.values)
	}
	return setting
}

func (s *settings) readTask(task inference.TaskType) {
	s.config.TaskSettings = takeTask(s.task, task)
}

// takeTask takes what the task has; the rest is left.
func takeTask(settings *block, task inference.TaskType) (config inference.TaskConfig) {
	if task == inference.TextEmbedding {
		config.Truncate = uppered(settings.text("truncate"))
		return config
	}
	config.Temperature = settings.number("temperature")
	config.TopP = settings.number("top_p")
	config.TopK = settings.number("top_k")
	config.MaxNewTokens = settings.whole("max_new_tokens")
	return config
}

// readChunking is for embeddings. An empty object is as none.
func (s *settings) readChunking() {
	if len(s.chunking.values) == 0 {
		return
	}
	config := inference.ChunkingConfig{
		Strategy:        s.chunking.text("strategy"),
		MaxChunkSize:    s.chunking.whole("max_chunk_size"),
		Overlap:         s.chunking.whole("overlap"),
		SentenceOverlap: s.chunking.whole("sentence_overlap"),
		Separators:      s.chunking.texts("separators"),
		SeparatorGroup:  lowered(s.chunking.text("separator_group")),
	}
	s.config.Chunking = validation.Given(config)
}

// valueAt is what a body has at a path.
func valueAt(body map[string]any, path validation.Path) any {
	var value any = body
	for _, part := range path.Parts() {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[part]
	}
	return value
}

// judge answers the first block that is wrong, in Elasticsearch's order, with
// all its faults in Elasticsearch's words. Only what passes there is held
// against the rules that Elasticsearch has not.
func (s *settings) judge(found validation.Violations, task inference.TaskType) error {
	found = s.foreignSettings(found.Errors())
	var refusals []*failure
	var own []string
	for _, violation := range found {
		text := words(violation, valueAt(s.body, violation.Path))
		refused := refusal(violation, task, s.config.ServiceSettings.Provider.Or(""))
		block := s.blockOf(violation.Path)
		switch {
		case violation.Path == pathStrategy:
			s.chunking.fatal = illegal("Invalid chunkingStrategy %s", javaText(valueAt(s.body, pathStrategy)))
		case refused != nil:
			refusals = append(refusals, refused)
		case text != "" && block != nil:
			block.fault(settingOf(violation.Path), text)
		default:
			own = append(own, ownWords(violation))
		}
	}
	for _, block := range []*block{s.chunking, s.service, s.task, s.keys} {
		if err := block.failure(); err != nil {
			return err
		}
	}
	if len(refusals) > 0 {
		return refusals[0]
	}
	for _, left := range []map[string]any{s.left, s.service.values, s.task.values} {
		if len(left) > 0 {
			return unknownTo(inference.Service, left)
		}
	}
	if len(own) > 0 {
		return invalid(kindValidation, own...)
	}
	return nil
}

// foreignSettings makes one fault of all chunking settings that the strategy has
// not, unknown ones among them, and returns the other violations.
func (s *settings) foreignSettings(found validation.Violations) validation.Violations {
	foreign := slices.Collect(maps.Keys(s.chunking.values))
	if s.config.Chunking.Absent() {
		foreign = nil // not read: as a whole, it is left in the body
	}
	var others validation.Violations
	for _, violation := range found {
		if violation.Rule == validation.SettingOfStrategy {
			foreign = append(foreign, violation.Path.Name())
		} else {
			others = append(others, violation)
		}
	}
	if len(foreign) == 0 {
		return others
	}
	slices.Sort(foreign)
	strategy := s.config.Chunking.Or(inference.ChunkingConfig{}).Strategy.Or(inference.StrategySentence)
	s.chunking.fault("", strings.ToUpper(strategy[:1])+strategy[1:]+" based chunking settings can not have the following settings: ["+strings.Join(foreign, ", ")+"]")
	return others
}

func (s *settings) blockOf(path validation.Path) *block {
	switch path.Parts()[0] {
	case scopeService:
		if isKey(path) {
			return s.keys
		}
		return s.service
	case scopeTask:
		return s.task
	case scopeChunking:
		return s.chunking
	}
	return nil
}

// settingOf is the member of its block that a path is in.
func settingOf(path validation.Path) string { return path.Parts()[1] }

func lowered(setting validation.Setting[string]) validation.Setting[string] {
	return changed(setting, func(text string) string { return strings.ToLower(strings.TrimSpace(text)) })
}

func uppered(setting validation.Setting[string]) validation.Setting[string] {
	return changed(setting, func(text string) string { return strings.ToUpper(strings.TrimSpace(text)) })
}

func changed(setting validation.Setting[string], change func(string) string) validation.Setting[string] {
	if text, ok := setting.Known(); ok {
		return validation.Given(change(text))
	}
	return setting
}
