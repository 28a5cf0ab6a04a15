package bedrock

import (
	"context"
	"fmt"
	"math"
	"time"

	"golang.org/x/time/rate"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// limiterKey names an endpoint, or what stands for one in a run without id.
type limiterKey struct {
	inferenceID, region, model string
	perMinute                  int64
}

// limiter holds the runs of one endpoint to its rate.
type limiter struct {
	*rate.Limiter
	use
}

// limiter is the endpoint's own, at the rate that the endpoint has now.
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
	own, known := r.limiters[key]
	if !known {
		own = &limiter{Limiter: rate.NewLimiter(limit, burst)}
		r.limiters[key] = own
	}
	if own.Limit() != limit {
		own.SetLimit(limit)
		own.SetBurst(burst)
	}
	own.add(0)
	return own
}

// burstOf is one second's worth of requests: enough that a handful of inputs is
// not spread over seconds, while no minute ever has more than the limit and
// this burst.
func burstOf(perMinute int64) int {
	return int(max(1, min(perMinute/60, math.MaxInt32)))
}

// await takes a token, waiting for it where it must.
func (r *run) await(ctx context.Context) error {
	err := r.limiter.Wait(ctx)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return tooSlow(r.limiter, "The next request would have to wait beyond the deadline of this run.")
}

// checkDeadline refuses a run that its rate limit cannot finish in time, before
// any of it is paid for.
func checkDeadline(ctx context.Context, limiter *limiter, calls int) error {
	deadline, ok := ctx.Deadline()
	if !ok {
		return nil
	}
	needs := time.Duration(float64(calls-limiter.Burst()) / float64(limiter.Limit()) * float64(time.Second))
	left := time.Until(deadline)
	if needs <= left {
		return nil
	}
	return tooSlow(limiter, fmt.Sprintf("The inputs need %d requests, which take %s at this rate; the deadline is in %s.",
		calls, needs.Round(time.Second), max(left, 0).Round(time.Second)))
}

func tooSlow(limiter *limiter, message string) *Error {
	return &Error{
		Code:    codeRateLimit,
		Message: message,
		Remedy: fmt.Sprintf("Raise requests_per_minute, which is %.0f, give fewer inputs, or raise the timeout.",
			float64(limiter.Limit())*60),
	}
}
