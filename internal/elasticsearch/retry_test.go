// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestCheckRetry(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	reset := &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
	for _, test := range []struct {
		name       string
		status     int
		err        error
		idempotent bool
		want       bool
	}{
		{name: "too many requests", status: 429, want: true},
		{name: "bad gateway", status: 502},
		{name: "bad gateway, idempotent", status: 502, idempotent: true, want: true},
		{name: "unavailable, idempotent", status: 503, idempotent: true, want: true},
		{name: "gateway timeout, idempotent", status: 504, idempotent: true, want: true},
		{name: "request timeout, idempotent", status: 408, idempotent: true, want: true},
		{name: "request timeout", status: 408},
		{name: "server error", status: 500, idempotent: true},
		{name: "not implemented", status: 501, idempotent: true},
		{name: "bad request", status: 400, idempotent: true},
		{name: "good", status: 200, idempotent: true},
		{name: "redirect", status: 302, idempotent: true},
		{name: "no connection", err: refused, want: true},
		{name: "no connection to the proxy", err: &net.OpError{Op: "proxyconnect", Err: refused}, want: true},
		{name: "proxy not trusted", err: &net.OpError{Op: "proxyconnect", Err: x509.UnknownAuthorityError{}}, idempotent: true},
		{name: "connection lost", err: reset},
		{name: "connection lost, idempotent", err: reset, idempotent: true, want: true},
		{name: "half an answer, idempotent", err: io.ErrUnexpectedEOF, idempotent: true, want: true},
		{name: "certificate not trusted", err: x509.UnknownAuthorityError{}, idempotent: true},
		{name: "fingerprint differs", err: &fingerprintError{}, idempotent: true},
		{name: "answer too large", err: errResponseTooLarge, idempotent: true},
	} {
		ctx := context.WithValue(t.Context(), callKey{}, &call{idempotent: test.idempotent})
		var response *http.Response
		if test.err == nil {
			response = &http.Response{StatusCode: test.status}
		}
		if got, err := checkRetry(ctx, response, test.err); got != test.want || err != nil {
			t.Errorf("%s: got %v, %v", test.name, got, err)
		}
	}
}

func TestCheckRetryHoldsTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		response := &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {"30"}}}
		for _, test := range []struct {
			left time.Duration
			want bool
		}{{29 * time.Second, false}, {31 * time.Second, true}} {
			ctx, cancel := context.WithTimeout(t.Context(), test.left)
			defer cancel()
			if got, err := checkRetry(ctx, response, nil); got != test.want || err != nil {
				t.Errorf("%s left: got %v, %v", test.left, got, err)
			}
		}
		hour := &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {"3600"}}}
		if got, err := checkRetry(t.Context(), hour, nil); got || err != nil {
			t.Errorf("an hour: got %v, %v", got, err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if got, err := checkRetry(ended, response, nil); got || !errors.Is(err, context.Canceled) {
			t.Errorf("ended: got %v, %v", got, err)
		}
	})
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where the time stands still
		for value, want := range map[string]time.Duration{
			"0": 0, "7": 7 * time.Second, "3600": maxRetryAfter,
			time.Now().Add(9 * time.Second).UTC().Format(http.TimeFormat): 9 * time.Second,
			time.Now().Add(time.Hour).UTC().Format(http.TimeFormat):       maxRetryAfter,
			time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat):      0,
		} {
			response := &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {value}}}
			if got := backoff(time.Second, 30*time.Second, 0, response); got != want {
				t.Errorf("Retry-After %q: got %s, want %s", value, got, want)
			}
		}
	})
	nonsense := &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {"soon"}}}
	for attempt, seconds := range []float64{1, 2, 4, 8, 16, 30, 30, 30} {
		for range 100 {
			if got := backoff(time.Second, 30*time.Second, attempt, nonsense); got < 0 || got.Seconds() >= seconds {
				t.Fatalf("attempt %d: got %s, want less than %gs", attempt, got, seconds)
			}
		}
	}
	if got := backoff(time.Hour, 30*time.Second, 1000, nil); got >= 30*time.Second {
		t.Errorf("late attempt: got %s", got)
	}
}
