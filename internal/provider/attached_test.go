package provider_test

import (
	"context"
	"encoding/json"
	"io"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
)

// ownAddress is the address of the provider in configurations, without the host.
const ownAddress = "terraform-provider-inference/inference"

// attach serves a new provider in the process of the test, under the given addresses. It
// returns the environment variable that makes Terraform use this provider, and a function
// that ends it.
//
// Terraform then needs no init and starts no process of the provider, which takes several
// times as long as the rest of a small command.
func attach(t *testing.T, addresses ...string) (variable string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	started, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	served := make(chan error, 1)
	go func() {
		served <- tf6server.Serve("registry.terraform.io/"+ownAddress, func() tfprotov6.ProviderServer { return provider.NewServer("test")() },
			tf6server.WithDebug(ctx, started, closed), tf6server.WithoutLogStderrOverride(), tf6server.WithLoggingSink(t),
			tf6server.WithGoPluginLogger(hclog.New(&hclog.LoggerOptions{Output: io.Discard})))
	}()
	var at *plugin.ReattachConfig
	select {
	case at = <-started:
	case err := <-served:
		cancel()
		t.Fatalf("the provider cannot be served: %v", err)
	}
	type address struct{ Network, String string }
	type reattach struct {
		Protocol        string
		ProtocolVersion int
		Pid             int
		Test            bool
		Addr            address
	}
	providers := map[string]reattach{}
	for _, name := range addresses {
		for _, host := range []string{"registry.terraform.io/", "registry.opentofu.org/"} {
			providers[host+name] = reattach{string(at.Protocol), at.ProtocolVersion, at.Pid, true, address{at.Addr.Network(), at.Addr.String()}}
		}
	}
	value, err := json.Marshal(providers)
	if err != nil {
		t.Fatal(err)
	}
	return "TF_REATTACH_PROVIDERS=" + string(value), func() {
		cancel()
		<-closed
	}
}
