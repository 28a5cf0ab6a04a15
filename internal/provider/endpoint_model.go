// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"math/big"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// endpointDataModel is an endpoint in the data sources, and what the resource has in
// common with them. Nested objects are not converted, because they may be unknown as a
// whole.
type endpointDataModel struct {
	InferenceID      types.String `tfsdk:"inference_id"`
	TaskType         types.String `tfsdk:"task_type"`
	Service          types.String `tfsdk:"service"`
	ServiceSettings  types.Object `tfsdk:"service_settings"`
	TaskSettings     types.Object `tfsdk:"task_settings"`
	ChunkingSettings types.Object `tfsdk:"chunking_settings"`
	Target           types.String `tfsdk:"target"`
}

// endpointModel is a configuration, plan or state of the resource.
type endpointModel struct {
	endpointDataModel
	ID                  types.String `tfsdk:"id"`
	CredentialsVersion  types.Number `tfsdk:"credentials_version"`
	CredentialsRotation types.String `tfsdk:"credentials_rotation"`
	CredentialsRevision types.Number `tfsdk:"credentials_revision"`
	CredentialsSource   types.String `tfsdk:"credentials_source"`
	TargetAddress       types.String `tfsdk:"target_address"`
	ForceDestroy        types.Bool   `tfsdk:"force_destroy"`
	Timeouts            types.Object `tfsdk:"timeouts"`
}

// endpointModelOf makes a model of the attributes of an object.
func endpointModelOf(values map[string]attr.Value) endpointModel {
	var m endpointModel
	m.ID, _ = values["id"].(types.String)
	m.InferenceID, _ = values["inference_id"].(types.String)
	m.TaskType, _ = values["task_type"].(types.String)
	m.Service, _ = values["service"].(types.String)
	m.ServiceSettings, _ = values["service_settings"].(types.Object)
	m.TaskSettings, _ = values["task_settings"].(types.Object)
	m.ChunkingSettings, _ = values["chunking_settings"].(types.Object)
	m.CredentialsVersion, _ = values["credentials_version"].(types.Number)
	m.CredentialsRotation, _ = values["credentials_rotation"].(types.String)
	m.CredentialsRevision, _ = values["credentials_revision"].(types.Number)
	m.CredentialsSource, _ = values["credentials_source"].(types.String)
	m.Target, _ = values["target"].(types.String)
	m.TargetAddress, _ = values["target_address"].(types.String)
	m.ForceDestroy, _ = values["force_destroy"].(types.Bool)
	m.Timeouts, _ = values["timeouts"].(types.Object)
	return m
}

// values returns the attributes of an object with the model's values.
func (m endpointModel) values() map[string]attr.Value {
	return map[string]attr.Value{
		"id":                   m.ID,
		"inference_id":         m.InferenceID,
		"task_type":            m.TaskType,
		"service":              m.Service,
		"service_settings":     m.ServiceSettings,
		"task_settings":        m.TaskSettings,
		"chunking_settings":    m.ChunkingSettings,
		"credentials_version":  m.CredentialsVersion,
		"credentials_rotation": m.CredentialsRotation,
		"credentials_revision": m.CredentialsRevision,
		"credentials_source":   m.CredentialsSource,
		"target":               m.Target,
		"target_address":       m.TargetAddress,
		"force_destroy":        m.ForceDestroy,
		"timeouts":             m.Timeouts,
	}
}

// config converts the model to the domain's configuration.
func (m endpointModel) config() inference.Config {
	return inference.Config{
		InferenceID:     stringSetting(m.InferenceID),
		TaskType:        taskTypeSetting(m.TaskType),
		Service:         stringSetting(m.Service),
		ServiceSettings: serviceConfig(m.ServiceSettings),
		TaskSettings:    taskConfig(m.TaskSettings),
		Chunking:        chunkingConfig(m.ChunkingSettings),
	}
}

// keys returns the configured AWS keys; ok is false while one is unknown.
func (m endpointModel) keys() (keys inference.Keys, ok bool) {
	access, secret := readObject(m.ServiceSettings).secret("access_key"), readObject(m.ServiceSettings).secret("secret_key")
	return inference.Keys{AccessKey: access.Or(""), SecretKey: secret.Or("")}, !access.IsUnknown() && !secret.IsUnknown()
}

// endpoint converts a plan or state to the domain's endpoint. Unknown values are
// zero: the target chooses them.
func (m endpointModel) endpoint() inference.Endpoint {
	config := m.config()
	endpoint := config.Endpoint()
	endpoint.ServiceSettings.Dimensions = readObject(m.ServiceSettings).int64("dimensions").Or(0)
	return endpoint
}

// setFromAPI sets the model to what the target returned. Where the model has an
// equivalent value in another notation, it keeps that value.
func (m *endpointModel) setFromAPI(endpoint inference.Endpoint, targetID string) {
	m.ID = types.StringValue(endpoint.InferenceID)
	m.InferenceID = m.ID
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
		limit = types.ObjectValueMust(rateLimitTypes, map[string]attr.Value{"requests_per_minute": wholeNumber(s.RequestsPerMinute)})
	}
	return types.ObjectValueMust(serviceSettingsTypes, map[string]attr.Value{
		"access_key":       types.StringNull(),
		"secret_key":       types.StringNull(),
		"region":           types.StringValue(s.Region),
		"provider":         types.StringValue(string(s.Provider)),
		"model":            types.StringValue(s.Model),
		"rate_limit":       limit,
		"similarity":       stringOrNull(s.Similarity),
		"max_input_tokens": positiveOrNull(s.MaxInputTokens),
		"dimensions":       positiveOrNull(s.Dimensions),
	})
}

func taskObject(prior types.Object, t inference.TaskSettings) types.Object {
	// To a target, task_settings = {} is the same as no task_settings.
	if t.IsZero() && prior.IsNull() {
		return types.ObjectNull(taskSettingsTypes)
	}
	values := readObject(prior).values
	return types.ObjectValueMust(taskSettingsTypes, map[string]attr.Value{
		"temperature":    floatOrNull(values["temperature"], t.Temperature),
		"top_p":          floatOrNull(values["top_p"], t.TopP),
		"top_k":          floatOrNull(values["top_k"], t.TopK),
		"max_new_tokens": wholeNumberOrNull(t.MaxNewTokens),
		"truncate":       stringOrNull(t.Truncate),
	})
}

// floatOrNull keeps the prior value if it is the same float64: Terraform also
// compares the digits beyond the precision of a float64. A new value is the
// shortest decimal of the float64, as a configuration would write it.
func floatOrNull(prior attr.Value, f *float64) types.Number {
	if f == nil {
		return types.NumberNull()
	}
	if value, ok := prior.(types.Number); ok {
		if before, known := numberSetting(value, validation.Float).Known(); known && before == *f {
			return value
		}
	}
	const precision = 512 // Terraform's own
	number, _, err := big.ParseFloat(strconv.FormatFloat(*f, 'g', -1, 64), 10, precision, big.ToNearestEven)
	if err != nil { // infinite, which no target returns
		return types.NumberNull()
	}
	return types.NumberValue(number)
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
	settings := *c
	if group := inference.GroupOf(settings.Separators); group != "" {
		settings.SeparatorGroup, settings.Separators = group, nil
	}
	return completeChunkingObject(settings)
}

func completeChunkingObject(c inference.ChunkingSettings) types.Object {
	values := map[string]attr.Value{
		"strategy":         types.StringValue(c.Strategy),
		"max_chunk_size":   positiveOrNull(c.MaxChunkSize),
		"overlap":          types.NumberNull(),
		"sentence_overlap": types.NumberNull(),
		"separators":       types.ListNull(types.StringType),
		"separator_group":  stringOrNull(c.SeparatorGroup),
	}
	switch c.Strategy {
	case inference.StrategyWord:
		values["overlap"] = wholeNumber(c.Overlap)
	case inference.StrategySentence:
		values["sentence_overlap"] = wholeNumber(c.SentenceOverlap)
	}
	if c.Separators != nil {
		values["separators"] = stringList(c.Separators)
	}
	return types.ObjectValueMust(chunkingSettingsTypes, values)
}

// newEndpointModel is an endpoint without a configuration, as imports, moves and
// listings have it. Attributes that only Terraform knows have their defaults.
func newEndpointModel(inferenceID string) endpointModel {
	return endpointModel{
		endpointDataModel: endpointDataModel{
			InferenceID:      types.StringValue(inferenceID),
			ServiceSettings:  types.ObjectNull(serviceSettingsTypes),
			TaskSettings:     types.ObjectNull(taskSettingsTypes),
			ChunkingSettings: types.ObjectNull(chunkingSettingsTypes),
		},
		ID:           types.StringValue(inferenceID),
		ForceDestroy: types.BoolValue(false),
		Timeouts:     types.ObjectNull(endpointTimeoutTypes),
	}
}

// Keys of a resource's private state.
const (
	privateKeysDigest = "keys_digest"
	// privateFile is the embedded file that holds the endpoint. It is missing in
	// states of the first versions.
	privateFile = "place"
	// privateAddress is the address of the cluster that holds the endpoint, for
	// messages.
	privateAddress = "address"
)

// privateReader and privateWriter are what the framework's private state
// implements; its own type is internal to the framework.
type (
	privateReader interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
	privateWriter interface {
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
	privateReadWriter interface {
		privateReader
		privateWriter
	}
)

// readPrivate decodes one key; ok is false if the key is missing or malformed.
func readPrivate(ctx context.Context, private privateReader, key string, into any) (ok bool) {
	data, diags := private.GetKey(ctx, key)
	return !diags.HasError() && len(data) > 0 && json.Unmarshal(data, into) == nil
}

// hasPrivateState reports whether a former state of the resource has been written.
// Terraform passes it to the second step of a planned replacement.
func hasPrivateState(ctx context.Context, private privateReader) bool {
	return slices.ContainsFunc([]string{privateKeysDigest, privateFile, privateAddress}, func(key string) bool {
		data, _ := private.GetKey(ctx, key)
		return len(data) > 0
	})
}

func writePrivate(ctx context.Context, private privateWriter, key string, value any) diag.Diagnostics {
	data, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Private state cannot be written", err.Error())}
	}
	return private.SetKey(ctx, key, data)
}

// fileState is the JSON form of the embedded file's location.
type fileState struct {
	Path string `json:"path"`
	UUID string `json:"uuid"`
}

// storeLocation records which embedded file, or which address, holds the endpoint.
// If the file cannot be identified now, the next refresh records it.
func (r *endpointResource) storeLocation(ctx context.Context, private privateWriter) diag.Diagnostics {
	target, ok := r.data.target.(backend.Placed)
	if !ok {
		return writePrivate(ctx, private, privateAddress, r.data.target.Address())
	}
	if file, err := target.Place(ctx); err == nil && file.UUID != "" {
		return writePrivate(ctx, private, privateFile, fileState(file))
	}
	return nil
}
