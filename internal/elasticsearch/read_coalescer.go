package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// readCoalescer serves many reads with few requests. A single read is one request
// for its endpoint. Reads that arrive during a request wait for it. If several
// reads wait, or if single reads keep arriving, one listing serves them all.
//
// Callers read ten endpoints at a time, so a listing is cached for listingTTL and
// serves later reads too. Such a read may miss changes that others make within
// that time. It never misses a write of this client: a listing that began before
// the end of the last write is not used. A cached listing serves only endpoints
// that it contains; others are requested again.
type readCoalescer struct {
	fetchOne func(context.Context, string) (inference.Endpoint, error)
	fetchAll func(context.Context) (listing, error)
	now      func() time.Time
	// absence makes a cached listing serve ids that it does not contain, instead of
	// those that it contains. See newExistenceCoalescer.
	absence bool

	mu          sync.Mutex
	waiting     []*read
	running     bool
	singleReads int // number of single reads since the last listing
	cached      cachedListing
	// listingFails is set if listings fail: every read is then a single read.
	listingFails bool
	// written holds the end of the last write of each id, lastWrite of any id.
	written   map[string]time.Time
	lastWrite time.Time
}

// listingTTL is longer than a refresh of some thousand endpoints takes.
const listingTTL = 10 * time.Second

// maxSingleReads is the number of consecutive single reads after which a listing
// serves the next ones.
const maxSingleReads = 3

type cachedListing struct {
	entries listing
	began   time.Time
}

// read is one waiting caller.
type read struct {
	id     string
	ctx    context.Context // of the caller; used for its request
	result chan result     // buffered, so that sending never blocks
}

type result struct {
	endpoint inference.Endpoint
	err      error
}

func newReadCoalescer(fetchOne func(context.Context, string) (inference.Endpoint, error), fetchAll func(context.Context) (listing, error)) *readCoalescer {
	return &readCoalescer{fetchOne: fetchOne, fetchAll: fetchAll, now: time.Now, written: map[string]time.Time{}}
}

// absenceTTL is the maximum age of a listing that says that an id is free. It is
// no longer than the call of the model between the check and the creation.
const absenceTTL = time.Second

// newExistenceCoalescer returns a coalescer for checks whether ids are free, which
// precede every create. For absenceTTL, a listing serves ids that it does not
// contain. Ids that it contains, which may have been deleted since, and ids that
// this client wrote since are requested again. Writes of other ids do not
// invalidate the listing, so that many creates need few listings.
func newExistenceCoalescer(fetchOne func(context.Context, string) (inference.Endpoint, error), fetchAll func(context.Context) (listing, error)) *readCoalescer {
	r := newReadCoalescer(fetchOne, fetchAll)
	r.absence = true
	return r
}

// wrote invalidates listings that began before now for the id.
func (r *readCoalescer) wrote(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastWrite = r.now()
	r.written[id] = r.lastWrite
}

func (r *readCoalescer) get(ctx context.Context, id string) (inference.Endpoint, error) {
	asked := &read{id: id, ctx: ctx, result: make(chan result, 1)}
	r.mu.Lock()
	if found, ok := r.cachedEntry(id); ok {
		r.mu.Unlock()
		return found.endpoint, found.err
	}
	if r.listingFails {
		r.mu.Unlock()
		return r.fetchOne(ctx, id)
	}
	r.waiting = append(r.waiting, asked)
	if !r.running {
		r.running = true
		go r.run() //nolint:contextcheck // requests use the contexts of the waiting callers
	}
	r.mu.Unlock()
	select {
	case answer := <-asked.result:
		return answer.endpoint, answer.err
	case <-ctx.Done():
		return inference.Endpoint{}, abandoned(ctx, fmt.Sprintf("read inference endpoint %q", id))
	}
}

// cachedEntry returns the entry of the cached listing. r.mu must be locked.
func (r *readCoalescer) cachedEntry(id string) (entry, bool) {
	age := r.now().Sub(r.cached.began)
	found, ok := r.cached.entries[id]
	if r.absence {
		return entry{err: notFound(id)}, !ok && age <= absenceTTL && r.cached.began.After(r.written[id])
	}
	return found, ok && age <= listingTTL && r.cached.began.After(r.lastWrite)
}

// run makes requests, one at a time, until no caller waits.
func (r *readCoalescer) run() {
	for {
		r.mu.Lock()
		batch, listingFails := r.waiting, r.listingFails
		r.waiting = nil
		r.running = len(batch) > 0
		single := len(batch) == 1 && r.singleReads < maxSingleReads
		if single {
			r.singleReads++
		}
		r.mu.Unlock()
		switch {
		case len(batch) == 0:
			return
		case listingFails:
			r.serveEach(batch)
		case single:
			r.serveOne(batch[0])
		default:
			r.serveAll(batch)
		}
	}
}

func (r *readCoalescer) serveOne(asked *read) {
	endpoint, err := r.fetchOne(asked.ctx, asked.id)
	asked.result <- result{endpoint, err}
}

func (r *readCoalescer) serveEach(batch []*read) {
	for _, asked := range batch {
		go r.serveOne(asked)
	}
}

func (r *readCoalescer) serveAll(batch []*read) {
	ctx, done := sharedContext(batch)
	defer done()
	began := r.now()
	found, err := r.fetchAll(ctx)
	r.mu.Lock()
	r.singleReads = 0
	if err == nil {
		r.cached = cachedListing{found, began}
	}
	r.listingFails = onlyListingFails(err)
	r.mu.Unlock()
	if onlyListingFails(err) {
		r.serveEach(batch)
		return
	}
	for _, asked := range batch {
		if err != nil {
			asked.result <- result{err: err}
			continue
		}
		endpoint, err := found.pick(asked.id)
		asked.result <- result{endpoint, err}
	}
}

// onlyListingFails reports whether the error of a listing need not affect reads of
// single endpoints: the caller may not list, one endpoint is malformed, or the
// response is too large. If the server cannot be reached, every read would fail
// after its own retries.
func onlyListingFails(err error) bool {
	var failure *backend.Error
	return errors.As(err, &failure) && (failure.Kind != backend.Unreachable || errors.Is(err, errResponseTooLarge))
}

// sharedContext returns the context of a request for all reads of a batch: it ends
// when the last of their contexts has ended.
func sharedContext(batch []*read) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(batch[0].ctx))
	var waiting atomic.Int64
	waiting.Store(int64(len(batch)))
	stops := make([]func() bool, len(batch))
	for i, asked := range batch {
		stops[i] = context.AfterFunc(asked.ctx, func() {
			if waiting.Add(-1) == 0 {
				cancel()
			}
		})
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}
