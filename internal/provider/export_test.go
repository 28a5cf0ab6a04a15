package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// ErrLeft is what a server without the framework says of what it leaves to it.
var ErrLeft = errors.New("left to the framework")

// Halves are a server's two: the framework, and what answers without it.
func Halves(whole tfprotov6.ProviderServer) (framework, quickly tfprotov6.ProviderServer, ok bool) {
	both, ok := whole.(quick)
	return both.server, quick{leaving{both.server}, both.provider}, ok
}

// leaving stands in for the framework.
type leaving struct{ server }

func (leaving) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return nil, ErrLeft
}

func (leaving) UpgradeResourceState(context.Context, *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return nil, ErrLeft
}

func (leaving) ReadResource(context.Context, *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return nil, ErrLeft
}

func (leaving) PlanResourceChange(context.Context, *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return nil, ErrLeft
}
