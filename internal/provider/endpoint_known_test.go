// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// slowTarget creates the first endpoint, and answers much later. It refuses all others
// at once.
type slowTarget struct {
	backend.Target
	exists atomic.Bool
}

func (s *slowTarget) Create(_ context.Context, endpoint inference.Endpoint, _ inference.Keys) (inference.Endpoint, error) {
	if s.exists.Swap(true) {
		return inference.Endpoint{}, &backend.Error{Kind: backend.AlreadyExists}
	}
	time.Sleep(time.Minute)
	return endpoint, nil
}

// TestCreateIsKnownToOthers checks that a create that is refused because another resource
// creates the same id at the same time knows of the other one, whichever ends first.
func TestCreateIsKnownToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			known   knownEndpoints
			target  slowTarget
			refused atomic.Int32
			all     sync.WaitGroup
		)
		for range 2 {
			all.Go(func() {
				_, err := known.create(t.Context(), &target, inference.Endpoint{InferenceID: "e"}, inference.Keys{})
				if err == nil {
					return
				}
				refused.Add(1)
				if !backend.Is(err, backend.AlreadyExists) || !known.isCreated("e") {
					t.Errorf("got %v, created by this process: %t", err, known.isCreated("e"))
				}
			})
		}
		all.Wait()

		// A create that ends while it waits for the other one was not sent.
		unlock, err := known.creation.Lock(t.Context(), "f")
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		ended, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := known.create(ended, &target, inference.Endpoint{InferenceID: "f"}, inference.Keys{}); !backend.Is(err, backend.AlreadyExists) || !known.isCreated("f") {
			t.Errorf("got %v, want an error about the other create", err)
		}
		if refused.Load() != 1 {
			t.Errorf("%d creates were refused, want 1", refused.Load())
		}
	})
}
