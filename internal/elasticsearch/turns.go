package elasticsearch

import (
	"context"
	"fmt"
	"sync"
)

// turns lets one after the other do something with an id.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when the turn ends
}

func newTurns() *turns { return &turns{taken: map[string]chan struct{}{}} }

// take waits for the turn of the id; done ends it.
func (t *turns) take(ctx context.Context, id string) (done func(), err error) {
	for {
		taken := t.tryTake(id)
		if taken == nil {
			return func() { t.end(id) }, nil
		}
		select {
		case <-taken:
		case <-ctx.Done():
			return nil, given(ctx, fmt.Sprintf("create inference endpoint %q", id))
		}
	}
}

// tryTake returns nil, or the end of the turn that has to be waited for.
func (t *turns) tryTake(id string) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	taken, ok := t.taken[id]
	if !ok {
		t.taken[id] = make(chan struct{})
	}
	return taken
}

func (t *turns) end(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.taken[id])
	delete(t.taken, id)
}
