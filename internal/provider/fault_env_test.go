// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/contexttest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/faultproxy"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// faultEnv is a cluster behind a proxy that causes faults, and a workspace that uses
// them. Each has secrets of its own.
type faultEnv struct {
	t          *testing.T
	server     *elasticsearchtest.Server
	proxy      *faultproxy.Proxy
	workspace  *workspace
	terraform  *terraformRunner // nil at the protocol
	fault      faultCase
	password   string
	firstKeys  keyPair
	secondKeys keyPair
	secrets    []string
	result     string // the last result of a data source or of planDestroy

	authority   *faultproxy.Authority // nil without TLS
	certificate tls.Certificate
}

type keyPair struct{ access, secret string }

func newKeyPair() keyPair { return keyPair{"AKIA" + rand.Text(), newCanary()} }

func newFaultEnv(t *testing.T, fault faultCase) *faultEnv {
	t.Helper()
	env := &faultEnv{t: t, fault: fault, password: newCanary(), firstKeys: newKeyPair(), secondKeys: newKeyPair()}
	header := newCanary()
	env.secrets = []string{env.password, header, env.firstKeys.access, env.firstKeys.secret, env.secondKeys.access, env.secondKeys.secret}
	env.server = elasticsearchtest.New(t, elasticsearchtest.BasicAuth("elastic", env.password))
	settings := object{
		"username": "elastic", "password": env.password, "headers": map[string]any{"X-Tenant": header},
		"retry_wait_min": "1ms", "retry_wait_max": "5ms",
	}
	if fault.tls {
		env.authority = faultproxy.NewAuthority(t)
		env.certificate = env.authority.Issue("127.0.0.1", time.Now().Add(time.Hour))
		env.proxy = faultproxy.NewTLS(t, env.server.URL, env.certificate)
		settings["ca_data"] = env.authority.PEM()
	} else {
		env.proxy = faultproxy.New(t, env.server.URL)
	}
	settings["endpoints"] = []any{env.proxy.URL}
	provider := object{"elasticsearch": settings}
	env.workspace = newWorkspace(t, provider)
	return env
}

// useTerraform makes the environment run operations with Terraform instead of at the protocol.
func (env *faultEnv) useTerraform() {
	env.t.Helper()
	env.terraform = &terraformRunner{cli: newCLI(env.t, ""), provider: env.workspace.provider}
	if env.hasShortTimeouts() {
		env.terraform.provider = with(with(env.terraform.provider, "elasticsearch.request_timeout", "3s"), "elasticsearch.max_retries", 0)
	}
	if err := os.Remove(filepath.Join(env.terraform.dir, "main.tf")); err != nil {
		env.t.Fatal(err)
	}
}

// hasShortTimeouts reports whether timeouts end operations of Terraform. At the protocol,
// the context of the operation has its deadline.
func (env *faultEnv) hasShortTimeouts() bool { return env.fault.deadline && env.terraform != nil }

// context returns the context of an operation, and a function that ends it: with its
// deadline, or as Terraform does when a user stops it.
func (env *faultEnv) context() (context.Context, context.CancelFunc) {
	switch {
	case env.hasShortTimeouts():
		return env.t.Context(), func() {}
	case env.fault.deadline:
		return contexttest.WithExpiry(env.t.Context())
	}
	return context.WithCancel(env.t.Context())
}

func (env *faultEnv) runner() faultRunner {
	if env.terraform != nil {
		return env.terraform
	}
	return protocolRunner{env.workspace}
}

// lift removes the fault.
func (env *faultEnv) lift() {
	env.proxy.Lift()
	if env.fault.tls {
		env.proxy.Present(env.certificate)
	}
}

// endpoint returns the configuration of the endpoint.
func (env *faultEnv) endpoint(keys keyPair, limit int) object {
	config := embeddingEndpoint(object{"access_key": keys.access, "secret_key": keys.secret}, nil)
	config = with(config, atLimit, limit)
	if env.hasShortTimeouts() {
		config["timeouts"] = object{"create": "3s", "read": "3s", "update": "3s", "delete": "3s"}
	}
	return config
}

// mustApply applies a configuration without a fault.
func (env *faultEnv) mustApply(config object) {
	env.t.Helper()
	env.workspace.config = config
	if found := errorsOf(env.runner().apply(env.t.Context(), config, func() {})); len(found) > 0 {
		env.t.Fatalf("apply fails: %s", diagnosticsText(found))
	}
}

// drift changes the endpoint outside of Terraform.
func (env *faultEnv) drift(limit int64) {
	env.t.Helper()
	client, err := elasticsearch.New(elasticsearch.Config{Endpoints: []string{env.server.URL}, Username: "elastic", Password: redact.Secret(env.password)})
	if err != nil {
		env.t.Fatal(err)
	}
	current, err := client.Get(env.t.Context(), "e")
	if err != nil {
		env.t.Fatal(err)
	}
	if _, err := client.Update(env.t.Context(), current, inference.Update{RequestsPerMinute: limit}); err != nil {
		env.t.Fatal(err)
	}
}

// observedValue is the property that an operation changes, on the server and in the state.
type observedValue struct{ server, state string }

// operation is an operation of Terraform and the request that the fault affects.
type operation struct {
	name     string
	activity string
	along    string // another activity that takes place at the same time, if any
	request  func(*http.Request) bool
	prepare  func(*faultEnv)
	// run runs the operation. It calls arm before the phase that the fault affects.
	run               func(ctx context.Context, env *faultEnv, arm func()) []*tfprotov6.Diagnostic
	repeat            func(context.Context, *faultEnv) []*tfprotov6.Diagnostic
	onServer, inState func(*faultEnv) string
	// The values before and after the operation, and after the next apply (goal).
	before, after, goal observedValue
}

// method matches requests by their method and the end of their path with query.
func method(name, suffix string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == name && strings.HasSuffix(r.URL.RequestURI(), suffix) }
}

// toPath matches requests by their method and the end of their path, with any query.
func toPath(name, suffix string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == name && strings.HasSuffix(r.URL.Path, suffix) }
}

func applyConfig(config func(*faultEnv) object) func(context.Context, *faultEnv, func()) []*tfprotov6.Diagnostic {
	return func(ctx context.Context, env *faultEnv, arm func()) []*tfprotov6.Diagnostic {
		env.workspace.config = config(env)
		return env.runner().apply(ctx, env.workspace.config, arm)
	}
}

func applyAgain(ctx context.Context, env *faultEnv) []*tfprotov6.Diagnostic {
	return env.runner().apply(ctx, env.workspace.config, func() {})
}

// createEndpoint applies an endpoint with a rate limit.
func createEndpoint(limit int) func(*faultEnv) {
	return func(env *faultEnv) { env.mustApply(env.endpoint(env.firstKeys, limit)) }
}

func serverIDs(env *faultEnv) string { return strings.Join(env.server.IDs(), " ") }
func stateID(env *faultEnv) string   { return env.runner().stateText("inference_id") }

func serverLimit(env *faultEnv) string {
	_, rest, _ := strings.Cut(env.server.Endpoint("e"), `"requests_per_minute":`)
	limit, _, _ := strings.Cut(rest, "}")
	return limit
}

func stateLimit(env *faultEnv) string {
	return env.runner().stateText("service_settings", "rate_limit", "requests_per_minute")
}

// serverKeys returns the name of the key pair that the server has.
func serverKeys(env *faultEnv) string {
	switch access, secret := env.server.Keys("e"); (keyPair{access, secret}) {
	case env.firstKeys:
		return "first"
	case env.secondKeys:
		return "second"
	case keyPair{}:
		return ""
	}
	return "mixed"
}

// stateKeys returns the name of the key pair whose digest the state has.
func stateKeys(env *faultEnv) string {
	if !env.runner().hasState() {
		return ""
	}
	for name, keys := range map[string]keyPair{"first": env.firstKeys, "second": env.secondKeys} {
		if env.runner().stateHasKeys(keys) {
			return name
		}
	}
	return "none"
}

// modelCalls returns the number of requests that run the model.
func modelCalls(env *faultEnv) string {
	count := 0
	for _, request := range env.server.Requests() {
		if request.Method == http.MethodPost {
			count++
		}
	}
	return fmt.Sprint(count)
}

// readResult returns the last result of a data source or of planDestroy.
func readResult(env *faultEnv) string { return env.result }
