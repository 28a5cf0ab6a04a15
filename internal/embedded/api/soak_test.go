// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"flag"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

var (
	soakTime    = flag.Duration("soak.duration", time.Second, "how long the clients of TestSoak begin anew")
	soakClients = flag.Int("soak.clients", 16, "how many clients TestSoak has")
)

// TestSoak has many clients use the whole API on a model that is slow, throttles
// every tenth call and is sometimes unavailable. No client sees an error, and
// neither memory nor goroutines grow. Faults are given to calls in the order of
// their arrival, so that chance decides how many one request gets in succession:
// the attempts are too many for chance to use up.
func TestSoak(t *testing.T) {
	simulator := bedrocksim.New(
		bedrocksim.WithLatency(20*time.Millisecond),
		bedrocksim.WithFault(func(_ *http.Request, call int) *bedrocksim.Fault {
			switch {
			case call%10 == 0:
				return bedrocksim.Throttled()
			case call%97 == 0:
				return bedrocksim.Unavailable()
			}
			return nil
		}),
	)
	t.Cleanup(simulator.Close)
	s := serve(t, bedrock.Config{Simulator: simulator, MaxAttempts: 20}, api.Config{})
	s.Client().Transport = &http.Transport{MaxIdleConnsPerHost: *soakClients}
	before := runtime.NumGoroutine()

	var answered atomic.Int64
	halves := make([]uint64, 2)
	for half := range halves {
		soak(s, *soakTime/time.Duration(len(halves)), &answered)
		s.Client().CloseIdleConnections()
		halves[half] = liveHeap()
	}
	t.Logf("%d answers, %d calls of the model, heap %d KiB and %d KiB", answered.Load(), simulator.Calls(), halves[0]>>10, halves[1]>>10)
	if answered.Load() < int64(*soakClients) {
		t.Errorf("%d answers to %d clients", answered.Load(), *soakClients)
	}
	const slack = 4 << 20
	if halves[1] > halves[0]+halves[0]/4+slack {
		t.Errorf("memory grew from %d to %d bytes", halves[0], halves[1])
	}
	// Connections between the server and the simulator may still be idle. Closed ones end a
	// moment later.
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before+4**soakClients; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

// liveHeap returns the size of the heap after a garbage collection.
func liveHeap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // the first one only prepares what has finalizers
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func soak(s *server, duration time.Duration, answered *atomic.Int64) {
	s.Helper()
	end := time.Now().Add(duration)
	var group sync.WaitGroup
	for i := range *soakClients {
		group.Go(func() {
			for time.Now().Before(end) && !s.Failed() {
				answered.Add(soakOnce(s, fmt.Sprintf("client-%d", i)))
			}
		})
	}
	group.Wait()
}

// soakOnce is one round of a client.
func soakOnce(s *server, id string) (answered int64) {
	s.Helper()
	body := endpointBody("text_embedding")
	object(body["service_settings"])["rate_limit"] = map[string]any{"requests_per_minute": 600_000}
	text := endpointBody("completion")
	object(text["service_settings"])["rate_limit"] = map[string]any{"requests_per_minute": 600_000}
	for _, request := range []struct {
		method, path string
		body         any
	}{
		{http.MethodPut, "text_embedding/" + id, body},
		{http.MethodPut, "completion/" + id + "-text", text},
		{http.MethodGet, id, nil},
		{http.MethodPost, id, map[string]any{"input": []string{"one", "two", "three"}}},
		{http.MethodPost, id + "-text", map[string]any{"input": "one"}},
		{http.MethodPost, id + "-text/_stream", map[string]any{"input": "one"}},
		{http.MethodPut, id + "/_update", map[string]any{"service_settings": map[string]any{"max_input_tokens": 100}}},
		{http.MethodDelete, id, nil},
		{http.MethodDelete, id + "-text", nil},
	} {
		// All the time that a caller may give: being throttled takes some.
		path := "/_inference/" + request.path
		if request.method == http.MethodPost || request.method == http.MethodPut {
			path += "?timeout=10m"
		}
		switch got := s.send(request.method, path, request.body); {
		case got.status != http.StatusOK:
			s.Errorf("%s %s: %d %s", request.method, path, got.status, got.text)
			return answered
		case strings.HasSuffix(request.path, "_stream") && !strings.HasSuffix(got.text, "data: [DONE]\n\n"):
			s.Errorf("%s: the stream broke off: %s", path, got.text)
			return answered
		}
		answered++
	}
	return answered
}
