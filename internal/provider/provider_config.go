package provider

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
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
	s.movedFrom = r.movedFrom(m.MovedFrom)
	s.targetSource = m.targetSource(r, s)
	return s, r.diags
}

// embeddedPathRule reports a path that the shell would have expanded.
func (r *configReader) embeddedPathRule(file string) {
	found := validation.FilePath("embedded.path", file)
	for i := range found {
		if variable, ok := r.variables[path.Root("embedded").AtName("path").String()]; ok {
			found[i].Detail += fmt.Sprintf(" The value comes from the environment variable %s.", variable)
		} else if strings.HasPrefix(file, "~") {
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
		if variable, ok := r.variables[attributePath(violation.Path).String()]; ok {
			violation.Detail += fmt.Sprintf(" The value comes from the environment variable %s.", variable)
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

// newProviderData makes the target and the runner, neither of which does anything
// before its first use.
func (s providerSettings) newProviderData(version string) (*providerData, error) {
	data := &providerData{runner: bedrock.New(s.bedrock), simulated: s.bedrock.Simulator != nil, movedFrom: s.movedFrom, targetSource: s.targetSource}
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
	data.target = embedded.New(path, data.runner, embedded.Sealed(passphrase))
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
		"The environment sets %s, but no address in ELASTICSEARCH_ENDPOINTS or ELASTICSEARCH_URL, and the provider has no elasticsearch block. "+
			"The endpoints and their AWS keys would be stored in a file on this machine. Set ELASTICSEARCH_ENDPOINTS, such as \"https://localhost:9200\"; or write embedded = {} to use the embedded target.",
		strings.Join(set, ", "))
}

// lookup returns an environment variable and whether it is set, as os.LookupEnv
// does.
type lookup func(variable string) (value string, set bool)

// configReader reads the provider's blocks and collects their diagnostics. Maps
// are keyed by the text of attribute paths.
type configReader struct {
	environment lookup // nil while the environment must not be read
	diags       diag.Diagnostics
	failed      map[string]bool
	variables   map[string]string // the environment variable that an attribute was read from
	deferred    map[string]bool   // attributes whose value may still be given
}

func newConfigReader(environment lookup) *configReader {
	return &configReader{environment: environment, failed: map[string]bool{}, variables: map[string]string{}, deferred: map[string]bool{}}
}

func (r *configReader) variable(name string) string {
	if r.environment == nil {
		return ""
	}
	value, _ := r.environment(name)
	return value
}

// isDeferred reports whether an attribute may still get a value.
func (r *configReader) isDeferred(p validation.Path) bool {
	return r.deferred[attributePath(p).String()]
}

// error adds an error unless the attribute already has one.
func (r *configReader) error(at path.Path, summary, detail string, args ...any) {
	if !r.failed[at.String()] {
		r.failed[at.String()] = true
		r.diags.AddAttributeError(at, located(summary, at), fmt.Sprintf(detail, args...))
	}
}

// violations adds the violations of attributes that have no error yet, and names
// the environment variable that a wrong value comes from.
func (r *configReader) violations(found validation.Violations) {
	fresh := validation.Violations{}
	for _, violation := range found {
		at := attributePath(violation.Path).String()
		if variable, ok := r.variables[at]; ok {
			violation.Detail += fmt.Sprintf(" The value comes from the environment variable %s.", variable)
		}
		if !r.failed[at] {
			fresh = append(fresh, violation)
		}
	}
	for _, violation := range fresh.Errors() {
		r.failed[attributePath(violation.Path).String()] = true
	}
	r.diags.Append(violationDiagnostics(fresh)...)
}

// blockReader reads one block. The configuration takes precedence over the
// environment.
type blockReader struct {
	*configReader
	object objectReader
	at     path.Path
}

func (r *configReader) block(name string, block types.Object) *blockReader {
	return &blockReader{configReader: r, object: readObject(block), at: path.Root(name)}
}

func (r *blockReader) string(name, variable string) string {
	setting := r.object.string(name)
	value, ok := setting.Known()
	switch {
	case setting.IsUnknown():
		r.deferred[r.at.AtName(name).String()] = true
	case ok && value == "":
		r.error(r.at.AtName(name), "Empty setting", "%s is an empty string. Write a value, or leave it out.", name)
	case !ok:
		return r.fromEnvironment(r.at.AtName(name), variable)
	}
	return value
}

// fromEnvironment returns the environment's value of an attribute that the
// configuration leaves out.
func (r *configReader) fromEnvironment(at path.Path, variable string) string {
	if variable == "" {
		return ""
	}
	value := r.variable(variable)
	if value != "" {
		r.variables[at.String()] = variable
	}
	r.deferred[at.String()] = r.environment == nil
	return value
}

func (r *blockReader) secret(name, variable string) redact.Secret {
	return redact.Secret(r.string(name, variable))
}

func (r *blockReader) bool(name, variable string) bool {
	value, _ := r.object.values[name].(types.Bool)
	return r.configReader.bool(r.at.AtName(name), value, variable)
}

// bool returns the value of an attribute, or of the variable if it is null. It is
// false while it is unknown.
func (r *configReader) bool(at path.Path, configured types.Bool, variable string) bool {
	if !configured.IsNull() {
		return configured.ValueBool()
	}
	text := r.fromEnvironment(at, variable)
	value, err := strconv.ParseBool(text)
	if err != nil && text != "" {
		r.error(at, "Invalid environment variable", "%s is %q. Set it to true or false, or unset it.", variable, text)
	}
	return value
}

// duration returns 0 if the attribute is not set; the packages that wait know
// their defaults.
func (r *blockReader) duration(name string) time.Duration {
	text, ok := r.object.string(name).Known()
	if !ok {
		return 0
	}
	value, err := parseDuration(name, text)
	if err != nil {
		r.error(r.at.AtName(name), invalidDuration, "%s", err)
		return 0
	}
	return value
}

func (r *blockReader) int(name string, least, fallback int64) int {
	setting := r.object.int64(name)
	if malformed := validation.Malformed(validation.Path(r.at.AtName(name).String()), setting); len(malformed) > 0 {
		r.violations(malformed)
		return int(fallback)
	}
	value := setting.Or(fallback)
	if value < least || value > 1000 {
		r.error(r.at.AtName(name), "Out of range", "%s is %d. Write a whole number from %d to 1000.", name, value, least)
		return int(fallback)
	}
	return int(value)
}

func (r *blockReader) bedrock() bedrock.Config {
	config := bedrock.Config{
		Region:          r.string("region", "AWS_REGION"),
		Profile:         r.string("profile", ""),
		AccessKey:       r.secret("access_key", ""),
		SecretKey:       r.secret("secret_key", ""),
		SessionToken:    r.secret("session_token", ""),
		Endpoint:        r.string("endpoint", bedrock.EndpointVariable(r.variable)),
		MaxAttempts:     r.int("max_attempts", 1, 3),
		ThrottleTimeout: r.duration("throttle_timeout"),
		MaxConcurrency:  r.int("max_concurrency", 1, 8),
		RequestTimeout:  r.duration("request_timeout"),
	}
	if role, ok := r.object.values["assume_role"].(types.Object); ok && isSet(role) {
		inner := &blockReader{configReader: r.configReader, object: readObject(role), at: r.at.AtName("assume_role")}
		config.AssumeRole = &bedrock.AssumeRole{
			RoleARN:     inner.string("role_arn", ""),
			ExternalID:  inner.string("external_id", ""),
			SessionName: inner.string("session_name", ""),
		}
	}
	if r.bool("simulate", "INFERENCE_BEDROCK_SIMULATE") {
		config.Simulator = bedrocksim.New()
	}
	return config
}

func (r *blockReader) elasticsearch() elasticsearch.Config {
	config := elasticsearch.Config{
		Endpoints:      r.endpoints(),
		CloudID:        r.string("cloud_id", r.variablesUnlessEndpoints("ELASTICSEARCH_CLOUD_ID")),
		Version:        r.string("version", "ELASTICSEARCH_VERSION"),
		MaxRetries:     r.int("max_retries", 0, 4),
		RetryWaitMin:   r.duration("retry_wait_min"),
		RetryWaitMax:   r.duration("retry_wait_max"),
		RequestTimeout: r.duration("request_timeout"),
		Headers:        r.headers(),
	}
	variable := r.variablesUnless("api_key", "username", "password", "bearer_token")
	config.APIKey = r.secret("api_key", variable("ELASTICSEARCH_API_KEY"))
	config.Username = r.string("username", variable("ELASTICSEARCH_USERNAME"))
	config.Password = r.secret("password", variable("ELASTICSEARCH_PASSWORD"))
	config.BearerToken = r.secret("bearer_token", variable("ELASTICSEARCH_BEARER_TOKEN"))

	variable = r.variablesUnless("ca_file", "ca_data", "ca_fingerprint", "insecure")
	config.CAFile = r.string("ca_file", variable("ELASTICSEARCH_CA_FILE"))
	config.CAData = r.string("ca_data", variable("ELASTICSEARCH_CA_DATA"))
	config.CAFingerprint = r.string("ca_fingerprint", variable("ELASTICSEARCH_CA_FINGERPRINT"))
	config.Insecure = r.bool("insecure", variable("ELASTICSEARCH_INSECURE"))

	// The certificate may be in the configuration and its key in the environment.
	certificate, key := r.variablesUnless("cert_file", "cert_data"), r.variablesUnless("key_file", "key_data")
	config.CertFile = r.string("cert_file", certificate("ELASTICSEARCH_CERT_FILE"))
	config.CertData = r.string("cert_data", certificate("ELASTICSEARCH_CERT_DATA"))
	config.KeyFile = r.string("key_file", key("ELASTICSEARCH_KEY_FILE"))
	config.KeyData = r.secret("key_data", key("ELASTICSEARCH_KEY_DATA"))
	return config
}

// variablesUnless disables the environment variables of settings that exclude or
// complete each other if the configuration has one of them.
func (r *blockReader) variablesUnless(names ...string) func(variable string) string {
	for _, name := range names {
		if r.isConfigured(name) {
			return func(string) string { return "" }
		}
	}
	return func(variable string) string { return variable }
}

func (r *blockReader) isConfigured(name string) bool {
	if value, ok := r.object.values[name].(types.Bool); ok {
		return value.ValueBool()
	}
	_, ok := r.object.string(name).Known()
	return ok
}

// variablesUnlessEndpoints returns the variable, or nothing if the configuration
// has endpoints.
func (r *blockReader) variablesUnlessEndpoints(variable string) string {
	if r.object.strings("endpoints").Absent() {
		return variable
	}
	return ""
}

func (r *blockReader) endpoints() []string {
	at := r.at.AtName("endpoints")
	setting := r.object.strings("endpoints")
	configured, ok := setting.Known()
	switch {
	case ok:
		endpoints := make([]string, len(configured))
		for i, endpoint := range configured {
			endpoints[i] = endpoint.Or("")
			r.deferred[at.AtListIndex(i).String()] = endpoint.IsUnknown()
		}
		return endpoints
	case setting.Absent() && !r.object.string("cloud_id").Absent():
		return nil
	case setting.IsUnknown() || r.environment == nil:
		r.deferred[at.String()] = true
		return nil
	}
	return r.endpointsOf(at, "ELASTICSEARCH_ENDPOINTS", "ELASTICSEARCH_URL")
}

// endpointsOf splits the first of the variables that is set.
func (r *blockReader) endpointsOf(at path.Path, variables ...string) []string {
	var endpoints []string
	for _, variable := range variables {
		for endpoint := range strings.SplitSeq(r.variable(variable), ",") {
			if endpoint = strings.TrimSpace(endpoint); endpoint != "" {
				r.variables[at.AtListIndex(len(endpoints)).String()] = variable
				endpoints = append(endpoints, endpoint)
			}
		}
		if r.variable(variable) != "" {
			break
		}
	}
	return endpoints
}

func (r *blockReader) headers() map[string]redact.Secret {
	headers := map[string]redact.Secret{}
	if configured, ok := r.object.values["headers"].(types.Map); ok {
		for name, value := range configured.Elements() {
			if text, ok := value.(types.String); ok && !text.IsNull() {
				headers[name] = redact.Secret(text.ValueString())
			}
		}
	}
	return headers
}
