package elasticsearchtest

import (
	"fmt"
	"net/http"
	"strings"
)

func (s *Server) delete(w http.ResponseWriter, r *http.Request, taskType, id string) {
	if _, problem := s.find(taskType, id); problem != nil {
		problem.write(w)
		return
	}
	pipelines, indices := list(s.pipelines[id]), []string{}
	if s.release.protectsIndices() {
		indices = list(s.indices[id])
	}
	warning := s.warning(id, pipelines, indices)
	if r.URL.Query().Get("dry_run") == "true" {
		s.deleted(w, false, pipelines, indices, &warning)
		return
	}
	if warning != "" && r.URL.Query().Get("force") != "true" {
		(&problem{status: http.StatusConflict, kind: "status_exception", reason: warning}).write(w)
		return
	}
	delete(s.endpoints, id)
	s.deleted(w, true, []string{}, []string{}, nil)
}

func (s *Server) deleted(w http.ResponseWriter, acknowledged bool, pipelines, indices []string, message *string) {
	answer := map[string]any{"acknowledged": acknowledged, "pipelines": pipelines}
	if s.release.protectsIndices() {
		answer["indexes"] = indices
	}
	if message != nil {
		answer["error_message"] = *message
	}
	write(w, http.StatusOK, answer)
}

func (s *Server) warning(id string, pipelines, indices []string) string {
	const ignore = " or use force to ignore this warning and delete the inference endpoint."
	var warning string
	if len(pipelines) > 0 {
		warning = fmt.Sprintf("Inference endpoint %s is referenced by pipelines: [%s]. Ensure that no pipelines are using this inference endpoint,"+ignore,
			id, strings.Join(pipelines, ", "))
	}
	if len(indices) > 0 {
		warning += fmt.Sprintf(" Inference endpoint %s is being used in the mapping for indexes: [%s]. Ensure that no index mappings are using this inference endpoint,"+ignore,
			id, strings.Join(indices, ", "))
	}
	return warning
}

func list(names []string) []string { return append([]string{}, names...) }
