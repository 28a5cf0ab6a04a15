// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

func (s *Server) run(r *request) (any, *esrest.Error) {
	inputs, settings, problem := s.readRun(r)
	if problem != nil {
		return nil, problem
	}
	found, problem := s.findToRun(r)
	if problem != nil {
		return nil, problem
	}
	if problem := s.checkRun(r, found, inputs, settings); problem != nil {
		return nil, problem
	}
	if problem := s.callModel(found); problem != nil {
		return nil, problem
	}
	answers := []any{}
	if found.taskType == "text_embedding" {
		for _, input := range inputs {
			answers = append(answers, map[string]any{"embedding": embed(input, found.settings.dimensions)})
		}
		return map[string]any{"text_embedding": answers}, nil
	}
	// All inputs are one conversation, and get one answer.
	answers = append(answers, map[string]any{"result": fmt.Sprintf("%s says: %s", found.settings.model, inputs[len(inputs)-1])})
	return map[string]any{"completion": answers}, nil
}

func (s *Server) findToRun(r *request) (*endpoint, *esrest.Error) {
	found, ok := s.endpoints[r.id]
	if !ok {
		return nil, missingEndpoint(r.id)
	}
	if r.taskType != "" && r.taskType != found.taskType {
		return nil, esrest.StatusError("Incompatible task_type, the requested type [%s] does not match the model type [%s]", r.taskType, found.taskType)
	}
	return found, nil
}

// readRun reads the body of a run. Its parser refuses unknown fields and null.
func (s *Server) readRun(r *request) (inputs []string, settings map[string]any, problem *esrest.Error) {
	body, problem := r.object()
	if problem != nil {
		return nil, nil, problem
	}
	parser := s.release.runParser()
	for _, name := range esrest.JavaKeys(body) {
		switch {
		case !slices.Contains(s.release.runFields(), name):
			return nil, nil, esrest.ParseError("[1:1] [%s] unknown field [%s]", parser, name)
		case body[name] == nil:
			return nil, nil, esrest.ParseError("[1:1] [%s] %s doesn't support values of type: VALUE_NULL", parser, name)
		}
	}
	settings, _ = body["task_settings"].(map[string]any)
	switch input := body["input"].(type) {
	case nil:
		return nil, settings, (&violations{"Field [input] cannot be null"}).as(esrest.TypeRequestValidation)
	case []any:
		for _, one := range input {
			inputs = append(inputs, esrest.JavaText(one))
		}
	default:
		inputs = []string{esrest.JavaText(input)}
	}
	if len(inputs) == 0 {
		return nil, settings, (&violations{"Field [input] cannot be an empty array"}).as(esrest.TypeRequestValidation)
	}
	if task := r.taskType; body["input_type"] != nil && task != "" && task != "text_embedding" && s.release.checksRequestType() {
		return nil, settings, (&violations{"Field [input_type] cannot be specified for task type [" + task + "]"}).as(esrest.TypeRequestValidation)
	}
	return inputs, settings, nil
}

func (s *Server) checkRun(_ *request, found *endpoint, inputs []string, settings map[string]any) *esrest.Error {
	if found.settings.provider == "amazontitan" && found.taskType == "text_embedding" && len(inputs) > 1 {
		// The server logs it and lets the caller wait until the timeout.
		return &esrest.Error{Status: http.StatusRequestTimeout, Type: esrest.TypeStatus, Reason: "Request timed out after [30s]"}
	}
	var faults violations
	s.takeTask(s.block("task_settings", settings, &faults), found.taskType) // other settings are ignored
	return faults.problem()
}

// embed returns a vector that depends on the text only.
func embed(text string, size int) []float32 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(text))
	state := hash.Sum64()
	vector := make([]float32, size)
	for i := range vector {
		state = state*6364136223846793005 + 1442695040888963407 // Knuth's generator
		vector[i] = float32(state>>40)/float32(1<<23) - 1
	}
	return vector
}
