package provider

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
)

// reading collects what comes up while the provider's blocks are read, by the
// paths of their settings.
type reading struct {
	environment func(variable string) string // nil where it is not looked at
	diags       diag.Diagnostics
	refused     map[string]bool
	from        map[string]string // the variable that a setting was read from
	open        map[string]bool   // settings that may yet be given
}

func newReading(environment func(string) string) *reading {
	return &reading{environment: environment, refused: map[string]bool{}, from: map[string]string{}, open: map[string]bool{}}
}

func (r *reading) variable(name string) string {
	if r.environment == nil {
		return ""
	}
	return r.environment(name)
}

// opened is nil once everything can be known.
func (r *reading) opened() validation.IsDeferred {
	if r.environment != nil {
		return nil
	}
	return func(p validation.Path) bool { return r.open[attributePath(p).String()] }
}

// refuse tells a fault, unless the setting has one: what is refused once is not
// looked at again.
func (r *reading) refuse(at path.Path, summary, detail string, args ...any) {
	if !r.refused[at.String()] {
		r.refused[at.String()] = true
		r.diags.AddAttributeError(at, located(summary, at), fmt.Sprintf(detail, args...))
	}
}

// judge tells the faults that one set of rules found, but those of settings that
// were refused before it. They name the variable where a value is not in the
// configuration that they point at.
func (r *reading) judge(found validation.Violations) {
	fresh := validation.Violations{}
	for _, fault := range found {
		at := attributePath(fault.Path).String()
		if variable, ok := r.from[at]; ok {
			fault.Detail += fmt.Sprintf(" The value comes from the environment variable %s.", variable)
		}
		if !r.refused[at] {
			fresh = append(fresh, fault)
		}
	}
	for _, fault := range fresh.Errors() {
		r.refused[attributePath(fault.Path).String()] = true
	}
	r.diags.Append(violationDiagnostics(fresh)...)
}

// reader reads one block, the configuration before the environment.
type reader struct {
	*reading
	written
	at path.Path
}

func (r *reading) block(name string, block types.Object) *reader {
	return &reader{reading: r, written: writtenIn(block), at: path.Root(name)}
}

func (r *reader) text(name, variable string) string {
	setting := r.written.text(name)
	value, ok := setting.Known()
	switch {
	case setting.IsUnknown():
		r.open[r.at.AtName(name).String()] = true
	case ok && value == "":
		r.refuse(r.at.AtName(name), "Empty setting", "%s is an empty string. Write a value, or leave it out.", name)
	case !ok:
		return r.unwritten(name, variable)
	}
	return value
}

// unwritten is the value that the environment has for a setting.
func (r *reader) unwritten(name, variable string) string {
	at := r.at.AtName(name).String()
	if variable == "" {
		return ""
	}
	value := r.variable(variable)
	if value != "" {
		r.from[at] = variable
	}
	r.open[at] = r.environment == nil
	return value
}

func (r *reader) secret(name, variable string) redact.Secret {
	return redact.Secret(r.text(name, variable))
}

func (r *reader) truth(name, variable string) bool {
	if value, ok := r.values[name].(types.Bool); ok && !value.IsNull() {
		return value.ValueBool()
	}
	text := r.unwritten(name, variable)
	value, err := strconv.ParseBool(text)
	if err != nil && text != "" {
		r.refuse(r.at.AtName(name), "Environment variable cannot be read", "%s is %q. Write true or false, or unset it.", variable, text)
	}
	return value
}

// duration is 0 where none is written: who waits knows the default that fits.
func (r *reader) duration(name string) time.Duration {
	written, ok := r.written.text(name).Known()
	if !ok {
		return 0
	}
	value, err := parseDuration(name, written)
	if err != nil {
		r.refuse(r.at.AtName(name), notDuration, "%s", err)
		return 0
	}
	return value
}

func (r *reader) count(name string, least, fallback int64) int {
	value := r.whole(name).Or(fallback)
	if value < least || value > 1000 {
		r.refuse(r.at.AtName(name), "Out of range", "%s is %d. Write a whole number from %d to 1000.", name, value, least)
		return int(fallback)
	}
	return int(value)
}

func (r *reader) bedrock() bedrock.Config {
	config := bedrock.Config{
		Region:         r.text("region", "AWS_REGION"),
		Profile:        r.text("profile", ""),
		AccessKey:      r.secret("access_key", ""),
		SecretKey:      r.secret("secret_key", ""),
		SessionToken:   r.secret("session_token", ""),
		Endpoint:       r.text("endpoint", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
		MaxAttempts:    r.count("max_attempts", 1, 3),
		MaxConcurrency: r.count("max_concurrency", 1, 8),
		RequestTimeout: r.duration("request_timeout"),
	}
	if role, ok := r.values["assume_role"].(types.Object); ok && isSet(role) {
		inner := &reader{reading: r.reading, written: writtenIn(role), at: r.at.AtName("assume_role")}
		config.AssumeRole = &bedrock.AssumeRole{
			RoleARN:     inner.text("role_arn", ""),
			ExternalID:  inner.text("external_id", ""),
			SessionName: inner.text("session_name", ""),
		}
	}
	if r.truth("simulate", "INFERENCE_BEDROCK_SIMULATE") {
		config.Simulator = bedrocksim.New()
		r.diags.AddWarning("Amazon Bedrock is simulated",
			"Answers come from a simulator in this process: embeddings that follow shared words, and texts that are no model's. The provider sends nothing to AWS.")
	}
	return config
}

func (r *reader) elasticsearch() elasticsearch.Config {
	config := elasticsearch.Config{
		Endpoints:      r.endpoints(),
		Version:        r.text("version", "ELASTICSEARCH_VERSION"),
		MaxRetries:     r.count("max_retries", 0, 4),
		RetryWaitMin:   r.duration("retry_wait_min"),
		RetryWaitMax:   r.duration("retry_wait_max"),
		RequestTimeout: r.duration("request_timeout"),
		Headers:        r.headers(),
	}
	r.logIn(&config)
	r.trust(&config)
	r.identify(&config)
	return config
}

// unlessWritten names variables only where the configuration has none of the
// settings, which exclude or complete each other.
func (r *reader) unlessWritten(names ...string) func(variable string) string {
	for _, name := range names {
		if r.isWritten(name) {
			return func(string) string { return "" }
		}
	}
	return func(variable string) string { return variable }
}

func (r *reader) isWritten(name string) bool {
	if truth, ok := r.values[name].(types.Bool); ok {
		return truth.ValueBool()
	}
	_, ok := r.written.text(name).Known()
	return ok
}

func (r *reader) logIn(config *elasticsearch.Config) {
	variable := r.unlessWritten("api_key", "username", "password", "bearer_token")
	config.APIKey = r.secret("api_key", variable("ELASTICSEARCH_API_KEY"))
	config.Username = r.text("username", variable("ELASTICSEARCH_USERNAME"))
	config.Password = r.secret("password", variable("ELASTICSEARCH_PASSWORD"))
	config.BearerToken = r.secret("bearer_token", variable("ELASTICSEARCH_BEARER_TOKEN"))
}

func (r *reader) trust(config *elasticsearch.Config) {
	variable := r.unlessWritten("ca_file", "ca_data", "ca_fingerprint", "insecure")
	config.CAFile = r.text("ca_file", variable("ELASTICSEARCH_CA_FILE"))
	config.CAData = r.text("ca_data", variable("ELASTICSEARCH_CA_DATA"))
	config.CAFingerprint = r.text("ca_fingerprint", variable("ELASTICSEARCH_CA_FINGERPRINT"))
	config.Insecure = r.truth("insecure", variable("ELASTICSEARCH_INSECURE"))
}

// identify reads each half by itself: a certificate may be written, and its key
// be a secret of the environment.
func (r *reader) identify(config *elasticsearch.Config) {
	certificate, key := r.unlessWritten("cert_file", "cert_data"), r.unlessWritten("key_file", "key_data")
	config.CertFile = r.text("cert_file", certificate("ELASTICSEARCH_CERT_FILE"))
	config.CertData = r.text("cert_data", certificate("ELASTICSEARCH_CERT_DATA"))
	config.KeyFile = r.text("key_file", key("ELASTICSEARCH_KEY_FILE"))
	config.KeyData = r.secret("key_data", key("ELASTICSEARCH_KEY_DATA"))
}

func (r *reader) endpoints() []string {
	at := r.at.AtName("endpoints")
	setting := r.texts("endpoints")
	written, ok := setting.Known()
	switch {
	case ok:
		endpoints := make([]string, len(written))
		for i, endpoint := range written {
			endpoints[i] = endpoint.Or("")
			r.open[at.AtListIndex(i).String()] = endpoint.IsUnknown()
		}
		return endpoints
	case setting.IsUnknown() || r.environment == nil:
		r.open[at.String()] = true
		return nil
	}
	return r.endpointsOf(at, "ELASTICSEARCH_ENDPOINTS", "ELASTICSEARCH_URL")
}

// endpointsOf are those of the first variable that is set.
func (r *reader) endpointsOf(at path.Path, variables ...string) []string {
	var endpoints []string
	for _, variable := range variables {
		for endpoint := range strings.SplitSeq(r.variable(variable), ",") {
			if endpoint = strings.TrimSpace(endpoint); endpoint != "" {
				r.from[at.AtListIndex(len(endpoints)).String()] = variable
				endpoints = append(endpoints, endpoint)
			}
		}
		if r.variable(variable) != "" {
			break
		}
	}
	return endpoints
}

func (r *reader) headers() map[string]redact.Secret {
	headers := map[string]redact.Secret{}
	if written, ok := r.values["headers"].(types.Map); ok {
		for name, value := range written.Elements() {
			if text, ok := value.(types.String); ok && !text.IsNull() {
				headers[name] = redact.Secret(text.ValueString())
			}
		}
	}
	return headers
}
