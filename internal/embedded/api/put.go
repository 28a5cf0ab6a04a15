package api

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// put makes an endpoint, and answers what it made.
func (h *Handler) put(ctx context.Context, call *call) (any, error) {
	if fault := checkID(call.id); fault != nil {
		return nil, fault
	}
	body, err := call.requiredBody()
	if err != nil {
		return nil, err
	}
	config, err := readEndpoint(body, call)
	if err != nil {
		return nil, err
	}
	timeout, err := call.timeout("", config.TaskType.Or(""))
	if err != nil {
		return nil, err
	}
	endpoint, keys := config.Endpoint(), keysOf(config)
	made, err := within(ctx, timeout, func(ctx context.Context) (inference.Endpoint, error) {
		return h.target.Create(ctx, endpoint, keys)
	})
	if err != nil {
		return nil, notCreated(endpoint, err)
	}
	return shown(made)
}

func checkID(id string) error {
	found := inference.Config{InferenceID: validation.Given(id)}.Validate().Errors()
	if len(found) == 0 {
		return nil
	}
	return invalid(kindRequest, "Invalid inference_id; '"+id+"' can contain lowercase alphanumeric (a-z and 0-9), hyphens or underscores; must start and end with alphanumeric")
}

// readEndpoint reads the body of a PUT in the order of Elasticsearch, which says
// no more than the first thing that is wrong.
func readEndpoint(body map[string]any, call *call) (inference.Config, error) {
	s := &settings{}
	task, err := taskTypeOf(body, call)
	if err != nil {
		return s.config, err
	}
	service, ok := body["service"].(string)
	switch {
	case !ok:
		return s.config, refuse("Inference endpoint configuration is missing the [service] setting")
	case service != inference.Service:
		return s.config, refuse("Unknown service [%s]", service)
	case body[scopeService] == nil:
		return s.config, refuse("Missing required field [%s]", scopeService)
	case !slices.Contains(embedded.Capabilities().TaskTypes, task):
		return s.config, refuse("The [%s] service does not support task type [%s]", service, task)
	}
	if s, err = readBlocks(body); err != nil {
		return inference.Config{}, err
	}
	s.config.InferenceID, s.config.TaskType, s.config.Service = validation.Given(call.id), validation.Given(task), validation.Given(service)
	s.readService(task)
	s.readTask(task)
	for _, name := range []string{"service", "task_type", scopeService, scopeTask} {
		delete(s.left, name)
	}
	if task == inference.TextEmbedding {
		s.readChunking()
		delete(s.left, scopeChunking)
	}
	return s.config, s.judge(append(s.config.Validate(), embedded.Capabilities().Check(s.config)...), task)
}

// taskTypeOf settles the task type between the URL and the body.
func taskTypeOf(body map[string]any, call *call) (inference.TaskType, error) {
	fromBody, _ := body["task_type"].(string)
	switch {
	case call.taskType == "" && fromBody == "":
		return "", refuse("model is missing required setting [task_type]")
	case call.taskType == anyTask || fromBody == anyTask:
		return "", refuse("task_type [%s] is not valid type for inference", anyTask)
	case call.taskType == "":
		if fault := checkTaskType(fromBody); fault != nil {
			return "", fault
		}
		return inference.TaskType(fromBody), nil
	case fromBody != "" && fromBody != call.taskType:
		return "", refuse("Cannot resolve conflicting task_type parameter in the request URL [%s] and the request body [%s]", call.taskType, fromBody)
	}
	return inference.TaskType(call.taskType), nil
}

func keysOf(config inference.Config) inference.Keys {
	return inference.Keys{AccessKey: config.ServiceSettings.AccessKey.Or(""), SecretKey: config.ServiceSettings.SecretKey.Or("")}
}

func shown(endpoint inference.Endpoint) (any, error) {
	encoded, err := endpoint.EndpointJSON()
	return json.RawMessage(encoded), err
}

// notCreated is the answer where the model did not prove the endpoint.
func notCreated(endpoint inference.Endpoint, err error) error {
	if backend.Is(err, backend.AlreadyExists) {
		return exists(endpoint.InferenceID)
	}
	return unproven("Could not complete inference endpoint creation as validation call to service threw an exception.", endpoint, err)
}
