// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os/exec"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// ownAddress is the address of the provider in configurations, without the host.
const ownAddress = "terraform-provider-inference/inference"

// attach starts the provider for one command. It returns the environment variable that
// makes Terraform use this provider, and a function that ends it. Terraform then needs no
// init and starts no processes of the provider, which take several times as long as the
// rest of a small command.
func (c *cli) attach() (variable string, stop func()) {
	c.t.Helper()
	if c.attached == nil {
		return "", func() {}
	}
	start := c.serveProvider
	if c.process {
		start = c.startProvider
	}
	at, stop := start()
	providers := map[string]reattach{}
	for _, name := range c.attached {
		for _, host := range []string{"registry.terraform.io/", "registry.opentofu.org/"} {
			providers[host+name] = at
		}
	}
	value, err := json.Marshal(providers)
	if err != nil {
		c.t.Fatal(err)
	}
	return reattachVariable + "=" + string(value), stop
}

const reattachVariable = "TF_REATTACH_PROVIDERS"

// reattach is how Terraform reaches a running provider.
type reattach struct {
	Protocol        string
	ProtocolVersion int
	Pid             int
	Test            bool
	Addr            struct{ Network, String string }
}

// serveProvider serves the provider in the process of the test.
func (c *cli) serveProvider() (at reattach, stop func()) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	started, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	failed := make(chan error, 1)
	go func() {
		err := tf6server.Serve("registry.terraform.io/"+ownAddress, func() tfprotov6.ProviderServer { return newServer() },
			tf6server.WithDebug(ctx, started, closed), tf6server.WithoutLogStderrOverride(), tf6server.WithLoggingSink(c.t),
			tf6server.WithGoPluginLogger(hclog.New(&hclog.LoggerOptions{Output: io.Discard})))
		if err != nil {
			failed <- err
		}
	}()
	select {
	case config := <-started:
		at = reattach{Protocol: string(config.Protocol), ProtocolVersion: config.ProtocolVersion, Pid: config.Pid, Test: true}
		at.Addr.Network, at.Addr.String = config.Addr.Network(), config.Addr.String()
	case err := <-failed:
		cancel()
		c.t.Fatalf("the provider cannot be served: %v", err)
	}
	return at, func() {
		cancel()
		<-closed
	}
}

// startProvider starts a process of the provider in the directory, with the environment of
// the commands.
func (c *cli) startProvider() (at reattach, stop func()) {
	c.t.Helper()
	mirror, err := binary()
	if err != nil {
		c.t.Fatal(err)
	}
	output, end := c.startBeside(exec.CommandContext(c.t.Context(), providerIn(mirror, "registry.terraform.io"), "-debug"), (*exec.Cmd).StdoutPipe)
	stop = func() { _, _ = end() }
	for lines := bufio.NewScanner(output); lines.Scan(); {
		_, value, found := strings.Cut(lines.Text(), reattachVariable+"='")
		var printed map[string]reattach
		if found && json.Unmarshal([]byte(strings.TrimSuffix(value, "'")), &printed) == nil {
			for _, at := range printed {
				return at, stop
			}
		}
	}
	stop()
	c.t.Fatal("the provider does not print how to attach Terraform to it")
	return at, stop
}
