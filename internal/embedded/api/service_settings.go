// SPDX-License-Identifier: MPL-2.0

package api

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// From 9.5 on, Elasticsearch reads service_settings with a strict parser that
// stops at the first fault. It reads a copy of them that it has written from a
// hash map, so that lines, columns and the order of faults are those of the copy.

// readService reads the service settings of a new endpoint.
func (s *settings) readService(task inference.TaskType) {
	texts := map[string]string{}
	fields := []esrest.ObjectField{s.rateLimitField(esrest.KindObject)}
	for _, name := range []string{"region", "model", "provider", "access_key", "secret_key"} {
		fields = append(fields, textField(name, texts))
	}
	if task == inference.TextEmbedding {
		fields = append(fields, s.similarityField(), s.maxInputTokensField())
	}
	if s.serviceProblem = s.parseService(fields); s.serviceProblem != nil {
		return
	}
	service := &s.config.ServiceSettings
	for _, one := range []struct {
		name string
		to   *validation.Setting[string]
	}{{"region", &service.Region}, {"model", &service.Model}, {"provider", &service.Provider}} {
		switch text, given := texts[one.name]; {
		case !given:
			s.serviceProblem = esrest.IllegalArgument("%s", missingSetting(scopeService, one.name))
			return
		case text == "":
			s.serviceProblem = esrest.IllegalArgument("%s", emptyText(scopeService, one.name))
			return
		default:
			*one.to = validation.Given(text)
		}
	}
	provider, known := inference.ParseProvider(strings.ToUpper(texts["provider"]))
	if !known {
		s.serviceProblem = esrest.IllegalArgument("No enum constant org.elasticsearch.xpack.inference.services.amazonbedrock.AmazonBedrockProvider.%s",
			strings.ToUpper(strings.TrimSpace(texts["provider"])))
		return
	}
	service.Provider = validation.Given(string(provider))
	s.takeKeys(texts)
}

// readServiceUpdate reads the service settings that can be changed. Others are
// unknown to the parser.
func (s *settings) readServiceUpdate(task inference.TaskType) {
	texts := map[string]string{}
	fields := []esrest.ObjectField{s.rateLimitField(esrest.KindObject, esrest.KindNull), textField("access_key", texts), textField("secret_key", texts)}
	if task == inference.TextEmbedding {
		fields = append(fields, s.maxInputTokensField())
	}
	s.serviceProblem = s.parseService(fields)
	s.takeKeys(texts)
}

func (s *settings) takeKeys(texts map[string]string) {
	if key, given := texts["access_key"]; given {
		s.config.ServiceSettings.AccessKey = validation.Given(redact.Secret(key))
	}
	if key, given := texts["secret_key"]; given {
		s.config.ServiceSettings.SecretKey = validation.Given(redact.Secret(key))
	}
}

func textField(name string, texts map[string]string) esrest.ObjectField {
	return esrest.ObjectField{Name: name, Kinds: textKinds, Read: func(value esrest.Value) *esrest.Failure {
		texts[name] = value.Text
		return nil
	}}
}

var numberKinds = []esrest.Kind{esrest.KindNumber, esrest.KindString}

func (s *settings) maxInputTokensField() esrest.ObjectField {
	return esrest.ObjectField{Name: "max_input_tokens", Kinds: numberKinds, Read: func(value esrest.Value) *esrest.Failure {
		tokens, failure := esrest.ReadInt(value)
		if failure != nil {
			return failure
		}
		if tokens <= 0 {
			return esrest.Fail(value.Start, esrest.IllegalArgument("%s", notPositive(scopeService, "max_input_tokens", strconv.FormatInt(tokens, 10))))
		}
		s.config.ServiceSettings.MaxInputTokens = validation.Given(tokens)
		return nil
	}}
}

func (s *settings) similarityField() esrest.ObjectField {
	return esrest.ObjectField{Name: "similarity", Kinds: textKinds, Read: func(value esrest.Value) *esrest.Failure {
		text := strings.ToLower(strings.TrimSpace(value.Text))
		if !slices.Contains(inference.Similarities(), text) {
			return esrest.Fail(value.Start, esrest.IllegalArgument("Invalid value [%s]; expected one of [%s]", value.Text, choices("similarity")))
		}
		s.config.ServiceSettings.Similarity = validation.Given(text)
		return nil
	}}
}

// rateLimitField reads the rate limit. Null and an empty object stand for the
// default.
func (s *settings) rateLimitField(kinds ...esrest.Kind) esrest.ObjectField {
	return esrest.ObjectField{Name: scopeRate, Kinds: kinds, Read: func(value esrest.Value) *esrest.Failure {
		limit := int64(inference.DefaultRequestsPerMinute)
		if value.Kind == esrest.KindObject {
			parser := esrest.ObjectParser{Name: scopeRate, Fields: []esrest.ObjectField{{
				Name: "requests_per_minute", Kinds: numberKinds,
				Read: func(value esrest.Value) (failure *esrest.Failure) {
					if limit, failure = esrest.ReadLong(value); failure != nil || limit > 0 {
						return failure
					}
					return esrest.Fail(value.Start, esrest.ParseError("Failed to build [%s] after last required field arrived", scopeRate).
						WithCause(esrest.TypeIllegalArgument, "requests per minute must be positive"))
				},
			}}}
			if failure := parser.Parse(value); failure != nil {
				return failure
			}
		}
		s.config.ServiceSettings.RequestsPerMinute = validation.Given(limit)
		return nil
	}}
}

// parseService parses the copy of the service settings.
func (s *settings) parseService(fields []esrest.ObjectField) *esrest.Error {
	if s.service.Kind != esrest.KindObject {
		return nil
	}
	var copied bytes.Buffer
	writeJava(&copied, s.service)
	value, problem := esrest.ParseValue(copied.Bytes(), maxValues)
	if problem != nil {
		return problem
	}
	if failure := (esrest.ObjectParser{Name: scopeService, Fields: fields}).Parse(value); failure != nil {
		return failure.Problem
	}
	return nil
}

// writeJava writes a value as Elasticsearch writes a map of Java.
func writeJava(out *bytes.Buffer, value esrest.Value) {
	switch value.Kind {
	case esrest.KindObject:
		names := make([]string, len(value.Fields))
		for i, field := range value.Fields {
			names[i] = field.Name
		}
		out.WriteByte('{')
		for i, name := range esrest.JavaOrder(names) {
			if i > 0 {
				out.WriteByte(',')
			}
			member, _ := value.Field(name)
			writeJava(out, esrest.Value{Kind: esrest.KindString, Text: name})
			out.WriteByte(':')
			writeJava(out, member)
		}
		out.WriteByte('}')
	case esrest.KindArray:
		out.WriteByte('[')
		for i, item := range value.Items {
			if i > 0 {
				out.WriteByte(',')
			}
			writeJava(out, item)
		}
		out.WriteByte(']')
	case esrest.KindNumber:
		number := json.Number(value.Text)
		text := esrest.JavaText(number)
		if double, _ := number.Float64(); math.IsInf(double, 0) {
			text = `"` + text + `"`
		}
		out.WriteString(text)
	default:
		encoded, _ := esrest.Encode(value.Any())
		out.Write(encoded)
	}
}
