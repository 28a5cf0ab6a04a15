// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// FuzzState checks that any endpoint that a server returns can be written to the state, and
// that the state has the same endpoint.
func FuzzState(f *testing.F) {
	for _, seed := range []string{
		`{"inference_id":"x","task_type":"text_embedding","service":"amazonbedrock","service_settings":{"region":"r","model":"m","provider":"AMAZONTITAN","rate_limit":{"requests_per_minute":240},"dimensions":1024,"similarity":"cosine","max_input_tokens":5},"chunking_settings":{"strategy":"word","max_chunk_size":250,"overlap":0}}`,
		`{"inference_id":"x","task_type":"completion","service":"amazonbedrock","service_settings":{"model":"m","provider":"META"},"task_settings":{"temperature":0.5,"top_p":1.0,"top_k":1e300,"max_new_tokens":9}}`,
		`{"inference_id":"x","service_settings":{"rate_limit":{"requests_per_minute":-9223372036854775808},"dimensions":-1},"chunking_settings":{"strategy":"recursive","separators":["a",""]}}`,
		`{"inference_id":"","chunking_settings":{"strategy":"none","max_chunk_size":7,"sentence_overlap":3,"separator_group":"markdown"},"task_settings":{}}`,
		`{}`, `null`, `[]`, ``,
	} {
		f.Add([]byte(seed))
	}
	ctx := context.Background()
	schema := endpointSchema(ctx)
	empty := tftypes.NewValue(schema.Type().TerraformType(ctx), nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		endpoint, err := inference.ParseEndpoint(body)
		if err != nil {
			return
		}
		_ = newEndpointDataModel(endpoint, "target")
		model := newEndpointModel(endpoint.InferenceID)
		model.setFromAPI(endpoint, "target")
		state := tfsdk.State{Schema: schema, Raw: empty}
		if diags := state.Set(ctx, model); diags.HasError() {
			t.Fatalf("%s cannot be written to the state: %v", body, diags)
		}
		var read endpointModel
		if diags := state.Get(ctx, &read); diags.HasError() {
			t.Fatalf("%s cannot be read from the state: %v", body, diags)
		}
		if differences := backend.Differences(endpoint, read.endpoint()); len(differences) > 0 && isUsual(endpoint) {
			t.Errorf("%s: got %+v, which differs in %v", body, read.endpoint(), differences)
		}
	})
}

// isUsual reports whether a server can have the endpoint, that is, whether its provider is
// known. Endpoints with chunking are excluded, because a state has only the settings of the
// strategy.
func isUsual(endpoint inference.Endpoint) bool {
	_, known := inference.ParseProvider(string(endpoint.ServiceSettings.Provider))
	return known && endpoint.Chunking == nil
}
