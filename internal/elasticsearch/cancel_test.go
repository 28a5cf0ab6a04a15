// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/faultproxy"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestCanceledOperationsEndAllGoroutines cancels operations at every point at which
// they wait.
func TestCanceledOperationsEndAllGoroutines(t *testing.T) { // it counts goroutines
	rejected := faultproxy.Refusal(http.StatusTooManyRequests, "es_rejected_execution_exception", "queue is full", "Retry-After", "60")
	waits := map[string]func(x *faultproxy.Exchange, cancel func()){
		"for an answer":      func(x *faultproxy.Exchange, cancel func()) { x.Forward(); cancel(); x.Wait() },
		"for the rest of it": func(x *faultproxy.Exchange, cancel func()) { x.Truncate(x.Forward()); cancel(); x.Wait() },
		"to try again":       func(x *faultproxy.Exchange, cancel func()) { rejected(x); cancel() },
	}
	for wait, waiting := range waits {
		for name := range operations(nil, inference.Endpoint{}) {
			before := runtime.NumGoroutine()
			t.Run(name+" waits "+wait, func(t *testing.T) {
				server := elasticsearchtest.New(t)
				proxy := faultproxy.New(t, server.URL)
				client := connect(t, elasticsearch.Config{Endpoints: []string{proxy.URL}, MaxRetries: 4, RetryWaitMin: time.Minute, RetryWaitMax: time.Minute})
				made, err := client.Create(t.Context(), titan("x"), keys)
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				proxy.Arm(func(r *http.Request) bool { return r.URL.Path != "/" }, func(x *faultproxy.Exchange) { waiting(x, cancel) }, 1)
				if err := operations(client, made)[name](ctx); err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			})
			returnsTo(t, before)
		}
	}
}

// returnsTo waits until the number of goroutines is back at the given one, and fails
// with their stacks otherwise.
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
