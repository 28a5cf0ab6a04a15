// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest

import (
	"encoding/json"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

// strictField reads the value of one field of a strict parser. The place of
// errors, [line:column], is that of a copy of the request, and always 1:1 here.
type strictField func(scope, name string, value any) *esrest.Error

// strictObject parses an object as 9.5 and newer do: in the order of a HashMap,
// until the first fault.
func strictObject(scope string, values map[string]any, fields map[string]strictField) *esrest.Error {
	for _, name := range esrest.JavaKeys(values) {
		field, known := fields[name]
		if !known {
			return esrest.ParseError("[1:1] [%s] unknown field [%s]%s", scope, name, esrest.DidYouMean(name, slices.Sorted(maps.Keys(fields))))
		}
		if problem := field(scope, name, values[name]); problem != nil {
			return problem
		}
	}
	return nil
}

func unsupported(scope, name string, value any) *esrest.Error {
	return esrest.ParseError("[1:1] [%s] %s doesn't support values of type: %s", scope, name, tokenName(value))
}

// tokenName returns the name of the first token of a decoded value in the messages
// of Elasticsearch's parser.
func tokenName(value any) esrest.Kind {
	switch value.(type) {
	case string:
		return esrest.KindString
	case json.Number, float64:
		return esrest.KindNumber
	case bool:
		return esrest.KindBool
	case map[string]any:
		return esrest.KindObject
	case []any:
		return esrest.KindArray
	}
	return esrest.KindNull
}

func failedField(scope, name string, cause *esrest.Error) *esrest.Error {
	problem := esrest.ParseError("[1:1] [%s] failed to parse field [%s]", scope, name)
	problem.Cause = cause
	return problem
}

func strictText(target *string) strictField {
	return func(scope, name string, value any) *esrest.Error {
		text, ok := value.(string)
		if !ok {
			return unsupported(scope, name, value)
		}
		*target = text
		return nil
	}
}

func strictChoice(target *string, choices []string) strictField {
	return func(scope, name string, value any) *esrest.Error {
		text, ok := value.(string)
		if !ok {
			return unsupported(scope, name, value)
		}
		*target = strings.ToLower(strings.TrimSpace(text))
		if !slices.Contains(choices, *target) {
			return failedField(scope, name, esrest.IllegalArgument("Invalid value [%s]; expected one of [%s]", text, strings.Join(choices, ", ")))
		}
		return nil
	}
}

// strictInteger reads a number or a text with a number, and drops its fraction.
func strictInteger(target *any, least, most int64, check func(int64) *esrest.Error) strictField {
	return func(scope, name string, value any) *esrest.Error {
		var text string
		switch value := value.(type) {
		case json.Number:
			text = value.String()
		case string:
			text = value
		default:
			return unsupported(scope, name, value)
		}
		if float, err := strconv.ParseFloat(text, 64); err != nil && math.IsInf(float, 0) {
			reason := "For input string: \"" + esrest.JavaDouble(float) + "\""
			if most <= math.MaxInt32 {
				reason = "Value [" + esrest.JavaDouble(float) + "] is out of range for an integer"
			}
			return failedField(scope, name, esrest.IllegalArgument("%s", reason))
		}
		number, ok := new(big.Rat).SetString(text)
		if !ok || strings.ContainsAny(text, "/_xXpP") {
			exception := esrest.TypeIllegalArgument
			if most <= math.MaxInt32 {
				exception = esrest.TypeNumberFormat
			}
			return failedField(scope, name, esrest.New(exception, "For input string: \"%s\"", text))
		}
		whole := new(big.Int).Quo(number.Num(), number.Denom())
		if !whole.IsInt64() || whole.Int64() < least || whole.Int64() > most {
			kind, low, high := "long", int64(math.MinInt64), int64(math.MaxInt64)
			if most <= math.MaxInt32 {
				kind, low, high = "int", math.MinInt32, math.MaxInt32
			}
			return failedField(scope, name, esrest.ParseError("[1:1] Numeric value (%s) out of range of %s (%d - %d)", text, kind, low, high))
		}
		if problem := check(whole.Int64()); problem != nil {
			return failedField(scope, name, problem)
		}
		*target = whole.Int64()
		return nil
	}
}

// strictLimit reads rate_limit. nullable means that null stands for the default.
func strictLimit(target *any, nullable bool) strictField {
	return func(scope, name string, value any) *esrest.Error {
		if value == nil && nullable {
			*target = defaultRequestsPerMinute
			return nil
		}
		values, ok := value.(map[string]any)
		if !ok {
			return unsupported(scope, name, value)
		}
		*target = defaultRequestsPerMinute
		positive := func(limit int64) *esrest.Error {
			if limit > 0 {
				return nil
			}
			problem := esrest.ParseError("Failed to build [rate_limit] after last required field arrived")
			problem.Cause = esrest.IllegalArgument("requests per minute must be positive")
			return problem
		}
		problem := strictObject("rate_limit", values, map[string]strictField{
			"requests_per_minute": strictInteger(target, math.MinInt64, math.MaxInt64, positive),
		})
		if problem != nil {
			return failedField(scope, name, problem)
		}
		return nil
	}
}

func strictTokens(target *any) strictField {
	return strictInteger(target, math.MinInt32, math.MaxInt32, func(tokens int64) *esrest.Error {
		if tokens > 0 {
			return nil
		}
		return esrest.IllegalArgument("[service_settings] Invalid value [%d]. [max_input_tokens] must be a positive integer", tokens)
	})
}

// ignored is a field that another parser reads.
func ignored(scope, name string, value any) *esrest.Error {
	if _, ok := value.(string); !ok {
		return unsupported(scope, name, value)
	}
	return nil
}

// parseStrictly reads the service settings as 9.5 and newer do.
func (s *Server) parseStrictly(values map[string]any, made *endpoint) *esrest.Error {
	settings := &made.settings
	settings.requestsPerMinute = defaultRequestsPerMinute
	var provider string
	fields := map[string]strictField{
		"region": strictText(&settings.region), "model": strictText(&settings.model), "provider": strictText(&provider),
		"rate_limit": strictLimit(&settings.requestsPerMinute, false), "access_key": ignored, "secret_key": ignored,
	}
	if made.taskType == "text_embedding" {
		fields["similarity"] = strictChoice(&settings.similarity, similarities)
		fields["max_input_tokens"] = strictTokens(&settings.maxInputTokens)
	}
	if problem := strictObject("service_settings", values, fields); problem != nil {
		return problem
	}
	for _, setting := range []struct{ name, value string }{{"region", settings.region}, {"model", settings.model}, {"provider", provider}} {
		if _, given := values[setting.name]; !given {
			return esrest.IllegalArgument("[service_settings] does not contain the required setting [%s]", setting.name)
		}
		if setting.value == "" {
			return esrest.IllegalArgument("[service_settings] Invalid value empty string. [%s] must be a non-empty string", setting.name)
		}
	}
	settings.provider = strings.ToLower(strings.TrimSpace(provider))
	if !slices.Contains(providers, settings.provider) {
		return esrest.IllegalArgument("No enum constant org.elasticsearch.xpack.inference.services.amazonbedrock.AmazonBedrockProvider.%s", strings.ToUpper(settings.provider))
	}
	return nil
}

// updateStrictly changes the service settings as 9.5 and newer do.
func (s *Server) updateStrictly(values map[string]any, changed *endpoint) *esrest.Error {
	settings := &changed.settings
	fields := map[string]strictField{"rate_limit": strictLimit(&settings.requestsPerMinute, true)}
	if changed.taskType == "text_embedding" {
		fields["max_input_tokens"] = strictTokens(&settings.maxInputTokens)
	}
	if !s.release.refusesKeys() {
		fields["access_key"], fields["secret_key"] = ignored, ignored
	}
	if problem := strictObject("service_settings", values, fields); problem != nil {
		return problem
	}
	var faults violations
	keys := s.block("service_settings", values, &faults)
	access, hasAccess := keys.text("access_key")
	secret, hasSecret := keys.text("secret_key")
	switch {
	case hasAccess && hasSecret && len(faults) == 0:
		changed.accessKey, changed.secretKey = access, secret
	case hasAccess && !hasSecret:
		faults.add("[service_settings] [access_key] and [secret_key] must be updated together; missing: [secret_key]")
	case hasSecret && !hasAccess:
		faults.add("[service_settings] [access_key] and [secret_key] must be updated together; missing: [access_key]")
	}
	return faults.problem()
}
