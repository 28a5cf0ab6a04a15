// SPDX-License-Identifier: MPL-2.0

// Command echo is the provider without its logic: for an existing endpoint that does not change, it returns what it
// receives. It shows the least time that Terraform needs with any provider of this schema.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
)

// main has the settings of the real provider, see internal/tuning.
func main() {
	whole, ok := provider.NewServer("bench")().(server)
	if !ok {
		log.Fatal(errors.New("the provider does not implement the whole protocol"))
	}
	_ = os.Setenv("TF_LOG_SDK", "OFF")
	debug.SetGCPercent(300)
	serve := func() tfprotov6.ProviderServer { return echo{whole} }
	if err := tf6server.Serve("registry.terraform.io/terraform-provider-inference/echo", serve); err != nil {
		log.Fatal(err)
	}
}

type server interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

type echo struct{ server }

// ValidateResourceConfig returns no diagnostics.
func (echo) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

// ReadResource returns the state unchanged.
func (echo) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, NewIdentity: req.CurrentIdentity, Private: req.Private}, nil
}

// PlanResourceChange returns the prior state of an endpoint that stays. Creates and deletes need the real provider,
// which knows the computed attributes.
func (e echo) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	if isNull(req.PriorState) || isNull(req.ProposedNewState) {
		return e.server.PlanResourceChange(ctx, req)
	}
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: req.PriorState, PlannedPrivate: req.PriorPrivate, PlannedIdentity: req.PriorIdentity}, nil
}

// isNull reports whether a value is null in MessagePack.
func isNull(value *tfprotov6.DynamicValue) bool { return string(value.MsgPack) == "\xc0" }
