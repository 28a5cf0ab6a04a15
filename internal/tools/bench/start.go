// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// starts is how often a plugin is started; the fastest counts.
const starts = 21

// startup is what it takes until Terraform has the schema of a provider.
type startup struct {
	handshake, schema time.Duration
	peak              int64
}

// measureStart starts a plugin as Terraform does and asks for its schema.
func measureStart(ctx context.Context, binary string) (startup, error) {
	var best startup
	for range starts {
		one, err := startOnce(ctx, binary)
		if err != nil {
			return startup{}, fmt.Errorf("starting %s: %w", binary, err)
		}
		if best.schema == 0 || one.schema < best.schema {
			best = one
		}
	}
	return best, nil
}

func startOnce(ctx context.Context, binary string) (startup, error) {
	command := exec.CommandContext(ctx, binary)
	command.Env = ownEnvironment()
	client := plugin.NewClient(&plugin.ClientConfig{
		// That of Terraform and of terraform-plugin-go.
		HandshakeConfig:  plugin.HandshakeConfig{MagicCookieKey: "TF_PLUGIN_MAGIC_COOKIE", MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"},
		VersionedPlugins: map[int]plugin.PluginSet{6: {"provider": bare{}}},
		Cmd:              command,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		Logger:           hclog.NewNullLogger(),
	})
	defer client.Kill()
	begin := time.Now()
	protocol, err := client.Client()
	if err != nil {
		return startup{}, err
	}
	handshake := time.Since(begin)
	served, err := protocol.Dispense("provider")
	if err != nil {
		return startup{}, err
	}
	connection, ok := served.(*grpc.ClientConn)
	if !ok {
		return startup{}, errors.New("the plugin is not served by gRPC")
	}
	// The messages of the protocol are internal to terraform-plugin-go. An empty one can be read from any other.
	err = connection.Invoke(ctx, "/tfplugin6.Provider/GetProviderSchema", &emptypb.Empty{}, &emptypb.Empty{})
	if err != nil {
		return startup{}, err
	}
	took := startup{handshake: handshake, schema: time.Since(begin)}
	took.peak, err = peakMemory(command.Process.Pid)
	return took, err
}

// peakMemory is not the Maxrss of getrusage, which for a child begins with what its parent had.
func peakMemory(process int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		var kilobytes int64
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes); err == nil {
			return kilobytes << 10, nil
		}
	}
	return 0, errors.New("the system does not tell the peak memory of a process")
}

// bare is a plugin of which the connection alone is wanted.
type bare struct{ plugin.NetRPCUnsupportedPlugin }

// GRPCServer is for the other side.
func (bare) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return errors.ErrUnsupported }

// GRPCClient hands out the connection itself.
func (bare) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, connection *grpc.ClientConn) (any, error) {
	return connection, nil
}
