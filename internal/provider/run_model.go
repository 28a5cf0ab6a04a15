// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// runModel are the attributes of every run. Timeouts has one attribute: read in
// data sources, open in ephemeral resources.
type runModel struct {
	InferenceID     types.String `tfsdk:"inference_id"`
	ServiceSettings types.Object `tfsdk:"service_settings"`
	TaskSettings    types.Object `tfsdk:"task_settings"`
	Input           types.List   `tfsdk:"input"`
	Usage           types.Object `tfsdk:"usage"`
	Timeouts        types.Object `tfsdk:"timeouts"`
}

// run is one run, its configuration converted once.
type run struct {
	model    runModel
	task     inference.TaskType
	config   inference.Config
	deferred bool // a setting that could lift a limit is unknown
	segments []inputSegment
	// unsplit is the violation of the text or separator with which the input cannot be split.
	unsplit validation.Violations
}

func newRun(model runModel, task inference.TaskType, inputType types.String, chunkingSettings types.Object) run {
	r := run{model: model, task: task, config: inference.Config{
		InferenceID:     stringSetting(model.InferenceID),
		TaskType:        validation.Given(task),
		ServiceSettings: serviceConfig(model.ServiceSettings),
		TaskSettings:    taskConfig(model.TaskSettings),
		InputType:       stringSetting(inputType),
		Chunking:        chunkingConfig(chunkingSettings),
	}}
	r.deferred = anyUnknown(model.ServiceSettings) || anyUnknown(model.TaskSettings) || anyUnknown(chunkingSettings)
	r.segments, r.unsplit = splitInput(model.Input, r.config.Chunking)
	return r
}

// validate applies the rules that need neither the endpoint nor the provider.
func (r run) validate() diag.Diagnostics {
	found := r.config.Validate()
	if !r.model.ServiceSettings.IsNull() {
		found = append(found, bedrockCapabilities().Check(r.config)...)
	}
	if len(r.unsplit) == 0 && isSet(r.model.Input) {
		found = append(found, atInputs(r.request().ValidateInput(r.knownEndpoint()), r.segments)...)
	}
	diags := r.validateModel()
	diags.Append(violationDiagnostics(found)...)
	return diags
}

// bedrockCapabilities are those of Amazon Bedrock itself, which runs models
// without an endpoint in the same way as the embedded target.
func bedrockCapabilities() backend.Capabilities {
	capabilities := embedded.Capabilities()
	capabilities.Name = "Amazon Bedrock"
	return capabilities
}

func (r run) validateModel() diag.Diagnostics {
	var diags diag.Diagnostics
	if r.model.InferenceID.IsUnknown() || r.model.ServiceSettings.IsUnknown() {
		return diags
	}
	switch byEndpoint, inline := !r.model.InferenceID.IsNull(), !r.model.ServiceSettings.IsNull(); {
	case byEndpoint && inline:
		diags.AddAttributeError(path.Root("service_settings"), "Conflicting model settings",
			"inference_id and service_settings are both set. Keep inference_id to run an endpoint of the target, or service_settings to run a model without an endpoint.")
	case !byEndpoint && !inline:
		diags.AddAttributeError(path.Root("inference_id"), "Missing model",
			"Neither inference_id nor service_settings is set. Write inference_id to run an endpoint of the target, or service_settings to run a model without an endpoint.")
	}
	return diags
}

// knownEndpoint is what is known during validation of the endpoint that will run.
func (r run) knownEndpoint() inference.Endpoint {
	if r.model.ServiceSettings.IsNull() || r.deferred {
		return inference.Endpoint{TaskType: r.task}
	}
	return r.config.Endpoint()
}

func (r run) request() inference.Request {
	texts := make([]string, len(r.segments))
	for i, segment := range r.segments {
		texts[i] = segment.text
	}
	return inference.Request{
		Input:        texts,
		InputType:    inference.InputType(r.config.InputType.Or("")),
		TaskSettings: r.config.TaskSettings.Settings(),
	}
}

// runResult is the result of a run and the segments that were sent.
type runResult struct {
	inference.Result
	segments []inputSegment
}

// execute runs the endpoint, or the model directly if the settings are inline.
func (d *providerData) execute(ctx context.Context, timeout time.Duration, r run) (runResult, diag.Diagnostics) {
	if !d.ready() || r.model.InferenceID.IsNull() && d.runner == nil {
		return runResult{}, notConfigured()
	}
	if len(r.unsplit) > 0 {
		return runResult{}, violationDiagnostics(r.unsplit)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	execute, at := d.runEndpoint, path.Root("inference_id")
	if r.model.InferenceID.IsNull() {
		execute, at = d.runModel, path.Root("service_settings")
	}
	result, warnings, err := execute(ctx, r)
	diags := violationDiagnostics(warnings)
	diags.Append(d.serverWarnings()...)
	var violations validation.Violations
	if errors.As(err, &violations) {
		err = atInputs(violations, r.segments)
	}
	if err != nil {
		diags.Append(runDiagnostics(at, err)...)
	} else {
		diags.Append(violationDiagnostics(atInputs(result.EmptyAnswers(), r.segments))...)
		diags.Append(d.warnOfSimulation(!r.model.InferenceID.IsNull())...)
	}
	return runResult{result, r.segments}, diags
}

func (d *providerData) runModel(ctx context.Context, r run) (inference.Result, validation.Violations, error) {
	service := r.config.ServiceSettings
	keys := inference.Keys{AccessKey: service.AccessKey.Or(""), SecretKey: service.SecretKey.Or("")}
	result, err := d.runner.Run(ctx, r.config.Endpoint(), keys, r.request())
	if err != nil {
		return result, nil, err // it says so itself if the model is retired
	}
	return result, d.lifecycles.warnings(service.Model.Or(""), true), nil
}

// runEndpoint returns the target's warnings in addition to the result.
func (d *providerData) runEndpoint(ctx context.Context, r run) (inference.Result, validation.Violations, error) {
	endpoint, err := d.target.Get(ctx, r.model.InferenceID.ValueString())
	if err != nil {
		return inference.Result{}, nil, err
	}
	if endpoint.TaskType.Generates() != r.task.Generates() {
		return inference.Result{}, nil, validation.Violations{validation.Errorf("inference_id", "Task type mismatch",
			"Inference endpoint %q has task type %s, but %s is needed here. Write the id of another endpoint.", endpoint.InferenceID, endpoint.TaskType, r.task)}
	}
	capabilities, err := d.target.Capabilities(ctx)
	if err != nil {
		return inference.Result{}, nil, err
	}
	// The provider itself splits the texts: the target only gets the chunks.
	config := r.config
	config.Chunking = validation.Setting[inference.ChunkingConfig]{}
	request := r.request()
	found := append(capabilities.Check(config), request.Validate(endpoint)...)
	if len(found.Errors()) > 0 {
		return inference.Result{}, nil, found
	}
	result, err := d.target.Run(ctx, endpoint, request)
	if err == nil {
		found = append(found, d.lifecycles.ofRun(endpoint)...)
	}
	return result, found, err
}

// checkInputType is an error if the target does not accept the input type of a run
// that has to wait for its endpoint.
func (d *providerData) checkInputType(ctx context.Context, r run) diag.Diagnostics {
	if !d.ready() {
		return nil
	}
	capabilities, err := d.target.Capabilities(ctx)
	if err != nil {
		return nil // the run reports it
	}
	return violationDiagnostics(capabilities.Check(inference.Config{InputType: r.config.InputType}))
}

// runDiagnostics places an error at the attribute that names the model, unless
// the error has a path of its own.
func runDiagnostics(at path.Path, err error) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, d := range errorDiagnostics("Running the model", err) {
		if _, ok := d.(diag.DiagnosticWithPath); !ok {
			d = diag.WithPath(at, d)
		}
		diags.Append(d)
	}
	return diags
}

// isDeferred reports whether a run must wait for an endpoint that this plan
// creates, or whose target depends on something that it creates. During apply
// both exist before the run starts. A run without an endpoint never waits:
// OpenTofu 1.12 defers only what references a resource that does not exist yet,
// and treats an unknown result of anything else as an error.
func (d *providerData) isDeferred(ctx context.Context, inferenceID types.String) bool {
	switch {
	case d == nil || inferenceID.IsNull():
		return false
	case !d.ready():
		return true
	}
	if !d.planned.has(inferenceID.ValueString()) {
		return false
	}
	_, err := d.target.Get(ctx, inferenceID.ValueString())
	return backend.Is(err, backend.NotFound)
}

// inputSegment is one text as it is sent: an input, or a chunk of an input.
type inputSegment struct {
	input int // index of the input
	text  string
	chunking.Chunk
}

// splitInput returns the texts to send, in the order of the inputs.
func splitInput(input types.List, config validation.Setting[inference.ChunkingConfig]) ([]inputSegment, validation.Violations) {
	chunker, violations := inputChunker(config)
	if len(violations) > 0 {
		return nil, violations
	}
	var segments []inputSegment
	for i, element := range input.Elements() {
		text, ok := element.(types.String)
		switch {
		case !ok:
		case text.IsUnknown():
			segments = append(segments, inputSegment{input: i, text: "x"}) // every rule accepts it
		case chunker == nil:
			segments = append(segments, inputSegment{input: i, text: text.ValueString()})
		default:
			chunks, err := chunker.Chunks(text.ValueString())
			if err != nil {
				violation := chunkingViolation(err)
				if separator := new(chunking.SeparatorError); !errors.As(err, &separator) {
					violation.Path = inputPath(i)
				}
				return nil, validation.Violations{violation}
			}
			for _, chunk := range chunks {
				segments = append(segments, inputSegment{i, text.ValueString()[chunk.StartByte:chunk.EndByte], chunk})
			}
		}
	}
	return segments, nil
}

// inputChunker is nil if inputs are sent whole, and while the settings are
// unknown or invalid.
func inputChunker(config validation.Setting[inference.ChunkingConfig]) (*chunking.Chunker, validation.Violations) {
	known, ok := config.Known()
	if !ok || len(known.Validate()) > 0 {
		return nil, nil
	}
	settings, complete := known.Complete()
	if !complete {
		return nil, nil
	}
	return newChunker(settings)
}

func inputPath(index int) validation.Path { return validation.Path(fmt.Sprintf("input.%d", index)) }

// atInputs moves the violations of segments to their inputs, one per input.
func atInputs(violations validation.Violations, segments []inputSegment) validation.Violations {
	reported := map[validation.Path]bool{}
	var moved validation.Violations
	for _, violation := range violations {
		if index, ok := strings.CutPrefix(string(violation.Path), "input."); ok {
			if i, err := strconv.Atoi(index); err == nil && i < len(segments) {
				violation.Path = inputPath(segments[i].input)
				if reported[violation.Path] {
					continue
				}
				reported[violation.Path] = true
			}
		}
		moved = append(moved, violation)
	}
	return moved
}

// completionModel is the model of the data source and of the ephemeral resource.
type completionModel struct {
	runModel
	Result      types.String `tfsdk:"result"`
	Results     types.List   `tfsdk:"results"`
	StopReason  types.String `tfsdk:"stop_reason"`
	StopReasons types.List   `tfsdk:"stop_reasons"`
}

func (m completionModel) run() run {
	return newRun(m.runModel, inference.Completion, types.StringNull(), types.ObjectNull(chunkingSettingsTypes))
}

func (m *completionModel) setResult(result runResult) {
	texts := make([]attr.Value, len(result.Completions))
	reasons := make([]attr.Value, len(result.Completions))
	for i, completion := range result.Completions {
		texts[i], reasons[i] = types.StringValue(completion.Text), stringOrNull(completion.StopReason)
	}
	first := result.Completions[0]
	m.Result, m.Results = types.StringValue(first.Text), types.ListValueMust(types.StringType, texts)
	m.StopReason, m.StopReasons = stringOrNull(first.StopReason), types.ListValueMust(types.StringType, reasons)
	m.Usage = usageValue(result.Usage)
}

func (m *completionModel) setUnknown() {
	m.Result, m.Results = types.StringUnknown(), types.ListUnknown(types.StringType)
	m.StopReason, m.StopReasons = types.StringUnknown(), types.ListUnknown(types.StringType)
	m.Usage = types.ObjectUnknown(usageTypes)
}

// textEmbeddingModel is the model of the data source and of the ephemeral
// resource.
type textEmbeddingModel struct {
	runModel
	InputType        types.String `tfsdk:"input_type"`
	ChunkingSettings types.Object `tfsdk:"chunking_settings"`
	Dimensions       types.Int64  `tfsdk:"dimensions"`
	Embeddings       types.List   `tfsdk:"embeddings"`
	Chunks           types.List   `tfsdk:"chunks"`
}

var (
	// The elements are numbers, because the framework validates each element of a list of
	// float64 several times, which takes half of the time of a large result.
	vectorType         = types.ListType{ElemType: types.NumberType}
	usageTypes         = map[string]attr.Type{"input_tokens": types.Int64Type, "output_tokens": types.Int64Type}
	embeddedChunkTypes = map[string]attr.Type{
		"input_index":  types.Int64Type,
		"start_offset": types.Int64Type,
		"end_offset":   types.Int64Type,
		"text":         types.StringType,
		"embedding":    vectorType,
	}
	embeddedChunkType = types.ObjectType{AttrTypes: embeddedChunkTypes}
)

func (m textEmbeddingModel) run() run {
	return newRun(m.runModel, inference.TextEmbedding, m.InputType, m.ChunkingSettings)
}

func (m *textEmbeddingModel) setResult(result runResult) {
	m.Dimensions = types.Int64Value(int64(len(result.Embeddings[0])))
	m.Embeddings = vectorsValue(result.Embeddings)
	m.Chunks = types.ListNull(embeddedChunkType)
	if !m.ChunkingSettings.IsNull() {
		m.Chunks = chunksValue(result.segments, m.Embeddings)
	}
	m.Usage = usageValue(result.Usage)
}

func (m *textEmbeddingModel) setUnknown() {
	m.Dimensions, m.Embeddings = types.Int64Unknown(), types.ListUnknown(vectorType)
	m.Chunks = types.ListNull(embeddedChunkType)
	if !m.ChunkingSettings.IsNull() {
		m.Chunks = types.ListUnknown(embeddedChunkType)
	}
	m.Usage = types.ObjectUnknown(usageTypes)
}

func usageValue(usage inference.Usage) types.Object {
	return types.ObjectValueMust(usageTypes, map[string]attr.Value{
		"input_tokens":  types.Int64PointerValue(usage.InputTokens),
		"output_tokens": types.Int64PointerValue(usage.OutputTokens),
	})
}

func vectorsValue(vectors [][]float32) types.List {
	rows := make([]attr.Value, len(vectors))
	for i, vector := range vectors {
		numbers := make([]attr.Value, len(vector))
		for j, number := range vector {
			numbers[j] = shortestNumber(number)
		}
		rows[i] = types.ListValueMust(types.NumberType, numbers)
	}
	return types.ListValueMust(vectorType, rows)
}

// shortestNumber converts a float32 by its shortest decimal. Converted directly,
// 0.1 would become 0.10000000149011612.
func shortestNumber(f float32) types.Number {
	decimal, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil {
		return types.NumberNull()
	}
	return types.NumberValue(big.NewFloat(decimal))
}

// chunksValue combines each chunk with its vector.
func chunksValue(segments []inputSegment, vectors types.List) types.List {
	rows := make([]attr.Value, len(segments))
	embeddings := vectors.Elements() // copies them
	for i, segment := range segments {
		rows[i] = types.ObjectValueMust(embeddedChunkTypes, map[string]attr.Value{
			"input_index":  types.Int64Value(int64(segment.input)),
			"start_offset": types.Int64Value(int64(segment.Start)),
			"end_offset":   types.Int64Value(int64(segment.End)),
			"text":         types.StringValue(segment.text),
			"embedding":    embeddings[i],
		})
	}
	return types.ListValueMust(embeddedChunkType, rows)
}
