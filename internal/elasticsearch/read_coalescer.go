// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
// Callers read ten endpoints at a time, so a listing is kept and serves later reads
// too. How long depends on how long it took, see maxAge. Such a read may miss
// changes that others make within that time. It never misses a write of this
// client, see usable.
type readCoalescer struct {
	fetchOne func(context.Context, string) (inference.Endpoint, error)
	fetchAll func(context.Context) (listing, error)
	now      func() time.Time

	mu          sync.Mutex
	waiting     []*read
	running     bool
	singleReads int // number of single reads since the last listing
	cached      cachedListing
	// absent holds the single reads that found no endpoint, by id.
	absent map[string]request
	// listingFails is set if listings fail: every read is then a single read.
	listingFails bool
	// written holds the end of the last write of each id, lastWrite of any id.
	written   map[string]time.Time
	lastWrite time.Time
}

// purpose is what a caller uses the result of a read for. It decides how old a
// result may be, and whether it may come from a listing.
type purpose struct {
	// absence is set for checks whether an id is free. Listings serve ids that they
	// do not contain. Other ids, which may have been deleted since, are requested
	// again. Without absence, listings serve only the ids that they contain.
	absence bool
	// A result may be as old as this many times the duration of its request, but at
	// least and at most as old as given. A slow or busy server, and a busy client,
	// need more time for the same work; a fixed time would make them send more
	// requests than idle ones.
	roundTrips       int
	minimum, maximum time.Duration
}

var (
	// toRead reads endpoints for a refresh or a plan. The minimum is longer than an
	// idle machine takes to refresh some thousand endpoints.
	toRead = purpose{roundTrips: 100, minimum: 10 * time.Second, maximum: time.Minute}
	// toPlan checks whether ids are free when their creation is planned. A plan
	// describes one moment, and Elasticsearch refuses an id that is taken later.
	toPlan = purpose{absence: true, roundTrips: 100, minimum: 10 * time.Second, maximum: time.Minute}
	// toCreate checks whether an id is free just before its creation, so that an
	// endpoint that is found after a lost response is known to be the new one. The
	// minimum is no longer than the call of the model between the check of Elasticsearch
	// and the creation.
	toCreate = purpose{absence: true, roundTrips: 50, minimum: time.Second, maximum: 10 * time.Second}
)

// maxAge returns how old the result of a request may be.
func (p purpose) maxAge(of request) time.Duration {
	return min(max(time.Duration(p.roundTrips)*of.took, p.minimum), p.maximum)
}

// request is when a request began, and its duration.
type request struct {
	began time.Time
	took  time.Duration
}

// maxSingleReads is the number of consecutive single reads after which a listing
// serves the next ones.
const maxSingleReads = 3

type cachedListing struct {
	request
	entries listing
	served  int // number of reads that it has served since it was received
}

// read is one waiting caller.
type read struct {
	id      string
	purpose purpose
	ctx     context.Context // of the caller; used for its request
	result  chan result     // buffered, so that sending never blocks
}

// result is the result of a read: an endpoint, or an entry of a listing that the caller
// parses.
type result struct {
	endpoint inference.Endpoint
	entry    entry
	err      error
}

func (r result) of(id string) (inference.Endpoint, error) {
	if r.entry != "" {
		return r.entry.parse(id)
	}
	return r.endpoint, r.err
}

func newReadCoalescer(fetchOne func(context.Context, string) (inference.Endpoint, error), fetchAll func(context.Context) (listing, error)) *readCoalescer {
	return &readCoalescer{fetchOne: fetchOne, fetchAll: fetchAll, now: time.Now, absent: map[string]request{}, written: map[string]time.Time{}}
}

// wrote makes sure that no result of a request that began before now is used for
// the id. It is called at the end of every write, whether it succeeded or not.
func (r *readCoalescer) wrote(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastWrite = r.now()
	r.written[id] = r.lastWrite
	delete(r.absent, id)
}

func (r *readCoalescer) get(ctx context.Context, id string, purpose purpose) (inference.Endpoint, error) {
	asked := &read{id: id, purpose: purpose, ctx: ctx, result: make(chan result, 1)}
	r.mu.Lock()
	if found, ok := r.cachedResult(id, purpose); ok {
		r.mu.Unlock()
		return found.of(id)
	}
	if r.listingFails {
		r.mu.Unlock()
		return r.single(ctx, id)
	}
	r.waiting = append(r.waiting, asked)
	if !r.running {
		r.running = true
		go r.run() //nolint:contextcheck // requests use the contexts of the waiting callers
	}
	r.mu.Unlock()
	select {
	case answer := <-asked.result:
		return answer.of(id)
	case <-ctx.Done():
		return inference.Endpoint{}, abandoned(ctx, fmt.Sprintf("read inference endpoint %q", id))
	}
}

// cachedResult returns what earlier requests say about the id. r.mu must be locked.
func (r *readCoalescer) cachedResult(id string, purpose purpose) (result, bool) {
	if asked, ok := r.absent[id]; ok && purpose.absence && r.usable(asked, id, purpose) {
		return result{err: notFound(id)}, true
	}
	found, contained := r.cached.entries[id]
	if contained == purpose.absence || !r.usable(r.cached.request, id, purpose) {
		return result{}, false
	}
	r.cached.served++
	if purpose.absence {
		return result{err: notFound(id)}, true
	}
	return result{entry: found}, true
}

// usable reports whether the result of a request is recent enough and began after
// the last write of this client. For a check whether an id is free, only writes of
// that id count, so that many creates need few requests. r.mu must be locked.
func (r *readCoalescer) usable(of request, id string, purpose purpose) bool {
	write := r.lastWrite
	if purpose.absence {
		write = r.written[id]
	}
	return !of.began.IsZero() && r.now().Sub(of.began) <= purpose.maxAge(of) && of.began.After(write)
}

// run makes requests, one at a time, until no caller waits. A single read is not
// worth its request if the last listing has served several reads: more will follow.
func (r *readCoalescer) run() {
	for {
		r.mu.Lock()
		batch, listingFails := r.notCached(r.waiting), r.listingFails
		r.waiting = nil
		r.running = len(batch) > 0
		single := len(batch) == 1 && r.singleReads < maxSingleReads && r.cached.served < maxSingleReads
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

// notCached serves the reads that the request that has just ended can serve, and
// returns the others. r.mu must be locked.
func (r *readCoalescer) notCached(reads []*read) []*read {
	return slices.DeleteFunc(reads, func(asked *read) bool {
		found, ok := r.cachedResult(asked.id, asked.purpose)
		if ok {
			asked.result <- found
		}
		return ok
	})
}

func (r *readCoalescer) serveOne(asked *read) {
	endpoint, err := r.single(asked.ctx, asked.id)
	asked.result <- result{endpoint: endpoint, err: err}
}

// single requests one endpoint, and remembers if it does not exist.
func (r *readCoalescer) single(ctx context.Context, id string) (inference.Endpoint, error) {
	began := r.now()
	endpoint, err := r.fetchOne(ctx, id)
	if backend.Is(err, backend.NotFound) {
		r.mu.Lock()
		r.absent[id] = request{began, r.now().Sub(began)}
		r.mu.Unlock()
	}
	return endpoint, err
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
	r.cached.served = 0
	if err == nil {
		r.cached = cachedListing{request: request{began, r.now().Sub(began)}, entries: found}
	}
	r.listingFails = onlyListingFails(err)
	r.mu.Unlock()
	if onlyListingFails(err) {
		r.serveEach(batch)
		return
	}
	for _, asked := range batch {
		switch entry, contained := found[asked.id]; {
		case err != nil:
			asked.result <- result{err: err}
		case contained:
			asked.result <- result{entry: entry}
		default:
			asked.result <- result{err: notFound(asked.id)}
		}
	}
}

// onlyListingFails reports whether the error of a listing need not affect reads of
// single endpoints: the caller may not list, one endpoint is malformed or too large,
// or the response is too large. If the server cannot be reached, every read would fail
// after its own retries.
func onlyListingFails(err error) bool {
	failure, ok := errors.AsType[*backend.Error](err)
	return ok && (failure.Kind != backend.Unreachable || errors.Is(err, errResponseTooLarge) || errors.Is(err, errEntryTooLarge))
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
