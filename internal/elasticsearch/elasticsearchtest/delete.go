// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

func (s *Server) delete(r *request) (any, *esrest.Error) {
	if _, problem := s.find(r.taskType, r.id); problem != nil {
		return nil, problem
	}
	pipelines, indices := s.usedBy(r.id)
	if !s.release.protectsIndices() {
		indices = nil
	}
	warning := s.warning(r.id, pipelines, indices)
	if r.dry {
		answer := s.deletion(false, pipelines, indices)
		if s.release.protectsIndices() {
			answer["error_message"] = warning
		}
		return answer, nil
	}
	if warning != "" && !r.force {
		return nil, &esrest.Error{Status: http.StatusConflict, Type: esrest.TypeStatus, Reason: warning}
	}
	delete(s.endpoints, r.id)
	return s.deletion(true, []string{}, []string{}), nil
}

func (s *Server) deletion(acknowledged bool, pipelines, indices []string) map[string]any {
	answer := map[string]any{"acknowledged": acknowledged, "pipelines": pipelines}
	if s.release.protectsIndices() {
		answer["indexes"] = indices
	}
	return answer
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
