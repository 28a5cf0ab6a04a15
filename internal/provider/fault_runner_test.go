// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// faultRunner runs operations on one endpoint, at the protocol or with Terraform. The
// functions call arm before the phase that a fault affects.
type faultRunner interface {
	apply(ctx context.Context, config object, arm func()) []*tfprotov6.Diagnostic
	refresh(ctx context.Context, arm func()) []*tfprotov6.Diagnostic
	planDestroy(ctx context.Context, arm func()) []*tfprotov6.Diagnostic
	// readData reads a data source and returns the number of elements of one of its lists, or
	// an empty string if it could not be read.
	readData(ctx context.Context, arm func(), name string, config object, list string) (size string, found []*tfprotov6.Diagnostic)
	// checkSettled checks that the next plan is empty.
	checkSettled()
	stateText(path ...string) string
	// stateHasKeys reports whether the state has the digest of these keys.
	stateHasKeys(keys keyPair) bool
	hasState() bool
	isTainted() bool
	// revealed returns all diagnostics, logs, plans and states.
	revealed() string
}

// protocolRunner runs operations at the protocol.
type protocolRunner struct{ *workspace }

func (r protocolRunner) apply(ctx context.Context, config object, arm func()) []*tfprotov6.Diagnostic {
	r.config = config
	return r.workspace.apply(ctx, arm)
}

func (r protocolRunner) refresh(ctx context.Context, arm func()) []*tfprotov6.Diagnostic {
	s := r.session(ctx)
	arm()
	return s.refresh()
}

func (r protocolRunner) planDestroy(ctx context.Context, arm func()) []*tfprotov6.Diagnostic {
	r.t.Helper()
	config := r.config
	defer func() { r.config = config }()
	r.config = nil
	s := r.session(ctx)
	found := s.refresh()
	arm()
	planned, more := s.plan()
	if found = append(found, more...); !planned.destroys {
		r.t.Errorf("the plan does not destroy the endpoint: %s", diagnosticsText(found))
	}
	return found
}

func (r protocolRunner) readData(ctx context.Context, arm func(), name string, config object, list string) (size string, found []*tfprotov6.Diagnostic) {
	r.t.Helper()
	s := r.session(ctx)
	arm()
	typ := s.schema.DataSourceSchemas[name].ValueType()
	encoded, err := tfprotov6.NewDynamicValue(typ, valueOf(r.t, typ, config))
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := s.server.ReadDataSource(s.ctx, &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: &encoded}) //nolint:contextcheck // it is ctx with a logger
	found = s.recordDiagnostics(resp.Diagnostics, err)
	if resp.State == nil || len(errorsOf(found)) > 0 {
		return "", found
	}
	value, err := resp.State.Unmarshal(typ)
	if err != nil {
		r.t.Fatal(err)
	}
	r.recorded.add(value.String())
	var elements []tftypes.Value
	if value.IsNull() || attributesOf(value)[list].As(&elements) != nil {
		return "", found
	}
	return fmt.Sprint(len(elements)), found
}

func (r protocolRunner) stateHasKeys(keys keyPair) bool {
	return r.state != nil && digestIsOf(r.state.private, keys)
}

func (r protocolRunner) hasState() bool  { return r.state != nil }
func (r protocolRunner) isTainted() bool { return r.state != nil && r.state.tainted }

func (r protocolRunner) revealed() string {
	return r.recorded.String()
}

// terraformRunner runs operations with Terraform.
type terraformRunner struct {
	*cli
	provider object
	recorded outputRecorder
}

// configure writes the configuration. It is JSON, whose values are those of an object.
func (r *terraformRunner) configure(blocks object) {
	r.t.Helper()
	config := object{
		"terraform": object{"required_providers": object{"inference": object{"source": ownAddress}}},
		"provider":  object{"inference": r.provider},
	}
	maps.Copy(config, blocks)
	text, err := json.Marshal(config)
	if err != nil {
		r.t.Fatal(err)
	}
	r.write("main.tf.json", string(text))
}

// endpointBlocks returns the blocks of a configuration with an endpoint, unless it is nil.
func endpointBlocks(endpoint object) object {
	if endpoint == nil {
		return object{}
	}
	return object{"resource": object{endpointType: object{"this": endpoint}}}
}

// command runs a command and records its diagnostics and the state. Terraform also prints lines
// of the configuration, with the secrets.
func (r *terraformRunner) command(ctx context.Context, name string, args ...string) commandResult {
	r.t.Helper()
	result := r.messagesIn(ctx, name, args...)
	r.recorded.add(diagnosticsText(result.found), result.other)
	if state, err := os.ReadFile(filepath.Join(r.dir, "terraform.tfstate")); err == nil {
		r.recorded.add(string(state), decodedPrivate(state))
	}
	return result
}

func (r *terraformRunner) apply(ctx context.Context, config object, arm func()) []*tfprotov6.Diagnostic {
	r.t.Helper()
	r.configure(endpointBlocks(config))
	planned := r.command(ctx, "plan", "-out=apply.tfplan")
	if planned.failed {
		return planned.found
	}
	arm()
	return append(planned.found, r.command(ctx, "apply", "apply.tfplan").found...)
}

func (r *terraformRunner) refresh(ctx context.Context, arm func()) []*tfprotov6.Diagnostic {
	r.t.Helper()
	arm()
	return r.command(ctx, "apply", "-refresh-only", "-auto-approve").found
}

func (r *terraformRunner) planDestroy(ctx context.Context, arm func()) []*tfprotov6.Diagnostic {
	r.t.Helper()
	arm()
	return r.command(ctx, "plan", "-destroy").found
}

func (r *terraformRunner) readData(ctx context.Context, arm func(), name string, config object, list string) (size string, found []*tfprotov6.Diagnostic) {
	r.t.Helper()
	r.write("data.tf.json", r.dataBlock(name, config))
	arm()
	result := r.command(ctx, "apply", "-auto-approve")
	for _, resource := range r.savedState("terraform.tfstate").Values.RootModule.Resources {
		if elements, ok := resource.AttributeValues[list].([]any); ok && !result.failed && resource.Type == name {
			size = fmt.Sprint(len(elements))
		}
	}
	return size, result.found
}

func (r *terraformRunner) dataBlock(name string, config object) string {
	r.t.Helper()
	text, err := json.Marshal(object{"data": object{name: object{"this": config}}})
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

func (r *terraformRunner) checkSettled() {
	r.t.Helper()
	if next := r.command(r.t.Context(), "plan", "-detailed-exitcode"); next.failed || len(next.drift) > 0 {
		r.t.Errorf("the plan after the next apply is not empty: %v, drift of %q", next.failure(), next.drift)
	}
}

// instance returns the endpoint in the state file, or nil.
func (r *terraformRunner) instance() *savedInstance {
	r.t.Helper()
	if _, err := os.Stat(filepath.Join(r.dir, "terraform.tfstate")); err != nil {
		return nil
	}
	for _, resource := range r.stateFile("terraform.tfstate").Resources {
		if resource.Type == endpointType && resource.Mode == "managed" && len(resource.Instances) > 0 {
			return &resource.Instances[0]
		}
	}
	return nil
}

func (r *terraformRunner) stateText(path ...string) string {
	r.t.Helper()
	instance := r.instance()
	if instance == nil {
		return ""
	}
	var value any = instance.Attributes
	for _, name := range path {
		inner, _ := value.(map[string]any)
		value = inner[name]
	}
	return fmt.Sprint(value)
}

func (r *terraformRunner) stateHasKeys(keys keyPair) bool {
	instance := r.instance()
	return instance != nil && digestIsOf(instance.Private, keys)
}

func (r *terraformRunner) hasState() bool { return r.instance() != nil }

func (r *terraformRunner) isTainted() bool {
	instance := r.instance()
	return instance != nil && instance.Status == "tainted"
}

func (r *terraformRunner) revealed() string { return r.recorded.String() }
