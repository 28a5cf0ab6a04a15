// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

// settingSkip is the cluster setting that makes servers create endpoints without
// calling their model.
const settingSkip = "xpack.inference.skip_validate_and_start"

// mapping is how an index uses an endpoint. Zero values are not known.
type mapping struct {
	id, taskType, similarity string
	dimensions               string
}

// otherAPI serves what refers to endpoints: indices with semantic_text fields and
// ingest pipelines; and the one cluster setting that matters here.
func (s *Server) otherAPI(w *responseWriter, r *http.Request, body []byte, path []string) {
	object := map[string]any{}
	if len(body) > 0 {
		var problem *esrest.Error
		if object, problem = esrest.ParseObject(body, 100_000); problem != nil {
			w.fail(problem)
			return
		}
	}
	done := map[string]any{"acknowledged": true}
	switch name := path[len(path)-1]; {
	case path[0] == "_cluster" && name == "settings":
		if values, ok := object["persistent"].(map[string]any); ok {
			s.skipsModel = values[settingSkip] == true
		}
		persistent := map[string]any{}
		if s.skipsModel {
			persistent[settingSkip] = "true"
		}
		w.write(http.StatusOK, map[string]any{"persistent": persistent, "transient": map[string]any{}})
	case path[0] == "_ingest" && r.Method == http.MethodGet:
		w.write(http.StatusOK, matching(s.pipelineBodies, name))
	case path[0] == "_ingest" && r.Method == http.MethodPut:
		s.pipelineBodies[name] = object
		w.write(http.StatusOK, done)
	case path[0] == "_ingest":
		delete(s.pipelineBodies, name)
		w.write(http.StatusOK, done)
	case r.Method == http.MethodGet:
		found := map[string]any{}
		for index := range s.mappings {
			found[index] = true
		}
		w.write(http.StatusOK, matching(found, path[0]))
	case r.Method == http.MethodDelete:
		delete(s.mappings, path[0])
		w.write(http.StatusOK, done)
	case len(path) == 1:
		s.mappings[path[0]] = mappingsOf(object)
		w.write(http.StatusOK, done)
	default: // a document
		w.write(http.StatusCreated, map[string]any{"result": "created"})
	}
}

// matching returns the entries whose names match a pattern with a final asterisk.
func matching(entries map[string]any, pattern string) map[string]any {
	prefix, isPattern := strings.CutSuffix(pattern, "*")
	found := map[string]any{}
	for name, entry := range entries {
		if name == pattern || isPattern && strings.HasPrefix(name, prefix) {
			found[name] = entry
		}
	}
	return found
}

// mappingsOf returns the semantic_text fields of the body of a new index.
func mappingsOf(body map[string]any) []mapping {
	mappings, _ := body["mappings"].(map[string]any)
	properties, _ := mappings["properties"].(map[string]any)
	var found []mapping
	for _, property := range properties {
		field, _ := property.(map[string]any)
		if field["type"] != "semantic_text" {
			continue
		}
		settings, _ := field["model_settings"].(map[string]any)
		text := func(value any) string {
			if value == nil {
				return ""
			}
			return esrest.JavaText(value)
		}
		found = append(found, mapping{
			id: text(field["inference_id"]), taskType: text(settings["task_type"]),
			similarity: text(settings["similarity"]), dimensions: text(settings["dimensions"]),
		})
	}
	return found
}

// usedBy returns the pipelines and indices that refer to an endpoint.
func (s *Server) usedBy(id string) (pipelines, indices []string) {
	pipelines, indices = slices.Clone(s.pipelines[id]), slices.Clone(s.indices[id])
	for name, body := range s.pipelineBodies {
		if strings.Contains(string(encode(body)), `"model_id":`+string(encode(id))) {
			pipelines = append(pipelines, name)
		}
	}
	for index, mappings := range s.mappings {
		if slices.ContainsFunc(mappings, func(m mapping) bool { return m.id == id }) {
			indices = append(indices, index)
		}
	}
	slices.Sort(pipelines)
	slices.Sort(indices)
	return append([]string{}, pipelines...), append([]string{}, indices...)
}

// checkMappings refuses an endpoint that the mappings of indices do not fit.
func (s *Server) checkMappings(made *endpoint) *esrest.Error {
	if !s.release.checksMappings() {
		return nil
	}
	var indices []string
	for index, mappings := range s.mappings {
		for _, m := range mappings {
			settings := made.settings
			differs := m.taskType != "" && m.taskType != made.taskType ||
				m.similarity != "" && settings.similarity != "" && m.similarity != settings.similarity ||
				m.dimensions != "" && settings.dimensions != 0 && m.dimensions != esrest.JavaText(settings.dimensions)
			if m.id == made.id && differs {
				indices = append(indices, index)
			}
		}
	}
	if len(indices) == 0 {
		return nil
	}
	slices.Sort(indices)
	return esrest.StatusError("Inference endpoint [%s] could not be created because the inference_id is being used in mappings with incompatible settings for indices: [%s]. "+
		"Please either use a different inference_id or update the index mappings to refer to a different inference_id.", made.id, strings.Join(indices, ", "))
}
