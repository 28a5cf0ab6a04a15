// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
)

// comparedServer is a server that responds with the framework, and compares each response
// with that of the fast path.
type comparedServer struct {
	tfprotov6.ProviderServer
	t                   testing.TB
	framework, fastPath tfprotov6.ProviderServer
	config              string // name of the configuration, for messages
	// answered counts the calls that the fast path answers, and leftToFramework those that it
	// leaves to the framework, by kind.
	answered, leftToFramework map[string]int
}

func newCompared(tb testing.TB) *comparedServer {
	tb.Helper()
	whole, err := factories["inference"]()
	if err != nil {
		tb.Fatal(err)
	}
	framework, fastPath, ok := provider.SplitServer(whole)
	if !ok {
		tb.Skip("the fast path is disabled")
	}
	return &comparedServer{whole, tb, framework, fastPath, "", map[string]int{}, map[string]int{}}
}

func (c *comparedServer) protocol() protocol {
	c.t.Helper()
	schema, err := providerSchema()
	if err != nil {
		c.t.Fatal(err)
	}
	return protocol{server: c, schema: schema}
}

// compareCall makes a call with the framework and with the fast path.
func compareCall[Request, Response any](ctx context.Context, c *comparedServer, kind string, req Request,
	framework, fastPath func(context.Context, Request) (Response, error),
) (Response, error) {
	c.t.Helper()
	want, err := framework(ctx, req)
	if err != nil {
		c.t.Fatal(err)
	}
	got, err := fastPath(ctx, req)
	switch {
	case errors.Is(err, provider.ErrLeftToFramework):
		c.leftToFramework[kind]++
	case err != nil:
		c.t.Errorf("%s: %s: %v", c.config, kind, err)
	case !reflect.DeepEqual(got, want):
		c.t.Errorf("%s: %s: got from the fast path\n%s\nwant as from the framework\n%s", c.config, kind, indentedJSON(got), indentedJSON(want))
		fallthrough
	default:
		c.answered[kind]++
	}
	return want, nil
}

// indentedJSON formats a response for the message of a test.
func indentedJSON(response any) string {
	text, err := json.MarshalIndent(response, "", "  ")
	if err != nil {
		return fmt.Sprintf("%+v", response)
	}
	return string(text)
}

func (c *comparedServer) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return compareCall(ctx, c, "validate", req, c.framework.ValidateResourceConfig, c.fastPath.ValidateResourceConfig)
}

func (c *comparedServer) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return compareCall(ctx, c, "upgrade", req, c.framework.UpgradeResourceState, c.fastPath.UpgradeResourceState)
}

func (c *comparedServer) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return compareCall(ctx, c, "read", req, c.framework.ReadResource, c.fastPath.ReadResource)
}

func (c *comparedServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return compareCall(ctx, c, "plan", req, withoutDuplicateWarning(c.framework), withoutDuplicateWarning(c.fastPath))
}

// withoutDuplicateWarning returns PlanResourceChange of a server without the warning
// about an endpoint that is planned twice, because this test does that.
func withoutDuplicateWarning(server tfprotov6.ProviderServer) func(context.Context, *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return func(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
		resp, err := server.PlanResourceChange(ctx, req)
		if err != nil {
			return nil, err
		}
		var others []*tfprotov6.Diagnostic
		for _, d := range resp.Diagnostics {
			if d.Summary != "Duplicate inference_id" {
				others = append(others, d)
			}
		}
		resp.Diagnostics = others
		return resp, nil
	}
}

// endpointConfigs returns configurations of endpoints by name: valid ones, those with one
// value that is unknown, missing or an edge value, and invalid ones.
func endpointConfigs(p protocol) map[string]object {
	configs := map[string]object{
		"chunked by words":    with(with(with(validEndpoint(), atStrategy, "word"), atSize, 100), atOverlap, 20),
		"not chunked":         with(validEndpoint(), atStrategy, "none"),
		"digits of a float64": with(validCompletion(), "task_settings", object{"temperature": bigNumber("0.3")}),
		"exact fraction":      with(validCompletion(), "task_settings", object{"temperature": 0.5, "max_new_tokens": 100}),
		"whole float":         with(validCompletion(), "task_settings", object{"top_p": 1.0, "top_k": 0}),
		"without keys":        with(with(validEndpoint(), "service_settings.access_key", nil), "service_settings.secret_key", nil),
		"credentials_version": with(validEndpoint(), "credentials_version", 3),
		"in place":            with(with(validEndpoint(), "credentials_rotation", "in_place"), "force_destroy", true),
		"similarity":          with(with(validEndpoint(), "service_settings.similarity", "l2_norm"), "service_settings.max_input_tokens", 512),
		"timeouts":            with(validEndpoint(), "timeouts", object{"create": "10m", "read": "1m"}),
	}
	for i, config := range configsForEveryAttribute()[endpointResource] {
		configs[fmt.Sprint(i)] = config
		for path, typ := range typesOf(p.schemaFor(endpointResource).Block.Attributes, "") {
			for name, changed := range withUnknownAt(config, path) {
				configs[fmt.Sprint(i, " with unknown ", name)] = changed
				configs[fmt.Sprint(i, " without ", name)] = with(config, path, nil)
				for _, edge := range edgeValues(typ) {
					configs[fmt.Sprint(i, " with ", edge, " at ", name)] = with(config, path, edge)
				}
			}
		}
	}
	for _, row := range slices.Concat(invalidEndpoints(), invalidModels(), invalidTaskSettings(), invalidChunkingSettings(), invalidTimeouts()) {
		if row.block == endpointResource {
			configs["invalid: "+row.name] = row.config
		}
	}
	for _, row := range invalidOnTargets() {
		configs["invalid: "+row.target+", "+row.name] = row.config
	}
	return configs
}

// bigNumber parses a number with the precision of Terraform, which exceeds float64.
func bigNumber(text string) *big.Float {
	number, _, err := big.ParseFloat(text, 10, 512, big.ToNearestEven)
	if err != nil {
		panic(err)
	}
	return number
}

// TestFastPathMatchesFramework checks that the answers of the fast path are equal to
// those of the framework, byte by byte.
func TestFastPathMatchesFramework(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, elasticsearchtest.Newest)
	// The simulator inside the provider would cause a warning in the first of two
	// equal calls.
	simulator := bedrocksim.New()
	t.Cleanup(simulator.Close)
	simulator.Trust("AKIATEST", "secret")
	bedrock := object{"endpoint": simulator.URL(), "access_key": bedrocksim.AccessKey, "secret_key": bedrocksim.SecretKey}
	for name, settings := range map[string]object{
		"embedded":      {"embedded": object{"path": filepath.Join(t.TempDir(), "endpoints.db")}, "bedrock": bedrock},
		"elasticsearch": {"elasticsearch": object{"endpoints": []any{server.URL}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCompared(t)
			for name, config := range endpointConfigs(c.protocol()) {
				c.config = name
				c.applyAndDestroy(settings, config)
			}
			for kind, least := range map[string]int{"validate": 150, "plan": 300, "read": 80, "upgrade": 60} {
				if c.answered[kind] < least {
					t.Errorf("%s: got %d responses of the fast path, want at least %d", kind, c.answered[kind], least)
				}
			}
			t.Logf("counted: %d responses of the fast path, each equal to that of the framework; %d calls are left to the framework", sum(c.answered), sum(c.leftToFramework))
		})
	}
}

// applyAndDestroy validates, plans, applies and destroys an endpoint, as far as its
// configuration is valid.
func (c *comparedServer) applyAndDestroy(settings, config object) {
	c.t.Helper()
	w := newWorkspace(c.t, settings)
	w.config = config
	s := session{c.protocol(), w, c.t.Context()}
	s.configure(c.t, settings)
	faults := errorsOf(s.validate(c.t, resourceBlock, endpointType, config))
	planned, found := s.plan()
	if faults = append(faults, errorsOf(found)...); len(faults) > 0 || !s.configValue().IsFullyKnown() {
		return
	}
	if found := errorsOf(s.applyPlan(planned)); len(found) > 0 {
		c.t.Fatalf("%s: apply fails: %s", c.config, diagnosticsText(found))
	}
	s.upgrade()
	s.refresh()
	if again, found := s.plan(); !again.isEmpty() || len(errorsOf(found)) > 0 {
		c.t.Errorf("%s: got a second plan with changes, want none: %s", c.config, diagnosticsText(found))
	}
	w.config = nil
	destroyPlan, _ := s.plan()
	if found := errorsOf(s.applyPlan(destroyPlan)); len(found) > 0 {
		c.t.Fatalf("%s: destroy fails: %s", c.config, diagnosticsText(found))
	}
}

// damage is a change of the state, configuration or settings before the next plan.
type damage struct {
	state    func(state *stateInstance, with func(name string, value any))
	created  object // the first configuration, validEndpoint() if nil
	config   object
	settings object
	// reads and plans report whether the fast path still answers all of these calls.
	reads, plans bool
}

// TestFastPathOnDamagedState checks that the fast path and the framework respond equally
// to damaged states and to states of other configurations.
func TestFastPathOnDamagedState(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, elasticsearchtest.Newest)
	old, _ := cluster(t, "8.15.0")
	settings := object{"elasticsearch": object{"endpoints": []any{server.URL}}}
	for name, row := range map[string]damage{
		"no damage":          {reads: true, plans: true},
		"unknown settings":   {settings: object{"elasticsearch": object{"endpoints": unknown}}, reads: true, plans: true},
		"unreachable server": {settings: object{"elasticsearch": object{"endpoints": []any{"http://127.0.0.1:1"}, "max_retries": 0}}, reads: true, plans: true},
		"another cluster":    {settings: object{"elasticsearch": object{"endpoints": []any{old.URL}}}, reads: true, plans: true},
		"other keys":         {config: with(validEndpoint(), "service_settings.secret_key", "another"), reads: true, plans: true},
		"other keys, in place": {
			config: with(with(validEndpoint(), "service_settings.secret_key", "another"), "credentials_rotation", "in_place"), reads: true,
		},
		"other keys, not supported by the cluster": {
			config: with(validEndpoint(), "service_settings.secret_key", "another"), settings: object{"elasticsearch": object{"endpoints": []any{old.URL}}}, reads: true, plans: true,
		},
		"another task":  {created: validCompletion(), config: validEndpoint(), reads: true},
		"another limit": {config: with(validEndpoint(), "service_settings.rate_limit", object{"requests_per_minute": 7}), reads: true},
		"deleted endpoint": {config: with(validEndpoint(), "inference_id", "gone"), state: func(state *stateInstance, with func(string, any)) {
			with("inference_id", "gone")
			state.identity = nil
		}, reads: true, plans: true},
		"identity of another endpoint": {state: func(_ *stateInstance, with func(string, any)) { with("inference_id", "gone") }},
		"no identity":                  {state: func(state *stateInstance, _ func(string, any)) { state.identity = nil }, reads: true, plans: true},
		"another target":               {state: func(_ *stateInstance, with func(string, any)) { with("target", "elasticsearch:other") }, reads: true, plans: true},
		"no private data":              {state: func(state *stateInstance, _ func(string, any)) { state.private = nil }, reads: true, plans: true},
		"foreign private data":         {state: func(state *stateInstance, _ func(string, any)) { state.private = []byte(`{"a":1}`) }, plans: true},
		"private data is null":         {state: func(state *stateInstance, _ func(string, any)) { state.private = []byte(`null`) }, plans: true},
		"private data without text":    {state: func(state *stateInstance, _ func(string, any)) { state.private = []byte(`{"a":"Iv8i"}`) }},
		"a secret in the state, not refreshed": {
			state: func(state *stateInstance, _ func(string, any)) {
				state.value = withAttribute(state.value, "service_settings",
					withAttribute(attributesOf(state.value)["service_settings"], "secret_key", tftypes.NewValue(tftypes.String, "canary")))
			},
			settings: object{"elasticsearch": object{"endpoints": unknown}}, plans: true,
		},
		"foreign identity": {state: func(state *stateInstance, _ func(string, any)) {
			state.identity = &tfprotov6.ResourceIdentityData{IdentityData: &tfprotov6.DynamicValue{MsgPack: []byte{0x81, 0xa1, 'x', 0xa1, 'y'}}}
		}},
		"an import": {state: func(state *stateInstance, with func(string, any)) {
			for _, name := range []string{"target", "target_address", "credentials_source", "service", "service_settings", "chunking_settings", "credentials_revision"} {
				with(name, nil)
			}
			state.private = []byte(`{".import_before_read":"dHJ1ZQ=="}`)
		}, plans: true},
		"no origin": {state: func(_ *stateInstance, with func(string, any)) {
			with("target_address", nil)
			with("credentials_source", nil)
		}, reads: true, plans: true},
		"no revision": {state: func(_ *stateInstance, with func(string, any)) { with("credentials_revision", nil) }, reads: true, plans: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompared(t)
			w := newWorkspace(t, settings)
			w.config = validEndpoint()
			if row.created != nil {
				w.config = row.created
			}
			before := session{c.protocol(), w, t.Context()}
			before.configure(t, settings)
			planned, _ := before.plan()
			if found := errorsOf(before.applyPlan(planned)); len(found) > 0 {
				t.Fatalf("apply fails: %s", diagnosticsText(found))
			}
			created := *w.state
			row.run(t, w, settings)
			w.state, w.config = &created, nil
			destroyPlan, found := before.plan()
			if found = append(found, before.applyPlan(destroyPlan)...); len(errorsOf(found)) > 0 {
				t.Fatalf("destroy fails: %s", diagnosticsText(found))
			}
		})
	}
}

// run refreshes and plans the damaged state.
func (row damage) run(t *testing.T, w *workspace, settings object) {
	t.Helper()
	if row.settings != nil {
		settings = row.settings
	}
	if row.config != nil {
		w.config = row.config
	}
	c := newCompared(t)
	s := session{c.protocol(), w, t.Context()}
	s.configure(t, settings)
	if row.state != nil {
		row.state(w.state, func(name string, value any) {
			w.state.value = withAttribute(w.state.value, name, valueOf(t, attributesOf(w.state.value)[name].Type(), value))
		})
	}
	s.refresh()
	if w.state != nil {
		s.plan()
		w.config = nil
		s.plan()
	}
	if got := c.leftToFramework["read"] == 0; got != row.reads {
		t.Errorf("fast path answers all reads: got %t, want %t", got, row.reads)
	}
	if got := c.leftToFramework["plan"] == 0; got != row.plans {
		t.Errorf("fast path answers all plans: got %t, want %t", got, row.plans)
	}
}

func withAttribute(object tftypes.Value, name string, value tftypes.Value) tftypes.Value {
	attributes := maps.Clone(attributesOf(object))
	attributes[name] = value
	return tftypes.NewValue(object.Type(), attributes)
}

// upgrade sends the state as a state file has it, and checks that it is unchanged.
func (s session) upgrade() {
	s.w.t.Helper()
	state := s.w.state
	value, err := json.Marshal(plain(s.w.t, state.value))
	if err != nil {
		s.w.t.Fatal(err)
	}
	upgraded, err := s.server.UpgradeResourceState(s.ctx, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: endpointType, Version: s.endpointSchema().Version, RawState: &tfprotov6.RawState{JSON: value},
	})
	if err != nil || len(upgraded.Diagnostics) > 0 {
		s.w.t.Fatalf("UpgradeResourceState fails: %v%s", err, diagnosticsText(upgraded.Diagnostics))
	}
	if got := s.decode(upgraded.UpgradedState); !got.Equal(state.value) {
		s.w.t.Errorf("got the state %s, want %s", got, state.value)
	}
}

func sum(counts map[string]int) int {
	total := 0
	for _, count := range counts {
		total += count
	}
	return total
}

// plain converts a value to JSON.
func plain(tb testing.TB, value tftypes.Value) any {
	tb.Helper()
	if value.IsNull() {
		return nil
	}
	switch {
	case value.Type().Is(tftypes.String):
		return as[string](tb, value)
	case value.Type().Is(tftypes.Bool):
		return as[bool](tb, value)
	case value.Type().Is(tftypes.Number):
		return json.Number(as[*big.Float](tb, value).Text('f', -1))
	case value.Type().Is(tftypes.List{}):
		list := []any{}
		for _, element := range as[[]tftypes.Value](tb, value) {
			list = append(list, plain(tb, element))
		}
		return list
	}
	object := map[string]any{}
	for name, attribute := range as[map[string]tftypes.Value](tb, value) {
		object[name] = plain(tb, attribute)
	}
	return object
}

func as[T any](tb testing.TB, value tftypes.Value) T {
	tb.Helper()
	var read T
	if err := value.As(&read); err != nil {
		tb.Fatal(err)
	}
	return read
}

// TestPlanNullToNull checks a plan from null to null, which Terraform never requests.
func TestPlanNullToNull(t *testing.T) {
	t.Parallel()
	c := newCompared(t)
	typ := c.protocol().schemaFor(endpointResource).ValueType()
	null, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, nil))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: endpointType, PriorState: &null, ProposedNewState: &null, Config: &null,
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Errorf("got error %v and diagnostics %s, want none", err, diagnosticsText(resp.Diagnostics))
	}
}
