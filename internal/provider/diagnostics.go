package provider

import (
	"context"
	"errors"
	"strconv"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
)

// attributePath turns the domain's path of a setting into Terraform's.
func attributePath(p validation.Path) path.Path {
	parts := p.Parts()
	at := path.Root(parts[0])
	for _, part := range parts[1:] {
		if index, err := strconv.Atoi(part); err == nil {
			at = at.AtListIndex(index)
		} else {
			at = at.AtName(part)
		}
	}
	return at
}

func violationDiagnostics(violations validation.Violations) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, v := range violations {
		at := attributePath(v.Path)
		if v.Warning {
			diags.AddAttributeWarning(at, located(v.Summary, at), v.Detail)
		} else {
			diags.AddAttributeError(at, located(v.Summary, at), v.Detail)
		}
	}
	return diags
}

// warningsWithoutPath keeps OpenTofu 1.12 from crashing in the clean-up of "tofu
// test", which it does on a provider's warning at an attribute. Their summaries
// and details name the attribute.
func warningsWithoutPath(diags diag.Diagnostics) diag.Diagnostics {
	var same diag.Diagnostics
	for _, one := range diags {
		if one.Severity() == diag.SeverityWarning {
			one = diag.NewWarningDiagnostic(one.Summary(), one.Detail())
		}
		same.Append(one)
	}
	return same
}

// located names a nested attribute in the summary: Terraform shows the source
// only down to the resource, whatever path a diagnostic has.
func located(summary string, at path.Path) string {
	if len(at.Steps()) == 1 {
		return summary
	}
	return summary + ": " + at.String()
}

// errorDiagnostics tells an error of a target or of a run to a person. doing
// says what was being done, for errors that do not.
func errorDiagnostics(doing string, err error) diag.Diagnostics {
	var (
		diags      diag.Diagnostics
		violations validation.Violations
		fault      *backend.Error
		unanswered *bedrock.Error
	)
	switch {
	case errors.As(err, &violations):
		return violationDiagnostics(violations)
	case errors.As(err, &fault):
		diags.AddError(fault.Summary, fault.Detail)
	case errors.As(err, &unanswered):
		diags.AddError(doing+outcome(err), unanswered.Error())
	case errors.Is(err, context.DeadlineExceeded):
		diags.AddError(doing+outcome(err), "No answer came within the time that timeouts allows. Set a longer one, or see whether the target is overloaded.")
	case errors.Is(err, context.Canceled):
		diags.AddError(doing+outcome(err), "It was cancelled before it was done. Run the command again: the state holds what is known.")
	default:
		diags.AddError(doing+outcome(err), err.Error())
	}
	return diags
}

// outcome completes what was being done to a summary.
func outcome(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return " took too long"
	case errors.Is(err, context.Canceled):
		return " was interrupted"
	}
	return " failed"
}
