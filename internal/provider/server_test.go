// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/fastpath"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
)

// TestServerInterfaces checks that the server implements the optional interfaces of
// the protocol.
func TestServerInterfaces(t *testing.T) {
	server := newServer()
	if _, ok := server.(tfprotov6.ListResourceServer); !ok {
		t.Error("the server does not implement ListResourceServer")
	}
	if _, ok := server.(tfprotov6.ActionServer); !ok {
		t.Error("the server does not implement ActionServer")
	}
}

// ballastKey is the context key of a large value.
type ballastKey struct{}

// TestServerReleasesContexts checks that the server does not keep the contexts of calls.
// The framework keeps them, and a command can make several calls for each of thousands of
// resources.
func TestServerReleasesContexts(t *testing.T) {
	if !fastpath.Enabled() {
		t.Skip("contexts are released by the fast path, which is disabled")
	}
	p := newProtocol(t)
	typ := p.schema.ResourceSchemas["inference_endpoint"].ValueType()
	config, err := tfprotov6.NewDynamicValue(typ, valueOf(t, typ, map[string]any{}))
	if err != nil {
		t.Fatal(err)
	}
	null, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, nil))
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(context.Context) error{
		"validate": func(ctx context.Context) error {
			_, err := p.server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: "inference_endpoint", Config: &config})
			return err
		},
		"plan": func(ctx context.Context) error {
			_, err := p.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
				TypeName: "inference_endpoint", PriorState: &null, ProposedNewState: &config, Config: &config,
			})
			return err
		},
		"upgrade": func(ctx context.Context) error {
			_, err := p.server.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{
				TypeName: "inference_endpoint", Version: 1, RawState: &tfprotov6.RawState{JSON: []byte(`{"inference_id":"e"}`)},
			})
			return err
		},
	} {
		if ballast := afterCall(t, call); ballast.Value() != nil {
			t.Errorf("%s: the value in the context was not released", name)
		}
	}
	runtime.KeepAlive(p)
}

// afterCall makes a call with a large value in its context, and returns a weak pointer to
// the value.
func afterCall(t *testing.T, call func(context.Context) error) weak.Pointer[[1 << 16]byte] {
	t.Helper()
	ballast := new([1 << 16]byte)
	pointer := weak.Make(ballast)
	if err := call(context.WithValue(context.Background(), ballastKey{}, ballast)); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	return pointer
}

// TestStateOfAnotherRelease checks that the plan is empty if the state lacks an attribute of
// the schema and has one that the schema lacks.
func TestStateOfAnotherRelease(t *testing.T) {
	t.Parallel()
	terraform := newCLI(t, embedded(t)+endpointConfig("e", "completion", claude))
	terraform.succeeds(apply...)
	file := filepath.Join(terraform.dir, "terraform.tfstate")
	state, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(state), `"chunking_settings": null,`, `"removed_attribute": {"a": "b"},`, 1)
	if other == string(state) {
		t.Fatalf("the state has no chunking_settings:\n%s", state)
	}
	terraform.write("terraform.tfstate", other)
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
}

// TestFastPathSwitch checks that an environment variable disables the fast path, and that
// the fast path supports the schema.
func TestFastPathSwitch(t *testing.T) {
	if _, _, ok := provider.SplitServer(newServer()); !ok && fastpath.Enabled() {
		t.Error("the fast path does not support the schema of an endpoint")
	}
	t.Setenv(fastpath.EnvironmentVariable, "off")
	if _, _, ok := provider.SplitServer(newServer()); ok {
		t.Errorf("%s=off does not disable the fast path", fastpath.EnvironmentVariable)
	}
}
