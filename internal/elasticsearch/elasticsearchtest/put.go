package elasticsearchtest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
)

var idForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9_\-.]*[a-z0-9])?$`)

// put makes an endpoint, and answers what it made.
func (s *Server) put(w http.ResponseWriter, r *http.Request, taskType, id string) {
	made, problem := s.make(r, taskType, id)
	if problem != nil {
		problem.write(w)
		return
	}
	s.endpoints[id] = made
	write(w, http.StatusOK, made.shown())
}

func (s *Server) make(r *http.Request, taskType, id string) (*endpoint, *problem) {
	if !idForm.MatchString(id) {
		faults := invalid{fmt.Sprintf("Invalid inference_id; '%s' can contain lowercase alphanumeric (a-z and 0-9), hyphens or underscores; must start and end with alphanumeric", id)}
		return nil, faults.as("action_request_validation_exception")
	}
	body, fault := readBody(r)
	if fault != nil {
		return nil, fault
	}
	taskType, fault = s.taskTypeOf(body, taskType)
	if fault != nil {
		return nil, fault
	}
	made, fault := s.parse(body, taskType, id)
	if fault != nil {
		return nil, fault
	}
	// The model is called before the id is looked for.
	if fault := s.tryOut(made); fault != nil {
		return nil, &problem{
			status: http.StatusBadRequest, kind: "status_exception",
			reason: "Could not complete inference endpoint creation as validation call to service threw an exception.", cause: fault,
		}
	}
	if _, taken := s.endpoints[id]; taken {
		return nil, &problem{status: http.StatusBadRequest, kind: "resource_already_exists_exception", reason: fmt.Sprintf("Inference endpoint [%s] already exists", id)}
	}
	return made, nil
}

// taskTypeOf settles the task type between the URL and the body.
func (s *Server) taskTypeOf(body map[string]any, fromURL string) (string, *problem) {
	fromBody, _ := body["task_type"].(string)
	delete(body, "task_type")
	switch {
	case fromURL == "" && fromBody == "":
		return "", refuse("model is missing required setting [task_type]")
	case fromURL == "any" || fromBody == "any":
		return "", refuse("task_type [any] is not valid type for inference")
	case fromURL == "":
		return fromBody, nil
	case fromBody != "" && fromBody != fromURL:
		return "", refuse("Cannot resolve conflicting task_type parameter in the request URL [%s] and the request body [%s]", fromURL, fromBody)
	}
	return fromURL, nil
}

// parse reads the body of a PUT. Only the first block that is wrong is reported.
func (s *Server) parse(body map[string]any, taskType, id string) (*endpoint, *problem) {
	name, ok := body["service"].(string)
	delete(body, "service")
	if !ok {
		return nil, refuse("Inference endpoint configuration is missing the [service] setting")
	}
	if name != service || !s.release.hasService() {
		return nil, refuse("Unknown service [%s]", name)
	}
	if body["service_settings"] == nil {
		return nil, refuse("Missing required field [service_settings]")
	}
	if taskType != "text_embedding" && taskType != "completion" && (taskType != "chat_completion" || !s.release.hasChatCompletion()) {
		return nil, refuse("The [%s] service does not support task type [%s]", service, taskType)
	}
	return s.parseSettings(body, &endpoint{id: id, taskType: taskType, service: name})
}

func (s *Server) parseSettings(body map[string]any, made *endpoint) (*endpoint, *problem) {
	settings, fault := object(body, "service_settings")
	if fault != nil {
		return nil, fault
	}
	task, fault := object(body, "task_settings")
	if fault != nil {
		return nil, fault
	}
	for _, step := range []func() *problem{
		func() *problem { return s.parseChunking(body, made) },
		func() *problem { return s.parseService(settings, made) },
		func() *problem { return s.parseTask(task, made) },
		func() *problem { return s.parseSecrets(settings, made) },
		func() *problem { return checkTask(made) },
		func() *problem { return leftover(body) },
		func() *problem { return leftover(settings) },
		func() *problem { return leftover(task) },
	} {
		if fault := step(); fault != nil {
			return nil, fault
		}
	}
	return made, nil
}

// checkTask holds the settings against what the provider can do.
func checkTask(made *endpoint) *problem {
	provider := made.settings.provider
	embeds := provider == "amazontitan" || provider == "cohere"
	samplesTopK := slices.Contains([]string{"anthropic", "cohere", "mistral"}, provider)
	switch {
	case made.taskType == "text_embedding" && !embeds:
		return refuse("The [text_embedding] task type for provider [%s] is not available", provider)
	case made.task["top_k"] != nil && !samplesTopK:
		return refuse("The [top_k] task parameter is not available for provider [%s]", provider)
	case made.task["truncate"] != nil && provider != "cohere":
		return refuse("The [text_embedding] task type for provider [%s] does not allow [truncate] field", provider)
	}
	return nil
}

// tryOut calls the model; the lock is held.
func (s *Server) tryOut(made *endpoint) *problem {
	if s.trial != nil {
		if message := s.trial(made.settings.region, made.settings.model, made.accessKey, made.secretKey); message != "" {
			what := "converse"
			if made.taskType == "text_embedding" {
				what = "invoke model"
			}
			return &problem{status: http.StatusInternalServerError, kind: "exception", reason: fmt.Sprintf("AmazonBedrock %s failure: [%s]", what, message)}
		}
	}
	if made.taskType == "text_embedding" {
		made.settings.dimensions = dimensionsOf(made.settings.model)
		if made.settings.similarity == "" {
			made.settings.similarity = "cosine"
		}
	}
	return nil
}
