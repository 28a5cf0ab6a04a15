// SPDX-License-Identifier: MPL-2.0

// Package provider implements the Terraform provider: it maps HCL to the domain
// and errors to diagnostics. It holds no rule of the domain and builds no JSON
// of an API.
package provider

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
)

var (
	_ provider.ProviderWithActions            = (*inferenceProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*inferenceProvider)(nil)
	_ provider.ProviderWithFunctions          = (*inferenceProvider)(nil)
	_ provider.ProviderWithListResources      = (*inferenceProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*inferenceProvider)(nil)
)

type inferenceProvider struct {
	version string
	now     func() time.Time
	// data is the result of the last Configure call.
	data      atomic.Pointer[providerData]
	validated repeatedWarnings
}

// providerData is what resources, data sources and actions get from a configured
// provider.
type providerData struct {
	// target is nil while the provider's own settings are unknown.
	target backend.Target
	// assumed are the capabilities to plan with while target is nil.
	assumed backend.Capabilities
	// runner is nil while a setting that it needs is unknown.
	runner *bedrock.Runner
	// preflight is nil unless it is switched on.
	preflight *bedrock.Preflight
	rotations rotations
	limits    rateLimits
	planned   plannedEndpoints
	known     knownEndpoints
	// started is set once a resource is read or planned in this run.
	started atomic.Bool
	// unreachable is set once the target could not be reached in this run.
	unreachable atomic.Bool
	// movedFrom are ids of targets whose endpoints have moved to this one.
	movedFrom []string
	// targetSource is a sentence, after a space, about the environment variables
	// that choose the target; it is empty if the configuration chooses it.
	targetSource string
	// implicitPath is the embedded file if nothing in the configuration and the
	// environment chooses the target.
	implicitPath string
	// ownCredentials is set if the bedrock block has credentials, which endpoints
	// without keys use.
	ownCredentials bool
	// simulated is set if a simulator answers in place of Amazon Bedrock.
	simulated  bool
	lifecycles lifecycles
	// warned has the summaries of the warnings that appear once.
	warned sync.Map
}

func (p *inferenceProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "inference"
	resp.Version = p.version
}

func (p *inferenceProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

func (p *inferenceProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.validate()...)
	}
}

// Configure reads the configuration, the environment and, to report only once that it
// cannot be used, the whole file of the embedded target. It opens no connection and
// writes nothing: the first operation does.
func (p *inferenceProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	data, diags := config.configure(p.version)
	diags.Append(data.unusableFile(ctx, isSet(config.Embedded))...)
	resp.Diagnostics.Append(warningsWithoutPath(diags)...)
	data.lifecycles.now = p.now
	p.data.Store(data)
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.EphemeralResourceData = data
	resp.ListResourceData = data
	resp.ActionData = data
}

// damageTime bounds the wait for another process that holds the lock of the file.
const damageTime = time.Second

// unusableFile returns an error if the file of the embedded target is damaged, or if the
// configuration names it and it cannot be used: each endpoint would otherwise report it.
// A file that is locked, missing, or does not fit the passphrase is left to the
// operations that need it, and so is one that is only the default, which runs of models
// do not need.
func (d *providerData) unusableFile(ctx context.Context, configured bool) diag.Diagnostics {
	target, ok := d.target.(*embedded.Target)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, damageTime)
	defer cancel()
	err := target.Check(ctx)
	unusable := configured && backend.Is(err, backend.Unusable) && !embedded.IsLocked(err)
	if !unusable && !backend.Is(err, backend.Damaged) {
		return nil
	}
	d.target = nil
	found := errorDiagnostics("Reading the endpoint file", err)[0]
	if configured {
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("embedded").AtName("path"), found.Summary(), found.Detail()+d.targetSource)}
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(found.Summary(), found.Detail()+d.targetSource)}
}

func (p *inferenceProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &endpointResource{validated: &p.validated} }}
}

func (p *inferenceProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return &endpointDataSource{} },
		func() datasource.DataSource { return &endpointsDataSource{} },
		func() datasource.DataSource { return &runDataSource{newCompletion(&p.validated)} },
		func() datasource.DataSource { return &runDataSource{newTextEmbedding(&p.validated)} },
	}
}

func (p *inferenceProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{func() list.ListResource { return &endpointList{} }}
}

func (p *inferenceProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		func() ephemeral.EphemeralResource { return &runEphemeral{newCompletion(&p.validated)} },
		func() ephemeral.EphemeralResource { return &runEphemeral{newTextEmbedding(&p.validated)} },
	}
}

func (p *inferenceProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{func() action.Action { return &verifyAction{} }}
}

func (p *inferenceProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newChunkFunction, newCosineSimilarityFunction, newModelLifecycleFunction, newParseModelIDFunction}
}

// ready reports whether the provider is configured with known settings. It may be
// called on a nil receiver: nothing is configured during validation.
func (d *providerData) ready() bool { return d != nil && d.target != nil }

// configured converts the provider data that the framework passes to Configure
// methods.
func configured(data any, diags *diag.Diagnostics) *providerData {
	if data == nil {
		return nil
	}
	own, ok := data.(*providerData)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Got %T. This is a bug of the provider: please report it.", data))
	}
	return own
}

// serverWarnings returns the warnings that the target's server has sent since the
// last call, each of them once per run.
func (d *providerData) serverWarnings() diag.Diagnostics {
	var diags diag.Diagnostics
	if !d.ready() {
		return diags
	}
	if target, ok := d.target.(backend.Warner); ok {
		for _, warning := range target.Warnings() {
			diags.AddWarning(warning.Summary, warning.Detail)
		}
	}
	return diags
}

// warnOnce returns a warning, unless this run has returned it before.
func (d *providerData) warnOnce(summary, detail string) diag.Diagnostics {
	if _, repeated := d.warned.LoadOrStore(summary, true); repeated {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(summary, detail)}
}

// warnOfAssumedVersion warns once per run that the target's version could not be
// read.
func (d *providerData) warnOfAssumedVersion(capabilities backend.Capabilities) diag.Diagnostics {
	if !capabilities.Assumed {
		return nil
	}
	return d.warnOnce("Elasticsearch version is assumed",
		"The cluster does not let this user read its version (GET /, privilege monitor), so the plan assumes the newest version that this provider knows. "+
			"Set elasticsearch.version, or grant the privilege.")
}

// warnOfImplicitTarget warns once per run that an endpoint is created in a local file
// although no setting selects the embedded target.
func (d *providerData) warnOfImplicitTarget() diag.Diagnostics {
	if d.implicitPath == "" {
		return nil
	}
	return d.warnOnce("Endpoints are stored in a local file",
		fmt.Sprintf("The provider has neither an elasticsearch nor an embedded block, and the environment names no cluster. Endpoints and their AWS keys are therefore stored in the file %s. "+
			"Write embedded = {} if this is intended, or elasticsearch = {} to require a cluster.", d.implicitPath))
}

// warnOfSimulation warns once per run that a result which is stored or tested is
// simulated. byEndpoint is set for endpoints, whose models Elasticsearch calls
// itself.
func (d *providerData) warnOfSimulation(byEndpoint bool) diag.Diagnostics {
	if _, placed := d.target.(backend.Placed); !d.simulated || byEndpoint && !placed {
		return nil
	}
	return d.warnOnce("Amazon Bedrock is simulated",
		"Responses are simulated: embeddings reflect the words that texts share, and completions are not written by a model. The provider sends nothing to AWS.")
}

// tflogHandler writes the records of the Elasticsearch client to Terraform's log,
// as a subsystem of its own.
type tflogHandler struct{ attributes []slog.Attr }

const elasticsearchSubsystem = "elasticsearch"

// Enabled leaves the choice of levels to TF_LOG.
func (tflogHandler) Enabled(context.Context, slog.Level) bool { return true }

// Handle writes one record.
func (h tflogHandler) Handle(ctx context.Context, record slog.Record) error {
	fields := map[string]any{}
	for _, attribute := range h.attributes {
		fields[attribute.Key] = attribute.Value.Any()
	}
	record.Attrs(func(attribute slog.Attr) bool {
		fields[attribute.Key] = attribute.Value.Any()
		return true
	})
	ctx = tflog.NewSubsystem(ctx, elasticsearchSubsystem, tflog.WithRootFields())
	if record.Level >= slog.LevelWarn {
		tflog.SubsystemWarn(ctx, elasticsearchSubsystem, record.Message, fields)
		return nil
	}
	tflog.SubsystemDebug(ctx, elasticsearchSubsystem, record.Message, fields)
	return nil
}

// WithAttrs adds attributes to every record.
func (h tflogHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return tflogHandler{append(h.attributes[:len(h.attributes):len(h.attributes)], attributes...)}
}

// WithGroup ignores groups, which the client does not use.
func (h tflogHandler) WithGroup(string) slog.Handler { return h }
