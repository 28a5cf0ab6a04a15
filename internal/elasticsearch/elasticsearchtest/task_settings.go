package elasticsearchtest

import "math"

func (s *Server) parseTask(values map[string]any, made *endpoint) *problem {
	var faults invalid
	made.task = s.takeTask(s.block("task_settings", values, &faults), made.taskType)
	return faults.problem()
}

// takeTask takes what the task type has; the rest is left over.
func (s *Server) takeTask(settings block, taskType string) map[string]any {
	task := map[string]any{}
	if taskType == "text_embedding" {
		if s.release.hasTruncate() {
			if truncate := settings.choice("truncate", false, "none", "start", "end"); truncate != "" {
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

// unlimited is for bounds that are none.
const unlimited = math.MaxInt32
