// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// targetVariables choose the target and the way to it. The first ones contain
// secrets.
var targetVariables = []string{
	"ELASTICSEARCH_PASSWORD", "ELASTICSEARCH_API_KEY", "ELASTICSEARCH_BEARER_TOKEN", "ELASTICSEARCH_KEY_DATA", "ELASTICSEARCH_URL",
	"ELASTICSEARCH_ENDPOINTS", "INFERENCE_EMBEDDED_PASSPHRASE", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
	"ELASTICSEARCH_CLOUD_ID", "ELASTICSEARCH_USERNAME", "ELASTICSEARCH_CA_DATA", "ELASTICSEARCH_CA_FILE", "ELASTICSEARCH_CA_FINGERPRINT",
	"ELASTICSEARCH_CERT_DATA", "ELASTICSEARCH_CERT_FILE", "ELASTICSEARCH_KEY_FILE", "ELASTICSEARCH_INSECURE", "ELASTICSEARCH_VERSION",
	"INFERENCE_EMBEDDED_PATH", "INFERENCE_EMBEDDED_PASSPHRASE_FILE", "INFERENCE_BEDROCK_SIMULATE", "INFERENCE_PREFLIGHT", "AWS_REGION",
}

const secretVariables = 8

// FuzzEnvironment configures the provider with any value of three environment
// variables. No value may cause a panic, and no message may contain a secret or
// change how a terminal shows it.
func FuzzEnvironment(f *testing.F) {
	const secret = "Zq7NotInAnyMessage+/=9x"
	for i := range targetVariables {
		f.Add(uint8(i), uint8(i+1), uint8(5), "", "https://es:9200", false)
		f.Add(uint8(i), uint8(i+4), uint8(4), "https://user:", "http://[::1", true)
		f.Add(uint8(4), uint8(i), uint8(i+2), "es.example:9200/@", "true", true)
		f.Add(uint8(i), uint8(i+3), uint8(8), "a\r\n\x1b[31m\u202e", "name:", true)
		f.Add(uint8(i), uint8(18), uint8(i), "id:", "~/x.db", true)
	}
	provider := newProtocol(f)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, first, second, third uint8, secretPart, value string, withSecret bool) {
		t.Chdir(dir)
		for _, name := range targetVariables {
			t.Setenv(name, "")
			_ = os.Unsetenv(name)
		}
		clean := func(text string) string { return strings.ReplaceAll(text, "\x00", "") } // no environment has it
		if secretPart = clean(secretPart); withSecret {
			secretPart += secret
		}
		t.Setenv(targetVariables[int(second)%len(targetVariables)], clean(value))
		t.Setenv(targetVariables[int(third)%len(targetVariables)], clean(value))
		t.Setenv(targetVariables[int(first)%secretVariables], secretPart)
		for _, config := range []object{{}, {"elasticsearch": object{}}, {"embedded": object{}}} {
			for _, found := range provider.configureWith(t, config) {
				text := found.Summary + ": " + found.Detail
				if strings.Contains(text, secret) {
					t.Errorf("%v: the message contains a secret: %s", config, text)
				}
				if redact.Printable(text) != text {
					t.Errorf("%v: the message contains control characters: %q", config, text)
				}
			}
		}
		if files, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(files) > 0 {
			t.Errorf("configuring the provider wrote %v, %v", files, err)
		}
	})
}
