// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Default durations of operations whose timeout is not configured. Creating an
// endpoint waits for the first response of its model.
const (
	defaultCreateTimeout = 5 * time.Minute
	defaultReadTimeout   = 2 * time.Minute
	defaultUpdateTimeout = 5 * time.Minute
	defaultDeleteTimeout = 2 * time.Minute
	defaultRunTimeout    = 5 * time.Minute
)

const timeoutsDescription = "How long operations may take, including retries. Elasticsearch receives the remaining time as its own timeout."

// timeoutDescription describes the timeout of an operation, such as "reading the
// endpoint", and its default.
func timeoutDescription(operation string, fallback time.Duration) string {
	return fmt.Sprintf("How long %s, such as `90s`. Default `%gm`.", operation, fallback.Minutes())
}

// runTimeouts is the timeouts attribute of everything that runs a model. Its
// only attribute is named after the operation: read, open or invoke.
func runTimeouts(operation string) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: timeoutsDescription,
		Attributes: map[string]schema.Attribute{
			operation: schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: timeoutDescription("the run may take, including retries and waiting for the rate limit", defaultRunTimeout),
				Validators:          []validator.String{durationValidator{}},
			},
		},
	}
}

// operationTimeout returns the configured timeout of an operation, or a default.
func operationTimeout(timeouts types.Object, operation string, fallback time.Duration) (time.Duration, diag.Diagnostics) {
	configured, ok := readObject(timeouts).string(operation).Known()
	if !ok {
		return fallback, nil
	}
	timeout, err := parseDuration(operation, configured)
	if err != nil {
		at := path.Root("timeouts").AtName(operation)
		return 0, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, located(invalidDuration, at), err.Error())}
	}
	return timeout, nil
}

const invalidDuration = "Invalid duration"

// parseDuration parses a duration as Go writes it. The error says what to write
// instead.
func parseDuration(name, text string) (time.Duration, error) {
	value, err := time.ParseDuration(text)
	if err != nil || value <= 0 {
		return 0, fmt.Errorf("%s is %q. Write a number above 0 with its unit, such as \"500ms\", \"30s\" or \"2m\".", name, text) //nolint:revive,staticcheck // shown to users as it is
	}
	return value, nil
}

// durationValidator accepts durations above 0.
type durationValidator struct{}

var _ validator.String = durationValidator{}

func (durationValidator) Description(context.Context) string {
	return "a number above 0 with its unit, such as \"30s\""
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (durationValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req.ConfigValue) {
		return
	}
	step, _ := req.Path.Steps().LastStep()
	if _, err := parseDuration(step.String(), req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, located(invalidDuration, req.Path), err.Error())
	}
}
