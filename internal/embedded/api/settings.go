package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// Blocks of a request, under their names in messages.
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

// settings is the body of a request that describes an endpoint.
type settings struct {
	body   map[string]any // as it was sent
	config inference.Config

	service, keys, task, chunking *block
	// left holds the fields of the body that nothing reads.
	left map[string]any
}

// readBlocks finds the blocks. It returns an error if one of them is not an
// object.
func readBlocks(body map[string]any) (*settings, error) {
	s := &settings{body: body, left: maps.Clone(body)}
	for _, one := range []struct {
		scope string
		block **block
	}{{scopeService, &s.service}, {scopeTask, &s.task}, {scopeChunking, &s.chunking}} {
		value := body[one.scope]
		values, isObject := value.(map[string]any)
		if value != nil && !isObject {
			return nil, esrest.ValidationError(esrest.TypeValidation, wrongType(one.scope, value, "Map"))
		}
		*one.block = newBlock(one.scope, maps.Clone(values))
	}
	// Keys are among the service settings, and are checked separately.
	s.keys = newBlock(scopeKeys, s.service.values)
	return s, nil
}

// readService reads the service settings of a task in Elasticsearch's order.
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

// readRateLimit refuses unknown settings at once, and with the name that the
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
		s.service.fatal = unknownSettings("amazon_bedrock", limit.values)
	}
	return setting
}

func (s *settings) readTask(task inference.TaskType) {
	s.config.TaskSettings = takeTask(s.task, task)
}

// takeTask reads the settings that the task has, and leaves the others.
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

// readChunking reads the chunking settings of embeddings. An empty object counts
// as absent.
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

// valueAt returns the value of a body at a path, or nil.
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

// check returns the errors of the first invalid block, in Elasticsearch's order
// and with its messages. Rules that Elasticsearch does not have are checked last.
func (s *settings) check(found validation.Violations, task inference.TaskType) error {
	found = s.foreignSettings(found.Errors())
	var refusals []*esrest.Error
	var own []string
	for _, violation := range found {
		text := message(violation, valueAt(s.body, violation.Path))
		refused := refusal(violation, task, s.config.ServiceSettings.Provider.Or(""))
		block := s.blockOf(violation.Path)
		switch {
		case violation.Path == pathStrategy:
			s.chunking.fatal = esrest.IllegalArgument("Invalid chunkingStrategy %s", esrest.JavaText(valueAt(s.body, pathStrategy)))
		case refused != nil:
			refusals = append(refusals, refused)
		case text != "" && block != nil:
			block.fault(settingOf(violation.Path), text)
		default:
			own = append(own, ownMessage(violation))
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
			return unknownSettings(inference.Service, left)
		}
	}
	if len(own) > 0 {
		return esrest.ValidationError(esrest.TypeValidation, own...)
	}
	return nil
}

// foreignSettings records one error about all chunking settings that the strategy
// does not have, including unknown ones, and returns the other violations.
func (s *settings) foreignSettings(found validation.Violations) validation.Violations {
	foreign := slices.Collect(maps.Keys(s.chunking.values))
	if s.config.Chunking.Absent() {
		foreign = nil // not read: the body still has the whole object
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

// settingOf returns the field of its block that a path is in.
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

// block is one object of a request. Settings are removed as they are read; those
// that are left in the end are unknown to the API.
type block struct {
	scope  string // its name in messages
	values map[string]any
	taken  []string // in the order in which Elasticsearch reads them
	faults []fault
	// fatal is returned instead of faults.
	fatal *esrest.Error
}

type fault struct{ setting, text string }

func newBlock(scope string, values map[string]any) *block {
	return &block{scope: scope, values: values}
}

// take removes and returns a setting; null counts as absent.
func (b *block) take(name string) (any, bool) {
	value, given := b.values[name]
	delete(b.values, name)
	b.taken = append(b.taken, name)
	return value, given && value != nil
}

func (b *block) fault(setting, text string) {
	b.faults = append(b.faults, fault{setting, text})
}

// failure returns the faults in the order in which the settings were read.
func (b *block) failure() error {
	if b.fatal != nil {
		return b.fatal
	}
	if len(b.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(b.faults, func(x, y fault) int {
		return cmp.Compare(slices.Index(b.taken, x.setting), slices.Index(b.taken, y.setting))
	})
	texts := make([]string, len(b.faults))
	for i, fault := range b.faults {
		texts[i] = fault.text
	}
	return esrest.ValidationError(esrest.TypeValidation, texts...)
}

func (b *block) wrongType(name string, value any, want string) {
	b.fault(name, wrongType(name, value, want))
}

func (b *block) missing(name string) {
	b.fault(name, "["+b.scope+"] does not contain the required setting ["+name+"]")
}

// A setting of the wrong type is recorded as a fault and then counts as unknown,
// so that the rules of the domain ignore it.

// text reads a text that is not empty.
func (b *block) text(name string) (setting validation.Setting[string]) {
	value, given := b.take(name)
	if !given {
		return setting
	}
	text, ok := value.(string)
	switch {
	case !ok:
		b.wrongType(name, value, "String")
		return validation.Unknown[string]()
	case text == "":
		b.fault(name, "["+b.scope+"] Invalid value empty string. ["+name+"] must be a non-empty string")
		return validation.Unknown[string]()
	}
	return validation.Given(text)
}

func (b *block) requiredText(name string) validation.Setting[string] {
	if b.values[name] == nil {
		b.missing(name)
	}
	return b.text(name)
}

// key reads one key of a pair. The domain checks whether it may be empty or alone.
func (b *block) key(name string) (setting validation.Setting[redact.Secret]) {
	value, given := b.take(name)
	if !given {
		return setting
	}
	key, ok := value.(string)
	if !ok {
		b.wrongType(name, value, "String")
		return validation.Unknown[redact.Secret]()
	}
	return validation.Given(redact.Secret(key))
}

// whole reads an integer of 32 bits.
func (b *block) whole(name string) validation.Setting[int64] {
	return b.integer(name, math.MinInt32, math.MaxInt32, func(value any) string { return wrongType(name, value, "Integer") })
}

// long reads an integer of 64 bits.
func (b *block) long(name string) validation.Setting[int64] {
	return b.integer(name, math.MinInt64, math.MaxInt64, func(value any) string {
		return fmt.Sprintf("field [%s] is not of one of the expected types. The value [%s] cannot be converted to one of [Integer, Long]", name, esrest.JavaText(value))
	})
}

func (b *block) integer(name string, lowest, highest int64, fault func(value any) string) (setting validation.Setting[int64]) {
	value, given := b.take(name)
	if !given {
		return setting
	}
	number, ok := value.(json.Number)
	if ok && !esrest.IsDouble(number) {
		if integer, err := number.Int64(); err == nil && integer >= lowest && integer <= highest {
			return validation.Given(integer)
		}
	}
	b.fault(name, fault(value))
	return validation.Unknown[int64]()
}

// number reads any number. Elasticsearch requires a decimal point for doubles;
// accepting 1 for 1.0 does no harm.
func (b *block) number(name string) (setting validation.Setting[float64]) {
	value, given := b.take(name)
	if !given {
		return setting
	}
	if number, ok := value.(json.Number); ok {
		if double, err := number.Float64(); err == nil {
			return validation.Given(double)
		}
	}
	b.wrongType(name, value, "Double")
	return validation.Unknown[float64]()
}

// texts reads a list of texts.
func (b *block) texts(name string) (setting validation.Setting[[]validation.Setting[string]]) {
	value, given := b.take(name)
	if !given {
		return setting
	}
	items, ok := value.([]any)
	if !ok {
		b.wrongType(name, value, "List")
		return validation.Unknown[[]validation.Setting[string]]()
	}
	texts := make([]validation.Setting[string], len(items))
	for i, item := range items {
		text, ok := item.(string)
		if !ok {
			b.wrongType(name, value, "List")
			return validation.Unknown[[]validation.Setting[string]]()
		}
		texts[i] = validation.Given(text)
	}
	return validation.Given(texts)
}
