// SPDX-License-Identifier: MPL-2.0

package backend_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

func TestKeyedMutex(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mutex backend.KeyedMutex
		unlock, err := mutex.Lock(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if other, err := mutex.Lock(t.Context(), "b"); err != nil {
			t.Errorf("another key: %v", err)
		} else {
			other()
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := mutex.Lock(ended, "a"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the error of the context", err)
		}
		holders := 1
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				unlock, err := mutex.Lock(t.Context(), "a")
				if err != nil || holders > 0 {
					t.Errorf("%d others hold the lock, %v", holders, err)
					return
				}
				holders++
				time.Sleep(time.Second)
				holders--
				unlock()
			})
		}
		synctest.Wait()
		holders--
		unlock()
		all.Wait()
	})
}
