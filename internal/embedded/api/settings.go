// SPDX-License-Identifier: MPL-2.0

package api

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// Blocks of a request, under their names in messages.
const (
	scopeService  = "service_settings"
	scopeTask     = "task_settings"
	scopeChunking = "chunking_settings"
	scopeRate     = "rate_limit"
)

// settings is the body of a request that describes an endpoint.
type settings struct {
	body   map[string]any // as it was sent
	config inference.Config

	service              esrest.Value // absent or null if its kind is not an object
	keys, task, chunking *block
	// serviceProblem is the first fault of the service settings.
	serviceProblem *esrest.Error
	// left holds the fields of the body that nothing reads.
	left map[string]any
}

// readBlocks finds the blocks of a body, which fields holds as well. It returns an
// error if one of them is not an object.
func readBlocks(body esrest.Value, fields map[string]any) (*settings, error) {
	s := &settings{
		body: fields, left: maps.Clone(fields),
		keys: &block{scope: scopeService}, task: &block{scope: scopeTask}, chunking: &block{scope: scopeChunking},
	}
	s.service, _ = body.Field(scopeService)
	for _, block := range []*block{s.keys, s.task, s.chunking} {
		value := fields[block.scope]
		values, isObject := value.(map[string]any)
		if value != nil && !isObject {
			return nil, esrest.ValidationError(esrest.TypeValidation, wrongType(block.scope, value, "Map"))
		}
		block.values = maps.Clone(values)
	}
	return s, nil
}

// takeTask reads the settings that the task has, and leaves the others.
func takeTask(settings *block, task inference.TaskType) (config inference.TaskConfig) {
	if task == inference.TextEmbedding {
		config.Truncate = inCase(strings.ToUpper, settings.text("truncate"))
		return config
	}
	config.Temperature = settings.double("temperature")
	config.TopP = settings.double("top_p")
	config.TopK = settings.number("top_k") // whole numbers are meant, because it reaches the model
	config.MaxNewTokens = settings.whole("max_new_tokens")
	return config
}

// chunkingSettings are the settings of each strategy, besides the strategy.
var chunkingSettings = map[string][]string{
	inference.StrategyNone:      nil,
	inference.StrategyWord:      {"max_chunk_size", "overlap"},
	inference.StrategySentence:  {"max_chunk_size", "sentence_overlap"},
	inference.StrategyRecursive: {"max_chunk_size", "separator_group", "separators"},
}

// foreignText begins the message about settings that a strategy does not have. The
// strategy none ignores other settings.
var foreignText = map[string]string{
	inference.StrategyWord:      "Word based chunking settings can not have the following settings",
	inference.StrategySentence:  "Sentence based chunking settings can not have the following settings",
	inference.StrategyRecursive: "Recursive chunking settings can not have the following settings",
}

// readChunking reads the chunking settings of embeddings. An empty object counts
// as absent. Settings that Elasticsearch requires are required here too, although
// the domain has defaults for them.
func (s *settings) readChunking() {
	chunking := s.chunking
	if len(chunking.values) == 0 {
		return
	}
	named, _ := chunking.take("strategy")
	strategy, isText := named.(string)
	known, isStrategy := chunkingSettings[strategy]
	switch {
	case named == nil:
		chunking.fatal = esrest.IllegalArgument("Can't generate Chunker without ChunkingStrategy provided")
		return
	case !isText || !isStrategy:
		chunking.fatal = esrest.IllegalArgument("Invalid chunkingStrategy %s", esrest.JavaText(redacted("strategy", named)))
		return
	}
	foreign := slices.DeleteFunc(esrest.JavaKeys(chunking.values), func(name string) bool { return slices.Contains(known, name) })
	if len(foreign) > 0 && strategy != inference.StrategyNone {
		chunking.fault("", foreignText[strategy]+": ["+strings.Join(foreign, ", ")+"]")
	}
	config := inference.ChunkingConfig{Strategy: validation.Given(strategy)}
	if strategy != inference.StrategyNone {
		config.MaxChunkSize = chunking.requiredWhole("max_chunk_size")
	}
	switch strategy {
	case inference.StrategyWord:
		// Elasticsearch reads the overlap only if the size is valid.
		if config.MaxChunkSize.IsGiven() && len(config.Validate().Errors()) == 0 {
			config.Overlap = chunking.requiredWhole("overlap")
			if overlap, given := config.Overlap.Known(); given && overlap == 0 {
				chunking.fault("overlap", notPositive(scopeChunking, "overlap", "0"))
			}
		}
	case inference.StrategySentence:
		config.SentenceOverlap = chunking.whole("sentence_overlap")
	case inference.StrategyRecursive:
		config.SeparatorGroup = inCase(strings.ToLower, chunking.text("separator_group"))
		config.Separators = chunking.texts("separators")
	}
	s.config.Chunking = validation.Given(config)
}

// valueAt returns the value of a body at a path, or nil.
func valueAt(body any, path validation.Path) any {
	value := body
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
	var refusals []*esrest.Error
	var own []string
	for _, violation := range found.Errors() {
		text := message(violation, valueAt(s.body, violation.Path))
		refused := refusal(violation, task, s.config.ServiceSettings.Provider.Or(""))
		block := s.blockOf(violation.Path)
		switch {
		case refused != nil:
			refusals = append(refusals, refused)
		case violation.Rule == validation.SettingOfStrategy: // see readChunking
		case violation.Rule == validation.OneSeparatorSet && !slices.Contains(inference.SeparatorGroups(), s.config.Chunking.Or(inference.ChunkingConfig{}).SeparatorGroup.Or("")):
			// Elasticsearch reports the unknown group only.
		case text != "" && block != nil:
			block.fault(violation.Path.Parts()[1], text)
		default:
			own = append(own, ownMessage(violation))
		}
	}
	if err := s.chunking.failure(); err != nil {
		return err
	}
	if s.serviceProblem != nil {
		return s.serviceProblem
	}
	for _, block := range []*block{s.task, s.keys} {
		if err := block.failure(); err != nil {
			return err
		}
	}
	if len(refusals) > 0 {
		return refusals[0]
	}
	for _, left := range []map[string]any{s.left, s.task.values} {
		if len(left) > 0 {
			return esrest.StatusError("Model configuration contains settings [%s] unknown to the [%s] service", redactedText(left), inference.Service)
		}
	}
	if len(own) > 0 {
		return esrest.ValidationError(esrest.TypeValidation, own...)
	}
	return nil
}

func (s *settings) blockOf(path validation.Path) *block {
	switch path.Parts()[0] {
	case scopeService:
		if path == inference.PathAccessKey || path == inference.PathSecretKey {
			return s.keys
		}
	case scopeTask:
		return s.task
	case scopeChunking:
		return s.chunking
	}
	return nil
}

// inCase returns a setting in the case of toCase, and without blanks around it.
func inCase(toCase func(string) string, setting validation.Setting[string]) validation.Setting[string] {
	if text, ok := setting.Known(); ok {
		return validation.Given(toCase(strings.TrimSpace(text)))
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
		b.fault(name, emptyText(b.scope, name))
		return validation.Unknown[string]()
	}
	return validation.Given(text)
}

func (b *block) requiredWhole(name string) validation.Setting[int64] {
	if b.values[name] == nil {
		b.take(name)
		b.fault(name, missingSetting(b.scope, name))
		return validation.Unknown[int64]()
	}
	return b.whole(name)
}

// whole reads an integer of 32 bits.
func (b *block) whole(name string) (setting validation.Setting[int64]) {
	value, given := b.take(name)
	if !given {
		return setting
	}
	number, ok := value.(json.Number)
	if ok && !esrest.IsDouble(number) {
		if integer, err := number.Int64(); err == nil && integer >= math.MinInt32 && integer <= math.MaxInt32 {
			return validation.Given(integer)
		}
	}
	b.wrongType(name, value, "Integer")
	return validation.Unknown[int64]()
}

// double reads a number that is written with a decimal point or an exponent, as
// Elasticsearch requires.
func (b *block) double(name string) validation.Setting[float64] {
	if number, ok := b.values[name].(json.Number); ok && !esrest.IsDouble(number) {
		b.take(name)
		b.wrongType(name, number, "Double")
		return validation.Unknown[float64]()
	}
	return b.number(name)
}

// number reads any number.
func (b *block) number(name string) (setting validation.Setting[float64]) {
	value, given := b.take(name)
	if !given {
		return setting
	}
	if number, ok := value.(json.Number); ok {
		double, _ := number.Float64() // infinite if it is out of range
		return validation.Given(double)
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
			b.wrongType(name, item, "String")
			return validation.Unknown[[]validation.Setting[string]]()
		}
		texts[i] = validation.Given(text)
	}
	return validation.Given(texts)
}
