package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/fastpath"
)

// numberDiagnostics says which number has to be a whole one, and what to write instead
// (see wholeNumbers), and which nested setting the framework means.
type numberDiagnostics struct{ fastpath.FrameworkServer }

// explain replaces what the framework says of numbers, where it says anything.
func (n numberDiagnostics) explain(ctx context.Context, diags []*tfprotov6.Diagnostic, schemaOf func(*tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema,
	config *tfprotov6.DynamicValue, look validateFunc,
) ([]*tfprotov6.Diagnostic, error) {
	if !misread(diags) {
		return nameSettings(diags), nil
	}
	schemas, err := n.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	diags, err = wholeNumbers(schemaOf(schemas), config, look)
	return nameSettings(diags), err
}

// nameSettings names nested attributes that a message does not name, as located
// does for messages of ours.
func nameSettings(diags []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	for _, one := range diags {
		if at := settingAt(one.Attribute); len(one.Attribute.Steps()) > 1 && !strings.Contains(one.Summary+one.Detail, at) {
			one.Summary += ": " + at
		}
	}
	return diags
}

// settingAt is a path as a configuration would write it.
func settingAt(at *tftypes.AttributePath) string {
	var text strings.Builder
	for i, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			if i > 0 {
				text.WriteByte('.')
			}
			text.WriteString(string(step))
		case tftypes.ElementKeyInt:
			fmt.Fprintf(&text, "[%d]", int64(step))
		case tftypes.ElementKeyString:
			fmt.Fprintf(&text, "[%q]", string(step))
		}
	}
	return text.String()
}

func (n numberDiagnostics) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	resp, err := n.FrameworkServer.ValidateProviderConfig(ctx, req)
	if err != nil {
		return resp, err
	}
	schema := func(s *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema { return s.Provider }
	resp.Diagnostics, err = n.explain(ctx, resp.Diagnostics, schema, req.Config, func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
		other := *req
		other.Config = config
		resp, err := n.FrameworkServer.ValidateProviderConfig(ctx, &other)
		if err != nil {
			return nil, err
		}
		return resp.Diagnostics, nil
	})
	return resp, err
}

func (n numberDiagnostics) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := n.FrameworkServer.ValidateResourceConfig(ctx, req)
	if err != nil {
		return resp, err
	}
	schema := func(s *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema { return s.ResourceSchemas[req.TypeName] }
	resp.Diagnostics, err = n.explain(ctx, resp.Diagnostics, schema, req.Config, func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
		other := *req
		other.Config = config
		resp, err := n.FrameworkServer.ValidateResourceConfig(ctx, &other)
		if err != nil {
			return nil, err
		}
		return resp.Diagnostics, nil
	})
	return resp, err
}

func (n numberDiagnostics) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	resp, err := n.FrameworkServer.ValidateDataResourceConfig(ctx, req)
	if err != nil {
		return resp, err
	}
	schema := func(s *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema {
		return s.DataSourceSchemas[req.TypeName]
	}
	resp.Diagnostics, err = n.explain(ctx, resp.Diagnostics, schema, req.Config, func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
		other := *req
		other.Config = config
		resp, err := n.FrameworkServer.ValidateDataResourceConfig(ctx, &other)
		if err != nil {
			return nil, err
		}
		return resp.Diagnostics, nil
	})
	return resp, err
}

func (n numberDiagnostics) ValidateEphemeralResourceConfig(ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	resp, err := n.FrameworkServer.ValidateEphemeralResourceConfig(ctx, req)
	if err != nil {
		return resp, err
	}
	schema := func(s *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema {
		return s.EphemeralResourceSchemas[req.TypeName]
	}
	resp.Diagnostics, err = n.explain(ctx, resp.Diagnostics, schema, req.Config, func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
		other := *req
		other.Config = config
		resp, err := n.FrameworkServer.ValidateEphemeralResourceConfig(ctx, &other)
		if err != nil {
			return nil, err
		}
		return resp.Diagnostics, nil
	})
	return resp, err
}

func (n numberDiagnostics) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	resp, err := n.FrameworkServer.ValidateListResourceConfig(ctx, req)
	if err != nil {
		return resp, err
	}
	schema := func(s *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema {
		return s.ListResourceSchemas[req.TypeName]
	}
	resp.Diagnostics, err = n.explain(ctx, resp.Diagnostics, schema, req.Config, func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
		other := *req
		other.Config = config
		resp, err := n.FrameworkServer.ValidateListResourceConfig(ctx, &other)
		if err != nil {
			return nil, err
		}
		return resp.Diagnostics, nil
	})
	return resp, err
}

func (n numberDiagnostics) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	resp, err := n.FrameworkServer.ValidateActionConfig(ctx, req)
	if err != nil {
		return resp, err
	}
	schema := func(s *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema {
		return s.ActionSchemas[req.ActionType].Schema
	}
	resp.Diagnostics, err = n.explain(ctx, resp.Diagnostics, schema, req.Config, func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
		other := *req
		other.Config = config
		resp, err := n.FrameworkServer.ValidateActionConfig(ctx, &other)
		if err != nil {
			return nil, err
		}
		return resp.Diagnostics, nil
	})
	return resp, err
}

// PlanResourceChange meets numbers that were not known when the configuration
// was validated.
func (n numberDiagnostics) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := n.FrameworkServer.PlanResourceChange(ctx, req)
	if err != nil || !misread(resp.Diagnostics) {
		return resp, err
	}
	validated, err := n.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: req.TypeName, Config: req.Config,
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err == nil && len(validated.Diagnostics) > 0 {
		resp.Diagnostics = validated.Diagnostics
	}
	return resp, err
}
