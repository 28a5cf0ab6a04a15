package provider

import (
	"context"
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// endpointFilter chooses endpoints of a target; what is empty chooses all.
type endpointFilter struct{ taskType, model string }

func (f endpointFilter) drops(endpoint inference.Endpoint) bool {
	return (f.taskType != "" && f.taskType != string(endpoint.TaskType)) ||
		(f.model != "" && f.model != endpoint.ServiceSettings.Model)
}

// filterFaults are values that no endpoint can have.
func filterFaults(task, service, model types.String) diag.Diagnostics {
	faults := inference.Config{
		TaskType: taskTypeSetting(task), Service: settingOf(service, types.String.ValueString),
		ServiceSettings: inference.ServiceConfig{Model: settingOf(model, types.String.ValueString)},
	}.Validate()
	for i, fault := range faults {
		faults[i].Path = validation.Path(fault.Path.Name()) // a filter is flat
	}
	return violationDiagnostics(faults)
}

// list returns the endpoints that a filter chooses, sorted by id, and the id of
// the target that has them.
func (d *providerData) list(ctx context.Context, filter endpointFilter) ([]inference.Endpoint, string, diag.Diagnostics) {
	if !d.ready() {
		return nil, "", notConfigured()
	}
	targetID, err := d.target.ID(ctx)
	if err != nil {
		return nil, "", errorDiagnostics("Reading the target's id", err)
	}
	endpoints, err := d.target.List(ctx)
	if err != nil {
		return nil, "", errorDiagnostics("Listing the inference endpoints", err)
	}
	return slices.DeleteFunc(endpoints, filter.drops), targetID, nil
}

// notConfigured is for what has to ask the target before its address is known.
func notConfigured() diag.Diagnostics {
	return diag.Diagnostics{diag.NewErrorDiagnostic("Provider is not configured yet",
		"The provider's own settings depend on values that are known only after apply, and nothing can be asked before. Give the provider known settings, or apply in two steps with -target.")}
}

func taskTypeSetting(task types.String) validation.Setting[inference.TaskType] {
	return settingOf(task, func(s types.String) inference.TaskType { return inference.TaskType(s.ValueString()) })
}
