// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

func limited(id string, perMinute int64) inference.Endpoint {
	endpoint := titan()
	endpoint.InferenceID = id
	endpoint.ServiceSettings.RequestsPerMinute = perMinute
	return endpoint
}

func TestLimiterIsSharedByEndpoint(t *testing.T) {
	runner := New(Config{})
	same := func(a, b inference.Endpoint) bool { return runner.limiter(a) == runner.limiter(b) }
	other := limited("", 10)
	other.ServiceSettings.Region = "eu-central-1"
	for name, c := range map[string]struct {
		a, b inference.Endpoint
		want bool
	}{
		"one endpoint":                   {limited("one", 10), limited("one", 10), true},
		"one endpoint with a new limit":  {limited("one", 10), limited("one", 20), true},
		"two endpoints of one model":     {limited("one", 10), limited("two", 10), false},
		"inline runs":                    {limited("", 10), limited("", 10), true},
		"inline runs with other limits":  {limited("", 10), limited("", 20), false},
		"inline runs of other regions":   {limited("", 10), other, false},
		"an endpoint and inline":         {limited("one", 10), limited("", 10), false},
		"no limit and the default":       {limited("", 0), limited("", inference.DefaultRequestsPerMinute), true},
		"an endpoint named like a model": {limited("amazon.titan-embed-text-v2:0", 10), limited("", 10), false},
	} {
		if same(c.a, c.b) != c.want {
			t.Errorf("%s: shared is %t", name, !c.want)
		}
	}
}

func TestLimiterFollowsTheEndpoint(t *testing.T) {
	runner := New(Config{})
	for _, c := range []struct {
		perMinute int64
		limit     rate.Limit
		burst     int
	}{{240, 4, 4}, {6, 0.1, 1}, {60, 1, 1}, {6000, 100, 100}, {0, 4, 4}} {
		limiter := runner.limiter(limited("one", c.perMinute))
		if limiter.Limit() != c.limit || limiter.Burst() != c.burst {
			t.Errorf("%d a minute: %v a second, burst %d", c.perMinute, limiter.Limit(), limiter.Burst())
		}
	}
}

// TestLimiterPace simulates an hour of load: every minute has at most the limit
// and the burst, and at least 98 % of the limit are used.
func TestLimiterPace(t *testing.T) {
	for _, perMinute := range []int64{1, 7, 60, 240, 1000} {
		limiter := New(Config{}).limiter(limited("one", perMinute))
		now := time.Now()
		start, end := now, now.Add(time.Hour)
		var sent []time.Time
		for now.Before(end) {
			now = now.Add(limiter.ReserveN(now, 1).DelayFrom(now))
			sent = append(sent, now)
		}
		for i, first := range sent {
			within, _ := slices.BinarySearchFunc(sent[i:], first.Add(time.Minute), time.Time.Compare)
			if most := int(perMinute) + limiter.Burst(); within > most {
				t.Fatalf("%d a minute: %d within one", perMinute, within)
			}
		}
		if used := float64(len(sent)) / now.Sub(start).Minutes(); used < 0.98*float64(perMinute) {
			t.Errorf("%d a minute: only %.1f are used", perMinute, used)
		}
	}
}

func TestRateLimitExceedsDeadline(t *testing.T) {
	simulator := newSimulator(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	_, err := New(Config{Simulator: simulator}).Run(ctx, limited("one", 1), noKeys, inference.Request{Input: slices.Repeat([]string{"a"}, 100)})
	var fault *Error
	if !errors.As(err, &fault) || fault.Code != "RateLimit" || !fault.Throttled() {
		t.Fatalf("error %v", err)
	}
	for _, part := range []string{"need 100 requests", "1h39m0s", "requests_per_minute, which is 1"} {
		if !strings.Contains(fault.Error(), part) {
			t.Errorf("%q is not in %q", part, fault.Error())
		}
	}
	if simulator.Calls() != 0 {
		t.Errorf("%d calls were made", simulator.Calls())
	}
}

// TestWaitBeyondTheDeadline has a previous run that used up the rate.
func TestWaitBeyondTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		begun := New(Config{}).uses(t, "one", 1)
		defer begun.end()
		call := func(context.Context) error { calls++; return nil }
		if err := begun.attempts(t.Context(), call); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		err := begun.attempts(ctx, call)
		var fault *Error
		if !errors.As(err, &fault) || fault.Code != "RateLimit" || !strings.Contains(fault.Error(), "beyond the deadline") {
			t.Errorf("error %v", err)
		}
		if calls != 1 {
			t.Errorf("got %d calls, want 1", calls)
		}
	})
}

// TestEveryAttemptCounts checks that each attempt of a call counts against the rate, also
// those that fail.
func TestEveryAttemptCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const burst, attempts = 4, 3
		runner := New(Config{MaxAttempts: attempts})
		runner.backoff = noDelay
		begun := runner.uses(t, "one", 60*burst)
		defer begun.end()
		err := begun.attempts(t.Context(), func(context.Context) error { return &Error{Code: codeNotSent} })
		if left := begun.limiter.Tokens(); errorCode(err) != codeNotSent || left != burst-attempts {
			t.Errorf("%.2f tokens are left, want %d: %v", left, burst-attempts, err)
		}
	})
}
