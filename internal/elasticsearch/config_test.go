// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
)

const local = "https://localhost:9200"

func TestWrongConfig(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text.pem")
	if err := os.WriteFile(text, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(folder, "missing.pem")
	loop := filepath.Join(folder, "loop.pem")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	_, err := elasticsearch.New(elasticsearch.Config{Endpoints: []string{local}, CAFile: loop})
	if err == nil || !strings.Contains(err.Error(), "ca_file: its symbolic links form a loop: "+loop+" -> "+loop+". Write the path of a PEM file, or remove one of the links.") {
		t.Errorf("a loop of links: %v", err)
	}
	for _, test := range []struct {
		name   string
		config elasticsearch.Config
		paths  string
	}{
		{"no endpoint", elasticsearch.Config{}, "elasticsearch.endpoints"},
		{"empty endpoint", elasticsearch.Config{Endpoints: []string{""}}, "elasticsearch.endpoints.0"},
		{"not a URL", elasticsearch.Config{Endpoints: []string{local, "https://a b"}}, "elasticsearch.endpoints.1"},
		{"host and port only", elasticsearch.Config{Endpoints: []string{"localhost:9200"}}, "elasticsearch.endpoints.0"},
		{"another scheme", elasticsearch.Config{Endpoints: []string{"ftp://localhost"}}, "elasticsearch.endpoints.0"},
		{"no host", elasticsearch.Config{Endpoints: []string{"https://:9200"}}, "elasticsearch.endpoints.0"},
		{"query", elasticsearch.Config{Endpoints: []string{local + "/?pretty"}}, "elasticsearch.endpoints.0"},
		{"user in the URL", elasticsearch.Config{Endpoints: []string{"https://elastic:pa55word@localhost"}}, "elasticsearch.endpoints.0"},
		{
			"several faults",
			elasticsearch.Config{Endpoints: []string{"", "x"}, Version: "new", CAFingerprint: "abc"},
			"elasticsearch.endpoints.0 elasticsearch.endpoints.1 elasticsearch.ca_fingerprint elasticsearch.version",
		},
		{"key and token", elasticsearch.Config{APIKey: "id:pa55word", BearerToken: "pa55word"}, "elasticsearch.api_key"},
		{"key and user", elasticsearch.Config{APIKey: "id:pa55word", Username: "u", Password: "pa55word"}, "elasticsearch.api_key"},
		{"token and user", elasticsearch.Config{BearerToken: "pa55word", Username: "u", Password: "pa55word"}, "elasticsearch.bearer_token"},
		{"no password", elasticsearch.Config{Username: "u"}, "elasticsearch.password"},
		{"no user", elasticsearch.Config{Password: "pa55word"}, "elasticsearch.username"},
		{"line break in the key", elasticsearch.Config{APIKey: "pa55word\n"}, "elasticsearch.api_key"},
		{"header name", elasticsearch.Config{Headers: map[string]redact.Secret{"X Y": "pa55word"}}, "elasticsearch.headers"},
		{"header value", elasticsearch.Config{Headers: map[string]redact.Secret{"X-Y": "pa55word\r\nX-Z: 1"}}, "elasticsearch.headers"},
		{"header twice", elasticsearch.Config{Headers: map[string]redact.Secret{"X-Tenant": "a", "x-tenant": "pa55word"}}, "elasticsearch.headers"},
		{"authorization twice", elasticsearch.Config{APIKey: "id:pa55word", Headers: map[string]redact.Secret{"authorization": "pa55word"}}, "elasticsearch.headers"},
		{"version", elasticsearch.Config{Version: "latest"}, "elasticsearch.version"},
		{"authority missing", elasticsearch.Config{CAFile: missing}, "elasticsearch.ca_file"},
		{"authority in the home directory", elasticsearch.Config{CAFile: "~/ca.pem"}, "elasticsearch.ca_file"},
		{"client key in a variable", elasticsearch.Config{CertFile: text, KeyFile: "$HOME/key.pem"}, "elasticsearch.key_file"},
		{"port beyond 65535", elasticsearch.Config{Endpoints: []string{"https://localhost:92000"}}, "elasticsearch.endpoints.0"},
		{"authority not PEM", elasticsearch.Config{CAFile: text}, "elasticsearch.ca_file"},
		{"authority data not PEM", elasticsearch.Config{CAData: "x"}, "elasticsearch.ca_data"},
		{"authority twice", elasticsearch.Config{CAData: "x", CAFingerprint: "y"}, "elasticsearch.ca_fingerprint"},
		{"authority and insecure", elasticsearch.Config{CAData: "x", Insecure: true}, "elasticsearch.insecure"},
		{"short fingerprint", elasticsearch.Config{CAFingerprint: "AB:CD"}, "elasticsearch.ca_fingerprint"},
		{"half a client pair", elasticsearch.Config{CertData: "x"}, "elasticsearch.cert_data"},
		{"the other half", elasticsearch.Config{KeyData: "pa55word"}, "elasticsearch.key_data"},
		{"client certificate twice", elasticsearch.Config{CertFile: text, CertData: "x", KeyData: "pa55word"}, "elasticsearch.cert_data"},
		{"client key missing", elasticsearch.Config{CertFile: text, KeyFile: missing}, "elasticsearch.key_file"},
		{"client pair not PEM", elasticsearch.Config{CertFile: text, KeyData: "pa55word"}, "elasticsearch.cert_file"},
		{"negative retries", elasticsearch.Config{MaxRetries: -1}, "elasticsearch.max_retries"},
		{"negative wait", elasticsearch.Config{RetryWaitMax: -time.Second}, "elasticsearch.retry_wait_max"},
		{"waits in the wrong order", elasticsearch.Config{RetryWaitMin: time.Minute, RetryWaitMax: time.Second}, "elasticsearch.retry_wait_min"},
		{"negative timeout", elasticsearch.Config{RequestTimeout: -time.Second}, "elasticsearch.request_timeout"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.config.Endpoints == nil && !strings.HasSuffix(test.paths, "endpoints") {
				test.config.Endpoints = []string{local}
			}
			_, err := elasticsearch.New(test.config)
			var found validation.Violations
			if !errors.As(err, &found) {
				t.Fatalf("got %v, want violations", err)
			}
			var paths []string
			for _, violation := range found {
				paths = append(paths, string(violation.Path))
				if violation.Summary == "" || violation.Detail == "" {
					t.Errorf("no words at %s", violation.Path)
				}
			}
			if got := strings.Join(paths, " "); got != test.paths {
				t.Errorf("got violations at %s, want at %s", got, test.paths)
			}
			if strings.Contains(err.Error(), "pa55word") {
				t.Errorf("a secret is in %v", err)
			}
		})
	}
}

func TestGoodConfig(t *testing.T) {
	for name, config := range map[string]elasticsearch.Config{
		"nothing but an endpoint": {},
		"API key":                 {APIKey: "id:abc", MaxRetries: 3},
		"basic":                   {Username: "u", Password: "p", Headers: map[string]redact.Secret{"X-Tenant": "1"}},
		"bearer":                  {BearerToken: "t", Insecure: true},
		"serverless":              {Version: "serverless"},
		"version":                 {Version: "9.1"},
		"fingerprint":             {CAFingerprint: strings.TrimSuffix(strings.Repeat("aB:", 32), ":")},
		"long least wait":         {RetryWaitMin: time.Hour},
		"short greatest wait":     {RetryWaitMax: time.Millisecond},
	} {
		config.Endpoints = []string{local, "https://es.example.com/prefix/"}
		if _, err := elasticsearch.New(config); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnencryptedConfigWarns(t *testing.T) {
	for endpoint, want := range map[string]int{
		"http://es.example.com:9200": 1, "https://es.example.com": 0, "http://localhost:9200": 0, "http://127.0.0.1": 0, "http://[::1]:9200": 0,
	} {
		found := elasticsearch.Config{Endpoints: []string{endpoint}}.Validate()
		if len(found) != want || len(found.Errors()) != 0 {
			t.Errorf("%s: got %v", endpoint, found)
		}
	}
}

func TestAPIKeyForms(t *testing.T) {
	for key, valid := range map[redact.Secret]bool{
		"aWQ6a2V5": true, "id:key": true, "essu_VlRSNGFHOUdQVQ==": true, "ApiKey aWQ6a2V5": true, "apikey id:key": true,
		`"aWQ6a2V5"`: true, " aWQ6a2V5 ": true, `'ApiKey aWQ6a2V5'`: true, "`id:key`": true,
		"c2VjcmV0": false, "not-base64!": false, ":key": false, "id:": false, `""`: false, "   ": false, "ApiKey c2VjcmV0": false,
	} {
		found := elasticsearch.Config{Endpoints: []string{"https://localhost:9200"}, APIKey: key}.Validate().Errors()
		if valid != (len(found) == 0) {
			t.Errorf("%q: got %v", key.Reveal(), found)
		}
		for _, violation := range found {
			if violation.Path != "elasticsearch.api_key" || (len(strings.TrimSpace(key.Reveal())) > 4 && strings.Contains(violation.Detail, key.Reveal())) {
				t.Errorf("%q: got %+v", key.Reveal(), violation)
			}
		}
	}
}

// TestOrderOfHeaderFaults checks that the faults of several headers always have the same
// order: Terraform shows them in the order in which they are found.
func TestOrderOfHeaderFaults(t *testing.T) {
	t.Parallel()
	headers := map[string]redact.Secret{"X-A": "a", "x-a": "b", "b b": "c", "c c": "d", "X-D": "e\n"}
	want := fmt.Sprint(elasticsearch.Config{Endpoints: []string{"http://localhost:9200"}, Headers: headers}.Validate())
	for range 100 {
		if got := fmt.Sprint(elasticsearch.Config{Endpoints: []string{"http://localhost:9200"}, Headers: maps.Clone(headers)}.Validate()); got != want {
			t.Fatalf("got %s\nand %s", got, want)
		}
	}
}
