package provider

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/target"
)

type providerModel struct {
	Elasticsearch types.Object `tfsdk:"elasticsearch"`
	Embedded      types.Object `tfsdk:"embedded"`
	Bedrock       types.Object `tfsdk:"bedrock"`
}

// validate checks what needs neither the environment nor other settings.
func (m providerModel) validate() diag.Diagnostics {
	var diags diag.Diagnostics
	if isSet(m.Elasticsearch) && isSet(m.Embedded) {
		diags.AddAttributeError(path.Root("embedded"), "Two targets",
			"elasticsearch and embedded are both set, and endpoints live on one target. Keep one; for two targets, write two provider blocks with an alias.")
	}
	for _, number := range []struct {
		block types.Object
		at    path.Path
		name  string
		least int64
	}{
		{m.Elasticsearch, path.Root("elasticsearch"), "max_retries", 0},
		{m.Bedrock, path.Root("bedrock"), "max_attempts", 1},
		{m.Bedrock, path.Root("bedrock"), "max_concurrency", 1},
	} {
		if value, ok := (written{number.block}).whole(number.name).Known(); ok && (value < number.least || value > 1000) {
			diags.AddAttributeError(number.at.AtName(number.name), "Out of range",
				fmt.Sprintf("%s is %d. Write a whole number from %d to 1000.", number.name, value, number.least))
		}
	}
	faults := inference.Config{ServiceSettings: bedrockKeys(m.Bedrock)}.Validate()
	for i, fault := range faults {
		faults[i].Path = "bedrock." + inference.Path(fault.Path.Name())
	}
	diags.Append(violationDiagnostics(faults)...)
	return diags
}

func bedrockKeys(block types.Object) inference.ServiceConfig {
	w := written{block}
	return inference.ServiceConfig{AccessKey: w.secret("access_key"), SecretKey: w.secret("secret_key"), Region: w.text("region")}
}

// configure makes the target and the runner; without a target where a setting
// that it needs is not known yet.
func (m providerModel) configure(version string) (*providerData, diag.Diagnostics) {
	diags := m.validate()
	if anyUnknown(m.Elasticsearch) || anyUnknown(m.Embedded) || anyUnknown(m.Bedrock) || diags.HasError() {
		return &providerData{}, diags
	}
	data := &providerData{}
	s := &reader{block: written{m.Bedrock}, at: path.Root("bedrock")}
	runs := s.bedrock()
	s.judge(runs.Validate())
	data.runner = bedrock.New(runs)
	diags.Append(s.diags...)

	if m.onElasticsearch() {
		s = &reader{block: written{m.Elasticsearch}, at: path.Root("elasticsearch")}
		config := s.elasticsearch(version)
		s.judge(config.Validate())
		diags.Append(s.diags...)
		if diags.HasError() {
			return data, diags
		}
		client, err := elasticsearch.New(config)
		if err != nil {
			diags.Append(errorDiagnostics("Configuring Elasticsearch", err)...)
			return data, diags
		}
		data.target = client
		return data, diags
	}
	s = &reader{block: written{m.Embedded}, at: path.Root("embedded")}
	file := s.text("path", embedded.VariablePath)
	diags.Append(s.diags...)
	if file == "" {
		file = embedded.DefaultPath
	}
	passphrase, err := embedded.Passphrase()
	if err != nil {
		diags.Append(errorDiagnostics("Configuring the embedded target", err)...)
		return data, diags
	}
	data.target = target.Target(embedded.New(file, data.runner, embedded.Sealed(passphrase)))
	return data, diags
}

func (m providerModel) onElasticsearch() bool {
	if isSet(m.Elasticsearch) || isSet(m.Embedded) {
		return isSet(m.Elasticsearch)
	}
	return os.Getenv("ELASTICSEARCH_ENDPOINTS") != "" || os.Getenv("ELASTICSEARCH_URL") != ""
}

func isSet(block types.Object) bool { return !block.IsNull() && !block.IsUnknown() }

func anyUnknown(value attr.Value) bool {
	if value.IsUnknown() {
		return true
	}
	switch value := value.(type) {
	case types.Object:
		for _, inner := range value.Attributes() {
			if anyUnknown(inner) {
				return true
			}
		}
	case types.List:
		for _, inner := range value.Elements() {
			if anyUnknown(inner) {
				return true
			}
		}
	case types.Map:
		for _, inner := range value.Elements() {
			if anyUnknown(inner) {
				return true
			}
		}
	}
	return false
}

// reader reads one block of known settings, the configuration before the
// environment, and collects what cannot be read.
type reader struct {
	block written
	at    path.Path
	diags diag.Diagnostics
	// from are the environment variables that settings were read from, by the
	// settings' paths.
	from map[string]string
}

// judge adds the faults that a rule found. They name the variable where a value
// is not in the configuration that they point at.
func (r *reader) judge(found inference.Violations) {
	for i, fault := range found {
		if variable, ok := r.from[attributePath(fault.Path).String()]; ok {
			found[i].Detail += fmt.Sprintf(" %s comes from the environment variable %s.", fault.Path.Name(), variable)
		}
	}
	r.diags.Append(violationDiagnostics(found)...)
}

func (r *reader) environment(name, variable string) string {
	value := os.Getenv(variable)
	if value != "" {
		if r.from == nil {
			r.from = map[string]string{}
		}
		r.from[r.at.AtName(name).String()] = variable
	}
	return value
}

func (r *reader) text(name, variable string) string {
	if value, ok := r.block.text(name).Known(); ok {
		if value == "" {
			r.diags.AddAttributeError(r.at.AtName(name), "Empty setting", fmt.Sprintf("%s is an empty string. Write a value, or leave it out.", name))
		}
		return value
	}
	if variable == "" {
		return ""
	}
	return r.environment(name, variable)
}

func (r *reader) secret(name, variable string) inference.Secret {
	return inference.Secret(r.text(name, variable))
}

func (r *reader) truth(name, variable string) bool {
	if value, ok := r.block.attribute(name).(types.Bool); ok && !value.IsNull() {
		return value.ValueBool()
	}
	text := os.Getenv(variable)
	value, err := strconv.ParseBool(text)
	if err != nil && text != "" {
		r.diags.AddAttributeError(r.at.AtName(name), "Environment variable cannot be read",
			fmt.Sprintf("%s is %q. Write true or false, or unset it.", variable, text))
	}
	return value
}

// duration is 0 where none is written: who waits knows the default that fits.
func (r *reader) duration(name string) time.Duration {
	written, ok := r.block.text(name).Known()
	if !ok {
		return 0
	}
	value, err := time.ParseDuration(written)
	if err != nil || value <= 0 {
		r.diags.AddAttributeError(r.at.AtName(name), "Not a duration",
			fmt.Sprintf("%s is %q. Write a number above 0 with its unit, such as \"500ms\", \"30s\" or \"2m\".", name, written))
		return 0 // what is refused once is not looked at again
	}
	return value
}

func (r *reader) bedrock() bedrock.Config {
	config := bedrock.Config{
		Region:         r.text("region", "AWS_REGION"),
		Profile:        r.text("profile", ""),
		AccessKey:      r.secret("access_key", ""),
		SecretKey:      r.secret("secret_key", ""),
		SessionToken:   r.secret("session_token", ""),
		Endpoint:       r.text("endpoint", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
		MaxAttempts:    int(r.block.whole("max_attempts").Or(3)),
		MaxConcurrency: int(r.block.whole("max_concurrency").Or(8)),
		RequestTimeout: r.duration("request_timeout"),
	}
	if role := r.block.within("assume_role"); isSet(role.object) {
		inner := &reader{block: role, at: r.at.AtName("assume_role")}
		config.AssumeRole = &bedrock.AssumeRole{
			RoleARN:     inner.text("role_arn", ""),
			ExternalID:  inner.text("external_id", ""),
			SessionName: inner.text("session_name", ""),
		}
		r.diags.Append(inner.diags...)
	}
	if r.truth("simulate", "INFERENCE_BEDROCK_SIMULATE") {
		config.Simulator = bedrocksim.New()
		r.diags.AddWarning("Amazon Bedrock is simulated",
			"Answers come from a simulator in this process: embeddings that follow shared words, and texts that are no model's. The provider sends nothing to AWS.")
	}
	return config
}

func (r *reader) elasticsearch(version string) elasticsearch.Config {
	config := elasticsearch.Config{
		Endpoints:      r.endpoints(),
		CAFile:         r.text("ca_file", "ELASTICSEARCH_CA_FILE"),
		CAData:         r.text("ca_data", "ELASTICSEARCH_CA_DATA"),
		CAFingerprint:  r.text("ca_fingerprint", "ELASTICSEARCH_CA_FINGERPRINT"),
		CertFile:       r.text("cert_file", "ELASTICSEARCH_CERT_FILE"),
		CertData:       r.text("cert_data", "ELASTICSEARCH_CERT_DATA"),
		KeyFile:        r.text("key_file", "ELASTICSEARCH_KEY_FILE"),
		KeyData:        r.secret("key_data", "ELASTICSEARCH_KEY_DATA"),
		Insecure:       r.truth("insecure", "ELASTICSEARCH_INSECURE"),
		Version:        r.text("version", "ELASTICSEARCH_VERSION"),
		MaxRetries:     int(r.block.whole("max_retries").Or(4)),
		RetryWaitMin:   r.duration("retry_wait_min"),
		RetryWaitMax:   r.duration("retry_wait_max"),
		RequestTimeout: r.duration("request_timeout"),
		UserAgent:      "terraform-provider-inference/" + version,
		Headers:        r.headers(),
	}
	r.logIn(&config)
	return config
}

// logIn takes the ways to log in from the configuration, and only where it has
// none from the environment: a key in one must not meet a password in the other.
func (r *reader) logIn(config *elasticsearch.Config) {
	variable := func(name string) string { return name }
	for _, name := range []string{"api_key", "username", "password", "bearer_token"} {
		if _, ok := r.block.text(name).Known(); ok {
			variable = func(string) string { return "" }
		}
	}
	config.APIKey = r.secret("api_key", variable("ELASTICSEARCH_API_KEY"))
	config.Username = r.text("username", variable("ELASTICSEARCH_USERNAME"))
	config.Password = r.secret("password", variable("ELASTICSEARCH_PASSWORD"))
	config.BearerToken = r.secret("bearer_token", variable("ELASTICSEARCH_BEARER_TOKEN"))
}

func (r *reader) endpoints() []string {
	var endpoints []string
	if written, ok := r.block.texts("endpoints").Known(); ok {
		for _, endpoint := range written {
			endpoints = append(endpoints, endpoint.Or(""))
		}
		return endpoints
	}
	list := os.Getenv("ELASTICSEARCH_ENDPOINTS")
	if list == "" {
		list = os.Getenv("ELASTICSEARCH_URL")
	}
	for endpoint := range strings.SplitSeq(list, ",") {
		if endpoint = strings.TrimSpace(endpoint); endpoint != "" {
			endpoints = append(endpoints, endpoint)
		}
	}
	return endpoints
}

func (r *reader) headers() map[string]inference.Secret {
	headers := map[string]inference.Secret{}
	if written, ok := r.block.attribute("headers").(types.Map); ok {
		for name, value := range written.Elements() {
			if text, ok := value.(types.String); ok {
				headers[name] = inference.Secret(text.ValueString())
			}
		}
	}
	return headers
}
