// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest

import (
	"maps"
	"strings"
)

// endpoint is what the server stores. Numbers are kept as they were written.
type endpoint struct {
	id, taskType, service string
	settings              serviceSettings
	task                  map[string]any
	chunking              map[string]any
	// foreign are the settings of another service.
	foreign map[string]any

	accessKey, secretKey string
}

type serviceSettings struct {
	region, model, provider string
	requestsPerMinute       any
	maxInputTokens          any
	similarity              string
	dimensions              int
}

// shown returns an endpoint as answers show it: without keys and unset settings.
func (s *Server) shown(e *endpoint) map[string]any {
	shown := map[string]any{"inference_id": e.id, "task_type": e.taskType, "service": e.service}
	if e.foreign != nil {
		shown["service_settings"] = e.foreign
		return shown
	}
	settings := map[string]any{
		"region": e.settings.region, "model": e.settings.model,
		"provider":   strings.ToUpper(e.settings.provider),
		"rate_limit": map[string]any{"requests_per_minute": e.settings.requestsPerMinute},
	}
	if e.settings.maxInputTokens != nil {
		settings["max_input_tokens"] = e.settings.maxInputTokens
	}
	if e.settings.similarity != "" {
		settings["similarity"] = e.settings.similarity
	}
	if e.settings.dimensions != 0 {
		settings["dimensions"] = e.settings.dimensions
	}
	shown["service_settings"] = settings
	if len(e.task) > 0 || s.release.showsEmptySettings() {
		shown["task_settings"] = maps.Clone(e.task)
	}
	if e.chunking != nil {
		shown["chunking_settings"] = e.chunking
	}
	return shown
}

// defaultEndpoints returns endpoints of other services that every cluster has.
// Their ids begin with a dot, and their settings have other types.
func defaultEndpoints() map[string]*endpoint {
	return map[string]*endpoint{
		".elser-2-elasticsearch": {id: ".elser-2-elasticsearch", taskType: "sparse_embedding", service: "elasticsearch", foreign: map[string]any{
			"num_threads": 1, "model_id": ".elser_model_2", "adaptive_allocations": map[string]any{"enabled": true},
		}},
		".rainbow-sprinkles-elastic": {id: ".rainbow-sprinkles-elastic", taskType: "chat_completion", service: "elastic", foreign: map[string]any{
			"model_id": "rainbow-sprinkles", "rate_limit": map[string]any{"enabled": false}, "provider": map[string]any{"name": "x"}, "dimensions": "none",
		}},
	}
}

// sizes holds the dimensions of models; all others have 1024.
var sizes = map[string]int{
	"amazon.titan-embed-text-v1": 1536,
	"cohere.embed-v4:0":          1536,
}

func dimensionsOf(model string) int {
	for name, size := range sizes {
		if strings.Contains(model, name) {
			return size
		}
	}
	return 1024
}
