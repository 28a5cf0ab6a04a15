package elasticsearch

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// create checks whether an id is free and then creates the endpoint, in a bubble.
func (s *shelf) create(t *testing.T, checks *readCoalescer, id string) {
	t.Helper()
	if _, err := checks.get(t.Context(), id); !backend.Is(err, backend.NotFound) {
		t.Errorf("%s: got %v, want not found", id, err)
	}
	time.Sleep(latency)
	s.write(id, "new")
}

func TestOneCreateAsksForItsOwnId(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(3)
		shelf.create(t, newExistenceCoalescer(shelf.one, shelf.all), "new")
		if shelf.singles.Load() != 1 || shelf.listings.Load() != 0 {
			t.Errorf("got %d single requests and %d listings", shelf.singles.Load(), shelf.listings.Load())
		}
	})
}

// TestManyCreatesNeedFewListings creates endpoints as Terraform does, ten at a time.
// That takes two seconds, in which a listing expires twice.
func TestManyCreatesNeedFewListings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(0)
		checks := newExistenceCoalescer(shelf.one, shelf.all)
		slots := make(chan struct{}, 10)
		var done sync.WaitGroup
		for i := range 1000 {
			slots <- struct{}{}
			done.Go(func() {
				defer func() { <-slots }()
				shelf.create(t, checks, fmt.Sprintf("n%d", i))
			})
		}
		done.Wait()
		if got := shelf.requests(); got > 10 {
			t.Errorf("1000 creates asked %d times", got)
		}
	})
}

func TestAnIdThatIsTakenIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(20)
		checks := newExistenceCoalescer(shelf.one, shelf.all)
		readAll(t, checks, 20)
		before := shelf.requests()
		if _, err := checks.get(t.Context(), "e3"); err != nil {
			t.Errorf("of one that is there: %v", err)
		}
		if shelf.requests() != before+1 {
			t.Error("a listing answered for an endpoint that may have been deleted since")
		}
	})
}

func TestTheNewsThatAnIdIsFreeGrowsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(20)
		checks := newExistenceCoalescer(shelf.one, shelf.all)
		readAll(t, checks, 20)
		shelf.write("late", "of another client")
		time.Sleep(absenceTTL + latency)
		if _, err := checks.get(t.Context(), "late"); err != nil {
			t.Errorf("got %v, want the endpoint", err)
		}
	})
}

func TestAnIdThatWasWrittenIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf(20)
		checks := newExistenceCoalescer(shelf.one, shelf.all)
		readAll(t, checks, 20)
		shelf.write("new", "own")
		checks.wrote("new")
		before := shelf.requests()
		if _, err := checks.get(t.Context(), "new"); err != nil {
			t.Errorf("the own one: got %v", err)
		}
		if _, err := checks.get(t.Context(), "other"); !backend.Is(err, backend.NotFound) || shelf.requests() != before+1 {
			t.Errorf("another one took %d requests, %v", shelf.requests()-before-1, err)
		}
	})
}
