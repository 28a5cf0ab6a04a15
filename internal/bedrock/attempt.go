package bedrock

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// patience is how long a call that is throttled goes on asking in a run without
// a deadline.
const patience = 5 * time.Minute

var jitter = retry.NewExponentialJitterBackoff(retry.DefaultMaxBackoff)

// backoff is a random time of up to 2^attempt seconds, at most 20 s.
func backoff(attempt int) time.Duration {
	delay, err := jitter.BackoffDelay(attempt, nil)
	if err != nil { // no randomness to be had
		return retry.DefaultMaxBackoff
	}
	return delay
}

// attempts sends one call until it is answered, refused for good, or out of
// attempts or time. The SDK's own loop is off: it would count throttling among
// the failures, sleep through the deadline and lose the reason, and send
// without asking the rate limiter.
func (r *run) attempts(ctx context.Context, send func(context.Context) error) error {
	end, ok := ctx.Deadline()
	if !ok {
		end = time.Now().Add(patience)
	}
	var last error
	for attempt, failures := 1, 0; ; attempt++ {
		if err := r.await(ctx); err != nil {
			return r.failure(reason(err, last))
		}
		err := r.attempt(ctx, send)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return r.failure(reason(ctx.Err(), last))
		}
		last = err
		if !isThrottled(err) {
			failures++
		}
		delay := r.backoff(attempt)
		if !isRetryable(err) || failures >= r.config.MaxAttempts || r.config.MaxAttempts == 1 || time.Now().Add(delay).After(end) {
			return r.failure(err)
		}
		if err := sleep(ctx, delay); err != nil {
			return r.failure(reason(err, last))
		}
	}
}

// reason is why a call ends: that it ran out of time while it was tried again
// says less than why it had to be.
func reason(err, last error) error {
	if last == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return last
}

// attempt sends once.
func (r *run) attempt(ctx context.Context, send func(context.Context) error) error {
	once, cancel := context.WithTimeout(ctx, r.config.RequestTimeout)
	defer cancel()
	var sent atomic.Bool
	err := send(httptrace.WithClientTrace(once, &httptrace.ClientTrace{
		WroteRequest: func(info httptrace.WroteRequestInfo) { sent.Store(info.Err == nil) },
	}))
	switch {
	case err == nil || ctx.Err() != nil || once.Err() == nil:
		return err
	case !sent.Load():
		return &Error{
			Code:    codeNotSent,
			Message: "The request could not be sent within " + r.config.RequestTimeout.String() + ".",
			Remedy:  "Check the network and the endpoint that is configured, or raise request_timeout.",
			Cause:   once.Err(),
		}
	}
	return &Error{
		Code:    codeTimeout,
		Message: "No answer came within " + r.config.RequestTimeout.String() + ".",
		Remedy:  "Raise request_timeout, or ask for less text with max_new_tokens.",
		Cause:   once.Err(),
	}
}

func sleep(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// isThrottled tells that the service would take the same call later. Bedrock
// says so with a 429 that may lack the error type, and with
// ModelNotReadyException while it loads a model.
func isThrottled(err error) bool {
	if retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err).Bool() {
		return true
	}
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusTooManyRequests {
		return true
	}
	return errorCode(err) == codeModelNotReady
}

// isRetryable adds to the SDK's own judgement what it leaves out: throttling
// without type, a request that took too long to be sent, and an answer that was
// cut off. An answer that takes too long is left out, whether this side or
// Bedrock (ModelTimeoutException) gives up on it: a model that needed too long
// for a prompt needs as long again, for as much money.
func isRetryable(err error) bool {
	switch errorCode(err) {
	case codeTimeout:
		return false
	case codeNotSent:
		return true
	}
	return isThrottled(err) ||
		errors.Is(err, io.ErrUnexpectedEOF) ||
		retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary
}
