package api

import (
	"context"
	"encoding/json"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

type endpointsBody struct {
	Endpoints []json.RawMessage `json:"endpoints"`
}

// get answers one endpoint, those of a task type, or all.
func (h *Handler) get(ctx context.Context, call *call) (any, error) {
	found, err := h.lookUp(ctx, call)
	if err != nil {
		return nil, err
	}
	body := endpointsBody{Endpoints: []json.RawMessage{}}
	for _, endpoint := range found {
		shown, err := endpoint.EndpointJSON()
		if err != nil {
			return nil, err
		}
		body.Endpoints = append(body.Endpoints, shown)
	}
	return body, nil
}

// lookUp takes "*" for "_all"; other patterns are ids to Elasticsearch.
func (h *Handler) lookUp(ctx context.Context, call *call) ([]inference.Endpoint, error) {
	if call.id != "" && call.id != "_all" && call.id != "*" {
		endpoint, err := h.find(ctx, call)
		return []inference.Endpoint{endpoint}, err
	}
	all, err := h.target.List(ctx)
	if err != nil || call.taskType == "" || call.taskType == anyTask {
		return all, err
	}
	var found []inference.Endpoint
	for _, endpoint := range all {
		if string(endpoint.TaskType) == call.taskType {
			found = append(found, endpoint)
		}
	}
	return found, nil
}

// find is the endpoint that the path names, of the task type that it names.
func (h *Handler) find(ctx context.Context, call *call) (inference.Endpoint, error) {
	endpoint, err := h.byID(ctx, call.id)
	if err == nil && call.taskType != "" && call.taskType != anyTask && call.taskType != string(endpoint.TaskType) {
		return endpoint, refuse("Requested task type [%s] does not match the inference endpoint's task type [%s]", call.taskType, endpoint.TaskType)
	}
	return endpoint, err
}

func (h *Handler) byID(ctx context.Context, id string) (inference.Endpoint, error) {
	endpoint, err := h.target.Get(ctx, id)
	if backend.Is(err, backend.NotFound) {
		return endpoint, missing(id)
	}
	return endpoint, err
}
