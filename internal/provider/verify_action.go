package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

var (
	_ action.ActionWithConfigure      = (*verifyAction)(nil)
	_ action.ActionWithValidateConfig = (*verifyAction)(nil)
)

type verifyAction struct{ data *providerData }

func newVerifyAction() action.Action { return &verifyAction{} }

type verifyModel struct {
	InferenceID types.String   `tfsdk:"inference_id"`
	Input       types.String   `tfsdk:"input"`
	Dimensions  types.Int64    `tfsdk:"dimensions"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
}

func (m verifyModel) verification() inference.Verification {
	return inference.Verification{
		Input:      settingOf(m.Input, types.String.ValueString),
		Dimensions: settingOf(m.Dimensions, types.Int64.ValueInt64),
	}
}

func (a *verifyAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_verify"
}

func (a *verifyAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Asks the model of an endpoint one question, and fails with the reason and the remedy where no good answer comes: the keys, the access to the model, the region, the limits are proven by using them. " +
			"It runs when it is triggered and is billed then. What it finds is reported while it runs, the beginning of the answer included, and kept nowhere. Terraform has actions since 1.14, OpenTofu has none.",
		Attributes: map[string]schema.Attribute{
			"inference_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Endpoint of the target to verify.",
			},
			"input": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Text to ask. Left out, a short one.",
			},
			"dimensions": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Length that the vectors must have; embeddings only. Left out, they must have the length that the endpoint declares.",
			},
			"timeouts": invokeTimeouts(ctx),
		},
	}
}

func invokeTimeouts(ctx context.Context) schema.Attribute {
	attribute := timeouts.AttributesWithOpts(ctx, timeouts.Opts{InvokeDescription: runTimeoutDescription})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = timeoutsDescription
		for name, inner := range nested.Attributes {
			if text, ok := inner.(schema.StringAttribute); ok {
				text.Validators = []validator.String{duration{}}
				nested.Attributes[name] = text
			}
		}
		return nested
	}
	return attribute
}

func (a *verifyAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (a *verifyAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	var config verifyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		endpoint := inference.Config{InferenceID: settingOf(config.InferenceID, types.String.ValueString)}
		resp.Diagnostics.Append(violationDiagnostics(append(endpoint.Validate(), config.verification().Validate()...))...)
	}
}

func (a *verifyAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config verifyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := config.Timeouts.Invoke(ctx, defaultRunTimeout)
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
	resp.Diagnostics.Append(a.verify(ctx, config, func(format string, about ...any) {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, about...)})
	})...)
}

func (a *verifyAction) verify(ctx context.Context, config verifyModel, progress func(format string, about ...any)) diag.Diagnostics {
	at := path.Root("inference_id")
	endpoint, err := a.data.target.Get(ctx, config.InferenceID.ValueString())
	if err != nil {
		return runFailed(at, err)
	}
	verification := config.verification()
	diags := violationDiagnostics(verification.ValidateFor(endpoint))
	if diags.HasError() {
		return diags
	}
	service := endpoint.ServiceSettings
	progress("Asking inference endpoint %q: %s by %s in %s.", endpoint.InferenceID, endpoint.TaskType, service.Model, service.Region)
	asked := time.Now()
	result, err := a.data.target.Run(ctx, endpoint, verification.Request())
	if err != nil {
		diags.Append(runFailed(at, err)...)
		return diags
	}
	progress("Inference endpoint %q answered in %s: %s.", endpoint.InferenceID, time.Since(asked).Round(time.Millisecond), summary(result))
	diags.Append(violationDiagnostics(verification.Check(endpoint, result))...)
	return diags
}

// summary tells what an answer is like, in a line.
func summary(result inference.Result) string {
	if len(result.Embeddings) > 0 {
		return fmt.Sprintf("%d dimensions", len(result.Embeddings[0]))
	}
	answer := result.Completions[0]
	text := fmt.Sprintf("%q", beginning(answer.Text))
	if answer.StopReason != "" {
		text += ", stop reason " + answer.StopReason
	}
	return text
}

// beginning keeps as much of an answer as a line of progress has room for.
func beginning(text string) string {
	const room = 80
	characters := []rune(text)
	if len(characters) <= room {
		return text
	}
	return string(characters[:room]) + "..."
}
