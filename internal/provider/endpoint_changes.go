package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// changesBetween lists every setting that a plan makes differ from the state.
// Similarity and chunking count only where they mean something else: the first
// is the target's own choice unless it is configured, the second may be spelled
// in two ways.
func changesBetween(prior, plan, config endpointModel) []backend.Change {
	var changes []backend.Change
	compare := func(path validation.Path, before, after attr.Value) {
		if how, differs := difference(before, after); differs {
			changes = append(changes, backend.Change{Path: path, Kind: how})
		}
	}
	compare("inference_id", prior.InferenceID, plan.InferenceID)
	compare("task_type", prior.TaskType, plan.TaskType)
	compare("service", prior.Service, plan.Service)

	before, after := writtenIn(prior.ServiceSettings), writtenIn(plan.ServiceSettings)
	for _, name := range []string{"region", "provider", "model", "max_input_tokens"} {
		compare(validation.Path("service_settings."+name), before.value(name, types.StringNull()), after.value(name, types.StringNull()))
	}
	compare("service_settings.rate_limit.requests_per_minute",
		before.within("rate_limit").value("requests_per_minute", types.Int64Null()),
		after.within("rate_limit").value("requests_per_minute", types.Int64Null()))
	if !writtenIn(config.ServiceSettings).text("similarity").Absent() {
		compare("service_settings.similarity", before.value("similarity", types.StringNull()), after.value("similarity", types.StringNull()))
	}

	before, after = writtenIn(prior.TaskSettings), writtenIn(plan.TaskSettings)
	for _, name := range []string{"temperature", "top_p", "top_k", "max_new_tokens", "truncate"} {
		compare(validation.Path("task_settings."+name), before.value(name, types.StringNull()), after.value(name, types.StringNull()))
	}
	if chunkingDiffers(prior, plan) {
		compare("chunking_settings", prior.ChunkingSettings, plan.ChunkingSettings)
	}
	return changes
}

func chunkingDiffers(prior, plan endpointModel) bool {
	planned, known := chunkingConfig(plan.ChunkingSettings).Known()
	if known {
		if _, known = planned.Complete(); known {
			return !inference.EqualChunking(prior.endpoint().Chunking, plan.endpoint().Chunking)
		}
	}
	return true
}

// value is an attribute as it stands; null where there is no object to have it.
func (w written) value(name string, null attr.Value) attr.Value {
	if w.unknown {
		return types.StringUnknown()
	}
	if value := w.values[name]; value != nil {
		return value
	}
	return null
}

func difference(before, after attr.Value) (backend.ChangeKind, bool) {
	switch {
	case after.IsUnknown() && !before.IsNull():
		return backend.Unknown, true
	case before.IsNull() && after.IsNull(), before.Equal(after):
		return 0, false
	case before.IsNull():
		return backend.Added, true
	case after.IsNull():
		return backend.Removed, true
	}
	return backend.Modified, true
}
