// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

var (
	_ action.ActionWithConfigure      = (*verifyAction)(nil)
	_ action.ActionWithValidateConfig = (*verifyAction)(nil)
)

type verifyAction struct{ data *providerData }

type verifyModel struct {
	InferenceID types.String `tfsdk:"inference_id"`
	Input       types.String `tfsdk:"input"`
	Dimensions  types.Number `tfsdk:"dimensions"`
	Timeouts    types.Object `tfsdk:"timeouts"`
}

func (m verifyModel) verification() inference.Verification {
	return inference.Verification{
		Input:      stringSetting(m.Input),
		Dimensions: int64Setting(m.Dimensions),
	}
}

func (a *verifyAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_verify"
}

func (a *verifyAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sends one request to the model of an endpoint and fails, with the reason and the remedy, if the response is not valid. This verifies the keys, the access to the model, the region and the limits by using them. " +
			"The action runs when it is triggered, and AWS bills it. It reports its findings as progress, including the beginning of the response, and stores nothing. Actions need Terraform 1.14; OpenTofu does not have them.",
		Attributes: map[string]schema.Attribute{
			"inference_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Id of the endpoint to verify.",
			},
			"input":      optionalString("Text to send to the model. Default: a short sample text."),
			"dimensions": optionalNumber("Number of dimensions that the vectors must have; embeddings only. If it is left out, the number that the endpoint declares is expected."),
			"timeouts":   runTimeouts("invoke"),
		},
	}
}

func (a *verifyAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (a *verifyAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	var config verifyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		endpoint := inference.Config{InferenceID: stringSetting(config.InferenceID)}
		resp.Diagnostics.Append(violationDiagnostics(append(endpoint.Validate(), config.verification().Validate()...))...)
	}
}

func (a *verifyAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config verifyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := operationTimeout(config.Timeouts, "invoke", defaultRunTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !a.data.ready() {
		resp.Diagnostics.Append(notConfigured()...)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	resp.Diagnostics.Append(a.verify(ctx, config, func(format string, args ...any) {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
	})...)
	resp.Diagnostics.Append(a.data.serverWarnings()...)
}

// missingForAction is what can be done if the endpoint of an action does not exist:
// actions have no depends_on.
const missingForAction = " If the same configuration creates the endpoint, let its resource run the action, with lifecycle { action_trigger { events = [after_create], actions = [action.inference_verify.NAME] } }. " +
	"If you run the action with terraform apply -invoke, apply the configuration first."

func (a *verifyAction) verify(ctx context.Context, config verifyModel, progress func(format string, args ...any)) diag.Diagnostics {
	at := path.Root("inference_id")
	endpoint, err := a.data.target.Get(ctx, config.InferenceID.ValueString())
	var missing *backend.Error
	switch {
	case errors.As(err, &missing) && missing.Kind == backend.NotFound:
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, redact.Printable(missing.Summary), redact.Printable(missing.Detail)+missingForAction)}
	case err != nil:
		return runDiagnostics(at, err)
	}
	verification := config.verification()
	diags := violationDiagnostics(verification.ValidateFor(endpoint))
	if diags.HasError() {
		return diags
	}
	service := endpoint.ServiceSettings
	progress("Running inference endpoint %q: %s with %s in %s.", endpoint.InferenceID, endpoint.TaskType, service.Model, service.Region)
	start := time.Now()
	result, err := a.data.target.Run(ctx, endpoint, verification.Request())
	if err != nil {
		diags.Append(runDiagnostics(at, err)...)
		return diags
	}
	progress("Inference endpoint %q responded in %s: %s.", endpoint.InferenceID, time.Since(start).Round(time.Millisecond), summary(result))
	diags.Append(violationDiagnostics(verification.Check(endpoint, result))...)
	diags.Append(violationDiagnostics(a.data.lifecycles.ofRun(endpoint))...)
	diags.Append(a.data.warnOfSimulation(true)...)
	return diags
}

// summary describes a result in one line.
func summary(result inference.Result) string {
	if len(result.Embeddings) > 0 {
		return fmt.Sprintf("%d dimensions", len(result.Embeddings[0]))
	}
	completion := result.Completions[0]
	text := fmt.Sprintf("%q", beginning(completion.Text))
	if completion.StopReason != "" {
		text += ", stop reason " + completion.StopReason
	}
	return text
}

// beginning shortens a completion to fit into a line of progress.
func beginning(text string) string {
	const most = 80
	characters := []rune(text)
	if len(characters) <= most {
		return text
	}
	return string(characters[:most]) + "..."
}
