// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestBatches checks that batches run concurrently and contain every input once.
func TestBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inputs := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"}
		got := make([]string, len(inputs))
		var running, most atomic.Int64
		start := time.Now()
		err := inBatches(t.Context(), inputs, 2, func(_ context.Context, first int, input []string) error {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			time.Sleep(latency)
			copy(got[first:], input)
			return nil
		})
		if err != nil || !slices.Equal(got, inputs) {
			t.Errorf("got %v, %v", got, err)
		}
		if most.Load() > inFlight {
			t.Errorf("%d ran at once", most.Load())
		}
		if took := time.Since(start); took != 2*latency {
			t.Errorf("8 batches took %s, %d at once", took, most.Load())
		}
	})
}

func TestBatchesEndWithTheFirstFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("no")
		var asked atomic.Int64
		err := inBatches(t.Context(), make([]string, 100), 1, func(ctx context.Context, _ int, _ []string) error {
			if asked.Add(1) == 1 {
				return failure
			}
			return wait(ctx, latency)
		})
		if !errors.Is(err, failure) || asked.Load() > inFlight {
			t.Errorf("got %v after %d batches", err, asked.Load())
		}
	})
}
