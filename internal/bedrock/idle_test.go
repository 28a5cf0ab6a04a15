// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// uses prepares a run of an endpoint, with keys of the endpoint or of key, and sends
// nothing.
func (r *Runner) uses(t *testing.T, id string, perMinute int64, key ...string) *run {
	t.Helper()
	keys := inference.Keys{AccessKey: redact.Secret("AKIA" + strings.Join(append(key, id), "")), SecretKey: "secret"}
	begun, err := r.prepare(t.Context(), limited(id, perMinute), keys, texts("a"))
	if err != nil {
		t.Fatal(err)
	}
	return begun
}

func (r *Runner) holds() string {
	return fmt.Sprint(len(r.clients), " clients, ", len(r.limiters), " limiters")
}

// TestIdleClientsAreRemoved checks that idle clients and limiters are removed at
// the next use, and that a long run keeps those that it uses.
func TestIdleClientsAreRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runner := New(Config{})
		for i := range 50 {
			runner.uses(t, fmt.Sprint("rotated-", i), 240).end()
		}
		long := runner.uses(t, "long", 240)
		if got := runner.holds(); got != "51 clients, 51 limiters" {
			t.Errorf("at first it holds %s", got)
		}
		time.Sleep(idleTime - time.Second)
		runner.uses(t, "other", 240).end()
		if got := runner.holds(); got != "52 clients, 52 limiters" {
			t.Errorf("before the time is up it holds %s", got)
		}
		time.Sleep(time.Second)
		runner.uses(t, "other", 240).end()
		if got := runner.holds(); got != "2 clients, 2 limiters" {
			t.Errorf("after it, it holds %s", got)
		}
		time.Sleep(time.Hour)
		if again := runner.uses(t, "long", 240); again.client != long.client || again.limiter != long.limiter {
			t.Error("a second run of an endpoint does not share what the first one uses")
		} else {
			again.end()
		}
		long.end()
		time.Sleep(idleTime)
		runner.uses(t, "other", 240).end()
		if got := runner.holds(); got != "1 clients, 1 limiters" {
			t.Errorf("when it has ended, it holds %s", got)
		}
	})
}

// TestSimulatorDistrustsIdleKeys checks that the simulator accepts a pair of keys
// as long as a client with these keys exists.
func TestSimulatorDistrustsIdleKeys(t *testing.T) {
	simulator := newSimulator(t)
	runner, other := New(Config{Simulator: simulator}), New(Config{Simulator: simulator})
	rotated := inference.Keys{AccessKey: "AKIAROTATED", SecretKey: "secret"}
	elsewhere := titan()
	elsewhere.ServiceSettings.Region = "eu-west-1"
	run := func(r *Runner, endpoint inference.Endpoint, keys inference.Keys) error {
		_, err := r.Run(t.Context(), endpoint, keys, texts("a"))
		return err
	}
	code := func() string { return errorCode(run(New(Config{Endpoint: simulator.URL()}), titan(), rotated)) }
	for _, err := range []error{run(runner, titan(), rotated), run(runner, elsewhere, rotated), run(other, titan(), rotated)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	runner.age()
	if err := run(runner, titan(), noKeys); err != nil || code() != "" {
		t.Errorf("with a client of another runner: %v, %s", err, code())
	}
	other.age()
	if err := run(other, titan(), noKeys); err != nil || code() != "UnrecognizedClientException" {
		t.Errorf("without a client: %v, %q", err, code())
	}
	runner.age()
	other.age()
	if err := errors.Join(run(runner, titan(), rotated), run(other, titan(), noKeys)); err != nil || code() != "" {
		t.Errorf("with a new client: %v, %q", err, code())
	}
}

// age makes all clients without runs idle.
func (r *Runner) age() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastSweep = r.lastSweep.Add(-idleTime)
	for _, c := range r.clients {
		c.lastUsed = c.lastUsed.Add(-idleTime)
	}
}

// TestUsedLimiterIsKept checks that a limiter is kept until all its tokens are
// back: a new one would exceed the rate.
func TestUsedLimiterIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runner := New(Config{})
		spent := runner.uses(t, "spent", 60)
		for range 600 { // ten minutes of tokens are reserved
			spent.limiter.Reserve()
		}
		spent.end()
		time.Sleep(idleTime)
		runner.uses(t, "other", 60).end()
		if got := runner.holds(); got != "1 clients, 2 limiters" {
			t.Errorf("it holds %s", got)
		}
		time.Sleep(2 * idleTime)
		runner.uses(t, "other", 60).end()
		if got := runner.holds(); got != "1 clients, 1 limiters" {
			t.Errorf("when it is full again, it holds %s", got)
		}
	})
}

// TestConnectionsCloseBeforeTheirClient checks that idle connections are closed
// before their client is removed.
func TestConnectionsCloseBeforeTheirClient(t *testing.T) {
	built, ok := New(Config{}).transport().(*awshttp.BuildableClient)
	if !ok {
		t.Fatal("unexpected type of client")
	}
	if after := built.GetTransport().IdleConnTimeout; after <= 0 || after >= idleTime {
		t.Errorf("idle connections close after %s, clients after %s", after, idleTime)
	}
}

// TestClientsAreBounded runs with 10,000 distinct pairs of keys and checks that the
// clients, the keys that the simulator accepts and the connections stay bounded.
func TestClientsAreBounded(t *testing.T) {
	simulator := newSimulator(t)
	runner := New(Config{Simulator: simulator})
	var open atomic.Int64
	runner.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		var dialer net.Dialer
		connection, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		open.Add(1)
		return counted{connection, sync.OnceFunc(func() { open.Add(-1) })}, nil
	}
	const pairs, sent = 10_000, 500
	for i := range pairs {
		id := fmt.Sprint("pair-", i)
		if i >= sent {
			runner.uses(t, "shared", 240, id).end()
		} else if _, err := runner.Run(t.Context(), titan(), inference.Keys{AccessKey: redact.Secret("AKIA" + id), SecretKey: "secret"}, texts("a")); err != nil {
			t.Fatal(err)
		}
		if n := len(runner.clients); n > maxClients {
			t.Fatalf("%d clients after %d pairs", n, i+1)
		}
	}
	if n := len(runner.limiters); n > 2 {
		t.Errorf("%d limiters", n)
	}
	if n := open.Load(); n > maxClients {
		t.Errorf("%d open connections after %d pairs", n, pairs)
	}
}

// counted is a connection that reports its end.
type counted struct {
	net.Conn
	closed func()
}

func (c counted) Close() error {
	c.closed()
	return c.Conn.Close()
}

// TestClientsInUseAreKept checks that the bound does not remove a client during a run,
// and that it applies again when the runs have ended.
func TestClientsInUseAreKept(t *testing.T) {
	runner := New(Config{})
	var begun []*run
	for i := range 2 * maxClients {
		begun = append(begun, runner.uses(t, "shared", 240, fmt.Sprint("pair-", i)))
	}
	if n := len(runner.clients); n != 2*maxClients {
		t.Errorf("%d clients, want all %d that are in use", n, 2*maxClients)
	}
	for _, r := range begun {
		r.end()
	}
	if n := len(runner.clients); n != maxClients {
		t.Errorf("%d clients after the runs, want %d", n, maxClients)
	}
}
