// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// providerConfig returns a provider configuration with one block and the given settings.
func providerConfig(name, setting string, value any, more ...object) object {
	settings := object{}
	if name == "elasticsearch" {
		settings["endpoints"] = []any{"https://es:9200"}
	}
	for _, other := range more {
		maps.Copy(settings, other)
	}
	settings[setting] = value
	return object{name: settings}
}

// invalidSettings returns a row for each of the values of one provider setting, which
// have the same error.
func invalidSettings(name, setting, message string, values ...any) []invalidConfig {
	rows := make([]invalidConfig, len(values))
	for i, value := range values {
		rows[i] = invalidConfig{fmt.Sprintf("%s.%s = %#v", name, setting, value), providerBlockType, providerConfig(name, setting, value), name + "." + setting, message}
	}
	return rows
}

// invalidProviders are invalid provider blocks.
func invalidProviders() []invalidConfig {
	rows := []invalidConfig{{"two targets", providerBlockType, object{"elasticsearch": object{}, "embedded": object{}}, "embedded", `Remove one`}}
	rows = append(rows, invalidSettings("embedded", "path", `names a directory or file "(~|~me|\$HOME)" in the working directory. Write`, "~/x.db", "~", "~me/x.db", "$HOME/x.db")...)
	rows = append(rows, invalidSettings("embedded", "path", `names a directory "(file|s3):" in the working directory. Write`, "file:///var/x.db", "s3://bucket/x.db")...)
	rows = append(rows, invalidSettings("bedrock", "endpoint", `not a number from 1 to 65535. Write`, "https://localhost:65536", "http://localhost:0")...)
	rows = append(rows, invalidSettings("elasticsearch", "max_retries", `whole number from 0 to 1000`, -1, 1001)...)
	rows = append(rows, invalidSettings("bedrock", "max_attempts", `whole number from 1 to 1000`, 0, -1, 1001)...)
	rows = append(rows, invalidSettings("bedrock", "max_concurrency", `whole number from 1 to 1000`, 0, -1, 1001)...)
	rows = append(rows, invalidSettings("bedrock", "max_concurrency", `whole number from 1 to 1000\.$`, 1.5, bigNumber("1e30"), -0.5)...)
	rows = append(rows, invalidSettings("bedrock", "max_attempts", `whole number from 1 to 1000\.$`, 2.5)...)
	rows = append(rows, invalidSettings("elasticsearch", "max_retries", `whole number from 0 to 1000\.$`, 0.1)...)
	rows = append(rows, invalidSettings("bedrock", "region", `form of an AWS region. Write`, "", "nowhere", "US-EAST-1")...)
	rows = append(rows, invalidSettings("bedrock", "region", `not offered in .* Write`, "cn-north-1")...)
	for _, pair := range [][2]string{{"access_key", "secret_key"}, {"secret_key", "access_key"}} {
		rows = append(rows,
			invalidConfig{"bedrock." + pair[0] + " alone", providerBlockType, providerConfig("bedrock", pair[0], "x"), "bedrock." + pair[1], `write both, or neither`},
			invalidConfig{"bedrock." + pair[0] + " empty", providerBlockType, providerConfig("bedrock", pair[0], "", object{pair[1]: "x"}), "bedrock." + pair[0], `empty string. Write the key`},
		)
	}
	for _, name := range []string{"profile", "session_token", "endpoint"} {
		rows = append(rows, invalidSettings("bedrock", name, `is an empty string. Write a value, or leave it out`, "")...)
	}
	role := func(setting string, value any) object {
		return object{"bedrock": object{"assume_role": object{"role_arn": "arn:aws:iam::123456789012:role/x", setting: value}}}
	}
	for _, name := range []string{"role_arn", "external_id", "session_name"} {
		rows = append(rows, invalidConfig{"empty " + name, providerBlockType, role(name, ""), "bedrock.assume_role." + name, `is an empty string. Write`})
	}
	rows = append(rows, invalidConfig{"role without ARN", providerBlockType, role("role_arn", nil), "bedrock.assume_role.role_arn", `Must set`})
	rows = append(rows, invalidBedrockSettings(role)...)
	for _, name := range []string{"request_timeout", "throttle_timeout"} {
		rows = append(rows, invalidSettings("bedrock", name, `number above 0 with its unit`, "", "5", "-1s", "0s", "soon")...)
	}
	rows = append(rows, invalidSettings("embedded", "path", `is an empty string. Write`, "")...)
	return slices.Concat(rows, invalidAddresses(), invalidCredentials(), invalidTLSSettings())
}

// invalidBedrockSettings are invalid addresses of and credentials for Bedrock.
func invalidBedrockSettings(role func(setting string, value any) object) []invalidConfig {
	rows := slices.Concat(
		invalidSettings("bedrock", "endpoint", `begin with http:// or https://. Write`, "localhost:8080", "bedrock", "ftp://bedrock"),
		invalidSettings("bedrock", "endpoint", `names no host. Write`, "https://", "http:///path"),
		invalidSettings("bedrock", "endpoint", `cannot be read as a URL. Write`, "https://bedrock:port"),
		invalidSettings("bedrock", "session_token", `Write the two keys`, "t"),
	)
	for _, arn := range []string{"r", "arn:aws:iam::123456789012:user/u", "arn:aws:iam::12345:role/r", "arn:aws:sts::123456789012:assumed-role/r/s", "arn:aws:iam::123456789012:role/"} {
		rows = append(rows, invalidConfig{"role " + arn, providerBlockType, role("role_arn", arn), "bedrock.assume_role.role_arn", `arn:PARTITION:iam::ACCOUNT:role/NAME`})
	}
	return rows
}

// invalidAddresses are invalid addresses and timeouts of Elasticsearch.
func invalidAddresses() []invalidConfig {
	rows := []invalidConfig{{"no endpoints", providerBlockType, providerConfig("elasticsearch", "endpoints", []any{}), "elasticsearch.endpoints", `Write for example endpoints = `}}
	for endpoint, message := range map[string]string{
		"":                     `begin with http:// or https://`,
		"es:9200":              `begin with http:// or https://`,
		"ftp://es":             `begin with http:// or https://`,
		"https://":             `names no host`,
		"https://es:port":      `cannot be read as a URL`,
		"https://u:p@es:9200":  `Move them to username and password`,
		"https://es:9200?a=b":  `Remove what follows the path`,
		"https://es:9200#here": `Remove what follows the path`,
	} {
		rows = append(rows,
			invalidConfig{"endpoint " + endpoint, providerBlockType, providerConfig("elasticsearch", "endpoints", []any{endpoint}), "elasticsearch.endpoints[0]", message},
			invalidConfig{"second endpoint " + endpoint, providerBlockType, providerConfig("elasticsearch", "endpoints", []any{"https://es", endpoint}), "elasticsearch.endpoints[1]", message},
		)
	}
	rows = append(rows, invalidSettings("elasticsearch", "version", `is not a version of Elasticsearch. Write`, "x", "9.x", "9.1.0.0", "latest")...)
	for _, name := range []string{"retry_wait_min", "retry_wait_max", "request_timeout"} {
		rows = append(rows, invalidSettings("elasticsearch", name, `number above 0 with its unit`, "", "5", "-1s", "0s", "soon")...)
	}
	return append(rows, invalidConfig{
		"retry_wait_min above retry_wait_max", providerBlockType, providerConfig("elasticsearch", "retry_wait_min", "2s", object{"retry_wait_max": "1s"}),
		"elasticsearch.retry_wait_min", `does not exceed retry_wait_max`,
	})
}

// invalidCredentials are invalid credentials for Elasticsearch.
func invalidCredentials() []invalidConfig {
	basic := object{"username": "u", "password": "p"}
	rows := []invalidConfig{
		{"API key with basic", providerBlockType, providerConfig("elasticsearch", "api_key", "id:k", basic), "elasticsearch.api_key", `Keep one`},
		{"API key with bearer", providerBlockType, providerConfig("elasticsearch", "api_key", "id:k", object{"bearer_token": "t"}), "elasticsearch.api_key", `Keep one`},
		{"bearer with basic", providerBlockType, providerConfig("elasticsearch", "bearer_token", "t", basic), "elasticsearch.bearer_token", `Keep one`},
		{"user without password", providerBlockType, providerConfig("elasticsearch", "username", "u"), "elasticsearch.password", `Write both or neither`},
		{"password without user", providerBlockType, providerConfig("elasticsearch", "password", "p"), "elasticsearch.username", `Write both or neither`},
		{"line break in the password", providerBlockType, providerConfig("elasticsearch", "password", "p\n", object{"username": "u"}), "elasticsearch.password", `Write trimspace`},
		{"invalid name of a header", providerBlockType, providerConfig("elasticsearch", "headers", map[string]any{"a b": "c"}), "elasticsearch.headers", `cannot be the name of a header`},
		{"line break in a header", providerBlockType, providerConfig("elasticsearch", "headers", map[string]any{"a": "b\nc"}), "elasticsearch.headers", `contains a line break`},
		{"Authorization twice", providerBlockType, providerConfig("elasticsearch", "headers", map[string]any{"authorization": "Basic x"}, object{"api_key": "id:k"}), "elasticsearch.headers", `Keep one`},
	}
	for _, name := range []string{"api_key", "bearer_token"} {
		rows = append(rows, invalidSettings("elasticsearch", name, `Write trimspace`, "k\n", "k\x00")...)
	}
	for _, name := range []string{"api_key", "bearer_token", "ca_file", "ca_data", "ca_fingerprint", "cert_file", "cert_data", "key_file", "key_data", "version"} {
		rows = append(rows, invalidSettings("elasticsearch", name, `is an empty string. Write a value, or leave it out`, "")...)
	}
	return rows
}

// invalidTLSSettings are invalid TLS settings of Elasticsearch.
func invalidTLSSettings() []invalidConfig {
	const missing = "no-such-file.pem"
	rows := slices.Concat(
		invalidSettings("elasticsearch", "ca_file", `cannot be read`, missing),
		invalidSettings("elasticsearch", "ca_data", `begins with -----BEGIN CERTIFICATE-----`, "not PEM"),
		invalidSettings("elasticsearch", "ca_fingerprint", `64 hexadecimal digits`, "abc", "zz", "00:11"),
	)
	settings := []string{"ca_file", "ca_data", "ca_fingerprint"}
	for i, first := range settings {
		rows = append(rows, invalidConfig{first + " with insecure", providerBlockType, providerConfig("elasticsearch", first, "x", object{"insecure": true}), "elasticsearch.insecure", `Keep one of`})
		for _, second := range settings[i+1:] {
			rows = append(rows, invalidConfig{first + " with " + second, providerBlockType, providerConfig("elasticsearch", first, "x", object{second: "x"}), "elasticsearch." + second, `Keep one of`})
		}
	}
	for _, half := range [][2]string{{"cert_data", "private key"}, {"key_data", "certificate"}} {
		rows = append(rows, invalidConfig{half[0] + " alone", providerBlockType, providerConfig("elasticsearch", half[0], "x"), "elasticsearch." + half[0], `Write the ` + half[1] + ` as well`})
	}
	return append(rows,
		invalidConfig{"certificate twice", providerBlockType, providerConfig("elasticsearch", "cert_data", "x", object{"cert_file": "y", "key_data": "z"}), "elasticsearch.cert_data", `Keep one`},
		invalidConfig{"key twice", providerBlockType, providerConfig("elasticsearch", "key_data", "x", object{"key_file": "y", "cert_data": "z"}), "elasticsearch.key_data", `Keep one`},
		invalidConfig{"missing certificate file", providerBlockType, providerConfig("elasticsearch", "cert_file", missing, object{"key_data": "z"}), "elasticsearch.cert_file", `cannot be read`},
		invalidConfig{"missing key file", providerBlockType, providerConfig("elasticsearch", "key_file", missing, object{"cert_data": "z"}), "elasticsearch.key_file", `cannot be read`},
		invalidConfig{"certificate and key of different pairs", providerBlockType, providerConfig("elasticsearch", "cert_data", "x", object{"key_data": "z"}), "elasticsearch.cert_data", `do not make a pair`},
	)
}

// TestValidationWithoutEnvironment checks that validation reports every error that
// depends neither on the environment nor on files.
func TestValidationWithoutEnvironment(t *testing.T) {
	t.Parallel()
	var accepted []string
	for _, row := range invalidProviders() {
		found := newProtocol(t).validate(t, providerBlock, "", row.config)
		if len(found) == 0 {
			accepted = append(accepted, row.name)
			continue
		}
		checkSingleError(t, row.name, found, row.path, row.message)
	}
	slices.Sort(accepted)
	want := []string{
		"cert_data alone", `elasticsearch.ca_file = "no-such-file.pem"`, "key_data alone", "missing certificate file", "missing key file",
	}
	if !slices.Equal(accepted, want) {
		t.Errorf("validation accepts %q, want %q", accepted, want)
	}
}

// TestProviderErrorsReportedTogether checks that all errors of a provider block are
// reported at once, also if some values are unknown.
func TestProviderErrorsReportedTogether(t *testing.T) {
	t.Setenv("ELASTICSEARCH_VERSION", "latest") // must not be read during validation
	config := object{
		"elasticsearch": object{
			"endpoints": []any{"es:9200", unknown}, "api_key": "k\n", "username": "u", "password": unknown, "ca_data": "x", "cert_file": unknown, "key_data": "k",
			"headers": map[string]any{"a b": "c"}, "max_retries": -1, "request_timeout": "5", "retry_wait_min": "2s", "retry_wait_max": "1s",
		},
		"embedded": object{"path": ""},
		"bedrock": object{
			"region": "", "access_key": "", "secret_key": unknown, "session_token": "t", "endpoint": "bedrock", "assume_role": object{"role_arn": "r"}, "max_attempts": 0,
		},
	}
	want := []string{
		"embedded", "bedrock.access_key", "bedrock.region", "bedrock.max_attempts", "bedrock.endpoint", "bedrock.assume_role.role_arn",
		"elasticsearch.max_retries", "elasticsearch.request_timeout", "elasticsearch.endpoints[0]", "elasticsearch.api_key", "elasticsearch.api_key",
		"elasticsearch.ca_data", "elasticsearch.headers", "elasticsearch.retry_wait_min", "embedded.path",
	}
	found := newProtocol(t).validate(t, providerBlock, "", config)
	var at []string
	for _, fault := range found {
		at = append(at, dotted(fault.Attribute))
	}
	slices.Sort(at)
	slices.Sort(want)
	if !slices.Equal(at, want) {
		t.Errorf("got %s, want errors at %q", diagnosticsText(found), want)
	}
}

// TestIncompleteSettingsWithUnknown checks that a setting is not reported as incomplete while the
// setting that completes it is unknown.
func TestIncompleteSettingsWithUnknown(t *testing.T) {
	t.Parallel()
	for _, half := range []struct{ block, known, unknown string }{
		{"elasticsearch", "username", "password"},
		{"elasticsearch", "password", "username"},
		{"elasticsearch", "cert_data", "key_data"},
		{"elasticsearch", "cert_data", "key_file"},
		{"elasticsearch", "key_data", "cert_data"},
		{"elasticsearch", "key_data", "cert_file"},
		{"elasticsearch", "api_key", "password"},
		{"elasticsearch", "ca_file", "ca_data"},
		{"bedrock", "access_key", "secret_key"},
		{"bedrock", "secret_key", "access_key"},
		{"bedrock", "session_token", "access_key"},
		{"bedrock", "session_token", "secret_key"},
	} {
		config := providerConfig(half.block, half.known, "x:y", object{half.unknown: unknown})
		if found := validateProvider(t, config); len(found) > 0 {
			t.Errorf("%s with %s unknown: %s", half.known, half.unknown, diagnosticsText(found))
		}
	}
}

// TestProviderWarningsHaveNoPath checks that warnings of the provider block have no
// path, because OpenTofu 1.12 crashes during the clean-up of "tofu test" if one has.
func TestProviderWarningsHaveNoPath(t *testing.T) {
	t.Parallel()
	found := validateProvider(t, object{
		"elasticsearch": object{"endpoints": []any{"http://es.example.com:9200"}, "api_key": "id:key"},
		"bedrock":       object{"simulate": true},
	})
	if len(found) != 1 {
		t.Errorf("got %s, want one warning about the unencrypted connection", diagnosticsText(found))
	}
	for _, warning := range found {
		if warning.Severity != tfprotov6.DiagnosticSeverityWarning || warning.Attribute != nil {
			t.Errorf("got %s %q at %q, want a warning without path", warning.Severity, warning.Summary, dotted(warning.Attribute))
		}
	}
}

// TestSingleRetryWait checks that one of the two waits can be set alone: the default
// of the other one is adjusted.
func TestSingleRetryWait(t *testing.T) {
	t.Parallel()
	for _, wait := range [][2]string{{"retry_wait_max", "100ms"}, {"retry_wait_min", "2m"}} {
		if found := validateProvider(t, providerConfig("elasticsearch", wait[0], wait[1])); len(found) > 0 {
			t.Errorf("%s = %q: %s", wait[0], wait[1], diagnosticsText(found))
		}
	}
}

// TestEnvironmentErrors checks that an error about a value of the environment
// names the variable, because the configuration does not have the attribute.
func TestEnvironmentErrors(t *testing.T) {
	const from = "comes from the environment variable "
	for _, row := range []struct{ variable, value, at, message string }{
		{"ELASTICSEARCH_VERSION", "latest", "elasticsearch.version", from + "ELASTICSEARCH_VERSION"},
		{"ELASTICSEARCH_ENDPOINTS", "https://es, es:9200", "elasticsearch.endpoints[1]", from + "ELASTICSEARCH_ENDPOINTS"},
		{"ELASTICSEARCH_URL", "es:9200", "elasticsearch.endpoints[0]", from + "ELASTICSEARCH_URL"},
		{"ELASTICSEARCH_INSECURE", "maybe", "elasticsearch.insecure", `ELASTICSEARCH_INSECURE is "maybe"`},
		{"INFERENCE_PREFLIGHT", "maybe", "preflight", `INFERENCE_PREFLIGHT is "maybe"`},
		{"ELASTICSEARCH_CA_DATA", "x", "elasticsearch.ca_data", from + "ELASTICSEARCH_CA_DATA"},
		{"ELASTICSEARCH_PASSWORD", "p", "elasticsearch.username", "Write both or neither"},
		{"INFERENCE_EMBEDDED_PATH", "~/x.db", "embedded.path", from + "INFERENCE_EMBEDDED_PATH"},
	} {
		t.Run(row.variable, func(t *testing.T) {
			t.Setenv(row.variable, row.value)
			config := object{"elasticsearch": object{"endpoints": []any{"https://es:9200"}}}
			if strings.HasPrefix(row.at, "elasticsearch.endpoints") {
				config = object{"elasticsearch": object{}}
			}
			if row.at == "embedded.path" {
				config = object{"embedded": object{}}
			}
			if found := newProtocol(t).validate(t, providerBlock, "", config); len(found) > 0 {
				t.Errorf("validation reads the environment: %s", diagnosticsText(found))
			}
			found := errorsOf(validateProvider(t, config))
			checkSingleError(t, row.variable, found, row.at, row.message)
			if text := diagnosticsText(found); strings.Count(text, from) > 1 {
				t.Errorf("the error names the variable more than once: %s", text)
			}
		})
	}
}

// TestConfigurationTakesPrecedence checks that a setting disables the environment
// variables of the settings that it excludes.
func TestConfigurationTakesPrecedence(t *testing.T) {
	for _, row := range []struct {
		name     string
		value    any
		variable string
	}{
		{"ca_fingerprint", strings.Repeat("ab", 32), "ELASTICSEARCH_CA_FILE"},
		{"ca_fingerprint", strings.Repeat("ab", 32), "ELASTICSEARCH_INSECURE"},
		{"insecure", true, "ELASTICSEARCH_CA_FINGERPRINT"},
		{"api_key", "id:key", "ELASTICSEARCH_PASSWORD"},
	} {
		t.Run(row.name+" "+row.variable, func(t *testing.T) {
			t.Setenv(row.variable, "true")
			if found := errorsOf(validateProvider(t, providerConfig("elasticsearch", row.name, row.value))); len(found) > 0 {
				t.Errorf("%s is read although %s is set: %s", row.variable, row.name, diagnosticsText(found))
			}
		})
	}
	t.Run("insecure = false excludes nothing", func(t *testing.T) {
		t.Setenv("ELASTICSEARCH_CA_FILE", "no-such-file.pem")
		checkSingleError(t, "ca_file", errorsOf(validateProvider(t, providerConfig("elasticsearch", "insecure", false))), "elasticsearch.ca_file", "no-such-file.pem")
	})
	t.Run("each half of a client certificate", func(t *testing.T) {
		t.Setenv("ELASTICSEARCH_CERT_FILE", "no-such-file.pem")
		t.Setenv("ELASTICSEARCH_KEY_FILE", "no-such-key.pem")
		checkSingleError(t, "cert_data", errorsOf(validateProvider(t, providerConfig("elasticsearch", "cert_data", "x"))), "elasticsearch.key_file", "no-such-key.pem")
	})
}
