// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

func TestCredentials(t *testing.T) {
	for name, test := range map[string]struct {
		server elasticsearchtest.Option
		config elasticsearch.Config
	}{
		"API key":         {elasticsearchtest.APIKey("aWQ6a2V5"), elasticsearch.Config{APIKey: "aWQ6a2V5"}},
		"API key in two":  {elasticsearchtest.APIKey("aWQ6a2V5"), elasticsearch.Config{APIKey: "id:key"}},
		"basic":           {elasticsearchtest.BasicAuth("u", "p:p"), elasticsearch.Config{Username: "u", Password: "p:p"}},
		"bearer":          {elasticsearchtest.BearerToken("t"), elasticsearch.Config{BearerToken: "t"}},
		"a header of one": {elasticsearchtest.BearerToken("t"), elasticsearch.Config{Headers: map[string]redact.Secret{"authorization": "Bearer t"}}},
	} {
		server := elasticsearchtest.New(t, test.server)
		test.config.Endpoints = []string{server.URL}
		if _, err := backend.Collect(connect(t, test.config).List(t.Context())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := backend.Collect(connect(t, config(server)).List(t.Context())); !backend.Is(err, backend.Denied) || !strings.Contains(err.Error(), "No credentials are set. ") {
			t.Errorf("%s: without it: %v", name, err)
		}
	}
	server := elasticsearchtest.New(t, elasticsearchtest.APIKey("aWQ6a2V5"))
	for setting, wrong := range map[string]elasticsearch.Config{
		"elasticsearch.api_key, ":              {APIKey: "id:other"},
		"elasticsearch.username and password.": {Username: "u", Password: "p"},
		"elasticsearch.bearer_token, ":         {BearerToken: "t"},
		"the header Authorization":             {Headers: map[string]redact.Secret{"authorization": "Bearer t"}},
	} {
		wrong.Endpoints = []string{server.URL}
		if _, err := backend.Collect(connect(t, wrong).List(t.Context())); !backend.Is(err, backend.Denied) || !strings.Contains(err.Error(), "does not accept the credentials. Check "+setting) {
			t.Errorf("%s: %v", setting, err)
		}
	}
}

func TestTrust(t *testing.T) {
	server := elasticsearchtest.New(t, elasticsearchtest.TLS())
	certificate := server.Certificate()
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}))
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(authority), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(certificate.Raw)
	fingerprint := strings.ToUpper(hex.EncodeToString(sum[:]))
	var colons []string
	for i := 0; i < len(fingerprint); i += 2 {
		colons = append(colons, fingerprint[i:i+2])
	}
	for name, test := range map[string]struct {
		config elasticsearch.Config
		fails  string
	}{
		"nothing":                 {elasticsearch.Config{}, "ca_fingerprint"},
		"file":                    {elasticsearch.Config{CAFile: file}, ""},
		"data":                    {elasticsearch.Config{CAData: authority}, ""},
		"fingerprint":             {elasticsearch.Config{CAFingerprint: fingerprint}, ""},
		"fingerprint with colons": {elasticsearch.Config{CAFingerprint: strings.Join(colons, ":")}, ""},
		"another fingerprint":     {elasticsearch.Config{CAFingerprint: strings.Repeat("00", 32)}, "has the fingerprint of ca_fingerprint"},
		"insecure":                {elasticsearch.Config{Insecure: true}, ""},
	} {
		test.config.Endpoints, test.config.MaxRetries = []string{server.URL}, 3
		server.Forget()
		_, err := backend.Collect(connect(t, test.config).List(t.Context()))
		if test.fails == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, request := range server.Requests() {
			if request.Protocol != "HTTP/2.0" {
				t.Errorf("%s: it spoke %s", name, request.Protocol)
			}
		}
		if test.fails != "" && (!backend.Is(err, backend.Unreachable) || !strings.Contains(err.Error(), test.fails)) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	name := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	_, err := backend.Collect(connect(t, elasticsearch.Config{Endpoints: []string{name}, CAData: authority}).List(t.Context()))
	if !backend.Is(err, backend.Unreachable) || !strings.Contains(err.Error(), "a host name that the certificate contains") {
		t.Errorf("another name: got %v", err)
	}
	plain := strings.Replace(server.URL, "https", "http", 1)
	_, err = backend.Collect(connect(t, elasticsearch.Config{Endpoints: []string{plain}}).List(t.Context()))
	if !backend.Is(err, backend.Unreachable) || !strings.Contains(err.Error(), "https") {
		t.Errorf("http to https: got %v", err)
	}
}

func TestTLSToAPlainServer(t *testing.T) {
	server := elasticsearchtest.New(t)
	secure := strings.Replace(server.URL, "http", "https", 1)
	_, err := backend.Collect(connect(t, elasticsearch.Config{Endpoints: []string{secure}, MaxRetries: 3}).List(t.Context()))
	if !backend.Is(err, backend.Unreachable) || !strings.Contains(err.Error(), "http://") {
		t.Errorf("got %v", err)
	}
}

// Addresses of ports that no server uses. A port that a test closes could be assigned to
// a server of another test process.
const (
	closedPort      = "http://127.0.0.1:1"
	otherClosedPort = "http://127.0.0.1:2"
)

func TestFailOver(t *testing.T) {
	server := elasticsearchtest.New(t)
	with := config(server)
	with.Endpoints, with.MaxRetries = []string{closedPort, otherClosedPort, server.URL}, 0
	client := connect(t, with)
	made, err := client.Create(t.Context(), titan("x"), keys)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Run(t.Context(), made, inference.Request{Input: []string{"x"}}); err != nil {
		t.Error(err)
	}
	with.Endpoints = []string{closedPort, otherClosedPort}
	if _, err := backend.Collect(connect(t, with).List(t.Context())); !backend.Is(err, backend.Unreachable) || !strings.Contains(err.Error(), "No server listens") {
		t.Errorf("got %v", err)
	}
}

// TestPathPrefix: Elasticsearch behind a path of a proxy.
func TestPathPrefix(t *testing.T) {
	server := elasticsearchtest.New(t)
	server.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		http.StripPrefix("/search", next).ServeHTTP(w, r)
	})
	for _, suffix := range []string{"/search", "/search/"} {
		with := config(server)
		with.Endpoints = []string{server.URL + suffix}
		client := connect(t, with)
		if _, err := backend.Collect(client.List(t.Context())); err != nil {
			t.Errorf("%s: %v", suffix, err)
		}
		if id, err := client.ID(t.Context()); err != nil || !strings.HasPrefix(id, "elasticsearch:uS9") {
			t.Errorf("%s: got %s, %v", suffix, id, err)
		}
	}
}

func TestAbout(t *testing.T) {
	server := elasticsearchtest.New(t, elasticsearchtest.ClusterUUID("abc"), elasticsearchtest.Version("8.18.3"))
	client := connect(t, config(server))
	for range 3 {
		id, err := client.ID(t.Context())
		able, capableErr := client.Capabilities(t.Context())
		if err := errors.Join(err, capableErr); err != nil || id != "elasticsearch:abc" || able.Name != "Elasticsearch 8.18.3" || able.Assumed {
			t.Errorf("got %s, %s, %v, %v", id, able.Name, able.Assumed, err)
		}
	}
	if got := len(server.Requests()); got != 1 {
		t.Errorf("it took %d requests", got)
	}
}

// TestInfoAfterFailure checks that the request is repeated after a failure.
func TestInfoAfterFailure(t *testing.T) {
	server := elasticsearchtest.New(t, elasticsearchtest.ClusterUUID("_na_"))
	client := connect(t, config(server))
	server.Intercept(say(401, asJSON, `{}`))
	if _, err := client.ID(t.Context()); !backend.Is(err, backend.Denied) {
		t.Errorf("got %v", err)
	}
	server.Intercept(nil)
	if _, err := client.ID(t.Context()); !backend.Is(err, backend.Unreachable) {
		t.Errorf("without a master: got %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.ID(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestInfoForbidden uses a role without the privilege to read GET /.
func TestInfoForbidden(t *testing.T) {
	server := elasticsearchtest.New(t, elasticsearchtest.Version("8.15.0"))
	server.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/" {
			refuse(w, http.StatusForbidden, "security_exception", "no")
			return
		}
		next.ServeHTTP(w, r)
	})
	host := "elasticsearch:" + strings.TrimPrefix(server.URL, "http://")
	client := connect(t, config(server))
	if able, err := client.Capabilities(t.Context()); !able.Assumed || err != nil {
		t.Errorf("got %v, %v", able.Assumed, err)
	}
	if id, err := client.ID(t.Context()); err != nil || id != host {
		t.Errorf("got %s, %v", id, err)
	}
	// A version that is assumed is not relied upon for what old ones refuse.
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	if _, err := client.Create(ctx, claude("x", inference.Completion), keys); err != nil {
		t.Error(err)
	}

	with := config(server)
	with.Version = "8.15.0"
	client = connect(t, with)
	if able, err := client.Capabilities(t.Context()); err != nil || able.Name != "Elasticsearch 8.15.0" {
		t.Errorf("got %s, %v", able.Name, err)
	}
	server.Intercept(say(404, "text/html", page))
	if id, err := client.ID(t.Context()); err != nil || id != host {
		t.Errorf("got %s, %v", id, err)
	}
}
