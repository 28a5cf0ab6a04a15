package provider

import (
	"context"
	"errors"
	"testing"
)

type nameKey struct{}

func TestPassingContext(t *testing.T) {
	outer, cancel := context.WithCancel(context.WithValue(t.Context(), nameKey{}, "outer"))
	passing := newPassing(outer)
	inner, stop := context.WithCancel(passing)
	defer stop()
	if inner.Value(nameKey{}) != "outer" || inner.Err() != nil {
		t.Errorf("during the call: got %v, %v", inner.Value(nameKey{}), inner.Err())
	}
	cancel()
	<-inner.Done() // a cancelled command ends what its calls do
	passing.end()
	if passing.Value(nameKey{}) != nil || !errors.Is(passing.Err(), context.Canceled) {
		t.Errorf("after the call: got %v, %v", passing.Value(nameKey{}), passing.Err())
	}
	if _, bounded := passing.Deadline(); bounded {
		t.Error("after the call it still has a deadline")
	}
	<-passing.Done()
}
