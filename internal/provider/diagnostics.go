// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// attributePath converts the domain's path of a setting.
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
		at, detail := attributePath(v.Path), redact.Printable(v.Detail)
		if v.Warning {
			diags.AddAttributeWarning(at, located(v.Summary, at), detail)
		} else {
			diags.AddAttributeError(at, located(v.Summary, at), detail)
		}
	}
	return diags
}

// warningsWithoutPath removes the paths of warnings: OpenTofu 1.12 crashes in the
// clean-up of "tofu test" on a provider's warning that has one. Summary and
// detail name the attribute.
func warningsWithoutPath(diags diag.Diagnostics) diag.Diagnostics {
	var converted diag.Diagnostics
	for _, d := range diags {
		if d.Severity() == diag.SeverityWarning {
			d = diag.NewWarningDiagnostic(d.Summary(), d.Detail())
		}
		converted.Append(d)
	}
	return converted
}

// repeatedWarnings drops warnings that a whole configuration causes at once, such
// as a new region in which all of its endpoints are. It may be nil, and is safe
// for concurrent use.
type repeatedWarnings struct{ seen sync.Map }

// once returns the diagnostics without the warnings about a region that it has
// returned before.
func (r *repeatedWarnings) once(diags diag.Diagnostics) diag.Diagnostics {
	return slices.DeleteFunc(diags, func(d diag.Diagnostic) bool {
		if r == nil || d.Severity() != diag.SeverityWarning || !strings.HasPrefix(d.Summary(), inference.UnknownRegion) {
			return false
		}
		_, repeated := r.seen.LoadOrStore(d.Detail(), true)
		return repeated
	})
}

// located appends the name of a nested attribute to a summary: Terraform shows
// the source only down to the top-level attribute.
func located(summary string, at path.Path) string {
	if len(at.Steps()) == 1 {
		return summary
	}
	return summary + ": " + at.String()
}

// errorDiagnostics converts an error of a target or of a run. doing names the
// operation, for errors that do not. Paths and values of the environment are shown
// without control characters, and without bytes that the plugin protocol refuses.
func errorDiagnostics(doing string, err error) diag.Diagnostics {
	var (
		violations validation.Violations
		targetErr  *backend.Error
		modelErr   *bedrock.Error
	)
	summary, detail := doing+outcome(err), err.Error()
	switch {
	case errors.As(err, &violations):
		return violationDiagnostics(violations)
	case errors.As(err, &targetErr):
		summary, detail = targetErr.Summary, targetErr.Detail+advice[targetErr.Kind]
	case errors.As(err, &modelErr):
		detail = modelErr.Error()
		if modelErr.Misconfigured() {
			summary = "Amazon Bedrock is not configured"
		}
	case errors.Is(err, context.DeadlineExceeded):
		detail = "No response arrived within the configured timeouts. Increase timeouts, or check whether the target is overloaded."
	case errors.Is(err, context.Canceled):
		detail = "The operation was canceled before it was complete. Run the command again: the state holds what is known."
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(redact.Printable(summary), redact.Printable(detail))}
}

// advice is what only a Terraform user can do about an error of a target.
var advice = map[backend.Kind]string{
	backend.NotFound: " If the same configuration creates the endpoint, refer to it as inference_endpoint.NAME.id, so that Terraform creates it first. " +
		"If a module creates it, refer to an output of the module that returns this id; or add depends_on = [inference_endpoint.NAME], or depends_on = [module.NAME].",
	backend.InUse:        " To delete it nevertheless, apply force_destroy = true first.",
	backend.Undetermined: "\n\nThe state keeps it as tainted: the next apply deletes it, if it exists, and creates it again.",
	backend.Damaged:      " The next terraform apply then creates the configured endpoints again, with the configured keys.",
	backend.KeysFixed:    " To let the provider recreate it, set credentials_rotation = \"replace\".",
}

// outcome completes the name of an operation to a summary.
func outcome(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return " timed out"
	case errors.Is(err, context.Canceled):
		return " was interrupted"
	}
	return " failed"
}

// notConfigured is the error of an operation that needs a target while the
// provider's configuration is not known.
func notConfigured() diag.Diagnostics {
	return diag.Diagnostics{diag.NewErrorDiagnostic("Provider configuration is not known yet",
		"The provider's own settings depend on values that are known only after apply, so the target cannot be reached yet. Give the provider known settings, or apply in two steps with -target.")}
}
