// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
)

const endpoint = "inference_endpoint.this"

// factories serve the provider in the process of the test, for tests that use the steps of
// terraform-plugin-testing.
var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"inference": func() (tfprotov6.ProviderServer, error) { return newServer(), nil },
}

// newServer returns a provider for which it is always the same day, because the lifecycles
// of models depend on it.
func newServer(options ...provider.Option) tfprotov6.ProviderServer {
	today := time.Date(2026, time.November, 27, 0, 0, 0, 0, time.UTC)
	clock := provider.WithClock(func() time.Time { return today })
	return provider.NewServer("test", append([]provider.Option{clock}, options...)...)()
}

// step is a step of an acceptance test. It applies a configuration and checks that the next
// plan is empty, or it imports the endpoint and compares the result with the state.
type step struct {
	before func() // is called first
	config string
	values map[string]any // of the variables
	// action is the planned action for the endpoint. It is not checked if it is empty.
	action plancheck.ResourceActionType
	plan   []plancheck.PlanCheck
	state  []statecheck.StateCheck // after the apply
	// fails is a pattern for the errors of a step that must fail. Line breaks are spaces.
	fails    string
	planOnly bool // the step makes a plan, which must fail or be empty

	importID string   // imports the endpoint by this id instead of applying
	ignored  []string // attributes that an import does not know
}

// acceptance runs steps with Terraform or OpenTofu, which uses a provider in the process of
// the test. It needs fewer commands than the steps of terraform-plugin-testing: it checks
// one plan after an apply, which must find neither changes nor drift, it reads the state
// from its file, and it leaves the endpoints to the temporary targets of the tests.
func acceptance(t *testing.T, steps ...step) {
	t.Helper()
	terraform := newCLI(t, "")
	for i, step := range steps {
		if step.before != nil {
			step.before()
		}
		if step.config != "" {
			terraform.write("main.tf", requiredProviders+step.config)
		}
		if step.values != nil {
			values, err := json.Marshal(step.values)
			if err != nil {
				t.Fatal(err)
			}
			terraform.write("terraform.tfvars.json", string(values))
		}
		if err := terraform.runStep(step); err != nil {
			t.Fatalf("step %d of %d: %v", i+1, len(steps), err)
		}
	}
}

// runStep runs a step, and returns why it fails.
func (c *cli) runStep(step step) error {
	c.t.Helper()
	if step.importID != "" {
		return c.runImport(step)
	}
	if step.planOnly {
		return c.messages("plan", "-detailed-exitcode").check(step)
	}
	var applied commandResult
	if len(step.plan) == 0 {
		applied = c.messages("apply", "-auto-approve")
		if err := applied.check(step); err != nil || step.fails != "" {
			return err
		}
	} else {
		applied = c.messages("plan", "-out=step.tfplan")
		if err := applied.check(step); err != nil || step.fails != "" {
			return err
		}
		if err := c.checkPlan(step.plan); err != nil {
			return err
		}
		if err := c.messages("apply", "step.tfplan").failure(); err != nil {
			return err
		}
	}
	if err := checkState(c.savedState("terraform.tfstate"), step.state); err != nil {
		return err
	}
	if len(applied.actions) == 0 && step.action == plancheck.ResourceActionNoop {
		return nil // the command has just shown that there is nothing to change
	}
	next := c.messages("plan", "-detailed-exitcode")
	if err := next.failure(); err != nil {
		return fmt.Errorf("the plan after the apply has changes: %w", err)
	}
	if len(next.drift) > 0 {
		return fmt.Errorf("the refresh after the apply changes %q", next.drift)
	}
	return nil
}

// commandResult is what a command of Terraform printed as JSON.
type commandResult struct {
	other   string // what is not a message as JSON
	failed  bool
	found   []*tfprotov6.Diagnostic
	actions map[string]string // planned actions by the addresses of the resources
	drift   []string          // resources that were changed outside of Terraform
}

// messages runs a plan or an apply.
func (c *cli) messages(command string, args ...string) commandResult {
	c.t.Helper()
	return c.messagesIn(c.t.Context(), command, args...)
}

// messagesIn is messages with a context whose end interrupts the command.
func (c *cli) messagesIn(ctx context.Context, command string, args ...string) commandResult {
	c.t.Helper()
	output, ok := c.runIn(ctx, append([]string{command, "-json", "-input=false"}, args...)...)
	result := commandResult{failed: !ok, actions: map[string]string{}}
	for line := range strings.Lines(output) {
		var message struct {
			Type       string
			Diagnostic struct{ Severity, Summary, Detail string }
			Change     struct {
				Resource struct{ Addr string }
				Action   string
			}
		}
		if json.Unmarshal([]byte(line), &message) != nil {
			result.other += line // for example, about a wrong use of the command
			continue
		}
		switch message.Type {
		case "diagnostic":
			severity := tfprotov6.DiagnosticSeverityWarning
			if message.Diagnostic.Severity == "error" {
				severity = tfprotov6.DiagnosticSeverityError
			}
			result.found = append(result.found, &tfprotov6.Diagnostic{Severity: severity, Summary: message.Diagnostic.Summary, Detail: message.Diagnostic.Detail})
		case "planned_change":
			result.actions[message.Change.Resource.Addr] = message.Change.Action
		case "resource_drift":
			result.drift = append(result.drift, message.Change.Resource.Addr)
		}
	}
	return result
}

// failure returns an error if the command failed.
func (r commandResult) failure() error {
	if !r.failed {
		return nil
	}
	return fmt.Errorf("the command fails: planned actions %v, errors %s, other output %q", r.actions, diagnosticsText(errorsOf(r.found)), r.other)
}

// check checks the errors of the command and the planned action.
func (r commandResult) check(step step) error {
	if step.fails != "" {
		text := strings.Join(strings.Fields(diagnosticsText(errorsOf(r.found))), " ")
		if !r.failed || !regexp.MustCompile("(?s)"+step.fails).MatchString(text) {
			return fmt.Errorf("got the errors %q, want a match of %q; other output: %q", text, step.fails, r.other)
		}
		return nil
	}
	if err := r.failure(); err != nil {
		return err
	}
	planned, ok := r.actions[endpoint]
	if !ok {
		planned = "no-op"
	}
	want, known := actionNames[step.action]
	if !known && step.action != "" {
		return fmt.Errorf("the action %s has no name", step.action)
	}
	if known && planned != want {
		return fmt.Errorf("got the action %s for %s, want %s", planned, endpoint, want)
	}
	return nil
}

// actionNames are the names of actions in the output of Terraform.
var actionNames = map[plancheck.ResourceActionType]string{
	plancheck.ResourceActionNoop: "no-op", plancheck.ResourceActionCreate: "create", plancheck.ResourceActionUpdate: "update",
	plancheck.ResourceActionReplace: "replace", plancheck.ResourceActionDestroy: "delete",
}

// checkPlan checks the saved plan.
func (c *cli) checkPlan(checks []plancheck.PlanCheck) error {
	c.t.Helper()
	var plan tfjson.Plan
	if err := json.Unmarshal([]byte(c.succeeds("show", "-json", "step.tfplan")), &plan); err != nil {
		return err
	}
	for _, check := range checks {
		var resp plancheck.CheckPlanResponse
		check.CheckPlan(c.t.Context(), plancheck.CheckPlanRequest{Plan: &plan}, &resp)
		if resp.Error != nil {
			return resp.Error
		}
	}
	return nil
}

// checkState checks a state.
func checkState(state *tfjson.State, checks []statecheck.StateCheck) error {
	for _, check := range checks {
		var resp statecheck.CheckStateResponse
		check.CheckState(context.Background(), statecheck.CheckStateRequest{State: state}, &resp)
		if resp.Error != nil {
			return resp.Error
		}
	}
	return nil
}

// stateFile is what tests read of a state file.
type stateFile struct {
	Outputs   map[string]struct{ Value any }
	Resources []struct {
		Module, Mode, Type, Name string
		Instances                []savedInstance
	}
}

type savedInstance struct {
	Status     string
	Attributes map[string]any
	Private    []byte
}

// stateFile reads a state file.
func (c *cli) stateFile(name string) stateFile {
	c.t.Helper()
	var saved stateFile
	decoder := json.NewDecoder(strings.NewReader(c.read(name)))
	decoder.UseNumber()
	if err := decoder.Decode(&saved); err != nil {
		c.t.Fatal(err)
	}
	return saved
}

// savedState returns the root module of a state file.
func (c *cli) savedState(file string) *tfjson.State {
	c.t.Helper()
	saved := c.stateFile(file)
	values := &tfjson.StateValues{Outputs: map[string]*tfjson.StateOutput{}, RootModule: &tfjson.StateModule{}}
	for name, output := range saved.Outputs {
		values.Outputs[name] = &tfjson.StateOutput{Value: output.Value}
	}
	for _, resource := range saved.Resources {
		address := resource.Type + "." + resource.Name
		if resource.Mode == "data" {
			address = "data." + address
		}
		if resource.Module != "" || len(resource.Instances) != 1 {
			c.t.Fatalf("%s: the state checks read neither modules nor resources with count or for_each", address)
		}
		values.RootModule.Resources = append(values.RootModule.Resources, &tfjson.StateResource{
			Address: address, Type: resource.Type, Name: resource.Name, AttributeValues: resource.Instances[0].Attributes,
		})
	}
	return &tfjson.State{Values: values}
}

// runImport imports the endpoint into another state, and compares it with the endpoint in
// the state of the directory.
func (c *cli) runImport(step step) error {
	c.t.Helper()
	const file = "imported.tfstate"
	defer os.Remove(filepath.Join(c.dir, file)) //nolint:errcheck // there is no file if the import failed
	output, ok := c.run("import", "-no-color", "-input=false", "-state="+file, "-state-out="+file, endpoint, step.importID)
	if ok != (step.fails == "") || !regexp.MustCompile(step.fails).MatchString(words(output)) {
		return fmt.Errorf("success of the import: got %t, want %t with a match of %q: %s", ok, !ok, step.fails, output)
	}
	if step.fails != "" {
		return nil
	}
	got, want := c.endpointIn(file), c.endpointIn("terraform.tfstate")
	for _, name := range step.ignored {
		delete(got, name)
		delete(want, name)
	}
	if len(want) == 0 || !reflect.DeepEqual(got, want) {
		return fmt.Errorf("got the imported endpoint %v, want it as in the state: %v", got, want)
	}
	return nil
}

// endpointIn returns the attributes of the endpoint in a state file.
func (c *cli) endpointIn(file string) map[string]any {
	c.t.Helper()
	for _, resource := range c.savedState(file).Values.RootModule.Resources {
		if resource.Address == endpoint {
			return resource.AttributeValues
		}
	}
	return nil
}

// embedded returns a provider block for the embedded target with the simulator and a
// temporary file.
func embedded(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf(`
provider "inference" {
  embedded = { path = %q }
  bedrock  = { simulate = true }
}
`, filepath.Join(t.TempDir(), "target", "endpoints.db"))
}

// endpointConfig returns a resource block. settings are lines of service_settings, more
// are lines of the resource.
func endpointConfig(id, task, settings string, more ...string) string {
	return fmt.Sprintf(`
resource "inference_endpoint" "this" {
  inference_id = %q
  task_type    = %q
  service_settings = {
    %s
  }
  %s
}
`, id, task, settings, strings.Join(more, "\n  "))
}

const (
	keys = `access_key = "AKIATEST"
    secret_key = "secret-one"
    `
	titanEmbedding = keys + `region   = "us-east-1"
    provider = "amazontitan"
    model    = "amazon.titan-embed-text-v2:0"`
	titanText = keys + `region   = "us-east-1"
    provider = "amazontitan"
    model    = "amazon.nova-lite-v1:0"`
	claude = keys + `region   = "us-east-1"
    provider = "anthropic"
    model    = "us.anthropic.claude-sonnet-4-6"`
)
