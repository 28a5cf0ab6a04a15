// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/tuning"
)

// Terraform itself needs more than linear time for many resources. To show that the
// provider does not, the bench calls it as Terraform does, ten endpoints at a time, but
// without Terraform. The provider runs in a child process, so that the CPU time of the
// server does not count. The child keeps the states, as Terraform does.

// protocolRequest is what the child is to measure.
type protocolRequest struct {
	URL   string
	Count int
}

// protocolResult is one operation of all endpoints.
type protocolResult struct {
	Operation string
	Count     int
	CPU       time.Duration // of the provider and of the calls
	Heap      int64         // bytes that the provider keeps afterwards
	Requests  int
}

// cpu returns the seconds for each endpoint.
func (p protocolResult) cpu() float64 { return p.CPU.Seconds() / float64(p.Count) }

// memory returns the bytes for each endpoint.
func (p protocolResult) memory() float64 { return float64(p.Heap) / float64(p.Count) }

func measureProtocol(ctx context.Context, sizes []int, rounds int) ([]protocolResult, error) {
	var results []protocolResult
	for range rounds {
		for _, count := range sizes {
			found, err := measureProtocolOnce(ctx, count)
			if err != nil {
				return nil, fmt.Errorf("calling the plugin protocol for %d endpoints: %w", count, err)
			}
			results = append(results, found...)
		}
	}
	return results, nil
}

func measureProtocolOnce(ctx context.Context, count int) ([]protocolResult, error) {
	cluster, err := startCluster(0)
	if err != nil {
		return nil, err
	}
	defer cluster.Close()
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	child := exec.CommandContext(ctx, self, "-protocol")
	child.Env, child.Stderr = ownEnvironment(), os.Stderr
	input, err := child.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := child.Start(); err != nil {
		return nil, err
	}
	to, from := json.NewEncoder(input), json.NewDecoder(output)
	var results []protocolResult
	err = to.Encode(protocolRequest{cluster.URL, count})
	for range cycle {
		var result protocolResult
		if err = errors.Join(err, from.Decode(&result)); err != nil {
			break
		}
		result.Requests = cluster.took()
		results = append(results, result)
		err = to.Encode(struct{}{}) // the child goes on once the requests are counted
	}
	return results, errors.Join(err, input.Close(), child.Wait())
}

// protocolChild measures the operations of one request, and writes a result for each.
func protocolChild(ctx context.Context, in io.Reader, out io.Writer) error {
	tuning.LimitLogs()
	tuning.CollectRarely()
	from, to := json.NewDecoder(in), json.NewEncoder(out)
	var request protocolRequest
	if err := from.Decode(&request); err != nil {
		return err
	}
	d, err := newDriver(ctx, request)
	if err != nil {
		return err
	}
	for _, operation := range cycle {
		if err := d.configure(); err != nil { //nolint:contextcheck // building a schema takes no context
			return err
		}
		before, kept := cpuTime(), heap()-d.bytes()
		if err := map[string]func() error{
			opPlan:    func() error { return d.all(d.plan) },
			opApply:   func() error { return d.all(d.apply) },
			opRefresh: func() error { return d.all(d.refresh) },
			opAgain:   func() error { return d.all(d.planAgain) },
			opDestroy: d.destroyAll,
		}[operation.name](); err != nil {
			return fmt.Errorf("%s: %w", operation.name, err)
		}
		result := protocolResult{Operation: operation.name, Count: request.Count, CPU: cpuTime() - before}
		result.Heap = heap() - d.bytes() - kept
		runtime.KeepAlive(d.server)
		if err := to.Encode(result); err != nil {
			return err
		}
		if err := from.Decode(&struct{}{}); err != nil {
			return err
		}
	}
	return nil
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// driver calls a provider for many endpoints.
type driver struct {
	ctx      context.Context
	server   tfprotov6.ProviderServer
	url      string
	schema   *tfprotov6.GetProviderSchemaResponse
	endpoint tftypes.Object
	configs  []*tfprotov6.DynamicValue
	planned  []*tfprotov6.PlanResourceChangeResponse
	states   []instance
}

// instance is an endpoint in the state.
type instance struct {
	state    *tfprotov6.DynamicValue
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

const resourceType = "inference_endpoint"

func newDriver(ctx context.Context, request protocolRequest) (*driver, error) {
	d := &driver{ctx: ctx, url: request.URL}
	if err := d.configure(); err != nil { //nolint:contextcheck // building a schema takes no context
		return nil, err
	}
	d.states = make([]instance, request.Count)
	d.planned = make([]*tfprotov6.PlanResourceChangeResponse, request.Count)
	for i := range request.Count {
		config, err := encode(d.endpoint, map[string]any{
			"inference_id": fmt.Sprintf("endpoint-%d", i), "task_type": "text_embedding",
			"service_settings": map[string]any{
				"access_key": "AKIAEXAMPLE", "secret_key": "made-up-secret-key", "region": "us-east-1",
				"provider": "amazontitan", "model": "amazon.titan-embed-text-v2:0",
			},
		})
		if err != nil {
			return nil, err
		}
		d.configs = append(d.configs, config)
	}
	return d, nil
}

// configure starts a new provider, as Terraform does for each command.
func (d *driver) configure() error {
	d.server = provider.NewServer("bench")()
	schema, err := d.server.GetProviderSchema(d.ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	d.schema = schema
	var ok bool
	if d.endpoint, ok = schema.ResourceSchemas[resourceType].ValueType().(tftypes.Object); !ok {
		return errors.New("the schema is not that of an object")
	}
	config, err := encode(schema.Provider.ValueType(), map[string]any{"elasticsearch": map[string]any{"endpoints": []any{d.url}}})
	if err != nil {
		return err
	}
	configured, err := d.server.ConfigureProvider(d.ctx, &tfprotov6.ConfigureProviderRequest{Config: config})
	if err != nil {
		return err
	}
	return failure(configured.Diagnostics)
}

// all calls do for each endpoint, ten at a time.
func (d *driver) all(do func(int) error) error {
	var next atomic.Int64
	var done sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for range 10 {
		done.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(d.configs); i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
					return
				}
			}
		})
	}
	done.Wait()
	return failed
}

// bytes returns the size of what the driver keeps for the provider.
func (d *driver) bytes() int64 {
	var size int64
	for i := range d.states {
		size += int64(len(d.states[i].private))
		if d.states[i].state != nil {
			size += int64(len(d.states[i].state.MsgPack))
		}
		if d.planned[i] != nil {
			size += int64(len(d.planned[i].PlannedState.MsgPack) + len(d.planned[i].PlannedPrivate))
		}
	}
	return size
}

var null = &tfprotov6.DynamicValue{MsgPack: []byte{0xc0}}

func (d *driver) plan(i int) error {
	unknownID, err := d.proposed(i)
	if err != nil {
		return err
	}
	d.planned[i], err = d.server.PlanResourceChange(d.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: resourceType, PriorState: null, ProposedNewState: unknownID, Config: d.configs[i],
	})
	if err != nil {
		return err
	}
	return failure(d.planned[i].Diagnostics)
}

// proposed returns the configuration without its write-only values.
func (d *driver) proposed(i int) (*tfprotov6.DynamicValue, error) {
	return encode(d.endpoint, map[string]any{
		"inference_id": fmt.Sprintf("endpoint-%d", i), "task_type": "text_embedding",
		"service_settings": map[string]any{"region": "us-east-1", "provider": "amazontitan", "model": "amazon.titan-embed-text-v2:0"},
	})
}

func (d *driver) apply(i int) error {
	if err := d.plan(i); err != nil { // Terraform plans again
		return err
	}
	made, err := d.server.ApplyResourceChange(d.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resourceType, PriorState: null, PlannedState: d.planned[i].PlannedState, Config: d.configs[i], PlannedPrivate: d.planned[i].PlannedPrivate,
	})
	if err != nil {
		return err
	}
	d.states[i], d.planned[i] = instance{made.NewState, made.Private, made.NewIdentity}, nil
	return failure(made.Diagnostics)
}

func (d *driver) refresh(i int) error {
	read, err := d.server.ReadResource(d.ctx, &tfprotov6.ReadResourceRequest{
		TypeName: resourceType, CurrentState: d.states[i].state, Private: d.states[i].private, CurrentIdentity: d.states[i].identity,
	})
	if err != nil {
		return err
	}
	d.states[i] = instance{read.NewState, read.Private, read.NewIdentity}
	return failure(read.Diagnostics)
}

func (d *driver) planAgain(i int) error {
	if err := d.refresh(i); err != nil {
		return err
	}
	planned, err := d.server.PlanResourceChange(d.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: resourceType, PriorState: d.states[i].state, ProposedNewState: d.states[i].state, Config: d.configs[i],
		PriorPrivate: d.states[i].private, PriorIdentity: d.states[i].identity,
	})
	if err != nil {
		return err
	}
	return failure(planned.Diagnostics)
}

// destroyAll refreshes, plans and deletes with a new provider each, as Terraform does.
func (d *driver) destroyAll() error {
	for _, step := range []func(int) error{d.refresh, d.planDestroy, d.delete} {
		if err := errors.Join(d.configure(), d.all(step)); err != nil {
			return err
		}
	}
	return nil
}

func (d *driver) planDestroy(i int) (err error) {
	d.planned[i], err = d.server.PlanResourceChange(d.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: resourceType, PriorState: d.states[i].state, ProposedNewState: null, Config: null, PriorPrivate: d.states[i].private, PriorIdentity: d.states[i].identity,
	})
	if err != nil {
		return err
	}
	return failure(d.planned[i].Diagnostics)
}

func (d *driver) delete(i int) error {
	gone, err := d.server.ApplyResourceChange(d.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resourceType, PriorState: d.states[i].state, PlannedState: null, Config: null, PlannedPrivate: d.planned[i].PlannedPrivate,
	})
	if err != nil {
		return err
	}
	d.states[i], d.planned[i] = instance{}, nil
	return failure(gone.Diagnostics)
}

// failure returns the errors among diagnostics.
func failure(diagnostics []*tfprotov6.Diagnostic) error {
	var texts []string
	for _, diagnostic := range diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			texts = append(texts, diagnostic.Summary+": "+diagnostic.Detail)
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return errors.New(strings.Join(texts, "\n"))
}

// encode encodes a value. Attributes that an object leaves out are null.
func encode(typ tftypes.Type, value any) (*tfprotov6.DynamicValue, error) {
	encoded, err := tfprotov6.NewDynamicValue(typ, valueOf(typ, value))
	return &encoded, err
}

func valueOf(typ tftypes.Type, value any) tftypes.Value {
	switch given := value.(type) {
	case map[string]any:
		object, ok := typ.(tftypes.Object)
		if !ok {
			break
		}
		attributes := map[string]tftypes.Value{}
		for name, attribute := range object.AttributeTypes {
			attributes[name] = valueOf(attribute, given[name])
		}
		return tftypes.NewValue(typ, attributes)
	case []any:
		list, ok := typ.(tftypes.List)
		if !ok {
			break
		}
		elements := make([]tftypes.Value, len(given))
		for i, element := range given {
			elements[i] = valueOf(list.ElementType, element)
		}
		return tftypes.NewValue(typ, elements)
	}
	return tftypes.NewValue(typ, value)
}
