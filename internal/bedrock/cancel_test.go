// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestInterrupt cancels a run while it waits for responses, for the next attempt,
// and for the rate limiter.
func TestInterrupt(t *testing.T) {
	for name, c := range map[string]struct {
		perMinute int64
		reach     func(request *http.Request, call int, reached func()) *bedrocksim.Fault
	}{
		"waiting for answers": {60_000_000, func(request *http.Request, call int, reached func()) *bedrocksim.Fault {
			if call == 20 {
				reached()
			}
			if call >= 20 {
				<-request.Context().Done()
			}
			return nil
		}},
		"waiting for the next attempt": {60_000_000, func(_ *http.Request, call int, reached func()) *bedrocksim.Fault {
			if call == 8 {
				reached()
			}
			return bedrocksim.Throttled()
		}},
		"waiting for the rate limiter": {1, func(_ *http.Request, _ int, reached func()) *bedrocksim.Fault {
			reached()
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			once := sync.OnceFunc(interrupt)
			simulator := bedrocksim.New(bedrocksim.WithFault(func(request *http.Request, call int) *bedrocksim.Fault {
				return c.reach(request, call, once)
			}))
			defer simulator.Close()
			endpoint := titan()
			endpoint.ServiceSettings.RequestsPerMinute = c.perMinute
			input := slices.Repeat([]string{"text"}, 100)
			_, err := New(Config{Simulator: simulator}).Run(ctx, endpoint, noKeys, inference.Request{Input: input})
			var fault *Error
			if !errors.Is(err, context.Canceled) || !errors.As(err, &fault) || !strings.Contains(fault.Error(), "of 100 inputs") {
				t.Errorf("error %v", err)
			}
			simulator.Close()
			returnsTo(t, before)
		})
	}
}

// returnsTo waits until there are no more goroutines than before, and fails with
// their stacks otherwise.
func returnsTo(t *testing.T, before int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
	}
}

func TestCanceledContext(t *testing.T) {
	simulator := newSimulator(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := New(Config{Simulator: simulator}).Run(ctx, titan(), noKeys, texts("a"))
	if !errors.Is(err, context.Canceled) || simulator.Calls() != 0 {
		t.Errorf("error %v after %d calls", err, simulator.Calls())
	}
}
