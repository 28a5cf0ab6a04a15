// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest

import (
	"maps"
	"net/http"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

// update changes an endpoint as a whole or not at all.
func (s *Server) update(r *request) (any, *esrest.Error) {
	body, problem := r.object()
	if problem != nil {
		return nil, problem
	}
	if s.release.cannotForwardUpdates() {
		return nil, brokenForward()
	}
	if !s.release.parsesStrictly() {
		if problem := checkID(r.id); problem != nil {
			return nil, problem
		}
	}
	update, problem := s.readUpdate(body)
	if problem != nil {
		return nil, problem
	}
	stored, ok := s.endpoints[r.id]
	if !ok {
		return nil, missingEndpoint(r.id)
	}
	if (r.taskType != "" && r.taskType != stored.taskType) || (update.taskType != "" && update.taskType != stored.taskType) {
		return nil, esrest.StatusError("Task type must match the task type of the existing endpoint")
	}
	changed := *stored
	changed.task = maps.Clone(stored.task)
	problem = firstProblem(
		func() *esrest.Error { return s.updateService(update.service, &changed) },
		func() *esrest.Error { return s.updateTask(update.task, &changed) },
		func() *esrest.Error { return s.updateChunking(update.chunking, &changed) },
		func() *esrest.Error {
			if !s.release.triesUpdates() || s.skipsModel {
				return nil
			}
			return s.callModel(&changed)
		},
	)
	if problem != nil {
		return nil, problem
	}
	s.endpoints[r.id] = &changed
	return s.shown(&changed), nil
}

// updateBody is the body of an update. Blocks that are not given are nil.
type updateBody struct {
	taskType                string
	service, task, chunking map[string]any
}

func (s *Server) readUpdate(body map[string]any) (updateBody, *esrest.Error) {
	var update updateBody
	if len(body) == 0 {
		return update, esrest.StatusError("Request body is empty")
	}
	rest := maps.Clone(body)
	blocks := []struct {
		name, older string
		target      *map[string]any
	}{{"service_settings", "service settings", &update.service}, {"task_settings", "task settings", &update.task}}
	if s.release.parsesStrictly() {
		blocks = append(blocks, struct {
			name, older string
			target      *map[string]any
		}{"chunking_settings", "", &update.chunking})
	}
	for _, block := range blocks {
		value, given := rest[block.name]
		delete(rest, block.name)
		if !given {
			continue
		}
		values, ok := value.(map[string]any)
		if !ok {
			name := block.older
			if s.release.parsesStrictly() {
				name = "[" + block.name + "]"
			}
			return update, esrest.StatusError("Unable to parse %s in the request [%s]", name, esrest.JavaText(body))
		}
		*block.target = values
	}
	update.taskType, _ = rest["task_type"].(string)
	delete(rest, "task_type")
	if len(rest) > 0 {
		return update, esrest.StatusError("Request contained fields which cannot be updated, remove these fields and try again [%s]", esrest.JavaText(rest))
	}
	return update, nil
}

func (s *Server) updateService(values map[string]any, changed *endpoint) *esrest.Error {
	if values == nil {
		return nil
	}
	if s.release.parsesStrictly() {
		return s.updateStrictly(values, changed)
	}
	// The keys are required as soon as there are service settings. Unknown settings
	// are ignored.
	var faults violations
	settings := s.block("secret_settings", values, &faults)
	access, secret := settings.requiredText("access_key"), settings.requiredText("secret_key")
	if s.release.updatesLimits() {
		settings.scope = "service_settings"
		if problem := s.updateLimits(settings, changed); problem != nil {
			return problem
		}
	}
	if problem := faults.problem(); problem != nil {
		return problem
	}
	changed.accessKey, changed.secretKey = access, secret
	return nil
}

// updateLimits changes the limits as 9.4 does.
func (s *Server) updateLimits(settings block, changed *endpoint) *esrest.Error {
	if _, given := settings.values["rate_limit"]; given {
		limit, problem := s.parseRateLimit(settings)
		if problem != nil {
			return problem
		}
		changed.settings.requestsPerMinute = limit
	}
	if tokens := settings.positive("max_input_tokens"); tokens != nil && changed.taskType == "text_embedding" {
		changed.settings.maxInputTokens = tokens
	}
	return nil
}

// updateTask merges task settings; a setting cannot be removed.
func (s *Server) updateTask(values map[string]any, changed *endpoint) *esrest.Error {
	if values == nil {
		return nil
	}
	var faults violations
	settings := s.block("task_settings", values, &faults)
	maps.Copy(changed.task, s.takeTask(settings, changed.taskType))
	if problem := faults.problem(); problem != nil {
		return problem
	}
	if s.release.parsesStrictly() {
		if problem := unknownSettings(settings.values); problem != nil {
			return problem
		}
	}
	return checkProvider(changed)
}

func (s *Server) updateChunking(values map[string]any, changed *endpoint) *esrest.Error {
	if s.release.dropsChunking() {
		if changed.taskType == "text_embedding" {
			changed.chunking = formerChunking()
		}
		return nil
	}
	if values == nil {
		return nil
	}
	chunking, problem := s.chunking(values)
	if problem != nil {
		return problem
	}
	changed.chunking = chunking
	return nil
}

// brokenForward returns the answer of a cluster of several nodes to an update
// before 8.18, whose request is written in one order and read in another.
func brokenForward() *esrest.Error {
	return &esrest.Error{Status: http.StatusInternalServerError, Type: esrest.TypeException, Reason: "Unknown TaskType ordinal [39]"}
}
