// SPDX-License-Identifier: MPL-2.0

// Command echo is the real provider without its work: what Terraform asks about an endpoint that is there and stays, it
// answers with what it was asked. What Terraform takes with it is the least that it takes with any provider of this
// schema.
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

// main saves what the real provider saves: see internal/tuning.
func main() {
	whole, ok := provider.NewServer("bench")().(server)
	if !ok {
		log.Fatal(errors.New("the provider lacks a part of the protocol"))
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

// ValidateResourceConfig finds no fault.
func (echo) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

// ReadResource finds nothing changed.
func (echo) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, NewIdentity: req.CurrentIdentity, Private: req.Private}, nil
}

// PlanResourceChange leaves an endpoint that stays as it is. One that is to be made or to go needs the real provider,
// which knows what it computes.
func (e echo) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	if isNull(req.PriorState) || isNull(req.ProposedNewState) {
		return e.server.PlanResourceChange(ctx, req)
	}
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: req.PriorState, PlannedPrivate: req.PriorPrivate, PlannedIdentity: req.PriorIdentity}, nil
}

// isNull knows how MessagePack writes it.
func isNull(value *tfprotov6.DynamicValue) bool { return string(value.MsgPack) == "\xc0" }
