package fastpath

import (
	"context"
	"errors"
	"testing"
)

type nameKey struct{}

func TestReleasableContext(t *testing.T) {
	outer, cancel := context.WithCancel(context.WithValue(t.Context(), nameKey{}, "outer"))
	released := newReleasableContext(outer)
	inner, stop := context.WithCancel(released)
	defer stop()
	if inner.Value(nameKey{}) != "outer" || inner.Err() != nil {
		t.Errorf("during the call: got %v, %v", inner.Value(nameKey{}), inner.Err())
	}
	cancel()
	<-inner.Done() // a cancelled command ends what its calls do
	released.release()
	if released.Value(nameKey{}) != nil || !errors.Is(released.Err(), context.Canceled) {
		t.Errorf("after the call: got %v, %v", released.Value(nameKey{}), released.Err())
	}
	if _, bounded := released.Deadline(); bounded {
		t.Error("after the call it still has a deadline")
	}
	<-released.Done()
}
