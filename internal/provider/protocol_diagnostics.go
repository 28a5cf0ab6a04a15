package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// protocolDiagnostics puts diagnostics into the form of the protocol.
func protocolDiagnostics(diags diag.Diagnostics) []*tfprotov6.Diagnostic {
	var told []*tfprotov6.Diagnostic
	for _, one := range diags {
		severity := tfprotov6.DiagnosticSeverityWarning
		if one.Severity() == diag.SeverityError {
			severity = tfprotov6.DiagnosticSeverityError
		}
		same := &tfprotov6.Diagnostic{Severity: severity, Summary: one.Summary(), Detail: one.Detail()}
		if located, ok := one.(diag.DiagnosticWithPath); ok {
			same.Attribute = protocolPath(located.Path())
		}
		told = append(told, same)
	}
	return told
}

// protocolPath takes the paths that attributePath makes: of names, and of places
// in a list.
func protocolPath(at path.Path) *tftypes.AttributePath {
	same := tftypes.NewAttributePath()
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case path.PathStepAttributeName:
			same = same.WithAttributeName(string(step))
		case path.PathStepElementKeyInt:
			same = same.WithElementKeyInt(int(step))
		}
	}
	return same
}
