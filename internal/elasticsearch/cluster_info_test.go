// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// front answers GET / and counts the requests.
type front struct {
	asked int
	err   error
}

func (f *front) ask(ctx context.Context) (rootResponse, error) {
	f.asked++
	if err := wait(ctx, latency); err != nil {
		return rootResponse{}, err
	}
	return rootResponse{ClusterUUID: "abc"}, f.err
}

// together lets many callers request GET / at the same time, and returns how long
// that took.
func together(t *testing.T, about *clusterInfo, want error) time.Duration {
	t.Helper()
	start := time.Now()
	var done sync.WaitGroup
	for range 12 {
		done.Go(func() {
			if _, err := about.get(t.Context()); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		})
	}
	done.Wait()
	return time.Since(start)
}

func TestAboutIsAskedOnceForAll(t *testing.T) {
	for name, err := range map[string]error{
		"answered": nil, "refused": &backend.Error{Kind: backend.Denied}, "no answer": &backend.Error{Kind: backend.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				front := &front{err: err}
				if took := together(t, newClusterInfo("read the version", front.ask), err); took != latency || front.asked != 1 {
					t.Errorf("12 callers asked %d times in %s", front.asked, took)
				}
			})
		})
	}
}

// TestInfoOfUnreachableServer: later callers do not wait for the same failure again,
// until it expires.
func TestInfoOfUnreachableServer(t *testing.T) {
	for _, test := range []struct {
		name  string
		err   error
		later time.Duration
		asked int
	}{
		{"no answer, a moment ago", &backend.Error{Kind: backend.Unreachable}, failureTTL - time.Millisecond, 1},
		{"no answer, some time ago", &backend.Error{Kind: backend.Unreachable}, failureTTL, 2},
		{"refused", &backend.Error{Kind: backend.Denied}, 0, 2},
		{"answered", nil, time.Hour, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				front := &front{err: test.err}
				about := newClusterInfo("read the version", front.ask)
				together(t, about, test.err)
				time.Sleep(test.later)
				together(t, about, test.err)
				if front.asked != test.asked {
					t.Errorf("asked %d times, want %d", front.asked, test.asked)
				}
			})
		})
	}
}

// TestCanceledCallerOfInfo: the request goes on for the other callers, even if the
// canceled caller started it.
func TestCanceledCallerOfInfo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		front := &front{}
		about := newClusterInfo("read the version", front.ask)
		leaving, leave := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() {
			if _, err := about.get(leaving); !errors.Is(err, context.Canceled) {
				t.Errorf("who left: got %v", err)
			}
		})
		synctest.Wait()
		done.Go(func() {
			if found, err := about.get(t.Context()); err != nil || found.ClusterUUID != "abc" {
				t.Errorf("who stayed: got %v, %v", found, err)
			}
		})
		synctest.Wait()
		leave()
		done.Wait()
		if front.asked != 1 {
			t.Errorf("asked %d times", front.asked)
		}
	})
}

// TestInfoTimeout: the error names the setting that gives more time.
func TestInfoTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), latency/2)
		defer cancel()
		_, err := newClusterInfo("read the version", (&front{}).ask).get(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "Increase timeouts") {
			t.Errorf("got %v", err)
		}
	})
}

// TestAbandonedInfo: a request without callers is canceled, and later callers do not
// get its error.
func TestAbandonedInfo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		front := &front{}
		about := newClusterInfo("read the version", front.ask)
		for _, cancelled := range []bool{true, false} {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if cancelled {
				time.AfterFunc(latency/2, cancel)
			}
			if _, err := about.get(ctx); cancelled != errors.Is(err, context.Canceled) {
				t.Errorf("cancelled %v: got %v", cancelled, err)
			}
		}
		if front.asked != 2 {
			t.Errorf("asked %d times, want 2", front.asked)
		}
	})
}
