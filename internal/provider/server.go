// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/fastpath"
)

const endpointType = "inference_endpoint"

// Option configures a provider server.
type Option func(*inferenceProvider)

// NewServer returns a constructor of the provider server: the plugin framework,
// and the fast path for endpoints unless the environment switches it off.
func NewServer(version string, options ...Option) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		p := &inferenceProvider{version: version, now: time.Now}
		for _, option := range options {
			option(p)
		}
		framework, ok := providerserver.NewProtocol6(p)().(fastpath.FrameworkServer)
		if !ok {
			panic(fmt.Sprintf("the plugin framework does not serve %T", framework))
		}
		framework = stateUpgrader{framework}
		if !fastpath.Enabled() {
			return framework
		}
		server, err := fastpath.NewServer(fastpath.ReleaseContexts(framework), fastpath.Resource{
			TypeName:          endpointType,
			Schema:            endpointSchema(context.Background()),
			IdentityAttribute: "inference_id",
			UpgradeJSON:       addID,
			Operations:        func() fastpath.Operations { return endpointOperations{&endpointResource{data: p.data.Load()}} },
		})
		if err != nil { // a test checks that the schema is supported
			return framework
		}
		return server
	}
}

// endpointOperations runs the operations of an endpoint on the fast path.
type endpointOperations struct{ resource *endpointResource }

func (endpointOperations) Valid(config fastpath.Values) bool {
	return len(endpointModelOf(config).validate()) == 0
}

func (o endpointOperations) Read(ctx context.Context, state fastpath.Values, private fastpath.PrivateState) (fastpath.ReadResult, diag.Diagnostics) {
	model := endpointModelOf(state)
	return o.resource.read(ctx, &model, private)
}

func (o endpointOperations) Plan(ctx context.Context, plan *fastpath.Plan) {
	p := endpointPlan{config: endpointModelOf(plan.Config), plan: endpointModelOf(plan.Planned), private: plan.Private}
	if plan.Prior != nil {
		prior := endpointModelOf(plan.Prior)
		p.prior = &prior
	}
	o.resource.planEndpoint(ctx, &p)
	plan.Planned, plan.RequiresReplace, plan.Diagnostics = p.plan.values(), p.replaces, p.diags
}

func (o endpointOperations) PlanDestroy(ctx context.Context, prior fastpath.Values, private fastpath.PrivateState) diag.Diagnostics {
	return o.resource.planDestroy(ctx, endpointModelOf(prior), private)
}

// stateUpgrader adds the id to states of provider versions without this attribute,
// so that they plan no change. The version of the schema stays the same: states of a
// lower version cannot be shown ("terraform show") before they are applied, and
// older versions of the provider could not read those of a higher one.
type stateUpgrader struct{ fastpath.FrameworkServer }

// UpgradeResourceState passes the state on with its id.
func (s stateUpgrader) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	if req.TypeName == endpointType && req.RawState != nil && len(req.RawState.JSON) > 0 {
		upgraded := *req
		state := *req.RawState
		state.JSON = addID(state.JSON)
		upgraded.RawState = &state
		req = &upgraded
	}
	return s.FrameworkServer.UpgradeResourceState(ctx, req)
}

// addID adds the id to the JSON of a state, and leaves all other values as they are
// written. It returns what is not an object, or has no inference_id, unchanged.
func addID(state []byte) []byte {
	if bytes.Contains(state, []byte(`"id":`)) { // a string would have its quotation marks escaped
		return state
	}
	var attributes map[string]json.RawMessage
	if json.Unmarshal(state, &attributes) != nil || attributes["inference_id"] == nil {
		return state
	}
	attributes["id"] = attributes["inference_id"]
	upgraded, err := json.Marshal(attributes)
	if err != nil {
		return state
	}
	return upgraded
}
