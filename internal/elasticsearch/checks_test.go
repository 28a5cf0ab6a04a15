// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// checkFree checks that an id is free.
func checkFree(t *testing.T, reads *readCoalescer, id string, purpose purpose) {
	t.Helper()
	if _, err := reads.get(t.Context(), id, purpose); !backend.Is(err, backend.NotFound) {
		t.Errorf("%s: got %v, want not found", id, err)
	}
}

// create creates an endpoint as Client.Create does: it checks the id before.
func (s *shelf) create(t *testing.T, reads *readCoalescer, id string) {
	t.Helper()
	checkFree(t, reads, id, toCreate)
	time.Sleep(s.latency)
	s.write(id, "new")
	reads.wrote(id)
}

// TestCheckOfOneID checks that the check of a plan serves the create that follows it.
func TestCheckOfOneID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(3)
		reads := shelf.reads()
		checkFree(t, reads, "new", toPlan)
		shelf.create(t, reads, "new")
		if shelf.singles.Load() != 1 || shelf.listings.Load() != 0 {
			t.Errorf("got %d single requests and %d listings, want one single request", shelf.singles.Load(), shelf.listings.Load())
		}
		if _, err := reads.get(t.Context(), "new", toPlan); err != nil || shelf.requests() != 2 {
			t.Errorf("after the create: got error %v and %d requests, want 2", err, shelf.requests())
		}
	})
}

// TestOldCheck checks that a create does not rely on the check of a plan that is old.
func TestOldCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(3)
		reads := shelf.reads()
		checkFree(t, reads, "new", toPlan)
		time.Sleep(toCreate.minimum)
		shelf.write("new", "of another client")
		checkFree(t, reads, "new", toPlan)
		if _, err := reads.get(t.Context(), "new", toCreate); err != nil {
			t.Errorf("got %v, want the endpoint", err)
		}
	})
}

// TestChecksUnderLoad plans or creates a thousand endpoints as Terraform does, ten at a
// time, with a server that is slow and a client that is busy to the same extent. The
// number of requests must not grow with the load.
func TestChecksUnderLoad(t *testing.T) {
	for _, load := range []int{1, 5, 25} {
		for name, test := range map[string]struct {
			check func(t *testing.T, shelf *shelf, reads *readCoalescer, id string)
			most  int64
		}{
			"plan":   {func(t *testing.T, _ *shelf, reads *readCoalescer, id string) { checkFree(t, reads, id, toPlan) }, 3}, //nolint:thelper // not a helper
			"create": {func(t *testing.T, shelf *shelf, reads *readCoalescer, id string) { shelf.create(t, reads, id) }, 12}, //nolint:thelper // not a helper
		} {
			t.Run(fmt.Sprintf("%s, load %d", name, load), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					shelf := newShelf(0)
					shelf.latency *= time.Duration(load)
					reads := shelf.reads()
					slots := make(chan struct{}, 10)
					var done sync.WaitGroup
					for i := range 1000 {
						slots <- struct{}{}
						done.Go(func() {
							defer func() { <-slots }()
							time.Sleep(time.Duration(load) * 20 * time.Millisecond) // Terraform's own work
							test.check(t, shelf, reads, fmt.Sprintf("n%d", i))
						})
					}
					done.Wait()
					if got := shelf.requests(); got > test.most {
						t.Errorf("got %d requests, want at most %d", got, test.most)
					}
				})
			})
		}
	}
}

// TestCheckOfTakenID checks that an id that a listing contains is requested, because its
// endpoint may have been deleted since.
func TestCheckOfTakenID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(20)
		reads := shelf.reads()
		readAll(t, reads, 20)
		before := shelf.requests()
		if _, err := reads.get(t.Context(), "e3", toPlan); err != nil || shelf.requests() != before+1 {
			t.Errorf("got error %v and %d requests, want one", err, shelf.requests()-before)
		}
	})
}

// TestCheckAfterOwnWrite checks that a write invalidates what is known about its own id,
// and nothing else.
func TestCheckAfterOwnWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(20)
		reads := shelf.reads()
		readAll(t, reads, 20)
		shelf.write("new", "own")
		reads.wrote("new")
		before := shelf.requests()
		if _, err := reads.get(t.Context(), "new", toCreate); err != nil {
			t.Errorf("the new endpoint: got %v", err)
		}
		checkFree(t, reads, "other", toCreate)
		if shelf.requests() != before+1 {
			t.Errorf("got %d requests, want one", shelf.requests()-before)
		}
	})
}
