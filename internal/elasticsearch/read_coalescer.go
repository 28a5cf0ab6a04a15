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

// reads answers many reads with few requests. A read alone is one request for
// its own endpoint. Reads that arrive while a request is under way wait for it,
// and when more than one waits a single listing answers them all; so it does
// when reads keep coming one by one.
//
// Callers read ten endpoints at a time, and ask for the next when they have
// one: so a listing also answers, for keepTime, reads that come after it. Such a
// read may miss what others change within that time, which is nothing new: a
// refresh is no snapshot. It never misses a write of this client: a listing that
// began before the end of the last write is not used. And a listing that is kept
// only ever says what is there: what it lacks is asked for again.
type readCoalescer struct {
	one func(context.Context, string) (inference.Endpoint, error)
	all func(context.Context) (listing, error)
	now func() time.Time
	// free turns round what a kept listing answers: not what is there, but what
	// is not. See newChecks.
	free bool

	mu      sync.Mutex
	waiting []*read
	running bool
	alone   int // reads that were requests of their own, since the last listing
	kept    keptListing
	// apart tells that listings are of no use: every read is for itself.
	apart bool
	// written is when the last write of an id ended, lastWrite that of any.
	written   map[string]time.Time
	lastWrite time.Time
}

// keepTime is longer than a refresh of some thousand endpoints takes.
const listingTTL = 10 * time.Second

// fewAlone reads may be requests of their own before a listing takes the place
// of those that follow.
const maxSingleReads = 3

type keptListing struct {
	entries listing
	began   time.Time
}

// read is one caller that waits.
type read struct {
	id     string
	ctx    context.Context // of the caller, for the request that is made on its behalf
	result chan result     // holds one, so that nobody waits for a caller that left
}

type result struct {
	endpoint inference.Endpoint
	err      error
}

func newReadCoalescer(one func(context.Context, string) (inference.Endpoint, error), all func(context.Context) (listing, error)) *readCoalescer {
	return &readCoalescer{one: one, all: all, now: time.Now, written: map[string]time.Time{}}
}

// freeTime is how old the news may be that an id is free. It is no longer than
// the call of the model that lies between asking and making the endpoint.
const absenceTTL = time.Second

// newChecks makes reads for asking whether ids are free, which every create
// does: a listing answers, for freeTime, that those it lacks are. An id that it
// holds is asked for again, for it may have been deleted since, and so is one
// that this client wrote since. Writes of other ids leave the news as it is: a
// thousand creates would ask a thousand times otherwise.
func newExistenceCoalescer(one func(context.Context, string) (inference.Endpoint, error), all func(context.Context) (listing, error)) *readCoalescer {
	r := newReadCoalescer(one, all)
	r.free = true
	return r
}

// wrote makes listings that began before now say nothing of what was written.
func (r *readCoalescer) wrote(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastWrite = r.now()
	r.written[id] = r.lastWrite
}

func (r *readCoalescer) get(ctx context.Context, id string) (inference.Endpoint, error) {
	asked := &read{id: id, ctx: ctx, result: make(chan result, 1)}
	r.mu.Lock()
	if found, ok := r.keptEntry(id); ok {
		r.mu.Unlock()
		return found.endpoint, found.err
	}
	if r.apart {
		r.mu.Unlock()
		return r.one(ctx, id)
	}
	r.waiting = append(r.waiting, asked)
	if !r.running {
		r.running = true
		go r.run() //nolint:contextcheck // every request has the contexts of those that wait for it
	}
	r.mu.Unlock()
	select {
	case answer := <-asked.result:
		return answer.endpoint, answer.err
	case <-ctx.Done():
		return inference.Endpoint{}, abandoned(ctx, fmt.Sprintf("read inference endpoint %q", id))
	}
}

// keptEntry needs the lock.
func (r *readCoalescer) keptEntry(id string) (entry, bool) {
	age := r.now().Sub(r.kept.began)
	found, ok := r.kept.entries[id]
	if r.free {
		return entry{err: notFound(id)}, !ok && age <= absenceTTL && r.kept.began.After(r.written[id])
	}
	return found, ok && age <= listingTTL && r.kept.began.After(r.lastWrite)
}

// run makes one request after the other while anybody waits.
func (r *readCoalescer) run() {
	for {
		r.mu.Lock()
		batch, apart := r.waiting, r.apart
		r.waiting = nil
		r.running = len(batch) > 0
		alone := len(batch) == 1 && r.alone < maxSingleReads
		if alone {
			r.alone++
		}
		r.mu.Unlock()
		switch {
		case len(batch) == 0:
			return
		case apart:
			r.answerEach(batch)
		case alone:
			r.answerOne(batch[0])
		default:
			r.answerAll(batch)
		}
	}
}

func (r *readCoalescer) answerOne(asked *read) {
	endpoint, err := r.one(asked.ctx, asked.id)
	asked.result <- result{endpoint, err}
}

func (r *readCoalescer) answerEach(batch []*read) {
	for _, asked := range batch {
		go r.answerOne(asked)
	}
}

func (r *readCoalescer) answerAll(batch []*read) {
	ctx, done := whileAnyWaits(batch)
	defer done()
	began := r.now()
	found, err := r.all(ctx)
	r.mu.Lock()
	r.alone = 0
	if err == nil {
		r.kept = keptListing{found, began}
	}
	r.apart = isListingsOwn(err)
	r.mu.Unlock()
	if isListingsOwn(err) {
		r.answerEach(batch)
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

// isListingsOwn tells that the listing failed in a way in which reads of single
// endpoints need not: the caller may not list, one endpoint of many is broken,
// or they are too many. A server that cannot be reached would only fail each of
// them after retries of its own.
func isListingsOwn(err error) bool {
	var failure *backend.Error
	return errors.As(err, &failure) && (failure.Kind != backend.Unreachable || errors.Is(err, errResponseTooLarge))
}

// whileAnyWaits is the context of a request on behalf of all: it ends when the
// last of them has gone, not when the first has.
func whileAnyWaits(batch []*read) (context.Context, func()) {
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
