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

// TestServerServesEverything: the optional parts of the protocol are found by
// their methods, which what stands between must not hide.
func TestServerServesEverything(t *testing.T) {
	served := provider.NewServer("test")()
	if _, ok := served.(tfprotov6.ListResourceServer); !ok {
		t.Error("no list resources")
	}
	if _, ok := served.(tfprotov6.ActionServer); !ok {
		t.Error("no actions")
	}
}

type ballastKey struct{}

// TestServerReleasesContexts checks that the server keeps no context: a command makes several calls for each of thousands
// of resources, and the framework keeps the context of each.
func TestServerReleasesContexts(t *testing.T) {
	p := newProtocol(t)
	typ := p.schema.ResourceSchemas["inference_endpoint"].ValueType()
	config, err := tfprotov6.NewDynamicValue(typ, valueOf(t, typ, map[string]any{}))
	if err != nil {
		t.Fatal(err)
	}
	nothing, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, nil))
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
				TypeName: "inference_endpoint", PriorState: &nothing, ProposedNewState: &config, Config: &config,
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
		if held := afterCall(t, call); held.Value() != nil {
			t.Errorf("%s: what the context held is still there", name)
		}
	}
	runtime.KeepAlive(p)
}

// afterCall makes a call whose context holds something large.
func afterCall(t *testing.T, call func(context.Context) error) weak.Pointer[[1 << 16]byte] {
	t.Helper()
	ballast := new([1 << 16]byte)
	held := weak.Make(ballast)
	if err := call(context.WithValue(context.Background(), ballastKey{}, ballast)); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	return held
}

// TestStateOfAnotherRelease: attributes that came or went without a new version
// of the state's form change nothing.
func TestStateOfAnotherRelease(t *testing.T) {
	t.Parallel()
	terraform := newCLI(t, embedded(t)+endpointConfig("e", "completion", claude))
	terraform.succeeds(apply...)
	file := filepath.Join(terraform.dir, "terraform.tfstate")
	state, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(state), `"chunking_settings": null,`, `"gone": {"by": "now"},`, 1)
	if other == string(state) {
		t.Fatalf("the state has no chunking_settings:\n%s", state)
	}
	terraform.write("terraform.tfstate", other)
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
}

// TestFastPathSwitch checks that the environment switches the fast path off, and
// that the schema is one that it supports.
func TestFastPathSwitch(t *testing.T) {
	if _, _, ok := provider.SplitServer(provider.NewServer("test")()); !ok && fastpath.Enabled() {
		t.Error("the fast path does not support the schema of an endpoint")
	}
	t.Setenv(fastpath.EnvironmentVariable, "off")
	if _, _, ok := provider.SplitServer(provider.NewServer("test")()); ok {
		t.Errorf("%s=off does not switch the fast path off", fastpath.EnvironmentVariable)
	}
}
