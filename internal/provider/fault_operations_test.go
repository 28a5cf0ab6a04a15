package provider_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/faultproxy"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// faultEnv is a cluster behind a proxy that causes faults, and a workspace that uses
// them. Each has secrets of its own.
type lab struct {
	t        *testing.T
	server   *elasticsearchtest.Server
	proxy    *faultproxy.Proxy
	w        *workspace
	fault    faultRow
	password string
	first    keyPair
	second   keyPair
	secrets  []string
	read     string // the last result of a data source or of planDestroy

	authority   *faultproxy.Authority // nil without TLS
	certificate tls.Certificate
}

type keyPair struct{ access, secret string }

func newKeyPair() keyPair { return keyPair{"AKIA" + rand.Text(), newCanary()} }

func newLab(t *testing.T, fault faultRow) *lab {
	t.Helper()
	l := &lab{t: t, fault: fault, password: newCanary(), first: newKeyPair(), second: newKeyPair()}
	header := newCanary()
	l.secrets = []string{l.password, header, l.first.access, l.first.secret, l.second.access, l.second.secret}
	l.server = elasticsearchtest.New(t, elasticsearchtest.BasicAuth("elastic", l.password))
	settings := object{
		"username": "elastic", "password": l.password, "headers": map[string]any{"X-Tenant": header},
		"retry_wait_min": "1ms", "retry_wait_max": "5ms",
	}
	if fault.secure {
		l.authority = faultproxy.NewAuthority(t)
		l.certificate = l.authority.Issue("127.0.0.1", time.Now().Add(time.Hour))
		l.proxy = faultproxy.NewTLS(t, l.server.URL, l.certificate)
		settings["ca_data"] = l.authority.PEM()
	} else {
		l.proxy = faultproxy.New(t, l.server.URL)
	}
	if fault.hurried {
		settings["request_timeout"], settings["max_retries"] = "6s", 0
	}
	settings["endpoints"] = []any{l.proxy.URL}
	l.w = newWorkspace(t, object{"elasticsearch": settings})
	return l
}

// lift removes the fault.
func (l *lab) lift() {
	l.proxy.Lift()
	if l.fault.secure {
		l.proxy.Present(l.certificate)
	}
}

// endpoint returns the configuration of the endpoint.
func (l *lab) endpoint(keys keyPair, limit int) object {
	config := embeddingEndpoint(object{"access_key": keys.access, "secret_key": keys.secret}, nil)
	config = with(config, atLimit, limit)
	if l.fault.hurried {
		config["timeouts"] = object{"create": "6s", "read": "6s", "update": "6s", "delete": "6s"}
	}
	return config
}

// applyGood applies a configuration without a fault.
func (l *lab) applyGood(config object) {
	l.t.Helper()
	l.w.config = config
	if found := errorsOf(l.w.apply(l.t.Context(), func() {})); len(found) > 0 {
		l.t.Fatalf("apply fails: %s", told(found))
	}
}

// drift changes the endpoint outside of Terraform.
func (l *lab) drift(limit int64) {
	l.t.Helper()
	client, err := elasticsearch.New(elasticsearch.Config{Endpoints: []string{l.server.URL}, Username: "elastic", Password: redact.Secret(l.password)})
	if err != nil {
		l.t.Fatal(err)
	}
	current, err := client.Get(l.t.Context(), "e")
	if err != nil {
		l.t.Fatal(err)
	}
	if _, err := client.Update(l.t.Context(), current, inference.Update{RequestsPerMinute: limit}); err != nil {
		l.t.Fatal(err)
	}
}

// facts is the property that an operation changes, on the server and in the state.
type facts struct{ server, state string }

// operation is an operation of Terraform and the request that the fault affects.
type operation struct {
	name    string
	doing   string
	request func(*http.Request) bool
	prepare func(*lab)
	// do runs the operation. It calls arm before the phase that the fault affects.
	do                func(ctx context.Context, l *lab, arm func()) []*tfprotov6.Diagnostic
	again             func(context.Context, *lab) []*tfprotov6.Diagnostic
	onServer, inState func(*lab) string
	// The values before and after the operation, and after the next apply (goal).
	before, after, goal facts
}

// method matches requests by their method and the end of their path with query.
func method(name, suffix string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == name && strings.HasSuffix(r.URL.RequestURI(), suffix) }
}

// toPath matches requests by their method and the end of their path, with any query.
func toPath(name, suffix string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == name && strings.HasSuffix(r.URL.Path, suffix) }
}

func applyConfig(config func(*lab) object) func(context.Context, *lab, func()) []*tfprotov6.Diagnostic {
	return func(ctx context.Context, l *lab, arm func()) []*tfprotov6.Diagnostic {
		l.w.config = config(l)
		return l.w.apply(ctx, arm)
	}
}

func applyAgain(ctx context.Context, l *lab) []*tfprotov6.Diagnostic {
	return l.w.apply(ctx, func() {})
}

// createEndpoint applies an endpoint with a rate limit.
func made(limit int) func(*lab) {
	return func(l *lab) { l.applyGood(l.endpoint(l.first, limit)) }
}

func serverIDs(l *lab) string { return strings.Join(l.server.IDs(), " ") }
func stateID(l *lab) string   { return l.w.at("inference_id") }

func serverLimit(l *lab) string {
	_, rest, _ := strings.Cut(l.server.Endpoint("e"), `"requests_per_minute":`)
	limit, _, _ := strings.Cut(rest, "}")
	return limit
}

func stateLimit(l *lab) string {
	return l.w.at("service_settings", "rate_limit", "requests_per_minute")
}

// serverKeys returns the name of the key pair that the server has.
func serverKeys(l *lab) string {
	switch access, secret := l.server.Keys("e"); (keyPair{access, secret}) {
	case l.first:
		return "first"
	case l.second:
		return "second"
	case keyPair{}:
		return ""
	}
	return "mixed"
}

// stateKeys returns the name of the key pair whose digest the state has.
func stateKeys(l *lab) string {
	if l.w.held == nil {
		return ""
	}
	for name, keys := range map[string]keyPair{"first": l.first, "second": l.second} {
		if digestIsOf(l.w.held.private, keys) {
			return name
		}
	}
	return "none"
}

// modelCalls returns the number of requests that run the model.
func asked(l *lab) string {
	count := 0
	for _, request := range l.server.Requests() {
		if request.Method == http.MethodPost {
			count++
		}
	}
	return fmt.Sprint(count)
}

// readResult returns the last result of a data source or of planDestroy.
func found(l *lab) string { return l.read }
