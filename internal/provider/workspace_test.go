// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
)

// workspace manages one endpoint as Terraform does: it refreshes, plans and applies
// through the plugin protocol, each phase with a new provider, and keeps the state. A
// command of Terraform takes a second, so only tests of killed providers and of secrets
// run Terraform itself.
type workspace struct {
	t        testing.TB
	provider object
	config   object // nil if the configuration has no endpoint
	state    *stateInstance
	recorded *outputRecorder
	options  []provider.Option
}

// stateInstance is an endpoint in the state.
type stateInstance struct {
	value    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool
}

// outputRecorder collects all messages, logs and states, which tests search for secrets.
type outputRecorder struct {
	mu   sync.Mutex
	text strings.Builder
}

var _ io.Writer = (*outputRecorder)(nil)

func (r *outputRecorder) Write(text []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(text)
}

func (r *outputRecorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func (r *outputRecorder) add(texts ...string) {
	for _, text := range texts {
		_, _ = io.WriteString(r, text+"\n")
	}
}

func newWorkspace(tb testing.TB, settings object) *workspace {
	tb.Helper()
	return &workspace{t: tb, provider: settings, recorded: &outputRecorder{}}
}

// session is a configured provider during one phase.
type session struct {
	protocol
	w   *workspace
	ctx context.Context
}

func (w *workspace) session(ctx context.Context) session {
	w.t.Helper()
	s := session{newProtocol(w.t, w.options...), w, tfsdklogtest.RootLogger(tflogtest.RootLogger(ctx, w.recorded), w.recorded)} //nolint:contextcheck // reading a schema takes no context
	s.configure(w.t, w.provider)                                                                                                //nolint:contextcheck // configure takes no context
	return s
}

const endpointType = "inference_endpoint"

func (s session) endpointSchema() *tfprotov6.Schema { return s.schema.ResourceSchemas[endpointType] }

func (s session) encode(value tftypes.Value) *tfprotov6.DynamicValue {
	s.w.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(s.endpointSchema().ValueType(), value)
	if err != nil {
		s.w.t.Fatal(err)
	}
	return &encoded
}

// decode decodes a value and records it, because Terraform may write it to a file.
func (s session) decode(encoded *tfprotov6.DynamicValue) tftypes.Value {
	s.w.t.Helper()
	if encoded == nil {
		return s.nullState()
	}
	value, err := encoded.Unmarshal(s.endpointSchema().ValueType())
	if err != nil {
		s.w.t.Fatal(err)
	}
	s.w.recorded.add(value.String())
	return value
}

func (s session) nullState() tftypes.Value {
	return tftypes.NewValue(s.endpointSchema().ValueType(), nil)
}

func (s session) configValue() tftypes.Value {
	s.w.t.Helper()
	if s.w.config == nil {
		return s.nullState()
	}
	return valueOf(s.w.t, s.endpointSchema().ValueType(), s.w.config)
}

// recordDiagnostics records diagnostics and returns them.
func (s session) recordDiagnostics(found []*tfprotov6.Diagnostic, err error) []*tfprotov6.Diagnostic {
	s.w.t.Helper()
	if err != nil {
		s.w.t.Fatal(err)
	}
	s.w.recorded.add(diagnosticsText(found))
	return found
}

// refresh reads the endpoint in the state.
func (s session) refresh() []*tfprotov6.Diagnostic {
	s.w.t.Helper()
	state := s.w.state
	if state == nil {
		return nil
	}
	resp, err := s.server.ReadResource(s.ctx, &tfprotov6.ReadResourceRequest{
		TypeName: endpointType, CurrentState: s.encode(state.value), Private: state.private, CurrentIdentity: state.identity,
	})
	found := s.recordDiagnostics(resp.Diagnostics, err)
	if len(errorsOf(found)) > 0 {
		return found
	}
	s.saveState(resp.NewState, resp.Private, resp.NewIdentity, state.tainted)
	return found
}

// saveState replaces the state.
func (s session) saveState(state *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData, tainted bool) {
	s.w.t.Helper()
	s.w.recorded.add(string(private), decodedValues(private))
	value := s.decode(state)
	if value.IsNull() {
		s.w.state = nil
		return
	}
	s.w.state = &stateInstance{value, private, identity, tainted}
}

// apply refreshes, plans and applies, as one command of Terraform does. It calls
// between after the plan.
func (w *workspace) apply(ctx context.Context, between func()) []*tfprotov6.Diagnostic {
	w.t.Helper()
	s := w.session(ctx)
	found := s.refresh()
	planned, more := s.plan()
	if found = append(found, more...); len(errorsOf(found)) > 0 {
		return found
	}
	between()
	return append(found, w.session(ctx).applyPlan(planned)...)
}

// checkSettled checks that a refresh changes nothing and that the next plan is empty.
func (w *workspace) checkSettled() {
	w.t.Helper()
	before := w.state
	s := w.session(w.t.Context())
	found := s.refresh()
	if (before == nil) != (w.state == nil) || before != nil && !w.state.value.Equal(before.value) {
		w.t.Errorf("got the state %v after a refresh, want it unchanged: %v", w.state, before)
	}
	planned, more := s.plan()
	if found = errorsOf(append(found, more...)); !planned.isEmpty() || len(found) > 0 {
		w.t.Errorf("got a next plan with changes, want none: %s", diagnosticsText(found))
	}
}

// applyPlan applies a plan.
func (s session) applyPlan(planned plan) []*tfprotov6.Diagnostic {
	s.w.t.Helper()
	var found []*tfprotov6.Diagnostic
	if planned.destroys {
		found = append(found, s.applyChange(s.w.state, planned.destroy)...)
		if len(errorsOf(found)) > 0 {
			return found
		}
	}
	if planned.createOrUpdate != nil {
		found = append(found, s.applyChange(s.w.state, *planned.createOrUpdate)...)
	}
	return found
}

// applyChange calls ApplyResourceChange and saves the new state.
func (s session) applyChange(prior *stateInstance, to plannedState) []*tfprotov6.Diagnostic {
	s.w.t.Helper()
	before, identity := s.nullState(), (*tfprotov6.ResourceIdentityData)(nil)
	if prior != nil {
		before, identity = prior.value, prior.identity
	}
	config := s.configValue()
	if to.value.IsNull() {
		config = s.nullState()
	}
	resp, err := s.server.ApplyResourceChange(s.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: endpointType, PriorState: s.encode(before), PlannedState: s.encode(to.value), Config: s.encode(config),
		PlannedPrivate: to.private, PlannedIdentity: identity,
	})
	found := s.recordDiagnostics(resp.Diagnostics, err)
	failed := len(errorsOf(found)) > 0
	s.saveState(resp.NewState, resp.Private, resp.NewIdentity, failed && prior == nil)
	if !failed && s.w.state != nil && !conformsToPlan(to.value, s.w.state.value) {
		s.w.t.Errorf("got the state %s\nwant it as planned: %s", s.w.state.value, to.value)
	}
	return found
}
