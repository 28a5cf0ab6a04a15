package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// operations returns the operations of TestFaultMatrix, which are the columns of its table.
func operations() []operation {
	rotated := func(l *lab) object { return l.endpoint(l.second, 240) }
	rotatedInPlace := func(l *lab) object { return with(rotated(l), "credentials_rotation", "in_place") }
	return []operation{
		{
			name: "create", doing: `create inference endpoint "e"`, request: toPath(http.MethodPut, "/text_embedding/e"),
			prepare: func(*lab) {}, do: applyConfig(func(l *lab) object { return l.endpoint(l.first, 240) }), again: applyAgain,
			onServer: serverIDs, inState: stateID, before: facts{"", ""}, after: facts{"e", "e"}, goal: facts{"e", "e"},
		},
		{
			name: "read", doing: `read inference endpoint "e"`, request: toPath(http.MethodGet, "/_inference/e"),
			prepare: func(l *lab) { made(240)(l); l.drift(99) },
			do: func(ctx context.Context, l *lab, arm func()) []*tfprotov6.Diagnostic {
				refreshing := l.w.session(ctx)
				arm()
				return refreshing.refresh()
			}, again: applyAgain,
			onServer: serverLimit, inState: stateLimit, before: facts{"99", "240"}, after: facts{"99", "99"}, goal: facts{"240", "240"},
		},
		{
			name: "update", doing: `update inference endpoint "e"`, request: toPath(http.MethodPut, "/_update"),
			prepare: made(240), do: applyConfig(func(l *lab) object { return l.endpoint(l.first, 9) }), again: applyAgain,
			onServer: serverLimit, inState: stateLimit, before: facts{"240", "240"}, after: facts{"9", "9"}, goal: facts{"9", "9"},
		},
		{
			name: "rotate", doing: `create inference endpoint "e"`, request: toPath(http.MethodPut, "/text_embedding/e"),
			prepare: made(240), do: applyConfig(rotated), again: applyAgain,
			onServer: serverKeys, inState: stateKeys, before: facts{"first", "first"}, after: facts{"second", "second"}, goal: facts{"second", "second"},
		},
		{
			name: "rotate in place", doing: `update inference endpoint "e"`, request: toPath(http.MethodPut, "/_update"),
			prepare: func(l *lab) { l.applyGood(with(l.endpoint(l.first, 240), "credentials_rotation", "in_place")) },
			do:      applyConfig(rotatedInPlace), again: applyAgain,
			onServer: serverKeys, inState: stateKeys, before: facts{"first", "first"}, after: facts{"second", "second"}, goal: facts{"second", "second"},
		},
		{
			name: "delete", doing: `delete inference endpoint "e"`, request: method(http.MethodDelete, "/text_embedding/e"),
			prepare: made(240), do: applyConfig(func(*lab) object { return nil }), again: applyAgain,
			onServer: serverIDs, inState: stateID, before: facts{"e", "e"}, after: facts{"", ""}, goal: facts{"", ""},
		},
		{
			name: "list", doing: `list the inference endpoints`, request: toPath(http.MethodGet, "/_all"),
			prepare: made(240), do: readListing, again: func(ctx context.Context, l *lab) []*tfprotov6.Diagnostic { return readListing(ctx, l, func() {}) },
			onServer: serverIDs, inState: found, before: facts{"e", ""}, after: facts{"e", "1 endpoints"}, goal: facts{"e", "1 endpoints"},
		},
		{
			name: "run", doing: `run inference endpoint "e"`, request: toPath(http.MethodPost, "/text_embedding/e"),
			prepare: made(240), do: runModel, again: func(ctx context.Context, l *lab) []*tfprotov6.Diagnostic {
				l.server.Forget()
				return runModel(ctx, l, func() {})
			},
			onServer: asked, inState: found, before: facts{"0", ""}, after: facts{"1", "1 embeddings"}, goal: facts{"1", "1 embeddings"},
		},
		{
			name: "references", doing: `read what uses inference endpoint "e"`, request: method(http.MethodDelete, "dry_run=true"),
			prepare: func(l *lab) { made(240)(l); l.server.Use("e", []string{"ingest-docs"}, nil) },
			do:      planDestroy, again: func(ctx context.Context, l *lab) []*tfprotov6.Diagnostic {
				found := planDestroy(ctx, l, func() {})
				l.w.config = l.endpoint(l.first, 240)
				return found
			},
			onServer: serverIDs, inState: found, before: facts{"e", ""}, after: facts{"e", "ingest-docs"}, goal: facts{"e", "ingest-docs"},
		},
	}
}

// readListing reads data.inference_endpoints.
func readListing(ctx context.Context, l *lab, arm func()) []*tfprotov6.Diagnostic {
	value, found := l.readData(ctx, arm, manyEndpointsShape.name, object{})
	l.read = count(value, "endpoints")
	return found
}

// runModel reads data.inference_text_embedding.
func runModel(ctx context.Context, l *lab, arm func()) []*tfprotov6.Diagnostic {
	config := object{"inference_id": "e", "input": []any{"x"}}
	if l.fault.hurried {
		config["timeouts"] = object{"read": "6s"}
	}
	value, found := l.readData(ctx, arm, textEmbeddingShape.name, config)
	l.read = count(value, "embeddings")
	return found
}

// readData reads a data source, and calls arm before the read.
func (l *lab) readData(ctx context.Context, arm func(), name string, config object) (tftypes.Value, []*tfprotov6.Diagnostic) {
	l.t.Helper()
	s := l.w.session(ctx)
	arm()
	typ := s.schema.DataSourceSchemas[name].ValueType()
	encoded, err := tfprotov6.NewDynamicValue(typ, valueOf(l.t, typ, config))
	if err != nil {
		l.t.Fatal(err)
	}
	resp, err := s.server.ReadDataSource(s.ctx, &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: &encoded}) //nolint:contextcheck // it is ctx with a logger
	found := s.tell(resp.Diagnostics, err)
	if resp.State == nil || len(errorsOf(found)) > 0 {
		return tftypes.NewValue(typ, nil), found
	}
	value, err := resp.State.Unmarshal(typ)
	if err != nil {
		l.t.Fatal(err)
	}
	l.w.seen.add(value.String())
	return value, found
}

// count returns the number of elements in a list of a data source, as text.
func count(value tftypes.Value, name string) string {
	var elements []tftypes.Value
	if value.IsNull() || attributesOf(value)[name].As(&elements) != nil {
		return ""
	}
	return fmt.Sprintf("%d %s", len(elements), name)
}

var namedPipeline = regexp.MustCompile(`ingest-docs`)

// planDestroy plans to destroy the endpoint without applying the plan.
func planDestroy(ctx context.Context, l *lab, arm func()) []*tfprotov6.Diagnostic {
	l.w.config = nil
	planning := l.w.session(ctx)
	found := planning.refresh()
	arm()
	planned, more := planning.plan()
	if found = append(found, more...); !planned.deletes {
		l.t.Errorf("the plan does not destroy the endpoint: %s", told(found))
	}
	l.read = strings.Join(namedPipeline.FindAllString(told(found), 1), "")
	return found
}
