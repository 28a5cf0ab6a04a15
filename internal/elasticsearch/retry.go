// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"net/http"
	"strconv"
	"time"
)

// maxRetryAfter is the longest Retry-After that is honored. A call whose server
// asks for more is not retried.
const maxRetryAfter = time.Minute

// checkRetry decides whether the call is sent again. A status is never an error
// here: the caller gets the last response as it is.
func checkRetry(ctx context.Context, response *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	call := callOf(ctx)
	if err != nil {
		return (isDialError(err) || call.idempotent) && !isPermanent(err), nil
	}
	again := false
	switch response.StatusCode {
	case http.StatusTooManyRequests:
		again = !isTimeoutResponse(response) // a full queue did not run the model
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		again = call.idempotent && !call.runsModel // the model may have run
	case http.StatusBadGateway, http.StatusServiceUnavailable:
		again = call.idempotent
	}
	return again && hasTime(ctx, response), nil
}

// isPermanent reports whether the next attempt would fail in the same way.
func isPermanent(err error) bool {
	return errors.As(err, new(*proxyRefusal)) || errors.Is(err, errResponseTooLarge) ||
		isCertificateError(err) || isPlaintextServer(err)
}

// hasTime reports whether the wait that the server asks for ends before ctx and
// does not exceed maxRetryAfter.
func hasTime(ctx context.Context, response *http.Response) bool {
	wait, asked := retryAfter(response)
	deadline, bounded := ctx.Deadline()
	return !asked || (wait <= maxRetryAfter && (!bounded || time.Until(deadline) > wait))
}

// backoff returns the time that the server asks for, or a random time up to a bound
// that doubles, so that clients that failed together do not retry together.
func backoff(least, most time.Duration, attempt int, response *http.Response) time.Duration {
	if wait, asked := retryAfter(response); asked {
		return min(wait, maxRetryAfter)
	}
	bound := min(least, most)
	for range attempt {
		bound = 2 * min(bound, most/2)
	}
	if bound <= 0 {
		return 0
	}
	wait, _ := rand.Int(rand.Reader, big.NewInt(int64(bound))) // never fails
	return time.Duration(wait.Int64())
}

// retryAfter reads the header, in seconds or as a date.
func retryAfter(response *http.Response) (time.Duration, bool) {
	if response == nil {
		return 0, false
	}
	value := response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second, true
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(time.Until(date), 0), true
	}
	return 0, false
}
