package api

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// stream asks like run and yields the answers piece by piece, one input after
// the other. The time is that until the first piece.
func (h *Handler) stream(ctx context.Context, call *call) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		run, err := h.readStream(ctx, call)
		if err != nil {
			yield("", err)
			return
		}
		timeout, err := call.timeout(run.timeout, run.endpoint.TaskType)
		if err != nil {
			yield("", err)
			return
		}
		ctx, begun, cancel := untilBegun(ctx, timeout)
		defer cancel()
		for piece, err := range h.target.Stream(ctx, run.endpoint, run.request) {
			switch {
			case err != nil && errors.Is(context.Cause(ctx), errLate):
				err = timedOut(timeout)
			case err != nil:
				err = run.failure(err)
			default:
				begun()
			}
			if !yield(piece, err) {
				return
			}
		}
	}
}

func (h *Handler) readStream(ctx context.Context, call *call) (*asked, error) {
	run, err := h.readRun(ctx, call)
	if err == nil && !run.endpoint.TaskType.Generates() {
		return nil, notStreamable(run.endpoint)
	}
	return run, err
}

var errLate = errors.New("the first piece came too late")

// untilBegun bounds the time until begun is called, and then no more than
// anyone waits.
func untilBegun(ctx context.Context, timeout time.Duration) (_ context.Context, begun func(), cancel func()) {
	ctx, end := context.WithTimeout(ctx, longestTime)
	ctx, late := context.WithCancelCause(ctx)
	timer := time.AfterFunc(timeout, func() { late(errLate) })
	return ctx, func() { timer.Stop() }, func() {
		timer.Stop()
		late(nil)
		end()
	}
}

func notStreamable(endpoint inference.Endpoint) *failure {
	fault := refuse("Streaming is not allowed for service [%s] and task [%s]. Supported tasks: [%s]", endpoint.Service, endpoint.TaskType, inference.Completion)
	fault.status = http.StatusMethodNotAllowed
	return fault
}
