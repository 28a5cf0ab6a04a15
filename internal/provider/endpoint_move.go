// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// The resource of the elasticstack provider whose state can be moved
// (github.com/elastic/terraform-provider-elasticstack).
const (
	elasticstackType     = "elasticstack_elasticsearch_inference_endpoint"
	elasticstackProvider = "/elastic/elasticstack"
)

// MoveState converts endpoints of the elasticstack provider. Of the keys it keeps
// only the digest, so that the plan compares them with those of the configuration.
func (r *endpointResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if req.SourceTypeName != elasticstackType || !strings.HasSuffix(req.SourceProviderAddress, elasticstackProvider) || req.SourceRawState == nil {
			return
		}
		endpoint, keys, err := parseElasticstackState(req.SourceRawState.JSON)
		if err != nil {
			resp.Diagnostics.AddError("Invalid elasticstack state", err.Error()+" Import the endpoint instead, and remove the old resource from the state with \"terraform state rm\".")
			return
		}
		if endpoint.Service != inference.Service {
			resp.Diagnostics.AddError("Unsupported inference service",
				fmt.Sprintf("Inference endpoint %q has service %q, and this provider manages endpoints of service %q. Keep managing it with elasticstack.", endpoint.InferenceID, endpoint.Service, inference.Service))
			return
		}
		state := newEndpointModel(endpoint.InferenceID)
		state.setFromAPI(endpoint, "")
		state.Target = types.StringNull() // the next refresh sets it
		resp.Diagnostics.Append(resp.TargetState.Set(ctx, state)...)
		resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, endpointIdentity{state.InferenceID})...)
		if keys.IsZero() {
			resp.Diagnostics.Append(storeNoDigest(ctx, resp.TargetPrivate)...)
			return
		}
		resp.Diagnostics.Append(storeKeysDigest(ctx, resp.TargetPrivate, keys)...)
	}}}
}

// parseElasticstackState reads a state whose settings are JSON texts in the form
// of the _inference API, with the keys in service_settings. Errors never contain
// those texts: they may hold keys.
func parseElasticstackState(state []byte) (inference.Endpoint, inference.Keys, error) {
	var attributes struct {
		InferenceID      string `json:"inference_id"`
		TaskType         string `json:"task_type"`
		Service          string `json:"service"`
		ServiceSettings  string `json:"service_settings"`
		TaskSettings     string `json:"task_settings"`
		ChunkingSettings string `json:"chunking_settings"`
	}
	if err := json.Unmarshal(state, &attributes); err != nil {
		return inference.Endpoint{}, inference.Keys{}, errors.New("The state is not the state of an inference endpoint.") //nolint:revive,staticcheck // shown to users as it is
	}
	body := map[string]any{"inference_id": attributes.InferenceID, "task_type": attributes.TaskType, "service": attributes.Service}
	for _, part := range []struct{ name, text string }{
		{"service_settings", attributes.ServiceSettings}, {"task_settings", attributes.TaskSettings}, {"chunking_settings", attributes.ChunkingSettings},
	} {
		var settings map[string]json.RawMessage
		if part.text != "" && json.Unmarshal([]byte(part.text), &settings) != nil {
			return inference.Endpoint{}, inference.Keys{}, invalidElasticstackSettings(part.name)
		}
		if settings != nil {
			body[part.name] = settings
		}
	}
	var keys struct {
		AccessKey string `json:"access_key"`
		SecretKey string `json:"secret_key"`
	}
	if attributes.ServiceSettings != "" && json.Unmarshal([]byte(attributes.ServiceSettings), &keys) != nil {
		return inference.Endpoint{}, inference.Keys{}, invalidElasticstackSettings("service_settings")
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return inference.Endpoint{}, inference.Keys{}, err
	}
	endpoint, err := inference.ParseEndpoint(encoded)
	if err != nil {
		return inference.Endpoint{}, inference.Keys{}, errors.New("Its settings do not have the form that the _inference API gives them.") //nolint:revive,staticcheck // shown to users as it is
	}
	return endpoint, inference.Keys{AccessKey: redact.Secret(keys.AccessKey), SecretKey: redact.Secret(keys.SecretKey)}, nil
}

func invalidElasticstackSettings(name string) error {
	return fmt.Errorf("%s is not a JSON object of such settings.", name) //nolint:revive,staticcheck // shown to users as it is
}
