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

// The outcomes of an operation during a fault, as the reliability guide names them.
const (
	// outcomeDone: no error; server and state are as configured.
	outcomeDone = "done"
	// outcomeStopped: an error; server and state are unchanged.
	outcomeStopped = "stopped"
	// outcomeBehind: an error; the server is changed and the state is not.
	outcomeBehind = "behind"
	// outcomeDoubtful: an error; the state has an endpoint that the server may have, and
	// marks it as tainted.
	outcomeDoubtful = "doubtful"
	// outcomeRemoved: an error; the old endpoint is deleted, the new one is not created.
	outcomeRemoved = "removed"
	// outcomeWarned: a warning instead of the data that could not be read.
	outcomeWarned = "warned"
)

// TestFaultMatrix checks each fault during each operation: the outcome is the one in the
// table of the reliability guide, and the next apply without the fault leads to the
// configured endpoint.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	documented := promisedOutcomes(t)
	var followed atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
	t.Cleanup(elsewhere.Close)

	var cells atomic.Int64
	var group errgroup.Group
	group.SetLimit(12) // cells that wait for a deadline leave room for others
	for _, fault := range faultRows(elsewhere.URL) {
		outcomes, ok := documented[fault.name]
		if !ok {
			t.Errorf("the guide has no row for the fault %q", fault.name)
			continue
		}
		delete(documented, fault.name)
		for _, operation := range operations() {
			group.Go(func() error {
				t.Run(fault.name+"/"+operation.name, func(t *testing.T) { //nolint:paralleltest // the group runs them in parallel
					runCell(t, fault, operation, outcomes[operation.name])
				})
				cells.Add(1)
				return nil
			})
		}
	}
	_ = group.Wait()
	for name := range documented {
		t.Errorf("the guide has a row for %q, which is not tested", name)
	}
	if followed.Load() > 0 {
		t.Errorf("%d requests followed a redirect", followed.Load())
	}
	t.Logf("counted: %d cells of faults and operations, each with its outcome and the apply after it", cells.Load())
}

// runCell runs an operation with a fault, checks its outcome, and applies without the
// fault.
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
		t.Errorf("the proxy caused the fault %d times", l.proxy.Hits())
	}

	l.lift()
	if found := errorsOf(operation.again(t.Context(), l)); len(found) > 0 {
		t.Errorf("the next apply fails: %s", told(found))
	}
	if got := (facts{operation.onServer(l), operation.inState(l)}); got != operation.goal {
		t.Errorf("after the next apply: got %+v, want %+v", got, operation.goal)
	}
	next := l.w.session(t.Context())
	found = next.refresh()
	planned, more := next.plan()
	if found = append(found, more...); !planned.isEmpty() || len(errorsOf(found)) > 0 {
		t.Errorf("got the plan %+v after the next apply, want none: %s", planned, told(found))
	}
	l.checkSecrets()
}

// checkOutcome checks the endpoint on the server and in the state, and the diagnostics.
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
		l.t.Fatalf("unknown outcome %q in the guide", outcome)
	}
	if got != want {
		l.t.Errorf("got %+v, want %s: %+v", got, outcome, want)
	}
	if tainted := l.w.held != nil && l.w.held.tainted; tainted != (outcome == outcomeDoubtful) {
		l.t.Errorf("tainted: got %v, want %v", tainted, outcome == outcomeDoubtful)
	}
	if errs := errorsOf(found); (len(errs) > 0) != fails {
		l.t.Errorf("errors: got %d, want some: %v (outcome %s):%s", len(errs), fails, outcome, told(found))
	}
	if fails || outcome == outcomeWarned {
		l.checkTold(fault, operation, found)
	}
}

// checkMessage checks that the diagnostics name the operation, the fault and the remedy.
func (l *lab) checkTold(fault faultRow, operation operation, found []*tfprotov6.Diagnostic) {
	l.t.Helper()
	text := strings.Join(strings.Fields(told(found)), " ")
	if !fault.whole && !strings.Contains(text, operation.doing) {
		l.t.Errorf("got %q, want it to contain %q", text, operation.doing)
	}
	if !regexp.MustCompile(fault.says).MatchString(text) {
		l.t.Errorf("got %q, want a match of %q", text, fault.says)
	}
}

// checkSecrets checks that no diagnostic, log or state contains a secret.
func (l *lab) checkSecrets() {
	l.t.Helper()
	text := l.w.seen.String()
	if !strings.Contains(text, "Request ") {
		l.t.Error("no requests were logged, so the search for secrets proves nothing")
	}
	for _, secret := range l.secrets {
		if i := slices.IndexFunc(forms(secret), func(form string) bool { return strings.Contains(text, form) }); i >= 0 {
			l.t.Errorf("a diagnostic, log or state contains a secret as %q", forms(secret)[i])
		}
	}
}
