// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// awsVariables choose credentials, endpoints and settings of AWS. Those that make
// the SDK call another service or a command are left out.
// The first ones contain secrets.
var awsVariables = []string{
	"AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", bearerVariable, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "HTTPS_PROXY",
	"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
	"AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
	"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_CA_BUNDLE", "AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS", "AWS_DEFAULTS_MODE",
	"AWS_SDK_UA_APP_ID",
}

const secretVariables = 6

// FuzzEnvironment prepares runs with any value of the environment variables of
// AWS, and sends nothing. No value may cause a panic, and no error may contain a
// secret.
func FuzzEnvironment(f *testing.F) {
	const secret = "Zq7NotInAnyMessage+/=9x"
	for i := range awsVariables {
		f.Add(uint8(i), uint8(i+1), "", false)
		f.Add(uint8(i), uint8(i+1), " \r\n", true)
		f.Add(uint8(i), uint8(i+4), "https://user:", true)
		f.Add(uint8(4), uint8(i), "es.example:9200/@", true)
		f.Add(uint8(i), uint8(i+2), "legacy\x1b[31m\u202e", true)
	}
	shared := filepath.Join(f.TempDir(), "config")
	if err := os.WriteFile(shared, []byte("[default]\nregion = eu-west-1\n[profile a]\nretry_mode = legacy\n"), 0o600); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, first, second uint8, value string, withSecret bool) {
		for _, name := range awsVariables {
			t.Setenv(name, "")
			_ = os.Unsetenv(name)
		}
		t.Setenv("AWS_CONFIG_FILE", shared)
		t.Setenv("AWS_SHARED_CREDENTIALS_FILE", shared+"-none")
		t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
		value = strings.ReplaceAll(value, "\x00", "") // no environment has it
		secretValue := value
		if withSecret {
			secretValue += secret
		}
		t.Setenv(awsVariables[int(first)%secretVariables], secretValue)
		t.Setenv(awsVariables[int(second)%len(awsVariables)], value)
		runner := New(Config{Endpoint: os.Getenv(EndpointVariable(os.Getenv)), MaxAttempts: 1})
		violations := runner.config.Validate()
		for _, violation := range violations {
			checkNoSecret(t, violation.Summary+" "+violation.Detail, secret)
		}
		if len(violations) > 0 {
			return
		}
		prepared, err := runner.prepare(t.Context(), titan(), noKeys, texts("a"))
		if err != nil {
			checkNoSecret(t, err.Error(), secret)
			return
		}
		prepared.end()
	})
}

// checkNoSecret checks that a message contains neither the secret nor characters
// that change how a terminal shows it.
func checkNoSecret(t *testing.T, message, secret string) {
	t.Helper()
	if strings.Contains(message, secret) {
		t.Errorf("the message contains a secret: %s", message)
	}
	if shown := redact.Printable(message); shown != message {
		t.Errorf("the message contains control characters: %q", message)
	}
}
