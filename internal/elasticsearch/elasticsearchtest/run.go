package elasticsearchtest

import (
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"slices"
)

var runFields = []string{"input", "input_type", "task_settings", "timeout", "query", "return_documents", "top_n"}

func (s *Server) run(w http.ResponseWriter, r *http.Request, taskType, id string) {
	found, problem := s.findToRun(taskType, id)
	if problem != nil {
		problem.write(w)
		return
	}
	inputs, problem := s.inputs(r, found)
	if problem != nil {
		problem.write(w)
		return
	}
	if problem := s.tryOut(found); problem != nil {
		problem.write(w)
		return
	}
	answers := []any{}
	if found.taskType == "text_embedding" {
		for _, input := range inputs {
			answers = append(answers, map[string]any{"embedding": embed(input, found.settings.dimensions)})
		}
		write(w, http.StatusOK, map[string]any{"text_embedding": answers})
		return
	}
	// All inputs are one conversation, and get one answer.
	answers = append(answers, map[string]any{"result": fmt.Sprintf("%s says: %s", found.settings.model, inputs[len(inputs)-1])})
	write(w, http.StatusOK, map[string]any{"completion": answers})
}

func (s *Server) findToRun(taskType, id string) (*endpoint, *problem) {
	found, ok := s.endpoints[id]
	if !ok {
		return nil, missingEndpoint(id)
	}
	if taskType != "" && taskType != found.taskType {
		return nil, refuse("Incompatible task_type, the requested type [%s] does not match the model type [%s]", taskType, found.taskType)
	}
	return found, nil
}

func (s *Server) inputs(r *http.Request, found *endpoint) ([]string, *problem) {
	body, parsing := readBody(r)
	if parsing != nil {
		return nil, parsing
	}
	for _, name := range slices.Sorted(maps.Keys(body)) {
		if !slices.Contains(runFields, name) || (name == "input_type" && !s.release.in2025()) {
			return nil, &problem{status: http.StatusBadRequest, kind: "x_content_parse_exception", reason: "[1:1] [" + s.release.runParser() + "] unknown field [" + name + "]"}
		}
	}
	var faults invalid
	var inputs []string
	switch input := body["input"].(type) {
	case nil:
		faults.add("Field [input] cannot be null")
	case string:
		inputs = []string{input}
	case []any:
		for _, one := range input {
			inputs = append(inputs, fmt.Sprint(one))
		}
		if len(inputs) == 0 {
			faults.add("Field [input] cannot be an empty array")
		}
	}
	if body["input_type"] != nil && found.taskType != "text_embedding" && s.release.checksRequestType() {
		faults.add("Field [input_type] cannot be specified for task type [%s]", found.taskType)
	}
	if problem := faults.as("action_request_validation_exception"); problem != nil {
		return nil, problem
	}
	if found.settings.provider == "amazontitan" && found.taskType == "text_embedding" && len(inputs) > 1 {
		// The server logs it and lets the caller wait for the timeout.
		return nil, &problem{status: http.StatusRequestTimeout, kind: "status_exception", reason: "Request timed out after [30s]"}
	}
	values, _ := body["task_settings"].(map[string]any)
	var wrong invalid
	s.takeTask(s.block("task_settings", values, &wrong), found.taskType) // what else it holds is passed over
	return inputs, wrong.problem()
}

// embed makes a vector that hangs on nothing but the text.
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
