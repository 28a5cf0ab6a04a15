package elasticsearchtest

import "encoding/json"

const defaultRequestsPerMinute = 240

func (s *Server) block(scope string, values map[string]any, faults *invalid) block {
	return block{scope: scope, values: values, faults: faults, newly: s.release.wordsNewly()}
}

func (s *Server) parseService(values map[string]any, made *endpoint) *problem {
	var faults invalid
	settings := s.block("service_settings", values, &faults)
	made.settings.model = settings.requiredText("model")
	made.settings.region = settings.requiredText("region")
	made.settings.provider = settings.choice("provider", true, "ai21labs", "amazontitan", "anthropic", "cohere", "meta", "mistral")
	limit, problem := s.parseRateLimit(settings)
	if problem != nil {
		return problem
	}
	made.settings.requestsPerMinute = limit
	if made.taskType == "text_embedding" {
		made.settings.similarity = settings.choice("similarity", false, "cosine", "dot_product", "l2_norm")
		made.settings.maxInputTokens = settings.positive("max_input_tokens")
		settings.forbid("dimensions")
		settings.forbid("dimensions_set_by_user")
	}
	return faults.problem()
}

func (s *Server) parseSecrets(values map[string]any, made *endpoint) *problem {
	var faults invalid
	settings := s.block("secret_settings", values, &faults)
	if s.release.updatesStrictly() {
		settings.scope = "service_settings"
	}
	made.accessKey = settings.requiredText("access_key")
	made.secretKey = settings.requiredText("secret_key")
	return faults.problem()
}

// parseRateLimit refuses unknown settings at once, and under another name of
// the service.
func (s *Server) parseRateLimit(settings block) (any, *problem) {
	value, ok := settings.take("rate_limit")
	if !ok {
		return defaultRequestsPerMinute, nil
	}
	values, isObject := value.(map[string]any)
	if !isObject {
		return nil, &problem{status: 500, kind: "class_cast_exception", reason: "rate_limit is not an object"}
	}
	limit := s.block("rate_limit", values, settings.faults)
	given, ok := limit.take("requests_per_minute")
	if len(values) > 0 {
		return nil, refuse("Model configuration contains settings [%s] unknown to the [amazon_bedrock] service", javaMap(values))
	}
	if !ok {
		return defaultRequestsPerMinute, nil
	}
	number, isNumber := given.(json.Number)
	parsed, err := number.Int64()
	switch {
	case !isNumber || err != nil:
		settings.faults.add("field [requests_per_minute] is not of one of the expected types. The value [%s] cannot be converted to one of [Integer, Long]", javaMap(given))
	case parsed <= 0:
		settings.faults.add("[rate_limit] Invalid value [%d]. [requests_per_minute] must be a positive long", parsed)
	}
	return parsed, nil
}
