package provider_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"golang.org/x/sync/errgroup"
)

// The outcomes of an operation under a fault, in the words of the guide.
const (
	// done: no error; server and state are as they were asked to be.
	outcomeDone = "done"
	// stopped: an error; server and state are as they were.
	outcomeStopped = "stopped"
	// behind: an error; the server has done it and the state does not say so.
	outcomeBehind = "behind"
	// doubtful: an error; the state holds what the server may have, as tainted.
	outcomeDoubtful = "doubtful"
	// removed: an error; the old endpoint is gone, the new one is not there.
	outcomeRemoved = "removed"
	// warned: a warning takes the place of what could not be read.
	outcomeWarned = "warned"
)

// TestFaultMatrix does each fault to each operation. What comes of it stands in
// the guide for the users, which is read here: it cannot promise anything else.
// And from every cell the next apply leads, by itself, to what is configured.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	promised := promisedOutcomes(t)
	var followed atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
	t.Cleanup(elsewhere.Close)

	var cells atomic.Int64
	var group errgroup.Group
	group.SetLimit(12) // cells that wait for a deadline do not keep others waiting
	for _, fault := range faultRows(elsewhere.URL) {
		outcomes, ok := promised[fault.name]
		if !ok {
			t.Errorf("the guide does not know the fault %q", fault.name)
			continue
		}
		delete(promised, fault.name)
		for _, operation := range operations() {
			group.Go(func() error {
				t.Run(fault.name+"/"+operation.name, func(t *testing.T) { //nolint:paralleltest // the group runs them side by side
					runCell(t, fault, operation, outcomes[operation.name])
				})
				cells.Add(1)
				return nil
			})
		}
	}
	_ = group.Wait()
	for name := range promised {
		t.Errorf("the guide promises something of a fault that is not tested: %q", name)
	}
	if followed.Load() > 0 {
		t.Errorf("%d requests followed a redirect", followed.Load())
	}
	t.Logf("counted: %d cells of faults and operations, each with its outcome and the apply after it", cells.Load())
}

// runCell does the operation under the fault, and then applies without it.
func runCell(t *testing.T, fault faultRow, operation operation, outcome string) {
	t.Helper()
	l := newLab(t, fault)
	operation.prepare(l)
	if got := (facts{operation.onServer(l), operation.inState(l)}); got != operation.before {
		t.Fatalf("before: got %+v, want %+v", got, operation.before)
	}
	ctx, cancel := context.WithCancel(t.Context())
	found := operation.do(ctx, l, func() { fault.arm(l, operation.request, cancel) })
	cancel()
	l.checkOutcome(fault, operation, outcome, found)
	if fault.whole == (l.proxy.Hits() > 0) {
		t.Errorf("the fault was done %d times", l.proxy.Hits())
	}

	l.lift()
	if found := errorsOf(operation.again(t.Context(), l)); len(found) > 0 {
		t.Errorf("the next apply: %s", told(found))
	}
	if got := (facts{operation.onServer(l), operation.inState(l)}); got != operation.goal {
		t.Errorf("after the next apply: got %+v, want %+v", got, operation.goal)
	}
	next := l.w.session(t.Context())
	found = next.refresh()
	planned, more := next.plan()
	if found = append(found, more...); !planned.isEmpty() || len(errorsOf(found)) > 0 {
		t.Errorf("the plan after it is not empty: %+v %s", planned, told(found))
	}
	l.checkSecrets()
}

func (l *lab) checkOutcome(fault faultRow, operation operation, outcome string, found []*tfprotov6.Diagnostic) {
	l.t.Helper()
	got := facts{operation.onServer(l), operation.inState(l)}
	want, fails := operation.before, true
	switch outcome {
	case outcomeDone:
		want, fails = operation.after, false
	case outcomeStopped:
	case outcomeBehind:
		want.server = operation.after.server
	case outcomeDoubtful:
		want = operation.after
	case outcomeRemoved:
		want = facts{}
	case outcomeWarned:
		fails = false
	default:
		l.t.Fatalf("there is no outcome %q", outcome)
	}
	if got != want {
		l.t.Errorf("got %+v, want %s: %+v", got, outcome, want)
	}
	if tainted := l.w.held != nil && l.w.held.tainted; tainted != (outcome == outcomeDoubtful) {
		l.t.Errorf("tainted: %v", tainted)
	}
	if errs := errorsOf(found); (len(errs) > 0) != fails {
		l.t.Errorf("want %s, and was told:%s", outcome, told(found))
	}
	if fails || outcome == outcomeWarned {
		l.checkTold(fault, operation, found)
	}
}

// checkTold: what is said names the operation, what happened, and what to do.
func (l *lab) checkTold(fault faultRow, operation operation, found []*tfprotov6.Diagnostic) {
	l.t.Helper()
	text := strings.Join(strings.Fields(told(found)), " ")
	if !fault.whole && !strings.Contains(text, operation.doing) {
		l.t.Errorf("%q is not in: %s", operation.doing, text)
	}
	if !regexp.MustCompile(fault.says).MatchString(text) {
		l.t.Errorf("%q does not fit: %s", fault.says, text)
	}
}

// checkSecrets: nothing that was told, logged or kept has a secret in it.
func (l *lab) checkSecrets() {
	l.t.Helper()
	text := l.w.seen.String()
	if !strings.Contains(text, "Request ") {
		l.t.Error("there is no log to search")
	}
	for _, secret := range l.secrets {
		if i := slices.IndexFunc(forms(secret), func(form string) bool { return strings.Contains(text, form) }); i >= 0 {
			l.t.Errorf("a secret is told, logged or kept as %q", forms(secret)[i])
		}
	}
}
