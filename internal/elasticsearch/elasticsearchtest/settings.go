// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

const defaultRequestsPerMinute = 240

var (
	providers    = []string{"ai21labs", "amazontitan", "anthropic", "cohere", "meta", "mistral"}
	similarities = []string{"cosine", "dot_product", "l2_norm"}
)

// block is one object of a request from which settings are taken one by one. What
// remains is unknown.
type block struct {
	scope  string
	values map[string]any
	faults *violations
	newer  bool // the texts of 9.2 and newer
}

func (s *Server) block(scope string, values map[string]any, faults *violations) block {
	return block{scope: scope, values: values, faults: faults, newer: s.release.hasNewerTexts()}
}

// take removes a setting; JSON null counts as absent.
func (b block) take(name string) (any, bool) {
	value, ok := b.values[name]
	delete(b.values, name)
	return value, ok && value != nil
}

func (b block) wrongType(name string, value any, want string) {
	b.faults.add("field [%s] is not of the expected type. The value [%s] cannot be converted to a [%s]", name, esrest.JavaText(value), want)
}

func (b block) missing(name string) {
	b.faults.add("[%s] does not contain the required setting [%s]", b.scope, name)
}

// text takes a text that is not empty.
func (b block) text(name string) (string, bool) {
	value, ok := b.take(name)
	if !ok {
		return "", false
	}
	text, isText := value.(string)
	switch {
	case !isText:
		b.wrongType(name, value, "String")
	case text == "":
		b.faults.add("[%s] Invalid value empty string. [%s] must be a non-empty string", b.scope, name)
	}
	return text, true
}

func (b block) requiredText(name string) string {
	text, given := b.text(name)
	if !given {
		b.missing(name)
	}
	return text
}

func (b block) choice(name string, required bool, choices []string) string {
	faults := len(*b.faults)
	text, given := b.text(name)
	switch {
	case !given && required:
		b.missing(name)
		return ""
	case !given || len(*b.faults) > faults:
		return ""
	}
	found := strings.ToLower(strings.TrimSpace(text))
	if !slices.Contains(choices, found) {
		b.faults.add("[%s] Invalid value [%s] received. [%s] must be one of [%s]", b.scope, text, name, strings.Join(slices.Sorted(slices.Values(choices)), ", "))
		return ""
	}
	return found
}

// integer takes a JSON integer that fits an int; it returns nil if it is absent or
// wrong.
func (b block) integer(name string) any {
	value, ok := b.take(name)
	if !ok {
		return nil
	}
	number, isNumber := value.(json.Number)
	if !isNumber || esrest.IsDouble(number) {
		b.wrongType(name, value, "Integer")
		return nil
	}
	parsed, err := number.Int64()
	if err != nil || parsed > math.MaxInt32 || parsed < math.MinInt32 {
		b.wrongType(name, value, "Integer")
		return nil
	}
	return parsed
}

func (b block) positive(name string) any {
	value, ok := b.integer(name).(int64)
	if !ok {
		return nil
	}
	if value <= 0 {
		b.faults.add("[%s] Invalid value [%d]. [%s] must be a positive integer", b.scope, value, name)
		return nil
	}
	return value
}

// double takes a number with a decimal point or an exponent, within bounds.
func (b block) double(name string, least, most float64) any {
	value, ok := b.take(name)
	if !ok {
		return nil
	}
	number, isNumber := value.(json.Number)
	if !isNumber || !esrest.IsDouble(number) {
		b.wrongType(name, value, "Double")
		return nil
	}
	parsed, _ := number.Float64() // an infinity is out of bounds
	if !b.within(name, parsed, least, most) {
		return nil
	}
	return json.RawMessage(esrest.JavaDouble(parsed))
}

func (b block) within(name string, value, least, most float64) bool {
	article := "a "
	if b.newer {
		article = ""
	}
	switch {
	case value < least:
		b.faults.add("[%s] Invalid value [%s]. [%s] must be %sgreater than or equal to [%s]", b.scope, esrest.JavaDouble(value), name, article, esrest.JavaDouble(least))
	case value > most:
		b.faults.add("[%s] Invalid value [%s]. [%s] must be %sless than or equal to [%s]", b.scope, esrest.JavaDouble(value), name, article, esrest.JavaDouble(most))
	default:
		return true
	}
	return false
}

// forbidden refuses a setting that only the server may set.
func (b block) forbidden(name string) {
	b.faults.add("[%s] does not allow the setting [%s]", b.scope, name)
}

// unknownSettings returns the error of settings that were not taken.
func unknownSettings(values map[string]any) *esrest.Error {
	if len(values) == 0 {
		return nil
	}
	return esrest.StatusError("Model configuration contains settings [%s] unknown to the [%s] service", esrest.JavaText(values), service)
}

// object takes a member that has to be an object; absent, it is empty.
func object(body map[string]any, name string) (map[string]any, *esrest.Error) {
	value := body[name]
	delete(body, name)
	switch value := value.(type) {
	case nil:
		return map[string]any{}, nil
	case map[string]any:
		return value, nil
	}
	return nil, classCast(value)
}

// parseService reads the service settings as versions before 9.5 do.
func (s *Server) parseService(values map[string]any, made *endpoint) *esrest.Error {
	var faults violations
	settings := s.block("service_settings", values, &faults)
	made.settings.model = settings.requiredText("model")
	made.settings.region = settings.requiredText("region")
	made.settings.provider = settings.choice("provider", true, providers)
	limit, problem := s.parseRateLimit(settings)
	if problem != nil {
		return problem
	}
	made.settings.requestsPerMinute = limit
	if made.taskType == "text_embedding" {
		made.settings.similarity = settings.choice("similarity", false, similarities)
		made.settings.maxInputTokens = settings.positive("max_input_tokens")
		byUser, given := settings.take("dimensions_set_by_user")
		if _, isBool := byUser.(bool); given && !isBool {
			settings.wrongType("dimensions_set_by_user", byUser, "Boolean")
		} else if given {
			settings.forbidden("dimensions_set_by_user")
		}
		if settings.positive("dimensions") != nil {
			settings.forbidden("dimensions")
		}
	}
	return faults.problem()
}

func (s *Server) parseKeys(values map[string]any, made *endpoint) *esrest.Error {
	var faults violations
	settings := s.block("secret_settings", values, &faults)
	if s.release.parsesStrictly() {
		settings.scope = "service_settings"
	}
	made.accessKey = settings.requiredText("access_key")
	made.secretKey = settings.requiredText("secret_key")
	return faults.problem()
}

// parseRateLimit refuses unknown settings at once, and names the service
// differently.
func (s *Server) parseRateLimit(settings block) (any, *esrest.Error) {
	value, ok := settings.take("rate_limit")
	if !ok {
		return defaultRequestsPerMinute, nil
	}
	values, isObject := value.(map[string]any)
	if !isObject {
		return nil, classCast(value)
	}
	limit := s.block("rate_limit", values, settings.faults)
	given, ok := limit.take("requests_per_minute")
	if len(values) > 0 {
		return nil, esrest.StatusError("Model configuration contains settings [%s] unknown to the [amazon_bedrock] service", esrest.JavaText(values))
	}
	if !ok {
		return defaultRequestsPerMinute, nil
	}
	number, isNumber := given.(json.Number)
	parsed, err := number.Int64()
	switch {
	case !isNumber || err != nil:
		settings.faults.add("field [requests_per_minute] is not of one of the expected types. The value [%s] cannot be converted to one of [Integer, Long]", esrest.JavaText(given))
	case parsed <= 0:
		settings.faults.add("[rate_limit] Invalid value [%d]. [requests_per_minute] must be a positive long", parsed)
	}
	return parsed, nil
}

func (s *Server) parseTask(values map[string]any, made *endpoint) *esrest.Error {
	var faults violations
	made.task = s.takeTask(s.block("task_settings", values, &faults), made.taskType)
	return faults.problem()
}

// takeTask takes the settings of the task type.
func (s *Server) takeTask(settings block, taskType string) map[string]any {
	task := map[string]any{}
	if taskType == "text_embedding" {
		if s.release.hasTruncate() {
			if truncate := settings.choice("truncate", false, []string{"none", "start", "end"}); truncate != "" {
				task["truncate"] = truncate
			}
		}
		return task
	}
	for _, name := range []string{"temperature", "top_p", "top_k"} {
		if value := settings.double(name, 0, 1); value != nil {
			task[name] = value
		}
	}
	if tokens := settings.positive("max_new_tokens"); tokens != nil {
		task["max_new_tokens"] = tokens
	}
	return task
}

// unlimited stands for a bound that does not exist.
const unlimited = math.MaxInt32
