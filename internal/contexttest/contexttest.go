// SPDX-License-Identifier: MPL-2.0

// Package contexttest has contexts for tests.
package contexttest

import (
	"context"
	"sync"
	"time"
)

// WithExpiry returns a context that ends as if its deadline had passed when expire is
// called. Until then its deadline is an hour away, so that no test waits for the clock.
func WithExpiry(parent context.Context) (ctx context.Context, expire context.CancelFunc) {
	expired := make(chan struct{})
	return expiring{parent, expired}, sync.OnceFunc(func() { close(expired) })
}

type expiring struct {
	context.Context
	expired chan struct{}
}

func (c expiring) Deadline() (time.Time, bool) { return time.Now().Add(time.Hour), true }

func (c expiring) Done() <-chan struct{} { return c.expired }

func (c expiring) Err() error {
	select {
	case <-c.expired:
		return context.DeadlineExceeded
	default:
		return nil
	}
}
