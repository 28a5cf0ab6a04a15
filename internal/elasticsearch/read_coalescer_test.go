// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// latency is the latency of a server.
const latency = 20 * time.Millisecond

// shelf is a server that counts requests. The model of an endpoint is the time at
// which it was written.
type shelf struct {
	mu           sync.Mutex
	models       map[string]string
	singles      atomic.Int64
	listings     atomic.Int64
	listingError error
	latency      time.Duration // of every request
}

func newShelf(count int) *shelf {
	s := &shelf{models: map[string]string{}, latency: latency}
	for i := range count {
		s.models[fmt.Sprintf("e%d", i)] = "old"
	}
	return s
}

func (s *shelf) reads() *readCoalescer { return newReadCoalescer(s.one, s.all) }

func (s *shelf) one(ctx context.Context, id string) (inference.Endpoint, error) {
	s.singles.Add(1)
	found := s.look()
	if err := wait(ctx, s.latency); err != nil {
		return inference.Endpoint{}, err
	}
	return found.pick(id)
}

func (s *shelf) all(ctx context.Context) (listing, error) {
	s.listings.Add(1)
	found := s.look()
	if err := wait(ctx, s.latency); err != nil {
		return nil, err
	}
	return found, s.listingError
}

// look returns the state at the arrival of the request, the oldest that a response
// can have.
func (s *shelf) look() listing {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := listing{}
	for id, model := range s.models {
		found[id] = entry(fmt.Sprintf(`{"inference_id":%q,"task_type":"completion","service":"amazonbedrock","service_settings":{"model":%q}}`, id, model))
	}
	return found
}

func (s *shelf) write(id, model string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.models[id] = model
}

func (s *shelf) requests() int64 { return s.singles.Load() + s.listings.Load() }

func wait(ctx context.Context, latency time.Duration) error {
	select {
	case <-time.After(latency):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestAReadAloneIsOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(3)
		reads := shelf.reads()
		found, err := reads.get(t.Context(), "e1", toRead)
		if err != nil || found.InferenceID != "e1" {
			t.Errorf("got %v, %v", found.InferenceID, err)
		}
		if shelf.singles.Load() != 1 || shelf.listings.Load() != 0 {
			t.Errorf("got %d single requests and %d listings", shelf.singles.Load(), shelf.listings.Load())
		}
	})
}

// TestManyReadsAreFewRequests reads endpoints as Terraform does, ten at a time.
func TestManyReadsAreFewRequests(t *testing.T) {
	for _, count := range []int{100, 1000, 5000} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shelf := newShelf(count)
				readAll(t, shelf.reads(), count)
				if got := shelf.requests(); got > 3 {
					t.Errorf("%d reads took %d requests", count, got)
				}
			})
		})
	}
}

func TestReadsOneByOneAreFewRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(100)
		reads := shelf.reads()
		for i := range 100 {
			if _, err := reads.get(t.Context(), fmt.Sprintf("e%d", i), toRead); err != nil {
				t.Error(err)
			}
		}
		if shelf.singles.Load() != maxSingleReads || shelf.listings.Load() != 1 {
			t.Errorf("got %d single requests and %d listings", shelf.singles.Load(), shelf.listings.Load())
		}
	})
}

func readAll(t *testing.T, reads *readCoalescer, count int) {
	t.Helper()
	slots := make(chan struct{}, 10)
	var done sync.WaitGroup
	for i := range count {
		slots <- struct{}{}
		done.Go(func() {
			defer func() { <-slots }()
			id := fmt.Sprintf("e%d", i)
			if found, err := reads.get(t.Context(), id, toRead); err != nil || found.InferenceID != id {
				t.Errorf("read of %s: got %q, %v", id, found.InferenceID, err)
			}
			time.Sleep(time.Millisecond) // what Terraform does between two reads
		})
	}
	done.Wait()
}

func TestAReadSeesTheLastWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(20)
		reads := shelf.reads()
		readAll(t, reads, 20)
		shelf.write("e7", "new")
		reads.wrote("e7")
		if found, err := reads.get(t.Context(), "e7", toRead); err != nil || found.ServiceSettings.Model != "new" {
			t.Errorf("after a write: got %q, %v", found.ServiceSettings.Model, err)
		}
	})
}

// TestListingBeforeWriteIsNotCached ends a write during a listing that does not
// contain it.
func TestListingBeforeWriteIsNotCached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(20)
		reads := shelf.reads()
		var done sync.WaitGroup
		for i := range 10 {
			done.Go(func() { _, _ = reads.get(t.Context(), fmt.Sprintf("e%d", i), toRead) })
			synctest.Wait() // so that the first is under way, alone
		}
		time.Sleep(latency + latency/2)
		if shelf.singles.Load() != 1 || shelf.listings.Load() != 1 {
			t.Fatal("no listing is under way")
		}
		shelf.write("e7", "new")
		reads.wrote("e7")
		done.Go(func() {
			if found, err := reads.get(t.Context(), "e7", toRead); err != nil || found.ServiceSettings.Model != "new" {
				t.Errorf("during the listing: got %q, %v", found.ServiceSettings.Model, err)
			}
		})
		done.Wait()
		if found, err := reads.get(t.Context(), "e7", toRead); err != nil || found.ServiceSettings.Model != "new" {
			t.Errorf("after the listing: got %q, %v", found.ServiceSettings.Model, err)
		}
	})
}

// TestAgeOfListing checks that a listing is used for longer if it took longer, and not
// after that, or after a write of this client.
func TestAgeOfListing(t *testing.T) {
	for _, test := range []struct {
		purpose purpose
		took    time.Duration
		age     time.Duration
	}{
		{toRead, latency, toRead.minimum},
		{toRead, 200 * time.Millisecond, 20 * time.Second},
		{toRead, 5 * time.Second, toRead.maximum},
		{toPlan, latency, toPlan.minimum},
		{toPlan, 200 * time.Millisecond, 20 * time.Second},
		{toPlan, 5 * time.Second, toPlan.maximum},
		{toCreate, latency, toCreate.minimum},
		{toCreate, 100 * time.Millisecond, 5 * time.Second},
		{toCreate, 5 * time.Second, toCreate.maximum},
	} {
		t.Run(fmt.Sprintf("%+v after %s", test.purpose, test.took), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shelf := newShelf(20)
				shelf.latency = test.took
				reads := shelf.reads()
				readAll(t, reads, 20)
				began := reads.cached.began
				before := shelf.requests()
				look := func(id string) {
					if test.purpose.absence {
						id = "absent-" + id
					}
					_, err := reads.get(t.Context(), id, test.purpose)
					if got := backend.Is(err, backend.NotFound); got != test.purpose.absence {
						t.Errorf("got error %v", err)
					}
				}
				time.Sleep(test.age - time.Since(began))
				look("e1")
				if shelf.requests() != before {
					t.Errorf("after %s: %d more requests, want none", time.Since(began), shelf.requests()-before)
				}
				time.Sleep(time.Millisecond)
				look("e2")
				if shelf.requests() != before+1 {
					t.Errorf("after more than %s: %d more requests, want one", test.age, shelf.requests()-before)
				}
			})
		})
	}
}

// TestUseOfListing checks that one request follows a listing that has served many
// reads and is too old now, and not several single reads first.
func TestUseOfListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(100)
		reads := shelf.reads()
		readAll(t, reads, 100)
		time.Sleep(toRead.minimum)
		before := shelf.requests()
		for i := range 100 {
			if _, err := reads.get(t.Context(), fmt.Sprintf("e%d", i), toRead); err != nil {
				t.Error(err)
			}
		}
		if got := shelf.requests() - before; got != 1 {
			t.Errorf("100 reads took %d requests, want 1", got)
		}
	})
}

// TestMissingInCachedListing: an endpoint that a cached listing does not contain is
// requested, because it may have been created since.
func TestMissingInCachedListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(20)
		reads := shelf.reads()
		readAll(t, reads, 20)
		shelf.write("late", "new")
		if _, err := reads.get(t.Context(), "late", toRead); err != nil {
			t.Errorf("got %v", err)
		}
		if _, err := reads.get(t.Context(), "nowhere", toRead); !backend.Is(err, backend.NotFound) {
			t.Errorf("got %v, want not found", err)
		}
	})
}

func TestACallerThatLeavesTakesNobodyAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(20)
		reads := shelf.reads()
		leaving, leave := context.WithCancel(t.Context())
		var done sync.WaitGroup
		for i := range 10 {
			ctx := t.Context()
			if i == 1 {
				ctx = leaving
			}
			done.Go(func() {
				_, err := reads.get(ctx, fmt.Sprintf("e%d", i), toRead)
				if left := i == 1; left != (err != nil) || left != errors.Is(err, context.Canceled) {
					t.Errorf("read %d: got %v", i, err)
				}
			})
			synctest.Wait() // so that read 1 is the first of those that wait: the listing has its context
		}
		time.Sleep(latency + latency/2)
		leave()
		done.Wait()
		if shelf.listings.Load() != 1 {
			t.Errorf("got %d listings", shelf.listings.Load())
		}
	})
}

// TestAbandonedListingEnds would hang otherwise, because a bubble ends with its last
// goroutine.
func TestAbandonedListingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := newReadCoalescer(
			func(ctx context.Context, _ string) (inference.Endpoint, error) {
				<-ctx.Done()
				return inference.Endpoint{}, ctx.Err()
			},
			func(ctx context.Context) (listing, error) { <-ctx.Done(); return nil, ctx.Err() },
		)
		ctx, cancel := context.WithCancel(t.Context())
		var done sync.WaitGroup
		for i := range 10 {
			done.Go(func() {
				if _, err := stuck.get(ctx, fmt.Sprintf("e%d", i), toRead); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			})
		}
		synctest.Wait()
		cancel()
		done.Wait()
	})
}

// TestFailingListing: if listings fail, endpoints are read one by one, and no listing
// is tried again.
func TestFailingListing(t *testing.T) {
	for name, err := range map[string]error{
		"denied":          &backend.Error{Kind: backend.Denied},
		"refused":         &backend.Error{Kind: backend.Refused},
		"broken":          &backend.Error{Kind: backend.Other},
		"taken for empty": &backend.Error{Kind: backend.NotFound},
		"too large":       &backend.Error{Kind: backend.Unreachable, Cause: errResponseTooLarge},
		"large endpoint":  (&Client{}).malformedResponse(&call{}, errEntryTooLarge),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shelf := newShelf(100)
				shelf.listingError = err
				readAll(t, shelf.reads(), 100)
				if shelf.singles.Load() != 100 || shelf.listings.Load() != 1 {
					t.Errorf("got %d single requests and %d listings", shelf.singles.Load(), shelf.listings.Load())
				}
			})
		})
	}
}

func TestAListingThatFailsFailsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(10)
		shelf.listingError = &backend.Error{Kind: backend.Unreachable}
		reads := shelf.reads()
		var failed atomic.Int64
		var done sync.WaitGroup
		for i := range 10 {
			done.Go(func() {
				if _, err := reads.get(t.Context(), fmt.Sprintf("e%d", i), toRead); backend.Is(err, backend.Unreachable) {
					failed.Add(1)
				}
			})
			synctest.Wait()
		}
		done.Wait()
		if failed.Load() != 9 {
			t.Errorf("%d reads failed, want 9: all but the one that came first", failed.Load())
		}
	})
}
