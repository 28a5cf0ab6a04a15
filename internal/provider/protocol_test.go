// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
)

// object is a configuration of strings, numbers, booleans, lists, objects, nil for null,
// and unknown for unknown values.
type object map[string]any

type unknownValue struct{}

var unknown = unknownValue{}

// protocol calls the provider through Terraform's plugin protocol.
type protocol struct {
	server  tfprotov6.ProviderServer
	actions tfprotov6.ActionServer
	schema  *tfprotov6.GetProviderSchemaResponse
}

func newProtocol(tb testing.TB, options ...provider.Option) protocol {
	tb.Helper()
	server := newServer(options...)
	schema, err := providerSchema()
	if err != nil {
		tb.Fatal(err)
	}
	actions, ok := server.(tfprotov6.ActionServer)
	if !ok {
		tb.Fatal("the server does not implement ActionServer")
	}
	return protocol{server, actions, schema}
}

// providerSchema returns the schema of the provider, which is the same for each server.
var providerSchema = sync.OnceValues(func() (*tfprotov6.GetProviderSchemaResponse, error) {
	return newServer().GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
})

// The kinds of blocks in a configuration.
const (
	providerBlock  = "provider"
	resourceBlock  = "resource"
	dataBlock      = "data"
	ephemeralBlock = "ephemeral"
	actionBlock    = "action"
)

// validate returns the diagnostics of a configuration.
func (p protocol) validate(tb testing.TB, kind, name string, config object) []*tfprotov6.Diagnostic {
	tb.Helper()
	ctx := context.Background()
	switch kind {
	case providerBlock:
		resp, err := p.server.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: encoded(tb, p.schema.Provider, config)})
		if err != nil {
			tb.Fatal(err)
		}
		return resp.Diagnostics
	case resourceBlock:
		resp, err := p.server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
			TypeName: name, Config: encoded(tb, p.schema.ResourceSchemas[name], config),
			ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
		})
		if err != nil {
			tb.Fatal(err)
		}
		return resp.Diagnostics
	case dataBlock:
		resp, err := p.server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{
			TypeName: name, Config: encoded(tb, p.schema.DataSourceSchemas[name], config),
		})
		if err != nil {
			tb.Fatal(err)
		}
		return resp.Diagnostics
	case ephemeralBlock:
		resp, err := p.server.ValidateEphemeralResourceConfig(ctx, &tfprotov6.ValidateEphemeralResourceConfigRequest{
			TypeName: name, Config: encoded(tb, p.schema.EphemeralResourceSchemas[name], config),
		})
		if err != nil {
			tb.Fatal(err)
		}
		return resp.Diagnostics
	case actionBlock:
		resp, err := p.actions.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{
			ActionType: name, Config: encoded(tb, p.schema.ActionSchemas[name].Schema, config),
		})
		if err != nil {
			tb.Fatal(err)
		}
		return resp.Diagnostics
	}
	tb.Fatalf("unknown kind of block: %s", kind)
	return nil
}

// valueOf converts a Go value to a value of Terraform. Attributes that an object
// leaves out are null.
func valueOf(tb testing.TB, typ tftypes.Type, value any) tftypes.Value {
	tb.Helper()
	if value == nil {
		return tftypes.NewValue(typ, nil)
	}
	if value == unknown {
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	}
	switch typ := typ.(type) {
	case tftypes.Object:
		given, ok := value.(map[string]any)
		if named, isNamed := value.(object); isNamed {
			given, ok = named, true
		}
		if !ok {
			tb.Fatalf("got %T, want an object", value)
		}
		attributes := map[string]tftypes.Value{}
		for name, attribute := range typ.AttributeTypes {
			attributes[name] = valueOf(tb, attribute, given[name])
		}
		for name := range given {
			if _, ok := typ.AttributeTypes[name]; !ok {
				tb.Fatalf("the schema has no attribute %s", name)
			}
		}
		return tftypes.NewValue(typ, attributes)
	case tftypes.List:
		var elements []tftypes.Value
		for _, element := range value.([]any) {
			elements = append(elements, valueOf(tb, typ.ElementType, element))
		}
		return tftypes.NewValue(typ, elements)
	case tftypes.Map:
		elements := map[string]tftypes.Value{}
		for name, element := range value.(map[string]any) {
			elements[name] = valueOf(tb, typ.ElementType, element)
		}
		return tftypes.NewValue(typ, elements)
	}
	return tftypes.NewValue(typ, value)
}

// dotted formats a path: service_settings.provider, input[1].
func dotted(path *tftypes.AttributePath) string {
	var text strings.Builder
	for _, step := range path.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			if text.Len() > 0 {
				text.WriteByte('.')
			}
			text.WriteString(string(step))
		case tftypes.ElementKeyInt:
			fmt.Fprintf(&text, "[%d]", int64(step))
		case tftypes.ElementKeyString:
			fmt.Fprintf(&text, "[%q]", string(step))
		}
	}
	return text.String()
}
