// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
)

// choices changes values according to decisions that its bytes encode.
type choices []byte

func (c *choices) next(of int) int {
	if len(*c) == 0 {
		return 0
	}
	first := (*c)[0]
	*c = (*c)[1:]
	return int(first) % of
}

// Values that some attributes accept, and a few that are always invalid.
var (
	someTexts = []string{
		"e", "text_embedding", "completion", "amazonbedrock", "us-east-1", "amazontitan", "amazon.titan-embed-text-v2:0", "anthropic",
		"us.anthropic.claude-sonnet-4-6", "cosine", "word", "sentence", "recursive", "markdown", "replace", "in_place", "embedded", "10m", "a+", "", "X",
	}
	someNumbers = []any{0, 1, 20, 100, 250, 1024, 0.5, 1.5, bigNumber("0.3"), bigNumber("1e400"), int64(1) << 62, -1}
)

// value returns the same value for most decisions. If known is set, it returns no unknown
// values, as a state has none.
func (c *choices) value(attribute *tfprotov6.SchemaAttribute, old tftypes.Value, known bool) tftypes.Value {
	typ := attribute.ValueType()
	switch kind := c.next(24); {
	case kind == 1:
		return tftypes.NewValue(typ, nil)
	case kind == 2 && !known:
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	case attribute.NestedType != nil && (!old.IsNull() || kind == 3):
		return c.object(attribute.NestedType.Attributes, typ, old, known)
	case attribute.NestedType == nil && kind == 3:
		return c.simple(typ)
	}
	return old
}

func (c *choices) simple(typ tftypes.Type) tftypes.Value {
	switch {
	case typ.Is(tftypes.String):
		return tftypes.NewValue(typ, someTexts[c.next(len(someTexts))])
	case typ.Is(tftypes.Number):
		return tftypes.NewValue(typ, someNumbers[c.next(len(someNumbers))])
	case typ.Is(tftypes.Bool):
		return tftypes.NewValue(typ, c.next(2) == 1)
	}
	elements := []tftypes.Value{}
	for range c.next(3) {
		elements = append(elements, c.simple(tftypes.String))
	}
	return tftypes.NewValue(typ, elements)
}

func (c *choices) object(attributes []*tfprotov6.SchemaAttribute, typ tftypes.Type, old tftypes.Value, known bool) tftypes.Value {
	values := map[string]tftypes.Value{}
	for _, attribute := range attributes {
		before, ok := attributesOf(old)[attribute.Name]
		if !ok {
			before = tftypes.NewValue(attribute.ValueType(), nil)
		}
		values[attribute.Name] = c.value(attribute, before, known)
	}
	return tftypes.NewValue(typ, values)
}

// FuzzFastPath checks that the fast path and the framework respond equally to any
// configuration and state.
func FuzzFastPath(f *testing.F) {
	server, _ := cluster(f, elasticsearchtest.Newest)
	c := newCompared(f)
	p := c.protocol()
	p.configure(f, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
	examples := c.examples(server.URL)
	const seeds, decisions = 80, 200
	random := rand.NewChaCha8([32]byte{})
	for range seeds {
		seed := make([]byte, decisions)
		_, _ = random.Read(seed)
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		one := &comparedServer{c.ProviderServer, t, c.framework, c.fastPath, fmt.Sprintf("%x", data), map[string]int{}, map[string]int{}}
		from := choices(data)
		one.callAll(protocol{server: one, schema: p.schema}, examples[from.next(len(examples))], &from)
	})
}

// exampleEndpoint is the configuration of an endpoint and its state.
type exampleEndpoint struct{ config, state tftypes.Value }

func (c *comparedServer) examples(url string) []exampleEndpoint {
	c.t.Helper()
	settings := object{"elasticsearch": object{"endpoints": []any{url}}}
	var all []exampleEndpoint
	for i, config := range []object{
		validEndpoint(), validCompletion(), with(validEndpoint(), "credentials_version", 1), with(validEndpoint(), "timeouts", object{"read": "1m"}),
		with(with(validEndpoint(), atStrategy, "recursive"), atSeparators, []any{"a", "b"}), with(validCompletion(), "task_settings", object{"temperature": bigNumber("0.3")}),
	} {
		w := newWorkspace(c.t, settings)
		w.config = with(config, "inference_id", fmt.Sprint("e", i))
		s := w.session(c.t.Context())
		planned, _ := s.plan()
		if found := errorsOf(s.applyPlan(planned)); len(found) > 0 {
			c.t.Fatalf("apply failed: %s", diagnosticsText(found))
		}
		all = append(all, exampleEndpoint{s.configValue(), w.state.value})
	}
	return all
}

// callAll makes each call that the fast path may answer.
func (c *comparedServer) callAll(p protocol, of exampleEndpoint, from *choices) {
	c.t.Helper()
	ctx, schema := c.t.Context(), p.schemaFor(endpointResource)
	attributes, typ := schema.Block.Attributes, schema.ValueType()
	encode := func(value tftypes.Value) *tfprotov6.DynamicValue {
		encoded, err := tfprotov6.NewDynamicValue(typ, value)
		if err != nil {
			c.t.Fatal(err)
		}
		return &encoded
	}
	prior := tftypes.NewValue(typ, nil)
	if from.next(4) > 0 {
		prior = withoutWriteOnly(attributes, from.object(attributes, typ, of.state, true))
		_, _ = c.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: endpointType, CurrentState: encode(prior)})
	}
	config := from.object(attributes, typ, of.config, false)
	_, _ = c.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: endpointType, Config: encode(config), ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	for _, proposed := range []tftypes.Value{proposedNewState(attributes, prior, config), prior} {
		_, _ = c.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
			TypeName: endpointType, PriorState: encode(prior), ProposedNewState: encode(proposed), Config: encode(config),
		})
	}
}

// withoutWriteOnly returns a state without its write-only attributes.
func withoutWriteOnly(attributes []*tfprotov6.SchemaAttribute, state tftypes.Value) tftypes.Value {
	if state.IsNull() {
		return state
	}
	values := map[string]tftypes.Value{}
	for _, attribute := range attributes {
		value := attributesOf(state)[attribute.Name]
		switch {
		case attribute.WriteOnly:
			value = tftypes.NewValue(attribute.ValueType(), nil)
		case attribute.NestedType != nil:
			value = withoutWriteOnly(attribute.NestedType.Attributes, value)
		}
		values[attribute.Name] = value
	}
	return tftypes.NewValue(state.Type(), values)
}
