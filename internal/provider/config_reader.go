// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

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
		r.diags.AddAttributeError(at, located(summary, at), redact.Printable(fmt.Sprintf(detail, args...)))
	}
}

// violations adds the violations of attributes that have no error yet, and names
// the environment variable that a wrong value comes from.
func (r *configReader) violations(found validation.Violations) {
	fresh := validation.Violations{}
	for _, violation := range found {
		at := attributePath(violation.Path).String()
		violation.Detail += r.origin(violation.Path)
		if violation.Rule == validation.Missing {
			violation.Detail += r.missingVariables(violation.Path)
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

// origin names the environment variable that a value comes from. It is empty for values of
// the configuration.
func (r *configReader) origin(at validation.Path) string {
	if variable := r.variables[attributePath(at).String()]; variable != "" {
		return fmt.Sprintf(" The value comes from the environment variable %s.", variable)
	}
	return ""
}

// missingVariables names the environment variables that could have given a setting,
// and those that gave the one beside it.
func (r *configReader) missingVariables(at validation.Path) string {
	var variables, beside string
	switch at.Name() {
	case "endpoints":
		return " Or set ELASTICSEARCH_ENDPOINTS, ELASTICSEARCH_URL or ELASTICSEARCH_CLOUD_ID."
	case "username":
		variables, beside = "ELASTICSEARCH_USERNAME", r.variables["elasticsearch.password"]
	case "password":
		variables, beside = "ELASTICSEARCH_PASSWORD", r.variables["elasticsearch.username"]
	}
	if beside == "" {
		return " The environment variable " + variables + " would be used as well."
	}
	return " The environment variable " + beside + " is set, and " + variables + " is not."
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
	advice := fmt.Sprintf("Write a whole number from %d to 1000.", least)
	if malformed := validation.Malformed(validation.Path(name), setting, advice); len(malformed) > 0 {
		r.error(r.at.AtName(name), malformed[0].Summary, "%s", malformed[0].Detail)
		return int(fallback)
	}
	value := setting.Or(fallback)
	if value < least || value > 1000 {
		r.error(r.at.AtName(name), "Out of range", "%s is %d. %s", name, value, advice)
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
	cloudID := "ELASTICSEARCH_CLOUD_ID"
	if !r.object.strings("endpoints").Absent() {
		cloudID = ""
	}
	config := elasticsearch.Config{
		Endpoints:      r.endpoints(),
		CloudID:        r.string("cloud_id", cloudID),
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
	return r.endpointsOfEnvironment(at)
}

// endpointsOfEnvironment splits the first variable that is set, and warns if the other one
// is set to something else.
func (r *blockReader) endpointsOfEnvironment(at path.Path) []string {
	used, other := "ELASTICSEARCH_ENDPOINTS", "ELASTICSEARCH_URL"
	if r.variable(used) == "" {
		used, other = other, used
	}
	var endpoints []string
	for endpoint := range strings.SplitSeq(r.variable(used), ",") {
		if endpoint = strings.TrimSpace(endpoint); endpoint != "" {
			r.variables[at.AtListIndex(len(endpoints)).String()] = used
			endpoints = append(endpoints, endpoint)
		}
	}
	if value := r.variable(other); value != "" && value != r.variable(used) {
		r.diags.AddAttributeWarning(at, located("Two addresses in the environment", at),
			fmt.Sprintf("%s and %s are both set and differ. %s is used, and %s is ignored. Unset one of them.", used, other, used, other))
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
