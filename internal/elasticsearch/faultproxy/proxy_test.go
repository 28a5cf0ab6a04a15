// SPDX-License-Identifier: MPL-2.0

package faultproxy_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/faultproxy"
)

// TestFaults: what the client sees, and whether the server has acted.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault     faultproxy.Fault
		forwarded int64
		fails     error // of the transport
		code      int
		holds     string
	}{
		"pass":                    {fault: faultproxy.Pass, forwarded: 1, code: 200, holds: "hello, world"},
		"reset":                   {fault: faultproxy.Reset, fails: syscall.ECONNRESET},
		"forwarded, then reset":   {fault: faultproxy.ForwardThenReset, forwarded: 1, fails: syscall.ECONNRESET},
		"forwarded, then stopped": {fault: faultproxy.ForwardThenStop, forwarded: 1, fails: syscall.ECONNRESET},
		"restart":                 {fault: faultproxy.Restart, fails: syscall.ECONNRESET},
		"delayed":                 {fault: faultproxy.Delay(time.Millisecond), forwarded: 1, code: 200, holds: "hello, world"},
		"truncated":               {fault: faultproxy.ForwardThenTruncate, forwarded: 1, fails: io.ErrUnexpectedEOF},
		"changed header":          {fault: faultproxy.ForwardThenSetHeader("X-Elastic-Product", ""), forwarded: 1, code: 200, holds: "hello, world"},
		"page":                    {fault: faultproxy.Page(503), code: 503, holds: "<html>"},
		"forwarded, then page":    {fault: faultproxy.ForwardThenPage(502), forwarded: 1, code: 502, holds: "<html>"},
		"refusal":                 {fault: faultproxy.Refusal(429, "x", "y"), code: 429, holds: `"reason":"y"`},
		"redirect":                {fault: faultproxy.Redirect(307, "http://elsewhere.invalid"), code: 307},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var forwarded atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				forwarded.Add(1)
				_, _ = io.WriteString(w, "hello, world")
			}))
			t.Cleanup(server.Close)
			proxy := faultproxy.New(t, server.URL)
			proxy.Arm(func(r *http.Request) bool { return r.Method == http.MethodPut }, test.fault, 1)
			code, body, err := ask(t.Context(), proxy.URL)
			if !errors.Is(err, test.fails) || code != test.code || !strings.Contains(body, test.holds) {
				t.Errorf("got %d %q, %v", code, body, err)
			}
			if forwarded.Load() != test.forwarded || proxy.Hits() != 1 {
				t.Errorf("acted %d times, hit %d times", forwarded.Load(), proxy.Hits())
			}
			proxy.Lift()
			if code, body, err := ask(t.Context(), proxy.URL); code != 200 || body != "hello, world" || err != nil {
				t.Errorf("after it was lifted: %d %q, %v", code, body, err)
			}
		})
	}
}

// ask sends one PUT and does not follow a redirect.
func ask(ctx context.Context, url string) (int, string, error) {
	transport := &http.Transport{DisableKeepAlives: true}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url, strings.NewReader("x"))
	if err != nil {
		return 0, "", err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, "", err
	}
	return response.StatusCode, string(body), nil
}

// TestSilence: the client waits until it goes.
func TestSilence(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() }))
	t.Cleanup(server.Close)
	proxy := faultproxy.New(t, server.URL)
	proxy.Arm(func(*http.Request) bool { return true }, faultproxy.ForwardThenWait, -1)
	if _, _, err := ask(ctx, proxy.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestRefuse: while it refuses, connections fail; its address is kept.
func TestRefuse(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	proxy := faultproxy.New(t, server.URL)
	for range 3 {
		proxy.Refuse()
		if _, _, err := ask(t.Context(), proxy.URL); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("refusing: got %v", err)
		}
		proxy.Listen()
		if code, _, err := ask(t.Context(), proxy.URL); code != http.StatusNotFound {
			t.Errorf("listening: got %d, %v", code, err)
		}
	}
}

// TestListenWhileProcessesStart: a process that is being started has, for a
// moment, the port of a proxy that just closed it.
func TestListenWhileProcessesStart(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	var starting sync.WaitGroup
	for range 4 {
		starting.Go(func() {
			for ctx.Err() == nil {
				_ = exec.CommandContext(ctx, self, "-test.list=^$").Run()
			}
		})
	}
	proxy := faultproxy.New(t, server.URL)
	for range 200 {
		proxy.Refuse()
		proxy.Listen()
	}
	end()
	starting.Wait()
}
