package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns a constructor of what serves the provider to Terraform.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		own := &inferenceProvider{version: version}
		served := providerserver.NewProtocol6(own)()
		if whole, ok := served.(server); ok {
			return quick{forgetful{exacting{whole}}, own}
		}
		return served
	}
}

// server is all that the framework serves.
type server interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// forgetful lets go of the contexts of those calls that one command makes for
// every resource. The framework keeps each until the process ends, together with
// its loggers (proto6server.Server.registerContext): some 30 KB for a resource,
// which the garbage collector looks through over and over.
type forgetful struct{ server }

func (f forgetful) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return forgetting(ctx, f.server.ValidateResourceConfig, req)
}

func (f forgetful) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return forgetting(ctx, f.server.UpgradeResourceState, req)
}

func (f forgetful) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return forgetting(ctx, f.server.UpgradeResourceIdentity, req)
}

func (f forgetful) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return forgetting(ctx, f.server.ReadResource, req)
}

func (f forgetful) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return forgetting(ctx, f.server.PlanResourceChange, req)
}

func (f forgetful) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return forgetting(ctx, f.server.ApplyResourceChange, req)
}

func forgetting[Request, Response any](ctx context.Context, call func(context.Context, Request) (Response, error), req Request) (Response, error) {
	passing := newPassing(ctx)
	defer passing.end()       //nolint:contextcheck // it ends the caller's own context
	return call(passing, req) //nolint:contextcheck // it is the caller's own context
}
