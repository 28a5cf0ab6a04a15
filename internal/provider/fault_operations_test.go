// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// operations returns the operations of TestFaultMatrix, which are the columns of its table.
func operations() []operation {
	rotated := func(env *faultEnv) object { return env.endpoint(env.secondKeys, 240) }
	rotatedInPlace := func(env *faultEnv) object { return with(rotated(env), "credentials_rotation", "in_place") }
	return []operation{
		{
			name: "create", activity: `create inference endpoint "e"`, request: toPath(http.MethodPut, "/text_embedding/e"),
			prepare: func(*faultEnv) {}, run: applyConfig(func(env *faultEnv) object { return env.endpoint(env.firstKeys, 240) }), repeat: applyAgain,
			onServer: serverIDs, inState: stateID, before: observedValue{"", ""}, after: observedValue{"e", "e"}, goal: observedValue{"e", "e"},
		},
		{
			name: "read", activity: `read inference endpoint "e"`, along: "read the version of Elasticsearch", request: toPath(http.MethodGet, "/_inference/e"),
			prepare: func(env *faultEnv) { createEndpoint(240)(env); env.drift(99) },
			run: func(ctx context.Context, env *faultEnv, arm func()) []*tfprotov6.Diagnostic {
				return env.runner().refresh(ctx, arm)
			}, repeat: applyAgain,
			onServer: serverLimit, inState: stateLimit, before: observedValue{"99", "240"}, after: observedValue{"99", "99"}, goal: observedValue{"240", "240"},
		},
		{
			name: "update", activity: `update inference endpoint "e"`, request: toPath(http.MethodPut, "/_update"),
			prepare: createEndpoint(240), run: applyConfig(func(env *faultEnv) object { return env.endpoint(env.firstKeys, 9) }), repeat: applyAgain,
			onServer: serverLimit, inState: stateLimit, before: observedValue{"240", "240"}, after: observedValue{"9", "9"}, goal: observedValue{"9", "9"},
		},
		{
			name: "rotate", activity: `create inference endpoint "e"`, request: toPath(http.MethodPut, "/text_embedding/e"),
			prepare: createEndpoint(240), run: applyConfig(rotated), repeat: applyAgain,
			onServer: serverKeys, inState: stateKeys, before: observedValue{"first", "first"}, after: observedValue{"second", "second"}, goal: observedValue{"second", "second"},
		},
		{
			name: "rotate in place", activity: `update inference endpoint "e"`, request: toPath(http.MethodPut, "/_update"),
			prepare: func(env *faultEnv) {
				env.mustApply(with(env.endpoint(env.firstKeys, 240), "credentials_rotation", "in_place"))
			},
			run: applyConfig(rotatedInPlace), repeat: applyAgain,
			onServer: serverKeys, inState: stateKeys, before: observedValue{"first", "first"}, after: observedValue{"second", "second"}, goal: observedValue{"second", "second"},
		},
		{
			name: "delete", activity: `delete inference endpoint "e"`, request: method(http.MethodDelete, "/text_embedding/e"),
			prepare: createEndpoint(240), run: applyConfig(func(*faultEnv) object { return nil }), repeat: applyAgain,
			onServer: serverIDs, inState: stateID, before: observedValue{"e", "e"}, after: observedValue{"", ""}, goal: observedValue{"", ""},
		},
		{
			name: "list", activity: `list the inference endpoints`, request: toPath(http.MethodGet, "/_all"),
			prepare: createEndpoint(240), run: readListing, repeat: func(ctx context.Context, env *faultEnv) []*tfprotov6.Diagnostic {
				return readListing(ctx, env, func() {})
			},
			onServer: serverIDs, inState: readResult, before: observedValue{"e", ""}, after: observedValue{"e", "1 endpoints"}, goal: observedValue{"e", "1 endpoints"},
		},
		{
			name: "run", activity: `run inference endpoint "e"`, request: toPath(http.MethodPost, "/text_embedding/e"),
			prepare: createEndpoint(240), run: runModel, repeat: func(ctx context.Context, env *faultEnv) []*tfprotov6.Diagnostic {
				env.server.Forget()
				return runModel(ctx, env, func() {})
			},
			onServer: modelCalls, inState: readResult, before: observedValue{"0", ""}, after: observedValue{"1", "1 embeddings"}, goal: observedValue{"1", "1 embeddings"},
		},
		{
			name: "references", activity: `read what uses inference endpoint "e"`, request: method(http.MethodDelete, "dry_run=true"),
			prepare: func(env *faultEnv) { createEndpoint(240)(env); env.server.Use("e", []string{"ingest-docs"}, nil) },
			run:     planDestroy, repeat: func(ctx context.Context, env *faultEnv) []*tfprotov6.Diagnostic {
				return planDestroy(ctx, env, func() {})
			},
			onServer: serverIDs, inState: readResult, before: observedValue{"e", ""}, after: observedValue{"e", "ingest-docs"}, goal: observedValue{"e", "ingest-docs"},
		},
	}
}

// readListing reads data.inference_endpoints.
func readListing(ctx context.Context, env *faultEnv, arm func()) []*tfprotov6.Diagnostic {
	return env.readData(ctx, arm, endpointsDataSource.name, object{}, "endpoints")
}

// runModel reads data.inference_text_embedding.
func runModel(ctx context.Context, env *faultEnv, arm func()) []*tfprotov6.Diagnostic {
	config := object{"inference_id": "e", "input": []any{"x"}}
	if env.hasShortTimeouts() {
		config["timeouts"] = object{"read": "3s"}
	}
	return env.readData(ctx, arm, textEmbeddingDataSource.name, config, "embeddings")
}

// readData reads a data source. The result is the number of elements of one of its lists.
func (env *faultEnv) readData(ctx context.Context, arm func(), name string, config object, list string) []*tfprotov6.Diagnostic {
	env.t.Helper()
	size, found := env.runner().readData(ctx, arm, name, config, list)
	env.result = ""
	if size != "" {
		env.result = size + " " + list
	}
	return found
}

var namedPipeline = regexp.MustCompile(`ingest-docs`)

// planDestroy plans to destroy the endpoint without applying the plan.
func planDestroy(ctx context.Context, env *faultEnv, arm func()) []*tfprotov6.Diagnostic {
	found := env.runner().planDestroy(ctx, arm)
	env.result = strings.Join(namedPipeline.FindAllString(diagnosticsText(found), 1), "")
	return found
}
