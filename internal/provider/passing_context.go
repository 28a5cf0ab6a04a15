package provider

import (
	"context"
	"sync/atomic"
	"time"
)

// passing is the context of one call. When the call is over it holds nothing of
// it any more, whoever still holds the context.
type passing struct {
	of atomic.Pointer[context.Context]
}

func newPassing(ctx context.Context) *passing {
	p := &passing{}
	p.of.Store(&ctx)
	return p
}

// over is what a context is after its call.
var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (p *passing) end() { p.of.Store(&over) }

func (p *passing) Deadline() (time.Time, bool) { return (*p.of.Load()).Deadline() }
func (p *passing) Done() <-chan struct{}       { return (*p.of.Load()).Done() }
func (p *passing) Err() error                  { return (*p.of.Load()).Err() }
func (p *passing) Value(key any) any           { return (*p.of.Load()).Value(key) }
