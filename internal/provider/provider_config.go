// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/fastpath"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

type providerModel struct {
	Elasticsearch types.Object `tfsdk:"elasticsearch"`
	Embedded      types.Object `tfsdk:"embedded"`
	Bedrock       types.Object `tfsdk:"bedrock"`
	Preflight     types.Bool   `tfsdk:"preflight"`
	MovedFrom     types.List   `tfsdk:"moved_from"`
}

// providerSettings are the configuration completed by the environment.
type providerSettings struct {
	bedrock          bedrock.Config
	useElasticsearch bool
	elasticsearch    elasticsearch.Config
	embeddedPath     string
	implicitEmbedded bool // nothing chooses the target, so it is the embedded one
	preflight        bool
	movedFrom        []string
	targetSource     string
}

// validate returns the errors that depend neither on the environment nor on
// files. Warnings are left to configure: Terraform validates more often than it
// configures, and would repeat them.
func (m providerModel) validate() diag.Diagnostics {
	_, diags := m.read(nil)
	return diags.Errors()
}

// read reads and validates all blocks. Without an environment it returns the
// errors that no environment can avoid.
func (m providerModel) read(environment lookup) (providerSettings, diag.Diagnostics) {
	r := newConfigReader(environment)
	if isSet(m.Elasticsearch) && isSet(m.Embedded) {
		r.error(path.Root("embedded"), "Conflicting targets",
			"elasticsearch and embedded are both set, but a provider has one target. Remove one of them; to use both targets, write two provider blocks with an alias.")
	}
	r.violations(validateBedrockKeys(m.Bedrock))
	s := providerSettings{preflight: r.bool(path.Root("preflight"), m.Preflight, "INFERENCE_PREFLIGHT")}
	s.bedrock = r.block("bedrock", m.Bedrock).bedrock()
	r.bedrockViolations(&s.bedrock)
	if s.useElasticsearch = m.useElasticsearch(r); s.useElasticsearch {
		s.elasticsearch = r.block("elasticsearch", m.Elasticsearch).elasticsearch()
		r.violations(s.elasticsearch.ValidateSoFar(r.isDeferred))
	}
	s.embeddedPath = r.block("embedded", m.Embedded).string("path", embedded.VariablePath)
	r.embeddedPathRule(s.embeddedPath)
	if s.implicitEmbedded = m.Elasticsearch.IsNull() && m.Embedded.IsNull() && !s.useElasticsearch && s.embeddedPath == ""; s.implicitEmbedded {
		r.requireNoCluster()
	}
	if environment != nil {
		r.warnOfFastPath()
	}
	s.movedFrom = r.movedFrom(m.MovedFrom)
	s.targetSource = m.targetSource(r, s)
	return s, r.diags
}

// warnOfFastPath warns of a value of the switch that has no effect.
func (r *configReader) warnOfFastPath() {
	if value := r.variable(fastpath.EnvironmentVariable); value != "" && value != fastpath.Off {
		r.diags.AddWarning("Environment variable without effect",
			fmt.Sprintf("%s is %s, which has no effect. Set it to %q to disable the fast path, or unset it.", fastpath.EnvironmentVariable, validation.Quote(value), fastpath.Off))
	}
}

// embeddedPathRule reports a path that the shell would have expanded.
func (r *configReader) embeddedPathRule(file string) {
	found := validation.FilePath("embedded.path", file)
	for i := range found {
		if r.variables["embedded.path"] == "" && strings.HasPrefix(file, "~") {
			found[i].Detail += " To name your home directory, write pathexpand(...) around the path."
		}
	}
	r.violations(found)
}

// movedFrom reads the ids of former targets.
func (r *configReader) movedFrom(list types.List) []string {
	var targets []string
	for i, element := range list.Elements() {
		target, ok := element.(types.String)
		if !ok || target.IsUnknown() {
			continue
		}
		uuid, cluster := strings.CutPrefix(target.ValueString(), "elasticsearch:")
		if target.ValueString() != embedded.ID && (!cluster || strings.TrimSpace(uuid) == "") {
			at := path.Root("moved_from").AtListIndex(i)
			r.error(at, "Not a target", "moved_from has %q. Write the target attribute of the endpoints in the state: %q, or \"elasticsearch:\" and the UUID of the cluster.", target.ValueString(), embedded.ID)
			continue
		}
		targets = append(targets, target.ValueString())
	}
	return targets
}

// targetSource names the environment variables that choose the target, or that
// would choose it if they were set.
func (m providerModel) targetSource(r *configReader, s providerSettings) string {
	const clusterVariables = "ELASTICSEARCH_ENDPOINTS, ELASTICSEARCH_URL and ELASTICSEARCH_CLOUD_ID"
	if s.useElasticsearch {
		for _, at := range []path.Path{path.Root("elasticsearch").AtName("endpoints").AtListIndex(0), path.Root("elasticsearch").AtName("cloud_id")} {
			if variable, ok := r.variables[at.String()]; ok {
				return fmt.Sprintf(" The address comes from the environment variable %s.", variable)
			}
		}
		return ""
	}
	variable, fromEnvironment := r.variables[path.Root("embedded").AtName("path").String()]
	switch {
	case fromEnvironment && m.Embedded.IsNull():
		return fmt.Sprintf(" The path comes from the environment variable %s, and %s are not set.", variable, clusterVariables)
	case fromEnvironment:
		return fmt.Sprintf(" The path comes from the environment variable %s.", variable)
	case s.embeddedPath != "":
		return ""
	case m.Embedded.IsNull():
		return fmt.Sprintf(" The environment variables %s, %s are not set.", embedded.VariablePath, clusterVariables)
	}
	return fmt.Sprintf(" The environment variable %s is not set.", embedded.VariablePath)
}

// bedrockViolations adds the errors of the configuration. Those of environment
// variables end only the runs: most plans on Elasticsearch do not call Bedrock.
func (r *configReader) bedrockViolations(config *bedrock.Config) {
	var found validation.Violations
	for _, violation := range config.ValidateSoFar(r.isDeferred) {
		if origin := r.origin(violation.Path); origin != "" {
			violation.Detail += origin
			config.Unusable = append(config.Unusable, violation)
		} else {
			found = append(found, violation)
		}
	}
	r.violations(found)
}

// validateBedrockKeys applies an endpoint's rules for keys and regions to the
// bedrock block.
func validateBedrockKeys(block types.Object) validation.Violations {
	r := readObject(block)
	keys := inference.ServiceConfig{AccessKey: r.secret("access_key"), SecretKey: r.secret("secret_key"), Region: r.string("region")}
	violations := inference.Config{ServiceSettings: keys}.Validate()
	for i, violation := range violations {
		violations[i].Path = "bedrock." + validation.Path(violation.Path.Name())
	}
	return violations
}

// configure makes the target and the runner, each unless a setting that it needs
// is unknown. The embedded target needs the runner.
func (m providerModel) configure(version string) (*providerData, diag.Diagnostics) {
	bedrockUnknown := anyUnknown(m.Bedrock)
	if anyUnknown(m.MovedFrom) || anyUnknown(m.Elasticsearch) || anyUnknown(m.Embedded) || bedrockUnknown && !m.useElasticsearch(newConfigReader(os.LookupEnv)) {
		return &providerData{assumed: m.assumedCapabilities()}, m.validate()
	}
	s, diags := m.read(os.LookupEnv)
	if diags.HasError() {
		return &providerData{}, diags
	}
	data, err := s.newProviderData(version)
	if err != nil {
		diags.Append(errorDiagnostics("Configuring the provider", err)...)
	}
	if bedrockUnknown {
		data.runner, data.preflight = nil, nil
	}
	return data, diags
}

// assumedCapabilities are those of the most likely target while some of its
// settings are unknown.
func (m providerModel) assumedCapabilities() backend.Capabilities {
	if m.Elasticsearch.IsUnknown() || m.useElasticsearch(newConfigReader(os.LookupEnv)) {
		return elasticsearch.CapabilitiesOf(readObject(m.Elasticsearch).string("version").Or(""))
	}
	return embedded.Capabilities()
}

// newProviderData makes the target and the runner. Neither opens a file or a connection
// yet.
func (s providerSettings) newProviderData(version string) (*providerData, error) {
	data := &providerData{
		runner: bedrock.New(s.bedrock), simulated: s.bedrock.Simulator != nil, movedFrom: s.movedFrom, targetSource: s.targetSource,
		ownCredentials: s.bedrock.NamesCredentials(),
	}
	if s.preflight {
		data.preflight = bedrock.NewPreflight(data.runner)
	}
	if s.useElasticsearch {
		s.elasticsearch.UserAgent = "terraform-provider-inference/" + version
		s.elasticsearch.Logger = slog.New(tflogHandler{})
		client, err := elasticsearch.New(s.elasticsearch)
		if err != nil {
			return data, err
		}
		data.target = client
		return data, nil
	}
	passphrase, err := embedded.Passphrase()
	if err != nil {
		return data, err
	}
	path := cmp.Or(s.embeddedPath, embedded.DefaultPath)
	if s.implicitEmbedded {
		data.implicitPath = path
	}
	data.target = embedded.New(path, data.runner, embedded.Encrypted(passphrase))
	return data, nil
}

func (m providerModel) useElasticsearch(r *configReader) bool {
	if isSet(m.Elasticsearch) || isSet(m.Embedded) {
		return isSet(m.Elasticsearch)
	}
	return r.variable("ELASTICSEARCH_ENDPOINTS") != "" || r.variable("ELASTICSEARCH_URL") != "" || r.variable("ELASTICSEARCH_CLOUD_ID") != ""
}

// requireNoCluster is an error if the environment names a cluster only in part:
// the endpoints and their keys would be written to a local file instead.
func (r *configReader) requireNoCluster() {
	if r.environment == nil {
		return
	}
	var set []string
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "ELASTICSEARCH_") {
			if _, ok := r.environment(name); ok {
				set = append(set, name)
			}
		}
	}
	if len(set) == 0 {
		return
	}
	slices.Sort(set)
	r.error(path.Root("elasticsearch"), "Elasticsearch address is missing",
		"The environment sets %s, but no address in ELASTICSEARCH_ENDPOINTS, ELASTICSEARCH_URL or ELASTICSEARCH_CLOUD_ID, and the provider has no elasticsearch block. "+
			"The endpoints and their AWS keys would be stored in a file on this machine. Set ELASTICSEARCH_ENDPOINTS, such as \"https://localhost:9200\"; or write embedded = {} to use the embedded target.",
		strings.Join(set, ", "))
}
