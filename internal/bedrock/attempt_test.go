// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/contexttest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

func noDelay(int) time.Duration { return 0 }

// TestAttempts counts the attempts of a call for each kind of failure.
func TestAttempts(t *testing.T) {
	const throttledAttempts = 7 // then the backoff of the test exceeds every deadline
	refusing := func(status int, code string) *bedrocksim.Fault {
		return &bedrocksim.Fault{Status: status, Code: code, Message: "boom"}
	}
	for name, c := range map[string]struct {
		fault *bedrocksim.Fault
		want  int
		code  string
	}{
		"throttled":              {bedrocksim.Throttled(), throttledAttempts, "ThrottlingException"},
		"throttled without type": {&bedrocksim.Fault{Status: http.StatusTooManyRequests, Message: "Too many requests"}, throttledAttempts, "UnknownError"},
		"model not ready":        {bedrocksim.ModelNotReady(), throttledAttempts, "ModelNotReadyException"},
		"unavailable":            {bedrocksim.Unavailable(), 3, "ServiceUnavailableException"},
		"internal error":         {refusing(500, "InternalServerException"), 3, "InternalServerException"},
		"gateway without type":   {refusing(502, ""), 3, "UnknownError"},
		"connection reset":       {bedrocksim.Damaged(bedrocksim.Reset), 3, "NoResponse"},
		"answer cut off":         {bedrocksim.Damaged(bedrocksim.CutOff), 3, "BadResponse"},
		"answer malformed":       {bedrocksim.Damaged(bedrocksim.Malformed), 1, "BadResponse"},
		"response of a proxy":    {bedrocksim.Damaged(bedrocksim.HTML), 1, "BadResponse"},
		"access denied":          {bedrocksim.AccessDenied(), 1, "AccessDeniedException"},
		"expired token":          {bedrocksim.ExpiredToken(), 1, "ExpiredTokenException"},
		"invalid":                {refusing(400, "ValidationException"), 1, "ValidationException"},
		"model timeout":          {refusing(408, "ModelTimeoutException"), 1, "ModelTimeoutException"},
		"model error":            {refusing(424, "ModelErrorException"), 1, "ModelErrorException"},
		"unknown model":          {refusing(404, "ResourceNotFoundException"), 1, "ResourceNotFoundException"},
		"service quota":          {refusing(400, "ServiceQuotaExceededException"), 1, "ServiceQuotaExceededException"},
	} {
		for _, endpoint := range []inference.Endpoint{titan(), claude()} {
			t.Run(name+" "+string(endpoint.TaskType), func(t *testing.T) {
				simulator := newSimulator(t, bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return c.fault }))
				runner := New(Config{Simulator: simulator})
				runner.backoff = exceedAfter(throttledAttempts)
				_, err := runner.Run(t.Context(), endpoint, noKeys, texts("text"))
				var fault *Error
				if !errors.As(err, &fault) || fault.Code != c.code {
					t.Errorf("error %v, want %s", err, c.code)
				}
				if got := simulator.Calls(); got != c.want {
					t.Errorf("sent %d times, want %d", got, c.want)
				}
			})
		}
	}
}

func TestMaxAttempts(t *testing.T) {
	for _, c := range []struct {
		most  int
		fault *bedrocksim.Fault
		want  int
	}{
		{1, bedrocksim.Unavailable(), 1},
		{1, bedrocksim.Throttled(), 1},
		{5, bedrocksim.Unavailable(), 5},
	} {
		simulator := newSimulator(t, bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return c.fault }))
		runner := New(Config{Simulator: simulator, MaxAttempts: c.most})
		runner.backoff = noDelay
		if _, err := runner.Run(t.Context(), titan(), noKeys, texts("text")); err == nil || simulator.Calls() != c.want {
			t.Errorf("MaxAttempts %d, %s: sent %d times, error %v", c.most, c.fault.Code, simulator.Calls(), err)
		}
	}
}

// TestThrottleTimeout checks that throttled attempts are bounded by their own time,
// which does not bound other failures, and that the daily quota is not waited
// for.
func TestThrottleTimeout(t *testing.T) {
	daily := bedrocksim.Throttled()
	daily.Message = "Too many tokens per day, please wait before trying again."
	for name, c := range map[string]struct {
		fault   *bedrocksim.Fault
		timeout time.Duration
		want    int
	}{
		"short":         {bedrocksim.Throttled(), 2500 * time.Millisecond, 3},
		"shorter":       {bedrocksim.Throttled(), 500 * time.Millisecond, 1},
		"not ready":     {bedrocksim.ModelNotReady(), 1500 * time.Millisecond, 2},
		"daily quota":   {daily, time.Hour, 1},
		"other failure": {nil, time.Millisecond, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				runner := New(Config{ThrottleTimeout: c.timeout})
				runner.backoff = func(int) time.Duration { return time.Second }
				begun := runner.uses(t, "e", 10_000)
				defer begun.end()
				err := begun.attempts(t.Context(), func(context.Context) error {
					calls++
					if c.fault == nil {
						return &Error{Code: codeNotSent}
					}
					return &smithy.GenericAPIError{Code: c.fault.Code, Message: c.fault.Message}
				})
				if err == nil || calls != c.want {
					t.Errorf("%d calls, want %d: %v", calls, c.want, err)
				}
			})
		})
	}
}

func TestHalfThrottled(t *testing.T) {
	for name, throttle := range map[string]func(call int) bool{
		"every second call":    func(call int) bool { return call%2 == 0 },
		"five calls of ten":    func(call int) bool { return call%10 < 5 },
		"the first half":       func(call int) bool { return call <= 60 },
		"all but every tenth":  func(call int) bool { return call%10 != 0 },
		"one call, many times": func(call int) bool { return call > 7 && call < 100 },
	} {
		t.Run(name, func(t *testing.T) {
			simulator := newSimulator(t, bedrocksim.WithFault(func(_ *http.Request, call int) *bedrocksim.Fault {
				if throttle(call) {
					return bedrocksim.Throttled()
				}
				return nil
			}))
			input := make([]string, 60)
			for i := range input {
				input[i] = fmt.Sprintf("question %d", i)
			}
			runner := New(Config{Simulator: simulator})
			runner.backoff = noDelay
			result, err := runner.Run(t.Context(), claude(), noKeys, inference.Request{Input: input})
			if err != nil {
				t.Fatal(err)
			}
			for i, answer := range result.Completions {
				if !strings.HasSuffix(answer.Text, input[i]) {
					t.Errorf("answer %d is %q", i, answer.Text)
				}
			}
		})
	}
}

func TestAllThrottled(t *testing.T) {
	const answered = 5
	ctx, expire := contexttest.WithExpiry(t.Context())
	simulator := newSimulator(t, bedrocksim.WithFault(func(_ *http.Request, call int) *bedrocksim.Fault {
		switch {
		case call <= answered:
			return nil
		case call == 100:
			expire()
		}
		return bedrocksim.Throttled()
	}))
	// One call at a time, so that all answers have been received before the context ends.
	runner := New(Config{Simulator: simulator, MaxConcurrency: 1})
	runner.backoff = noDelay
	_, err := runner.Run(ctx, titan(), noKeys, texts(strings.Split("a b c d e f g h i j", " ")...))
	var fault *Error
	if !errors.As(err, &fault) || !fault.Throttled() || fault.Code != "ThrottlingException" {
		t.Fatalf("error %v, want that of Bedrock", err)
	}
	if fault.Succeeded != answered || fault.Total != 10 || !strings.Contains(fault.Error(), "5 of 10 inputs had been answered") {
		t.Errorf("error %v", fault)
	}
	if fault.RequestID == "" || fault.Remedy == "" {
		t.Errorf("no request id or no remedy: %+v", fault)
	}
}

// TestNoWaitBeyondTheDeadline checks that a run does not start a delay that would
// end after the deadline, and reports the cause instead.
func TestNoWaitBeyondTheDeadline(t *testing.T) {
	simulator := newSimulator(t, bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return bedrocksim.Throttled() }))
	runner := New(Config{Simulator: simulator})
	runner.backoff = func(int) time.Duration { return 2 * time.Hour }
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	_, err := runner.Run(ctx, titan(), noKeys, texts("a"))
	var fault *Error
	if !errors.As(err, &fault) || fault.Code != "ThrottlingException" || simulator.Calls() != 1 {
		t.Errorf("error %v after %d calls", err, simulator.Calls())
	}
}

// silent is a network in a bubble whose servers never respond. reads is set if they
// read the requests, which must not use TLS.
type silent struct {
	reads    bool
	requests atomic.Int64

	mu          sync.Mutex
	connections []net.Conn
}

func (s *silent) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	s.mu.Lock()
	s.connections = append(s.connections, there)
	s.mu.Unlock()
	if s.reads {
		go func() {
			reader := bufio.NewReader(there)
			for {
				request, err := http.ReadRequest(reader)
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, request.Body)
				s.requests.Add(1)
			}
		}()
	}
	return here, nil
}

// close closes all connections, and returns their number.
func (s *silent) close() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, connection := range s.connections {
		_ = connection.Close()
	}
	return len(s.connections)
}

// TestRequestTimeout checks that a request without response is not sent again,
// because it would be charged twice, and that an unsent request is.
func TestRequestTimeout(t *testing.T) {
	for name, c := range map[string]struct {
		endpoint    string
		reads       bool
		connections int
		requests    int64
		code        string
	}{
		"no answer":    {endpoint: "http://silent.invalid", reads: true, connections: 1, requests: 1, code: "RequestTimeout"},
		"no handshake": {endpoint: "https://silent.invalid", connections: 3, code: "NotSent"},
	} {
		for kind, run := range map[string]func(context.Context, *Runner) error{
			"embedding": func(ctx context.Context, r *Runner) error {
				_, err := r.Run(ctx, titan(), ownKeys, texts("a"))
				return err
			},
			"stream": func(ctx context.Context, r *Runner) error {
				return streamFault(r.Stream(ctx, claude(), ownKeys, texts("a")))
			},
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					network := &silent{reads: c.reads}
					runner := New(Config{Endpoint: c.endpoint, RequestTimeout: 5 * time.Second})
					runner.backoff, runner.dial = noDelay, network.dial
					err := run(t.Context(), runner)
					if got := errorCode(err); got != c.code {
						t.Errorf("error %v, want code %q", err, c.code)
					}
					if got := network.close(); got != c.connections {
						t.Errorf("got %d connections, want %d", got, c.connections)
					}
					if got := network.requests.Load(); got != c.requests {
						t.Errorf("got %d requests, want %d", got, c.requests)
					}
				})
			})
		}
	}
}

func streamFault(pieces iter.Seq2[string, error]) error {
	var fault error
	for _, err := range pieces {
		fault = err
	}
	return fault
}

// TestFirstFailureEndsTheRun checks that no further calls begin.
func TestFirstFailureEndsTheRun(t *testing.T) {
	simulator := newSimulator(t, bedrocksim.WithFault(func(_ *http.Request, call int) *bedrocksim.Fault {
		if call == 3 {
			return bedrocksim.AccessDenied()
		}
		return nil
	}))
	input := make([]string, 500)
	for i := range input {
		input[i] = "text"
	}
	_, err := New(Config{Simulator: simulator, MaxConcurrency: 1}).Run(t.Context(), titan(), noKeys, inference.Request{Input: input})
	var fault *Error
	if !errors.As(err, &fault) || !fault.Denied() || fault.Succeeded != 2 || fault.Total != 500 {
		t.Errorf("error %v", err)
	}
	if simulator.Calls() != 3 {
		t.Errorf("%d calls were made", simulator.Calls())
	}
}

func TestBackoff(t *testing.T) {
	for attempt := range 40 {
		if delay := backoff(attempt); delay < 0 || delay > 20*time.Second {
			t.Errorf("attempt %d waits %s", attempt, delay)
		}
	}
}
