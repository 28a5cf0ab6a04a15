// SPDX-License-Identifier: MPL-2.0

package fastpath

import (
	"context"
	"errors"
	"testing"
)

type nameKey struct{}

// TestReleasableContext checks that a context delegates to its parent until it is released,
// and that it is then canceled and has neither values nor a deadline.
func TestReleasableContext(t *testing.T) {
	outer, cancel := context.WithCancel(context.WithValue(t.Context(), nameKey{}, "outer"))
	released := newReleasableContext(outer)
	inner, stop := context.WithCancel(released)
	defer stop()
	if inner.Value(nameKey{}) != "outer" || inner.Err() != nil {
		t.Errorf("during the call: got value %v and error %v, want outer and nil", inner.Value(nameKey{}), inner.Err())
	}
	cancel()
	<-inner.Done() // canceled together with the context of the command
	released.release()
	if released.Value(nameKey{}) != nil || !errors.Is(released.Err(), context.Canceled) {
		t.Errorf("after the call: got value %v and error %v, want nil and context.Canceled", released.Value(nameKey{}), released.Err())
	}
	if _, bounded := released.Deadline(); bounded {
		t.Error("after the call: got a deadline, want none")
	}
	<-released.Done()
}
