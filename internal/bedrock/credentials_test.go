// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// signer returns the access key that signed a request, "bearer" for an API key.
func signer(r recorded) string {
	header := r.header.Get("Authorization")
	if strings.HasPrefix(header, "Bearer ") {
		return "bearer"
	}
	_, after, _ := strings.Cut(header, "Credential=")
	key, _, _ := strings.Cut(after, "/")
	return key
}

func TestPrecedenceOfCredentials(t *testing.T) {
	file := filepath.Join(t.TempDir(), "credentials")
	content := "[default]\naws_access_key_id = of-default\naws_secret_access_key = secret\n" +
		"[other]\naws_access_key_id = of-other\naws_secret_access_key = secret\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	ofConfig := Config{AccessKey: "of-config", SecretKey: "secret"}
	ofRun := inference.Keys{AccessKey: "of-run", SecretKey: "secret"}
	environment := map[string]string{"AWS_ACCESS_KEY_ID": "of-environment", "AWS_SECRET_ACCESS_KEY": "secret"}
	files := map[string]string{"AWS_SHARED_CREDENTIALS_FILE": file}
	bearer := map[string]string{"AWS_BEARER_TOKEN_BEDROCK": "api-key-of-bedrock"}

	for name, c := range map[string]struct {
		config      Config
		keys        inference.Keys
		environment []map[string]string
		want        string
	}{
		"run":                                {ofConfig, ofRun, []map[string]string{environment, files, bearer}, "of-run"},
		"configuration":                      {ofConfig, noKeys, []map[string]string{environment, files, bearer}, "of-config"},
		"environment":                        {Config{}, noKeys, []map[string]string{environment, files}, "of-environment"},
		"default profile":                    {Config{}, noKeys, []map[string]string{files}, "of-default"},
		"profile":                            {Config{Profile: "other"}, noKeys, []map[string]string{files}, "of-other"},
		"profile before bearer token":        {Config{Profile: "other"}, noKeys, []map[string]string{files, bearer}, "of-other"},
		"keys before profile":                {Config{Profile: "other", AccessKey: "of-config", SecretKey: "secret"}, noKeys, []map[string]string{files}, "of-config"},
		"bearer token without configuration": {Config{}, noKeys, []map[string]string{environment, files, bearer}, "bearer"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variables := range c.environment {
				for variable, value := range variables {
					t.Setenv(variable, value)
				}
			}
			server := newRecorder(t, answerPlainly)
			c.config.Endpoint = server.URL
			_, err := New(c.config).Run(t.Context(), titan(), c.keys, texts("a"))
			if c.want == "bearer" {
				// The SDK sends a bearer token over TLS only. Its error shows that
				// the token would be used.
				if !strings.Contains(fmt.Sprint(err), "bearer token with HTTP request requires HTTPS") {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := signer(server.requests()[0]); got != c.want {
				t.Errorf("signed by %s, want %s", got, c.want)
			}
		})
	}
}

func TestSessionToken(t *testing.T) {
	server := newRecorder(t, answerPlainly)
	config := Config{Endpoint: server.URL, AccessKey: "key", SecretKey: "secret", SessionToken: "token"}
	if _, err := New(config).Run(t.Context(), titan(), noKeys, texts("a")); err != nil {
		t.Fatal(err)
	}
	if _, err := New(config).Run(t.Context(), titan(), inference.Keys{AccessKey: "a", SecretKey: "b"}, texts("a")); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"token", ""} {
		if got := server.requests()[i].header.Get("X-Amz-Security-Token"); got != want {
			t.Errorf("request %d has token %q, want %q", i, got, want)
		}
	}
}

func TestMissingCredentials(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		keys   inference.Keys
		want   string
	}{
		"none anywhere":            {Config{}, noKeys, "No AWS credentials were found"},
		"half a pair":              {Config{AccessKey: "key"}, noKeys, "Only one of access_key and secret_key"},
		"half of a run's":          {Config{AccessKey: "key", SecretKey: "secret"}, inference.Keys{SecretKey: "secret"}, "Only one of access_key and secret_key"},
		"no such profile":          {Config{Profile: "nobody"}, noKeys, "nobody"},
		"role without credentials": {Config{AssumeRole: &AssumeRole{RoleARN: "arn:aws:iam::123456789012:role/r"}}, noKeys, "No AWS credentials were found"},
	} {
		t.Run(name, func(t *testing.T) {
			server := newRecorder(t, answerPlainly)
			c.config.Endpoint = server.URL
			_, err := New(c.config).Run(t.Context(), titan(), c.keys, texts("a"))
			var fault *Error
			if !errors.As(err, &fault) || !fault.Unauthenticated() || fault.Remedy == "" || !strings.Contains(fault.Error(), c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
			if sent := server.requests(); len(sent) != 0 {
				t.Errorf("sent %v", sent)
			}
		})
	}
}

// TestAfterMissingCredentials checks that a later run finds new credentials.
func TestAfterMissingCredentials(t *testing.T) {
	server := newRecorder(t, answerPlainly)
	runner := New(Config{Endpoint: server.URL, Profile: "late"})
	if _, err := runner.Run(t.Context(), titan(), noKeys, texts("a")); err == nil {
		t.Fatal("no error")
	}
	file := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(file, []byte("[late]\naws_access_key_id = key\naws_secret_access_key = secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	if _, err := runner.Run(t.Context(), titan(), noKeys, texts("a")); err != nil {
		t.Error(err)
	}
}

func TestAssumeRole(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		region := strings.Split(signer(recorded{header: r.Header})+" "+r.Header.Get("Authorization"), "/")[2]
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, strings.Join([]string{r.PostFormValue("Action"), r.PostFormValue("RoleArn"), r.PostFormValue("ExternalId"), r.PostFormValue("RoleSessionName"), region}, " "))
		w.Header().Set("Content-Type", "text/xml")
		_, _ = fmt.Fprint(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
			<AccessKeyId>of-role</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>role-token</SessionToken>
			<Expiration>2199-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
	}))
	t.Cleanup(sts.Close)
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	t.Setenv("AWS_BEARER_TOKEN_BEDROCK", "token")
	server := newRecorder(t, answerPlainly)
	role := AssumeRole{RoleARN: "arn:aws:iam::123456789012:role/r", ExternalID: "external", SessionName: "session"}
	config := Config{Endpoint: server.URL, Region: "eu-central-1", AccessKey: "of-config", SecretKey: "secret", AssumeRole: &role}
	runner := New(config)
	for _, keys := range []inference.Keys{noKeys, noKeys, {AccessKey: "of-run", SecretKey: "secret"}} {
		if _, err := runner.Run(t.Context(), titan(), keys, texts("a")); err != nil {
			t.Fatal(err)
		}
	}
	config.AssumeRole = &AssumeRole{RoleARN: role.RoleARN}
	if _, err := New(config).Run(t.Context(), titan(), noKeys, texts("a")); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	want := []string{
		"AssumeRole arn:aws:iam::123456789012:role/r external session eu-central-1",
		"AssumeRole arn:aws:iam::123456789012:role/r  terraform-provider-inference eu-central-1",
	}
	if !slices.Equal(asked, want) {
		t.Errorf("STS was asked %q, want %q", asked, want)
	}
	for i, want := range []string{"of-role", "of-role", "of-run"} {
		if got := signer(server.requests()[i]); got != want {
			t.Errorf("run %d was signed by %s, want %s", i, got, want)
		}
	}
}

func TestEndpointVariable(t *testing.T) {
	server := newRecorder(t, answerPlainly)
	t.Setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.URL)
	if _, err := New(Config{AccessKey: "key", SecretKey: "secret"}).Run(t.Context(), titan(), noKeys, texts("a")); err != nil {
		t.Fatal(err)
	}
	if len(server.requests()) != 1 {
		t.Error("the variable has no effect")
	}
}

func TestIgnoredEndpointVariables(t *testing.T) {
	for value, want := range map[string]string{
		"": "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "false": "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "true": "", "TRUE": "",
	} {
		t.Setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", value)
		if got := EndpointVariable(os.Getenv); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
	for _, variable := range []string{"AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
			t.Setenv(variable, "http://127.0.0.1:1")
			made, err := New(Config{AccessKey: "key", SecretKey: "secret"}).client(t.Context(), "us-east-1", noKeys)
			if err != nil || made.Options().BaseEndpoint != nil {
				t.Errorf("endpoint %v, error %v", made.Options().BaseEndpoint, err)
			}
		})
	}
}

// TestInvalidUnusedSettings checks that invalid values in the shared configuration
// file end a run only if their setting is used.
func TestInvalidUnusedSettings(t *testing.T) {
	const profile = "[default]\nregion = eu-west-1\n"
	credentials := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(credentials, []byte("[default]\naws_access_key_id = of-file\naws_secret_access_key = secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", credentials)
	for setting, want := range map[string]string{
		"retry_mode = legacy":                      "",
		"max_attempts = many":                      "",
		"defaults_mode=none":                       "",
		"request_checksum_calculation = maybe":     "",
		"disable_request_compression = 1":          "",
		"Retry_Mode = legacy\nmax_attempts = x":    "",
		"ec2_metadata_service_endpoint_mode = ipx": "ec2_metadata_service_endpoint_mode",
		"retry_mode = legacy\naws_secret_access_key = secret\naws_access_key_id = key": "retry_mode",
	} {
		t.Run(setting, func(t *testing.T) {
			temporary := t.TempDir()
			t.Setenv("TMPDIR", temporary)
			t.Setenv("TMP", temporary)
			file := filepath.Join(t.TempDir(), "config")
			if err := os.WriteFile(file, []byte(profile+setting+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("AWS_CONFIG_FILE", file)
			server := newRecorder(t, answerPlainly)
			_, err := New(Config{Endpoint: server.URL}).Run(t.Context(), titan(), noKeys, texts("a"))
			switch {
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("error %v, want %q", err, want)
			case want == "" && err != nil:
				t.Error(err)
			case want == "" && signer(server.requests()[0]) != "of-file":
				t.Errorf("signed by %s", signer(server.requests()[0]))
			}
			if left, _ := os.ReadDir(temporary); len(left) > 0 {
				t.Errorf("%s is left", left[0].Name())
			}
		})
	}
}

// TestProcessOutputIsNotRepeated checks that no message contains the malformed output
// of a credential_process, which may contain keys.
func TestProcessOutputIsNotRepeated(t *testing.T) {
	for _, output := range []string{"SecretAccessKey:pa55word", `{"SecretAccessKey":"pa55word"`, `{"Version":1,"SecretAccessKey":"pa55word"}`, "pa55word"} {
		directory := t.TempDir()
		file, printed := filepath.Join(directory, "config"), filepath.Join(directory, "output")
		if err := errors.Join(os.WriteFile(printed, []byte(output), 0o600), os.WriteFile(file, []byte("[default]\ncredential_process = cat "+printed+"\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
		t.Setenv("AWS_CONFIG_FILE", file)
		_, err := New(Config{Endpoint: "http://127.0.0.1:1"}).Run(t.Context(), titan(), noKeys, texts("a"))
		if err == nil || strings.Contains(err.Error(), "pa55word") || !strings.Contains(err.Error(), "process") {
			t.Errorf("%s: error %v", output, err)
		}
	}
}

// TestProxyRefuses connects through a proxy that refuses CONNECT.
func TestProxyRefuses(t *testing.T) {
	for status, says := range map[int]string{
		http.StatusProxyAuthRequired: "Write the user and the password of the proxy",
		http.StatusForbidden:         "Allow bedrock.invalid:443 in the rules of the proxy",
		http.StatusBadGateway:        "Allow bedrock.invalid:443 in the rules of the proxy",
	} {
		var asked atomic.Int64
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			w.WriteHeader(status)
		}))
		t.Cleanup(proxy.Close)
		address, err := url.Parse("http://user:pa55word@" + proxy.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		runner := New(Config{Endpoint: "https://bedrock.invalid", AccessKey: "key", SecretKey: "secret"})
		runner.proxy = http.ProxyURL(address)
		_, err = runner.Run(t.Context(), titan(), noKeys, texts("a"))
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), address.Host) || strings.Contains(err.Error(), "pa55word") || asked.Load() != 1 {
			t.Errorf("%d: asked %d times, error %v", status, asked.Load(), err)
		}
	}
}

func TestSimulatorIgnoresTheEnvironment(t *testing.T) {
	for variable, value := range map[string]string{
		"AWS_PROFILE": "nobody", "AWS_CA_BUNDLE": "no-such-file", "AWS_USE_FIPS_ENDPOINT": "true",
		"AWS_BEARER_TOKEN_BEDROCK": "token", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://127.0.0.1:1",
	} {
		t.Setenv(variable, value)
	}
	config := Config{
		Simulator: newSimulator(t), Endpoint: "http://127.0.0.1:1", Profile: "nobody",
		AssumeRole: &AssumeRole{RoleARN: "arn:aws:iam::123456789012:role/r"},
	}
	for _, keys := range []inference.Keys{noKeys, {AccessKey: "key", SecretKey: "secret"}} {
		if _, err := New(config).Run(t.Context(), titan(), keys, texts("a")); err != nil {
			t.Error(err)
		}
	}
}

func TestWrongKeys(t *testing.T) {
	simulator := newSimulator(t)
	for code, keys := range map[string]inference.Keys{
		"UnrecognizedClientException": {AccessKey: "UNKNOWNKEY", SecretKey: "secret"},
		"InvalidSignatureException":   {AccessKey: bedrocksim.AccessKey, SecretKey: "wrong-secret"},
	} {
		_, err := New(Config{Endpoint: simulator.URL()}).Run(t.Context(), titan(), keys, texts("a"))
		var fault *Error
		if !errors.As(err, &fault) || fault.Code != code || fault.Status != 403 || !fault.Unauthenticated() || fault.Remedy == "" {
			t.Errorf("error %v, want %s", err, code)
		}
	}
}

// TestSecretsOfOneAccessKey checks that the simulator accepts one access key with
// several secret keys, as during a rotation.
func TestSecretsOfOneAccessKey(t *testing.T) {
	runner := New(Config{Simulator: newSimulator(t)})
	for _, secret := range []redact.Secret{"before", "after", "before"} {
		if _, err := runner.Run(t.Context(), titan(), inference.Keys{AccessKey: "AKIASHARED", SecretKey: secret}, texts("a")); err != nil {
			t.Errorf("%s: %v", secret.Reveal(), err)
		}
	}
}
