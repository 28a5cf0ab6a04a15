package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// endpointModel is the resource as Terraform holds it. Objects are kept as they
// are, for they may be unknown as a whole.
type endpointModel struct {
	InferenceID         types.String   `tfsdk:"inference_id"`
	TaskType            types.String   `tfsdk:"task_type"`
	Service             types.String   `tfsdk:"service"`
	ServiceSettings     types.Object   `tfsdk:"service_settings"`
	TaskSettings        types.Object   `tfsdk:"task_settings"`
	ChunkingSettings    types.Object   `tfsdk:"chunking_settings"`
	CredentialsVersion  types.Int64    `tfsdk:"credentials_version"`
	CredentialsRotation types.String   `tfsdk:"credentials_rotation"`
	CredentialsRevision types.Int64    `tfsdk:"credentials_revision"`
	Target              types.String   `tfsdk:"target"`
	ForceDestroy        types.Bool     `tfsdk:"force_destroy"`
	Timeouts            timeouts.Value `tfsdk:"timeouts"`
}

// endpointModelOf takes over the values of an object of the schema's form.
func endpointModelOf(values map[string]attr.Value) endpointModel {
	var m endpointModel
	m.InferenceID, _ = values["inference_id"].(types.String)
	m.TaskType, _ = values["task_type"].(types.String)
	m.Service, _ = values["service"].(types.String)
	m.ServiceSettings, _ = values["service_settings"].(types.Object)
	m.TaskSettings, _ = values["task_settings"].(types.Object)
	m.ChunkingSettings, _ = values["chunking_settings"].(types.Object)
	m.CredentialsVersion, _ = values["credentials_version"].(types.Int64)
	m.CredentialsRotation, _ = values["credentials_rotation"].(types.String)
	m.CredentialsRevision, _ = values["credentials_revision"].(types.Int64)
	m.Target, _ = values["target"].(types.String)
	m.ForceDestroy, _ = values["force_destroy"].(types.Bool)
	m.Timeouts.Object, _ = values["timeouts"].(types.Object)
	return m
}

// values are those of an object of the schema's form.
func (m endpointModel) values() map[string]attr.Value {
	return map[string]attr.Value{
		"inference_id":         m.InferenceID,
		"task_type":            m.TaskType,
		"service":              m.Service,
		"service_settings":     m.ServiceSettings,
		"task_settings":        m.TaskSettings,
		"chunking_settings":    m.ChunkingSettings,
		"credentials_version":  m.CredentialsVersion,
		"credentials_rotation": m.CredentialsRotation,
		"credentials_revision": m.CredentialsRevision,
		"target":               m.Target,
		"force_destroy":        m.ForceDestroy,
		"timeouts":             m.Timeouts.Object,
	}
}

// config reads the model as the domain's configuration.
func (m endpointModel) config() inference.Config {
	return inference.Config{
		InferenceID:     settingOf(m.InferenceID, types.String.ValueString),
		TaskType:        taskTypeSetting(m.TaskType),
		Service:         settingOf(m.Service, types.String.ValueString),
		ServiceSettings: serviceConfig(m.ServiceSettings),
		TaskSettings:    taskConfig(m.TaskSettings),
		Chunking:        chunkingConfig(m.ChunkingSettings),
	}
}

// keys are the pair in a configuration; ok is false while one is unknown.
func (m endpointModel) keys() (keys inference.Keys, ok bool) {
	service := serviceConfig(m.ServiceSettings)
	keys = inference.Keys{AccessKey: service.AccessKey.Or(""), SecretKey: service.SecretKey.Or("")}
	return keys, !service.AccessKey.IsUnknown() && !service.SecretKey.IsUnknown()
}

// endpoint is the endpoint that a plan or state describes. Unknown values are
// zero: the target fills them.
func (m endpointModel) endpoint() inference.Endpoint {
	config := m.config()
	endpoint := config.Endpoint()
	endpoint.ServiceSettings.Dimensions = writtenIn(m.ServiceSettings).whole("dimensions").Or(0)
	return endpoint
}

// show writes what the target holds into the model, keeping the user's spelling
// of what means the same.
func (m *endpointModel) show(endpoint inference.Endpoint, targetID string) {
	m.InferenceID = types.StringValue(endpoint.InferenceID)
	m.TaskType = types.StringValue(string(endpoint.TaskType))
	m.Service = types.StringValue(endpoint.Service)
	m.ServiceSettings = serviceObject(endpoint.ServiceSettings)
	m.TaskSettings = taskObject(m.TaskSettings, endpoint.TaskSettings)
	m.ChunkingSettings = chunkingObject(m.ChunkingSettings, endpoint.Chunking)
	m.Target = types.StringValue(targetID)
}

func serviceObject(s inference.ServiceSettings) types.Object {
	limit := types.ObjectNull(rateLimitTypes)
	if s.RequestsPerMinute != 0 {
		limit = types.ObjectValueMust(rateLimitTypes, map[string]attr.Value{"requests_per_minute": types.Int64Value(s.RequestsPerMinute)})
	}
	return types.ObjectValueMust(serviceSettingsTypes, map[string]attr.Value{
		"access_key":       types.StringNull(),
		"secret_key":       types.StringNull(),
		"region":           types.StringValue(s.Region),
		"provider":         types.StringValue(string(s.Provider)),
		"model":            types.StringValue(s.Model),
		"rate_limit":       limit,
		"similarity":       textOrNull(s.Similarity),
		"max_input_tokens": wholeOrNull(s.MaxInputTokens),
		"dimensions":       wholeOrNull(s.Dimensions),
	})
}

func taskObject(prior types.Object, t inference.TaskSettings) types.Object {
	// task_settings = {} and no task_settings are the same to a target.
	if t.IsZero() && prior.IsNull() {
		return types.ObjectNull(taskSettingsTypes)
	}
	held := writtenIn(prior).values
	return types.ObjectValueMust(taskSettingsTypes, map[string]attr.Value{
		"temperature":    numberOrNull(held["temperature"], t.Temperature),
		"top_p":          numberOrNull(held["top_p"], t.TopP),
		"top_k":          numberOrNull(held["top_k"], t.TopK),
		"max_new_tokens": types.Int64PointerValue(t.MaxNewTokens),
		"truncate":       textOrNull(t.Truncate),
	})
}

// numberOrNull keeps the prior value where it is the same float64: Terraform
// counts the digits beyond it, of which 0.3 has many.
func numberOrNull(prior attr.Value, n *float64) types.Float64 {
	if held, ok := prior.(types.Float64); ok && n != nil && !held.IsNull() && !held.IsUnknown() && held.ValueFloat64() == *n {
		return held
	}
	return types.Float64PointerValue(n)
}

func chunkingObject(prior types.Object, c *inference.ChunkingSettings) types.Object {
	if c == nil {
		return types.ObjectNull(chunkingSettingsTypes)
	}
	if config, ok := chunkingConfig(prior).Known(); ok {
		if complete, ok := config.Complete(); ok && complete.Equal(*c) {
			return completeChunkingObject(complete)
		}
	}
	shown := *c
	if group := inference.GroupOf(shown.Separators); group != "" {
		shown.SeparatorGroup, shown.Separators = group, nil
	}
	return completeChunkingObject(shown)
}

func completeChunkingObject(c inference.ChunkingSettings) types.Object {
	values := map[string]attr.Value{
		"strategy":         types.StringValue(c.Strategy),
		"max_chunk_size":   wholeOrNull(c.MaxChunkSize),
		"overlap":          types.Int64Null(),
		"sentence_overlap": types.Int64Null(),
		"separators":       types.ListNull(types.StringType),
		"separator_group":  textOrNull(c.SeparatorGroup),
	}
	switch c.Strategy {
	case inference.StrategyWord:
		values["overlap"] = types.Int64Value(c.Overlap)
	case inference.StrategySentence:
		values["sentence_overlap"] = types.Int64Value(c.SentenceOverlap)
	}
	if c.Separators != nil {
		elements := make([]attr.Value, len(c.Separators))
		for i, separator := range c.Separators {
			elements[i] = types.StringValue(separator)
		}
		values["separators"] = types.ListValueMust(types.StringType, elements)
	}
	return types.ObjectValueMust(chunkingSettingsTypes, values)
}

func textOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

func wholeOrNull(n int64) types.Int64 {
	if n == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(n)
}

// bareEndpoint is an endpoint of which no configuration is known, as an import,
// a move or a listing has it: what only Terraform knows has its default.
func bareEndpoint(inferenceID string) endpointModel {
	return endpointModel{
		InferenceID:         types.StringValue(inferenceID),
		ServiceSettings:     types.ObjectNull(serviceSettingsTypes),
		TaskSettings:        types.ObjectNull(taskSettingsTypes),
		ChunkingSettings:    types.ObjectNull(chunkingSettingsTypes),
		CredentialsRotation: types.StringValue(rotateByReplacing),
		ForceDestroy:        types.BoolValue(false),
		Timeouts: timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{
			"create": types.StringType, "read": types.StringType, "update": types.StringType, "delete": types.StringType,
		})},
	}
}
