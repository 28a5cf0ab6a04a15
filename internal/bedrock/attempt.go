// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

var jitter = retry.NewExponentialJitterBackoff(retry.DefaultMaxBackoff)

// backoff returns a random delay of up to 2^attempt seconds, at most 20 s.
func backoff(attempt int) time.Duration {
	delay, _ := jitter.BackoffDelay(attempt, nil) // fails only if crypto/rand fails, which ends the process
	return delay
}

// attempts sends one call until it is answered, is refused permanently, has failed
// MaxAttempts times, or was throttled for ThrottleTimeout. It replaces the retries of the SDK, which count
// throttling as failures, sleep past the deadline, lose the cause, and bypass
// the rate limiter.
func (r *run) attempts(ctx context.Context, send func(context.Context) error) error {
	start := time.Now()
	var last error
	for attempt, failures := 1, 0; ; attempt++ {
		if err := r.waitForRate(ctx); err != nil {
			return r.failure(cause(err, last))
		}
		err := r.attempt(ctx, send)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return r.failure(cause(ctx.Err(), last))
		}
		last = err
		delay := r.backoff(attempt)
		next := time.Now().Add(delay)
		if isThrottled(err) {
			if next.After(start.Add(r.config.ThrottleTimeout)) {
				return r.failure(err)
			}
		} else {
			failures++
		}
		deadline, bounded := ctx.Deadline()
		if !isRetryable(err) || failures >= r.config.MaxAttempts || r.config.MaxAttempts == 1 || bounded && next.After(deadline) {
			return r.failure(err)
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return r.failure(cause(ctx.Err(), last))
		}
	}
}

// cause prefers the failure that made a retry necessary to the deadline that
// ended the retries.
func cause(err, last error) error {
	if last == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return last
}

// attempt sends a call once, within RequestTimeout.
func (r *run) attempt(ctx context.Context, send func(context.Context) error) error {
	attemptCtx, cancel := context.WithTimeout(ctx, r.config.RequestTimeout)
	defer cancel()
	var sent atomic.Bool
	err := send(httptrace.WithClientTrace(attemptCtx, &httptrace.ClientTrace{
		WroteRequest: func(info httptrace.WroteRequestInfo) { sent.Store(info.Err == nil) },
	}))
	if err == nil || ctx.Err() != nil || attemptCtx.Err() == nil {
		return err
	}
	timeout := &Error{
		Code:    codeTimeout,
		Message: "No response arrived within " + r.config.RequestTimeout.String() + ".",
		Remedy:  "Increase request_timeout, or limit the length of the answer with max_new_tokens.",
		Cause:   attemptCtx.Err(),
	}
	if !sent.Load() {
		timeout.Code = codeNotSent
		timeout.Message = "The request could not be sent within " + r.config.RequestTimeout.String() + "."
		timeout.Remedy = "Check the network and the configured endpoint, or increase request_timeout."
	}
	return timeout
}

// isThrottled reports whether the service may accept the same call later.
// Bedrock answers 429, sometimes without an error type, and
// ModelNotReadyException while it loads a model.
func isThrottled(err error) bool {
	if retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err).Bool() {
		return true
	}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.HTTPStatusCode() == http.StatusTooManyRequests {
		return true
	}
	return errorCode(err) == codeModelNotReady
}

// isDailyQuota reports whether a daily quota is used up, for example "Too
// many tokens per day": no run waits that long.
func isDailyQuota(message string) bool {
	message = strings.ToLower(message)
	return strings.Contains(message, "per day") || strings.Contains(message, "daily")
}

// isRetryable adds to the rules of the SDK: throttling without an error type, a
// request that could not be sent in time, and a response that was cut off. A
// timeout of the response, of this side or of Bedrock (ModelTimeoutException),
// is not retried: the same prompt would take as long and be charged again.
func isRetryable(err error) bool {
	if errors.As(err, new(*proxyRefusal)) {
		return false
	}
	switch errorCode(err) {
	case codeTimeout:
		return false
	case codeNotSent:
		return true
	}
	if isThrottled(err) {
		return !isDailyQuota(err.Error())
	}
	return errors.Is(err, io.ErrUnexpectedEOF) ||
		retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary
}
