// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"context"
	"fmt"
	"maps"
	"math"
	"time"

	"golang.org/x/time/rate"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// limiterKey identifies an endpoint, or the region, model and rate of runs
// without an inference id.
type limiterKey struct {
	inferenceID, region, model string
	perMinute                  int64
}

// limiter enforces the rate of one endpoint.
type limiter struct {
	*rate.Limiter
	refCount
}

// limiter returns the limiter of an endpoint, adjusted to its current rate.
func (r *Runner) limiter(endpoint inference.Endpoint) *limiter {
	perMinute := endpoint.ServiceSettings.RequestsPerMinute
	if perMinute <= 0 {
		perMinute = inference.DefaultRequestsPerMinute
	}
	key := limiterKey{inferenceID: endpoint.InferenceID}
	if key.inferenceID == "" {
		key = limiterKey{region: endpoint.ServiceSettings.Region, model: endpoint.ServiceSettings.Model, perMinute: perMinute}
	}
	limit, burst := rate.Limit(float64(perMinute)/60), burstOf(perMinute)

	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.limiters[key]
	if !ok {
		found = &limiter{Limiter: rate.NewLimiter(limit, burst)}
		r.limiters[key] = found
	}
	if found.Limit() != limit {
		found.SetLimit(limit)
		found.SetBurst(burst)
	}
	found.add(0)
	return found
}

// burstOf is the number of requests of one second. It lets a few inputs through
// at once, and bounds every minute to the limit plus this burst.
func burstOf(perMinute int64) int {
	return int(max(1, min(perMinute/60, math.MaxInt32)))
}

// waitForRate waits until the rate limit permits a request. It returns the error
// of the context, or an *Error if the wait would exceed the deadline.
func (r *run) waitForRate(ctx context.Context) error {
	err := r.limiter.Wait(ctx)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return rateLimitError(r.limiter, "The next request would have to wait beyond the deadline of this run.")
}

// checkDeadline rejects a run that cannot end in time at its rate, before any
// call is charged.
func checkDeadline(ctx context.Context, limiter *limiter, calls int) error {
	deadline, ok := ctx.Deadline()
	if !ok {
		return nil
	}
	needed := time.Duration(float64(calls-limiter.Burst()) / float64(limiter.Limit()) * float64(time.Second))
	left := time.Until(deadline)
	if needed <= left {
		return nil
	}
	return rateLimitError(limiter, fmt.Sprintf("The inputs need %d requests, which take %s at this rate; the deadline is in %s.",
		calls, needed.Round(time.Second), max(left, 0).Round(time.Second)))
}

func rateLimitError(limiter *limiter, message string) *Error {
	return &Error{
		Code:    codeRateLimit,
		Message: message,
		Remedy: fmt.Sprintf("Raise requests_per_minute, which is %.0f, reduce the number of inputs, or increase the timeout.",
			float64(limiter.Limit())*60),
	}
}

// idleTime is how long an unused client or limiter is kept. Keys that were
// rotated must not stay in the memory of a server. The idle connections of a
// client close earlier by themselves.
const idleTime = 5 * time.Minute

// maxClients bounds the clients of a runner, of which each has connections and
// memory of its own. Clients in use are kept beyond it.
const maxClients = 64

// refCount counts the runs that use a shared value. Runner.mu guards it.
type refCount struct {
	runs     int
	lastUsed time.Time
}

// add adds to the number of runs; 0 only updates the time of the last use.
func (c *refCount) add(runs int) {
	c.runs += runs
	c.lastUsed = time.Now()
}

func (c *refCount) isIdle() bool { return c.runs == 0 && time.Since(c.lastUsed) >= idleTime }

func (r *run) end() { r.endUse(&r.limiter.refCount, &r.client.refCount) }

// endUse ends one use of each value.
func (r *Runner) endUse(used ...*refCount) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, count := range used {
		count.add(-1)
	}
	r.removeExcessClients()
}

// sweep removes idle clients and limiters. Every run calls it, so that no
// goroutine is needed. A limiter is kept until all its tokens are back, because
// a new one starts with all of them.
func (r *Runner) sweep() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.lastSweep) < idleTime {
		return
	}
	r.lastSweep = time.Now()
	for key, c := range r.clients {
		if c.isIdle() {
			r.removeClient(key, c)
		}
	}
	maps.DeleteFunc(r.limiters, func(_ limiterKey, l *limiter) bool { return l.isIdle() && l.Tokens() >= float64(l.Burst()) })
}

// removeExcessClients removes the least recently used clients beyond maxClients.
// The caller holds Runner.mu.
func (r *Runner) removeExcessClients() {
	for len(r.clients) > maxClients {
		var oldest *client
		var oldestKey clientKey
		for key, c := range r.clients {
			if c.runs == 0 && (oldest == nil || c.lastUsed.Before(oldest.lastUsed)) {
				oldest, oldestKey = c, key
			}
		}
		if oldest == nil {
			return
		}
		r.removeClient(oldestKey, oldest)
	}
}

func (r *Runner) removeClient(key clientKey, c *client) {
	c.release()
	c.closeIdle()
	delete(r.clients, key)
}
