package elasticsearchtest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

func (s *Server) update(w http.ResponseWriter, r *http.Request, taskType, id string) {
	changed, problem := s.change(r, taskType, id)
	if problem != nil {
		problem.write(w)
		return
	}
	s.endpoints[id] = changed
	write(w, http.StatusOK, changed.shown())
}

// change is the endpoint after the update, which is stored whole or not at all.
func (s *Server) change(r *http.Request, taskType, id string) (*endpoint, *problem) {
	body, problem := readBody(r)
	if problem != nil {
		return nil, problem
	}
	if s.release.cannotForwardUpdates() {
		return nil, brokenForward()
	}
	if len(body) == 0 {
		return nil, refuse("Request body is empty")
	}
	stored, ok := s.endpoints[id]
	if !ok {
		return nil, missingEndpoint(id)
	}
	if named, _ := body["task_type"].(string); (taskType != "" && taskType != stored.taskType) || (named != "" && named != stored.taskType) {
		return nil, refuse("Task type must match the task type of the existing endpoint")
	}
	delete(body, "task_type")
	changed := *stored
	changed.task = maps.Clone(stored.task)
	service, task, chunking := body["service_settings"], body["task_settings"], body["chunking_settings"]
	delete(body, "service_settings")
	delete(body, "task_settings")
	if s.release.updatesStrictly() {
		delete(body, "chunking_settings")
	}
	if len(body) > 0 {
		return nil, refuse("Request contained fields which cannot be updated, remove these fields and try again [%s]", javaMap(body))
	}
	if problem := s.changeService(service, &changed); problem != nil {
		return nil, problem
	}
	if problem := s.changeTask(task, &changed); problem != nil {
		return nil, problem
	}
	if problem := s.changeChunking(chunking, &changed); problem != nil {
		return nil, problem
	}
	if s.release.triesUpdates() {
		if problem := s.tryOut(&changed); problem != nil {
			return nil, problem
		}
	}
	return &changed, nil
}

func (s *Server) changeService(given any, changed *endpoint) *problem {
	if given == nil {
		return nil
	}
	values, ok := given.(map[string]any)
	if !ok {
		return refuse("Unable to parse service settings in the request [%s]", javaMap(given))
	}
	if s.release.updatesStrictly() {
		return s.changeStrictly(values, changed)
	}
	// The pair is demanded as soon as there are service settings; what is not
	// known is passed over.
	var faults invalid
	settings := s.block("secret_settings", values, &faults)
	access, secret := settings.requiredText("access_key"), settings.requiredText("secret_key")
	if s.release.updatesLimits() {
		settings.scope = "service_settings"
		if problem := s.changeLimits(settings, changed); problem != nil {
			return problem
		}
	}
	if problem := faults.problem(); problem != nil {
		return problem
	}
	changed.accessKey, changed.secretKey = access, secret
	return nil
}

func (s *Server) changeLimits(settings block, changed *endpoint) *problem {
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

// changeStrictly knows what may change and refuses the rest.
func (s *Server) changeStrictly(values map[string]any, changed *endpoint) *problem {
	known := []string{"rate_limit"}
	if changed.taskType == "text_embedding" {
		known = append(known, "max_input_tokens")
	}
	if !s.release.refusesKeys() {
		known = append(known, "access_key", "secret_key")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(known, name) {
			return &problem{status: http.StatusBadRequest, kind: "x_content_parse_exception", reason: "[1:1] [service_settings] unknown field [" + name + "]"}
		}
	}
	var faults invalid
	settings := s.block("service_settings", values, &faults)
	if problem := s.changeLimits(settings, changed); problem != nil {
		return problem
	}
	s.changePair(settings, changed)
	return faults.problem()
}

func (s *Server) changePair(settings block, changed *endpoint) {
	var missing []string
	for _, name := range []string{"access_key", "secret_key"} {
		if settings.values[name] == nil {
			missing = append(missing, name)
		}
	}
	switch len(missing) {
	case 0:
		changed.accessKey, changed.secretKey = settings.requiredText("access_key"), settings.requiredText("secret_key")
	case 1:
		settings.faults.add("[service_settings] [access_key] and [secret_key] must be updated together; missing: [%s]", strings.Join(missing, ", "))
	}
}

// changeTask merges: a setting cannot be taken back.
func (s *Server) changeTask(given any, changed *endpoint) *problem {
	if given == nil {
		return nil
	}
	values, ok := given.(map[string]any)
	if !ok {
		return refuse("Unable to parse task settings in the request [%s]", javaMap(given))
	}
	var faults invalid
	settings := s.block("task_settings", values, &faults)
	maps.Copy(changed.task, s.takeTask(settings, changed.taskType))
	if problem := faults.problem(); problem != nil {
		return problem
	}
	if s.release.updatesStrictly() {
		if problem := leftover(settings.values); problem != nil {
			return problem
		}
	}
	return checkTask(changed)
}

func (s *Server) changeChunking(given any, changed *endpoint) *problem {
	if changed.taskType != "text_embedding" {
		return nil
	}
	if s.release.dropsChunking() {
		changed.chunking = formerChunking()
		return nil
	}
	values, ok := given.(map[string]any)
	if !ok {
		return nil
	}
	chunking, problem := s.chunking(values)
	if problem != nil {
		return problem
	}
	changed.chunking = chunking
	return nil
}

// brokenForward is what a cluster of several nodes answers to an _update before
// 8.18, in whose requests the task type is read at the wrong place.
func brokenForward() *problem {
	return &problem{status: http.StatusInternalServerError, kind: "exception", reason: "Unknown TaskType ordinal [39]"}
}
