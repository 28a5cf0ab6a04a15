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

// starts is how often a plugin is started.
const starts = 21

// startup is what a plugin needs until Terraform has its schema.
type startup struct {
	handshake, schema, cpu figure // seconds
	peak                   int64  // bytes
}

// oneStart is the start of one process.
type oneStart struct {
	handshake, schema, cpu time.Duration
	peak                   int64
}

// measureStart starts a plugin as Terraform does and asks for its schema.
func measureStart(ctx context.Context, binary string) (startup, error) {
	var found []oneStart
	var peak int64
	for range starts {
		one, err := startOnce(ctx, binary)
		if err != nil {
			return startup{}, fmt.Errorf("starting %s: %w", binary, err)
		}
		found, peak = append(found, one), max(peak, one.peak)
	}
	return startup{
		handshake: figureOf(found, func(s oneStart) float64 { return s.handshake.Seconds() }),
		schema:    figureOf(found, func(s oneStart) float64 { return s.schema.Seconds() }),
		cpu:       figureOf(found, func(s oneStart) float64 { return s.cpu.Seconds() }),
		peak:      peak,
	}, nil
}

func startOnce(ctx context.Context, binary string) (oneStart, error) {
	command := exec.CommandContext(ctx, binary)
	command.Env = ownEnvironment()
	client := plugin.NewClient(&plugin.ClientConfig{
		// As in Terraform and terraform-plugin-go.
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
		return oneStart{}, err
	}
	handshake := time.Since(begin)
	served, err := protocol.Dispense("provider")
	if err != nil {
		return oneStart{}, err
	}
	connection, ok := served.(*grpc.ClientConn)
	if !ok {
		return oneStart{}, errors.New("the plugin is not served by gRPC")
	}
	// The messages of the protocol are internal to terraform-plugin-go. Any message can be read as an empty one.
	err = connection.Invoke(ctx, "/tfplugin6.Provider/GetProviderSchema", &emptypb.Empty{}, &emptypb.Empty{})
	if err != nil {
		return oneStart{}, err
	}
	took := oneStart{handshake: handshake, schema: time.Since(begin)}
	if took.peak, err = peakMemory(command.Process.Pid); err != nil {
		return oneStart{}, err
	}
	client.Kill()
	if command.ProcessState != nil {
		took.cpu = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	}
	return took, nil
}

// peakMemory returns the peak of the resident memory. Maxrss of getrusage is no alternative: for a child, it begins with
// the memory of its parent.
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
	return 0, errors.New("the system does not report the peak memory of a process")
}

// bare is a plugin client that provides only the connection.
type bare struct{ plugin.NetRPCUnsupportedPlugin }

// GRPCServer is not used by a client.
func (bare) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return errors.ErrUnsupported }

// GRPCClient returns the connection.
func (bare) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, connection *grpc.ClientConn) (any, error) {
	return connection, nil
}
