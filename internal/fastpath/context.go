// SPDX-License-Identifier: MPL-2.0

package fastpath

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// FrameworkServer is everything that the framework serves.
type FrameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// ReleaseContexts wraps a framework server so that the contexts of calls that
// Terraform makes for every resource are released when the call ends. The
// framework keeps each context until the process ends, together with its loggers
// (proto6server.Server.registerContext): about 30 KB per resource, which the
// garbage collector scans again and again.
func ReleaseContexts(framework FrameworkServer) FrameworkServer { return contextReleaser{framework} }

type contextReleaser struct{ FrameworkServer }

func (r contextReleaser) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return callAndRelease(ctx, r.FrameworkServer.ValidateResourceConfig, req)
}

func (r contextReleaser) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return callAndRelease(ctx, r.FrameworkServer.UpgradeResourceState, req)
}

func (r contextReleaser) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return callAndRelease(ctx, r.FrameworkServer.UpgradeResourceIdentity, req)
}

func (r contextReleaser) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return callAndRelease(ctx, r.FrameworkServer.ReadResource, req)
}

func (r contextReleaser) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return callAndRelease(ctx, r.FrameworkServer.PlanResourceChange, req)
}

func (r contextReleaser) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return callAndRelease(ctx, r.FrameworkServer.ApplyResourceChange, req)
}

func callAndRelease[Request, Response any](ctx context.Context, call func(context.Context, Request) (Response, error), req Request) (Response, error) {
	released := newReleasableContext(ctx)
	defer released.release()   //nolint:contextcheck // it releases the caller's own context
	return call(released, req) //nolint:contextcheck // it wraps the caller's own context
}

// releasableContext delegates to another context until it is released. After
// that it is a canceled context, so that nothing of the call stays reachable.
type releasableContext struct {
	delegate atomic.Pointer[context.Context]
}

func newReleasableContext(ctx context.Context) *releasableContext {
	c := &releasableContext{}
	c.delegate.Store(&ctx)
	return c
}

var canceledContext = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (c *releasableContext) release() { c.delegate.Store(&canceledContext) }

func (c *releasableContext) Deadline() (time.Time, bool) { return (*c.delegate.Load()).Deadline() }
func (c *releasableContext) Done() <-chan struct{}       { return (*c.delegate.Load()).Done() }
func (c *releasableContext) Err() error                  { return (*c.delegate.Load()).Err() }
func (c *releasableContext) Value(key any) any           { return (*c.delegate.Load()).Value(key) }
