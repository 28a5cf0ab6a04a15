// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
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

var faultTerraform = flag.Bool("fault.terraform", false, "run the whole matrix of faults on Terraform, too")

// TestFaultMatrix checks each fault during each operation: the outcome is the one in the
// table of the reliability guide, and the next apply without the fault leads to the
// configured endpoint.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	const atOnce = 12 // cells that wait before they try again leave room for others
	cells := runMatrix(t, atOnce, runCell)
	t.Logf("counted: %d cells of faults and operations, each with its outcome and the apply after it", cells)
}

// TestFaultMatrixOnTerraform is TestFaultMatrix with the commands of Terraform.
// TestFaultsInTerraform has a sample of it.
func TestFaultMatrixOnTerraform(t *testing.T) {
	if !*faultTerraform {
		t.Skip("needs -fault.terraform, which make matrix sets")
	}
	t.Parallel()
	cells := runMatrix(t, 2*runtime.GOMAXPROCS(0), func(env *faultEnv, operation operation, outcome string) {
		if env.fault.protocolOnly || env.fault.serverWide && operation.name == "references" {
			env.t.Skip("the command fails before it asks what uses the endpoint, or is interrupted: see TestInterrupt")
		}
		env.useTerraform()
		runCell(env, operation, outcome)
	})
	t.Logf("counted: %d cells of faults and operations with the commands of Terraform", cells)
}

// runMatrix calls run for each fault and operation with the outcome in the guide, some at once.
// It returns the number of cells.
func runMatrix(t *testing.T, atOnce int, run func(env *faultEnv, operation operation, outcome string)) int64 {
	t.Helper()
	documented := documentedOutcomes(t)
	var followed atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
	t.Cleanup(elsewhere.Close)

	var cells atomic.Int64
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, fault := range faultCases(elsewhere.URL) {
		outcomes, ok := documented[fault.name]
		if !ok {
			t.Errorf("the guide has no row for the fault %q", fault.name)
			continue
		}
		delete(documented, fault.name)
		for _, operation := range operations() {
			group.Go(func() error {
				t.Run(fault.name+"/"+operation.name, func(t *testing.T) { // the group runs them in parallel
					run(newFaultEnv(t, fault), operation, outcomes[operation.name])
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
	return cells.Load()
}

// runCell runs an operation with a fault, checks its outcome, and applies without the
// fault.
func runCell(env *faultEnv, operation operation, outcome string) {
	t, fault := env.t, env.fault
	t.Helper()
	operation.prepare(env)
	if got := (observedValue{operation.onServer(env), operation.inState(env)}); got != operation.before {
		t.Fatalf("before: got %+v, want %+v", got, operation.before)
	}
	ctx, end := env.context()
	found := operation.run(ctx, env, func() { fault.arm(env, operation.request, end) })
	end()
	env.checkOutcome(fault, operation, outcome, found)
	if fault.serverWide == (env.proxy.Hits() > 0) {
		t.Errorf("the proxy caused the fault %d times", env.proxy.Hits())
	}

	env.lift()
	if found := errorsOf(operation.repeat(t.Context(), env)); len(found) > 0 {
		t.Errorf("the next apply fails: %s", diagnosticsText(found))
	}
	if got := (observedValue{operation.onServer(env), operation.inState(env)}); got != operation.goal {
		t.Errorf("after the next apply: got %+v, want %+v", got, operation.goal)
	}
	env.runner().checkSettled()
	env.checkSecrets()
}

// checkOutcome checks the endpoint on the server and in the state, and the diagnostics.
func (env *faultEnv) checkOutcome(fault faultCase, operation operation, outcome string, found []*tfprotov6.Diagnostic) {
	env.t.Helper()
	got := observedValue{operation.onServer(env), operation.inState(env)}
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
		want = observedValue{}
	case outcomeWarned:
		fails = false
	default:
		env.t.Fatalf("unknown outcome %q in the guide", outcome)
	}
	if got != want {
		env.t.Errorf("got %+v, want %s: %+v", got, outcome, want)
	}
	if tainted := env.runner().isTainted(); tainted != (outcome == outcomeDoubtful) {
		env.t.Errorf("tainted: got %v, want %v", tainted, outcome == outcomeDoubtful)
	}
	if errs := errorsOf(found); (len(errs) > 0) != fails {
		env.t.Errorf("errors: got %d, want some: %v (outcome %s):%s", len(errs), fails, outcome, diagnosticsText(found))
	}
	if fails || outcome == outcomeWarned {
		env.checkMessage(fault, operation, found)
	}
}

// checkMessage checks that the diagnostics name the operation, the fault and the remedy.
func (env *faultEnv) checkMessage(fault faultCase, operation operation, found []*tfprotov6.Diagnostic) {
	env.t.Helper()
	text := strings.Join(strings.Fields(diagnosticsText(found)), " ")
	if !fault.serverWide && !strings.Contains(text, operation.activity) && (operation.along == "" || !strings.Contains(text, operation.along)) {
		env.t.Errorf("got %q, want it to contain %q", text, operation.activity)
	}
	if !regexp.MustCompile(fault.message).MatchString(text) {
		env.t.Errorf("got %q, want a match of %q", text, fault.message)
	}
}

// checkSecrets checks that no diagnostic, log or state contains a secret.
func (env *faultEnv) checkSecrets() {
	env.t.Helper()
	text := env.runner().revealed()
	if env.terraform == nil && !strings.Contains(text, "Request ") {
		env.t.Error("no requests were logged, so the search for secrets proves nothing")
	}
	for _, secret := range env.secrets {
		if i := slices.IndexFunc(secretForms(secret), func(form string) bool { return strings.Contains(text, form) }); i >= 0 {
			env.t.Errorf("a diagnostic, log or state contains a secret as %q", secretForms(secret)[i])
		}
	}
}
