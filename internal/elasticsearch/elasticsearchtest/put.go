// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

var idForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9_\-.]*[a-z0-9])?$`)

func checkID(id string) *esrest.Error {
	if idForm.MatchString(id) {
		return nil
	}
	return esrest.ValidationError(esrest.TypeRequestValidation,
		fmt.Sprintf("Invalid inference_id; '%s' can contain lowercase alphanumeric (a-z and 0-9), hyphens or underscores; must start and end with alphanumeric", id))
}

// put creates an endpoint.
func (s *Server) put(r *request) (any, *esrest.Error) {
	if problem := checkID(r.id); problem != nil {
		return nil, problem
	}
	body, problem := r.object()
	if problem != nil {
		return nil, problem
	}
	taskType, problem := s.taskTypeOf(body, r.taskType)
	if problem != nil {
		return nil, problem
	}
	made, problem := s.parse(body, taskType, r.id)
	if problem != nil {
		return nil, problem
	}
	if problem := s.checkMappings(made); problem != nil {
		return nil, problem
	}
	// The model is called before the server looks for the id.
	if !s.skipsModel {
		if problem := s.callModel(made); problem != nil {
			failure := esrest.StatusError("Could not complete inference endpoint creation as validation call to service threw an exception.")
			failure.Cause = problem
			return nil, failure
		}
	}
	if _, taken := s.endpoints[r.id]; taken {
		return nil, esrest.New(esrest.TypeAlreadyExists, "Inference endpoint [%s] already exists", r.id)
	}
	s.endpoints[r.id] = made
	return s.shown(made), nil
}

// taskTypeOf determines the task type from the URL and the body.
func (s *Server) taskTypeOf(body map[string]any, fromURL string) (string, *esrest.Error) {
	fromBody, _ := body["task_type"].(string)
	delete(body, "task_type")
	switch {
	case fromURL == "" && fromBody == "":
		return "", esrest.StatusError("model is missing required setting [task_type]")
	case fromURL == "any" || fromBody == "any":
		return "", esrest.StatusError("task_type [any] is not valid type for inference")
	case fromURL == "":
		return fromBody, nil
	case fromBody != "" && fromBody != fromURL:
		return "", esrest.StatusError("Cannot resolve conflicting task_type parameter in the request URL [%s] and the request body [%s]", fromURL, fromBody)
	}
	return fromURL, nil
}

// parse reads the body of a create.
func (s *Server) parse(body map[string]any, taskType, id string) (*endpoint, *esrest.Error) {
	name, ok := body["service"].(string)
	delete(body, "service")
	if !ok {
		return nil, esrest.StatusError("Inference endpoint configuration is missing the [service] setting")
	}
	if name != service || !s.release.hasService() {
		return nil, esrest.StatusError("Unknown service [%s]", name)
	}
	if body["service_settings"] == nil {
		return nil, esrest.StatusError("Missing required field [service_settings]")
	}
	made := &endpoint{id: id, taskType: taskType, service: name}
	settings, problem := object(body, "service_settings")
	if problem != nil {
		return nil, problem
	}
	task, problem := object(body, "task_settings")
	if problem != nil {
		return nil, problem
	}
	if s.release.parsesStrictly() {
		return made, firstProblem(
			func() *esrest.Error { return s.parseChunking(body, made) },
			func() *esrest.Error { return s.checkTaskType(taskType) },
			func() *esrest.Error { return s.parseStrictly(settings, made) },
			func() *esrest.Error { return s.parseTask(task, made) },
			func() *esrest.Error { return s.parseKeys(settings, made) },
			func() *esrest.Error { return checkProvider(made) },
			func() *esrest.Error { return unknownSettings(body) },
			func() *esrest.Error { return unknownSettings(task) },
		)
	}
	return made, firstProblem(
		func() *esrest.Error { return s.parseChunking(body, made) },
		func() *esrest.Error { return s.checkTaskType(taskType) },
		func() *esrest.Error { return s.parseService(settings, made) },
		func() *esrest.Error { return s.parseTask(task, made) },
		func() *esrest.Error { return s.parseKeys(settings, made) },
		func() *esrest.Error { return checkProvider(made) },
		func() *esrest.Error { return unknownSettings(body) },
		func() *esrest.Error { return unknownSettings(settings) },
		func() *esrest.Error { return unknownSettings(task) },
	)
}

// firstProblem runs steps until one fails.
func firstProblem(steps ...func() *esrest.Error) *esrest.Error {
	for _, step := range steps {
		if problem := step(); problem != nil {
			return problem
		}
	}
	return nil
}

func (s *Server) checkTaskType(taskType string) *esrest.Error {
	if taskType == "text_embedding" || taskType == "completion" || (taskType == "chat_completion" && s.release.hasChatCompletion()) {
		return nil
	}
	return esrest.StatusError("The [%s] service does not support task type [%s]", service, taskType)
}

// checkProvider checks whether the provider has the task type and the settings.
func checkProvider(made *endpoint) *esrest.Error {
	provider := made.settings.provider
	embeds := provider == "amazontitan" || provider == "cohere"
	samplesTopK := slices.Contains([]string{"anthropic", "cohere", "mistral"}, provider)
	switch {
	case made.taskType == "text_embedding" && !embeds:
		return esrest.StatusError("The [text_embedding] task type for provider [%s] is not available", provider)
	case made.task["top_k"] != nil && !samplesTopK:
		return esrest.StatusError("The [top_k] task parameter is not available for provider [%s]", provider)
	case made.task["truncate"] != nil && provider != "cohere":
		return esrest.StatusError("The [text_embedding] task type for provider [%s] does not allow [truncate] field", provider)
	}
	return nil
}

// callModel calls the model of an endpoint, and fills in what only it knows.
func (s *Server) callModel(made *endpoint) *esrest.Error {
	if s.trial != nil {
		if message := s.trial(made.settings.region, made.settings.model, made.accessKey, made.secretKey); message != "" {
			what := "converse"
			if made.taskType == "text_embedding" {
				what = "invoke model"
			}
			return &esrest.Error{Status: http.StatusInternalServerError, Type: esrest.TypeException, Reason: fmt.Sprintf("AmazonBedrock %s failure: [%s]", what, message)}
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
