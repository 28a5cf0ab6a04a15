// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// say answers with a status, a media type and a body.
func say(status int, media, text string, header ...string) hook {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", media)
		if status >= http.StatusBadRequest && strings.Contains(text, `"error"`) {
			w.Header().Set("X-Elastic-Product", "Elasticsearch")
		}
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
	}
}

const (
	asJSON = "application/json"
	page   = "<html><body>Please log in</body></html>"
)

var faults = []struct {
	name     string
	hook     hook
	kind     backend.Kind
	attempts int
	words    []string
}{
	{"wrong credentials", say(401, asJSON, `{"error":{"type":"security_exception","reason":"unable to authenticate"},"status":401}`), backend.Denied, 1, []string{"unable to authenticate", "elasticsearch.username"}},
	{"missing privilege", say(403, asJSON, `{"error":{"type":"security_exception","reason":"action is unauthorized"},"status":403}`), backend.Denied, 1, []string{"unauthorized", "monitor_inference"}},
	{"page of a load balancer", say(503, "text/html", page), backend.Unreachable, 5, []string{"503", "load balancer"}},
	{"page for a missing path", say(404, "text/html", page), backend.Unreachable, 1, []string{"404", "elasticsearch.endpoints"}},
	{"404 with another body", say(404, asJSON, `{"ok":false,"message":"Unknown resource."}`), backend.Unreachable, 1, []string{"404"}},
	{"404 as a text", say(404, asJSON, `{"error":"not here"}`), backend.Refused, 1, []string{"not here"}},
	{"page instead of a response", say(200, "text/html", page, "X-Elastic-Product", "Elasticsearch"), backend.Unreachable, 1, []string{"text/html"}},
	{"a sentence of another server", say(400, "text/plain", "Client sent an HTTP request to an HTTPS server.\n"), backend.Unreachable, 1, []string{"from Elasticsearch: Client sent an HTTP request to an HTTPS server.\n\n"}},
	{"another product", say(200, asJSON, `{"endpoints":[]}`), backend.Unreachable, 1, []string{"is not from Elasticsearch"}},
	{"redirect of Kibana", say(302, "text/html", "", "Location", "/login?next=%2F", "kbn-name", "kibana-1"), backend.Unreachable, 1, []string{"Kibana at", "302 Found"}},
	{"proxy of Elastic Cloud", say(503, asJSON, `{"ok":false,"message":"The requested deployment is currently unavailable."}`), backend.Unreachable, 5, []string{"The proxy of Elastic Cloud at", "503 Service Unavailable", "currently unavailable"}},
	{"proxy of Elastic Cloud, by its headers", say(403, "text/plain", "Forbidden due to traffic filtering.", "X-Found-Handling-Cluster", "c"), backend.Denied, 1, []string{"The proxy of Elastic Cloud at", "traffic filtering"}},
	{"redirect", say(302, "text/html", page, "Location", "https://elsewhere.example.com/login?token=1"), backend.Unreachable, 1, []string{"elsewhere.example.com", "redirect"}},
	{"not JSON", say(200, asJSON, `{"endpoints":[`, "X-Elastic-Product", "Elasticsearch"), backend.Unreachable, 1, []string{"Malformed response from"}},
	{"JSON of something else", say(200, asJSON, `{"hits":{}}`, "X-Elastic-Product", "Elasticsearch"), backend.Unreachable, 1, []string{"Malformed response from"}},
	{"half a response", say(200, asJSON, `{"endp`, "X-Elastic-Product", "Elasticsearch", "Content-Length", "99"), backend.Unreachable, 5, []string{"ended after 6 bytes"}},
	{"connection reset", reset, backend.Unreachable, 5, []string{"did not answer"}},
	{"overloaded", say(429, asJSON, `{"error":{"type":"es_rejected_execution_exception","reason":"queue is full"}}`), backend.Unreachable, 5, []string{"queue is full"}},
	{"overloaded, with Retry-After", say(429, asJSON, `{}`, "Retry-After", "0"), backend.Unreachable, 5, []string{"429"}},
	{"server error", say(500, asJSON, `{"error":{"type":"exception","reason":"outer","caused_by":{"type":"x","reason":"inner","caused_by":{"type":"y","reason":"innermost"}}}}`), backend.Other, 1, []string{"outer", "inner", "innermost"}},
	{"not implemented", say(501, asJSON, ``), backend.Unreachable, 1, []string{"501"}},
	{"bad gateway", say(502, asJSON, ``), backend.Unreachable, 5, []string{"502"}},
	{"gateway timeout", say(504, asJSON, ``), backend.Unreachable, 5, []string{"504"}},
}

func TestFaultsOfReads(t *testing.T) {
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			server := elasticsearchtest.New(t)
			with := config(server)
			with.Username, with.Password = "elastic", "pa55word"
			client := connect(t, with)
			server.Intercept(fault.hook)
			_, err := client.Get(t.Context(), "x")
			if !backend.Is(err, fault.kind) {
				t.Fatalf("got %v, want kind %d", err, fault.kind)
			}
			for _, word := range append(fault.words, `read inference endpoint "x"`) {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q is not in %v", word, err)
				}
			}
			if got := len(server.Requests()); got != fault.attempts {
				t.Errorf("got %d attempts, want %d", got, fault.attempts)
			}
		})
	}
}

// TestEveryOperationReportsFaults: every fault of every operation is a *backend.Error,
// and none counts as a success or as a missing endpoint.
func TestEveryOperationReportsFaults(t *testing.T) {
	for _, fault := range faults {
		server := elasticsearchtest.New(t, elasticsearchtest.APIKey("aWQ6dGhlS2V5"))
		with := config(server)
		with.APIKey, with.Version, with.MaxRetries = "id:theKey", "9.6.0", 1
		client := connect(t, with)
		made, err := client.Create(t.Context(), titan("x"), keys)
		if err != nil {
			t.Fatal(err)
		}
		server.Intercept(fault.hook)
		for name, operation := range operations(client, made) {
			err := operation(t.Context())
			if !backend.Is(err, fault.kind) {
				t.Errorf("%s, %s: got %v, want kind %d", fault.name, name, err, fault.kind)
			}
			checkSecrets(t, err)
		}
		if server.Endpoint("x") == "" {
			t.Errorf("%s: the endpoint is gone", fault.name)
		}
	}
}

func operations(client *elasticsearch.Client, made inference.Endpoint) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"create": func(ctx context.Context) error { _, err := client.Create(ctx, titan("y"), keys); return err },
		"get":    func(ctx context.Context) error { _, err := client.Get(ctx, "x"); return err },
		"list":   func(ctx context.Context) error { _, err := backend.Collect(client.List(ctx)); return err },
		"update": func(ctx context.Context) error {
			_, err := client.Update(ctx, made, inference.Update{RequestsPerMinute: 9})
			return err
		},
		"rotate": func(ctx context.Context) error {
			_, err := client.Update(ctx, made, inference.Update{Keys: keys})
			return err
		},
		"delete":     func(ctx context.Context) error { return client.Delete(ctx, made, true) },
		"references": func(ctx context.Context) error { _, err := client.References(ctx, made); return err },
		"run": func(ctx context.Context) error {
			_, err := client.Run(ctx, made, inference.Request{Input: []string{"a"}})
			return err
		},
	}
}

// TestRedirectGetsNoCredentials: credentials are not sent to another address.
func TestRedirectGetsNoCredentials(t *testing.T) {
	var followed []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		followed = append(followed, r.Method)
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := elasticsearchtest.New(t)
		with := config(server)
		with.APIKey, with.Version = "id:theKey", "9.6.0"
		client := connect(t, with)
		server.Intercept(say(status, "text/plain", "", "Location", elsewhere.URL))
		for name, operation := range operations(client, titan("x")) {
			if err := operation(t.Context()); !backend.Is(err, backend.Unreachable) {
				t.Errorf("%d, %s: got %v", status, name, err)
			}
		}
	}
	if len(followed) > 0 {
		t.Errorf("requests followed: %v", followed)
	}
}

// TestSecretsAreRedacted: no error and no log record contains a secret that a server
// repeats.
func TestSecretsAreRedacted(t *testing.T) {
	const canary = `c4nary/+=&"<>`
	configs := map[string]elasticsearch.Config{
		"API key": {APIKey: "id:" + canary},
		"basic":   {Username: "elastic", Password: canary},
		"bearer":  {BearerToken: canary},
		"header":  {Headers: map[string]redact.Secret{"X-Secret": canary}},
	}
	for name, with := range configs {
		server := elasticsearchtest.New(t)
		with.Endpoints, with.Version = []string{server.URL}, "9.6.0"
		var log strings.Builder
		with.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		client := connect(t, with)
		server.Intercept(echo)
		ctx := t.Context()
		var told strings.Builder
		for _, operation := range operations(client, titan("x")) {
			if err := operation(ctx); err != nil {
				told.WriteString(err.Error())
			}
		}
		for _, secret := range append(forms(canary), append(forms(keys.AccessKey.Reveal()), forms(keys.SecretKey.Reveal())...)...) {
			if strings.Contains(told.String(), secret) {
				t.Errorf("%s: %q is in an error", name, secret)
			}
			if strings.Contains(log.String(), secret) {
				t.Errorf("%s: %q is in the log", name, secret)
			}
		}
		if !strings.Contains(log.String(), `"path":"/_inference/`) || !strings.Contains(log.String(), `"status":400`) {
			t.Errorf("%s: the log tells nothing: %s", name, log.String())
		}
	}
}

// echo repeats the whole request in an error.
func echo(w http.ResponseWriter, r *http.Request, _ http.Handler) {
	var body strings.Builder
	_, _ = fmt.Fprint(&body, r.Header)
	buffer := make([]byte, 4096)
	n, _ := r.Body.Read(buffer)
	body.Write(buffer[:n])
	user, password, _ := r.BasicAuth()
	_, _ = fmt.Fprint(&body, user, password)
	w.Header().Set("Content-Type", asJSON)
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = fmt.Fprintf(w, `{"error":{"type":"status_exception","reason":%q}}`, body.String())
}
