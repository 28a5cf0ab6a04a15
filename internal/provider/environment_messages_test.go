// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestEnvironmentMessages checks what is said about environment variables that
// contradict or complete each other, or have no effect.
func TestEnvironmentMessages(t *testing.T) {
	for name, test := range map[string]struct {
		environment map[string]string
		config      object
		want        []string // empty for no diagnostic
	}{
		"no user": {
			map[string]string{"ELASTICSEARCH_URL": "https://es:9200", "ELASTICSEARCH_PASSWORD": "p"},
			object{},
			[]string{"User is missing", "ELASTICSEARCH_PASSWORD is set, and ELASTICSEARCH_USERNAME is not"},
		},
		"no password": {
			map[string]string{"ELASTICSEARCH_URL": "https://es:9200", "ELASTICSEARCH_USERNAME": "u"},
			object{},
			[]string{"Password is missing", "ELASTICSEARCH_USERNAME is set, and ELASTICSEARCH_PASSWORD is not"},
		},
		"password in the configuration": {
			nil,
			object{"elasticsearch": object{"endpoints": []any{"https://es:9200"}, "password": "p"}},
			[]string{"User is missing", "ELASTICSEARCH_USERNAME would be used"},
		},
		"no endpoint": {
			nil,
			object{"elasticsearch": object{}},
			[]string{"No endpoint", "ELASTICSEARCH_ENDPOINTS, ELASTICSEARCH_URL or ELASTICSEARCH_CLOUD_ID"},
		},
		"two addresses": {
			map[string]string{"ELASTICSEARCH_URL": "https://a:9200", "ELASTICSEARCH_ENDPOINTS": "https://b:9200"},
			object{},
			[]string{"Two addresses in the environment", "ELASTICSEARCH_ENDPOINTS is used, and ELASTICSEARCH_URL is ignored"},
		},
		"one address twice": {
			map[string]string{"ELASTICSEARCH_URL": "https://a:9200", "ELASTICSEARCH_ENDPOINTS": "https://a:9200"}, object{}, nil,
		},
		"address in the configuration": {
			map[string]string{"ELASTICSEARCH_URL": "https://a:9200", "ELASTICSEARCH_ENDPOINTS": "https://b:9200"},
			object{"elasticsearch": object{"endpoints": []any{"https://c:9200"}}},
			nil,
		},
		"fast path on":      {map[string]string{"INFERENCE_FASTPATH": "on"}, object{"embedded": object{}}, []string{"without effect", `INFERENCE_FASTPATH is "on"`, `"off"`}},
		"fast path bogus":   {map[string]string{"INFERENCE_FASTPATH": "bogus"}, object{"embedded": object{}}, []string{"without effect", `"bogus"`}},
		"fast path OFF":     {map[string]string{"INFERENCE_FASTPATH": "OFF"}, object{"embedded": object{}}, []string{"without effect", `"OFF"`}},
		"fast path off":     {map[string]string{"INFERENCE_FASTPATH": "off"}, object{"embedded": object{}}, nil},
		"fast path not set": {nil, object{"embedded": object{}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for _, variable := range []string{"ELASTICSEARCH_URL", "ELASTICSEARCH_ENDPOINTS", "ELASTICSEARCH_USERNAME", "ELASTICSEARCH_PASSWORD", "INFERENCE_FASTPATH"} {
				t.Setenv(variable, test.environment[variable])
			}
			found := newProtocol(t).configureWith(t, test.config)
			text := diagnosticsText(found)
			if wanted := min(len(test.want), 1); len(found) != wanted {
				t.Errorf("got %d diagnostics, want %d: %s", len(found), wanted, text)
			}
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("got %s, want %q", text, want)
				}
			}
		})
	}
}

// TestVersionOfTheSetting checks the advice about a version that is too old, which
// may be wrong in the configuration.
func TestVersionOfTheSetting(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, "9.5.3")
	w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}, "version": "8.14.0"}})
	w.config = validCompletion()
	_, found := w.session(t.Context()).plan()
	if text := diagnosticsText(errorsOf(found)); !strings.Contains(text, "correct it if the cluster is newer") {
		t.Errorf("got %s, want advice about the setting", text)
	}
}

// TestUnconfiguredBedrock checks that credentials and settings that cannot be used
// are not reported as a failed call.
func TestUnconfiguredBedrock(t *testing.T) {
	for name, environment := range map[string]map[string]string{
		"half a key pair":  {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"},
		"the other half":   {"AWS_SECRET_ACCESS_KEY": "secret"},
		"a token alone":    {"AWS_SESSION_TOKEN": "token"},
		"a wrong endpoint": {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "not a url", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"} {
				t.Setenv(variable, environment[variable])
			}
			protocol := newProtocol(t)
			protocol.configure(t, object{"embedded": object{"path": filepath.Join(t.TempDir(), "e.db")}})
			found := errorsOf(protocol.run(t, dataBlock, "inference_completion", object{"input": []any{"x"}, "service_settings": inline("anthropic", sonnet46, nil)}))
			if len(found) != 1 || found[0].Summary != "Amazon Bedrock is not configured" {
				t.Errorf("got %s, want one error about the configuration", diagnosticsText(found))
			}
		})
	}
}
