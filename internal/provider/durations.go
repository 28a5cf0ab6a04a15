package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

const notDuration = "Not a duration"

// parseDuration reads a duration as a configuration writes it. The error says
// what to write instead.
func parseDuration(name, written string) (time.Duration, error) {
	value, err := time.ParseDuration(written)
	if err != nil || value <= 0 {
		return 0, fmt.Errorf("%s is %q. Write a number above 0 with its unit, such as \"500ms\", \"30s\" or \"2m\".", name, written) //nolint:revive,staticcheck // it is for a person
	}
	return value, nil
}

// duration is the rule for timeouts. That of the library they are from takes 0
// and less.
type duration struct{}

var _ validator.String = duration{}

func (duration) Description(context.Context) string {
	return "a number above 0 with its unit, such as \"30s\""
}

func (d duration) MarkdownDescription(ctx context.Context) string { return d.Description(ctx) }

func (duration) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	step, _ := req.Path.Steps().LastStep()
	if _, err := parseDuration(step.String(), req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, located(notDuration, req.Path), err.Error())
	}
}
