// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/faultproxy"
)

// modelFaults are the causes of errors of Bedrock, by their names in the guide.
var modelFaults = map[string]bedrocksim.Fault{
	"access key does not exist":      {Status: http.StatusForbidden, Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid."},
	"secret key is wrong":            {Status: http.StatusForbidden, Code: "InvalidSignatureException", Message: "The request signature we calculated does not match the signature you provided."},
	"keys lack a permission":         {Status: http.StatusForbidden, Code: "AccessDeniedException", Message: "User: arn:aws:iam::123456789012:user/u is not authorized to perform: bedrock:InvokeModel"},
	"no access to the model":         {Status: http.StatusForbidden, Code: "AccessDeniedException", Message: "You don't have access to the model with the specified model ID."},
	"model is not in the region":     {Status: http.StatusBadRequest, Code: "ValidationException", Message: "The provided model identifier is invalid."},
	"model needs a profile":          {Status: http.StatusBadRequest, Code: "ValidationException", Message: "Invocation of model ID x with on-demand throughput isn’t supported."},
	"model is retired":               {Status: http.StatusNotFound, Code: "ResourceNotFoundException", Message: "This model version has reached the end of its life."},
	"quota of the day is used up":    {Status: http.StatusTooManyRequests, Code: "ThrottlingException", Message: "Too many tokens per day, please wait before trying again."},
	"Bedrock fails with a 500 error": {Status: http.StatusInternalServerError, Code: "InternalServerException", Message: "The system encountered an unexpected error."},
}

// fakeBedrock is a simulator that accepts one key pair and responds to all others with an
// error. Both targets and the preflight use it.
type fakeBedrock struct {
	*httptest.Server
	calls atomic.Int64
}

func newFakeBedrock(t *testing.T, accepted keyPair, fault bedrocksim.Fault) *fakeBedrock {
	t.Helper()
	accepting := bedrocksim.New()
	accepting.Trust(accepted.access, accepted.secret)
	failing := bedrocksim.New(bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return &fault }))
	fake := &fakeBedrock{}
	fake.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fake.calls.Add(1)
		if strings.Contains(r.Header.Get("Authorization"), accepted.access) {
			accepting.ServeHTTP(w, r)
			return
		}
		failing.ServeHTTP(w, r)
	}))
	t.Cleanup(fake.Close)
	return fake
}

// preflightTable reads the table in the guide: the cause, the setting, and the outcome of
// each operation without and with preflight.
func preflightTable(t *testing.T) (columns []string, rows [][]string) {
	t.Helper()
	page, err := os.ReadFile(reliabilityGuide)
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(page), "<!-- preflight matrix -->\n")
	if !ok {
		t.Fatal("the guide has no preflight matrix")
	}
	for i, line := range strings.Split(table, "\n") {
		switch {
		case !strings.HasPrefix(line, "|"):
			return columns, rows
		case i == 0:
			columns = tableCells(line)
		case i > 1:
			rows = append(rows, tableCells(line))
		}
	}
	return columns, rows
}

// TestPreflightMatrix checks the outcomes in the guide for each error of the model, during
// each operation that sends keys, on both targets. With preflight, no error of the model
// removes an endpoint.
func TestPreflightMatrix(t *testing.T) {
	t.Parallel()
	columns, rows := preflightTable(t)
	if len(rows) != len(modelFaults) {
		t.Errorf("got %d causes in the guide, want %d", len(rows), len(modelFaults))
	}
	for _, row := range rows {
		fault, ok := modelFaults[row[0]]
		if !ok {
			t.Errorf("the guide has the unknown cause %q", row[0])
			continue
		}
		for i, column := range columns[2:] {
			operation, with, _ := strings.Cut(column, ", ")
			outcome := row[i+2]
			if with != "" && outcome == outcomeRemoved {
				t.Errorf("%s, %s: got outcome %q, want no removal with preflight", row[0], column, outcome)
			}
			for _, target := range []string{"elasticsearch", onEmbedded} {
				t.Run(strings.Join([]string{row[0], column, target}, "/"), func(t *testing.T) {
					t.Parallel()
					runPreflightCell(t, target, operation, with != "", fault, strings.Trim(row[1], "`"), outcome)
				})
			}
		}
	}
}

// runPreflightCell runs an operation with an error of the model, and checks its outcome.
func runPreflightCell(t *testing.T, target, operation string, preflight bool, fault bedrocksim.Fault, at, outcome string) {
	t.Helper()
	env := newFaultEnv(t, faultCase{})
	bedrock := newFakeBedrock(t, env.firstKeys, fault)
	settings := object{"bedrock": object{"endpoint": bedrock.URL, "max_attempts": 1}, "preflight": preflight}
	if target == onEmbedded {
		settings["embedded"] = object{"path": filepath.Join(t.TempDir(), "endpoints.db")}
	} else {
		settings["elasticsearch"] = env.workspace.provider["elasticsearch"]
	}
	env.workspace.provider = settings
	rotation := map[string]any{"rotate": "replace", "rotate in place": "in_place"}[operation]
	config := func(keys keyPair) object { return with(env.endpoint(keys, 240), "credentials_rotation", rotation) }
	if operation != "create" {
		env.mustApply(config(env.firstKeys))
	}
	before := stateKeys(env)
	// The cluster calls the model too, and gets the same error.
	refusal := faultproxy.Refusal(http.StatusBadRequest, "status_exception", "Could not complete inference endpoint creation as validation call to service threw an exception. "+fault.Message)
	env.proxy.Arm(func(r *http.Request) bool { return r.Method == http.MethodPut }, refusal, -1)
	env.workspace.config = config(env.secondKeys)
	found := errorsOf(env.workspace.apply(t.Context(), func() {}))
	want := before
	if outcome == outcomeRemoved {
		want = ""
	}
	if got := stateKeys(env); got != want || len(found) != 1 {
		t.Fatalf("got keys %q, want %s; %d errors: %s", got, outcome, len(found), diagnosticsText(found))
	}
	if preflight && dotted(found[0].Attribute) != at {
		t.Errorf("got the path %s, want %s: %s", dotted(found[0].Attribute), at, diagnosticsText(found))
	}
	if preflight && !strings.Contains(found[0].Detail, "A trial call of amazon.titan-embed-text-v2:0 in us-east-1 failed") {
		t.Errorf("got %s, want an error about the trial call", diagnosticsText(found))
	}
	for _, secret := range env.secrets {
		if strings.Contains(env.workspace.recorded.String(), secret) {
			t.Error("a diagnostic, log or state contains a secret")
		}
	}
}

// TestPreflightCalls checks when a plan calls the model: never while it is off,
// while something is unknown, or if nothing changes.
func TestPreflightCalls(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"elasticsearch", onEmbedded} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			env := newFaultEnv(t, faultCase{})
			bedrock := newFakeBedrock(t, env.firstKeys, bedrocksim.Fault{})
			settings := object{"bedrock": object{"endpoint": bedrock.URL}}
			if target == onEmbedded {
				settings["embedded"] = object{"path": filepath.Join(t.TempDir(), "endpoints.db")}
			} else {
				settings["elasticsearch"] = env.workspace.provider["elasticsearch"]
			}
			env.workspace.provider = settings
			expect := func(name string, want int64, config object) {
				t.Helper()
				bedrock.calls.Store(0)
				env.workspace.config = config
				session := env.workspace.session(t.Context())
				session.refresh()
				if _, found := session.plan(); len(errorsOf(found)) > 0 {
					t.Errorf("%s: got %s, want no errors", name, diagnosticsText(found))
				}
				if got := bedrock.calls.Load(); got != want {
					t.Errorf("%s: got %d calls of the model, want %d", name, got, want)
				}
			}
			config := env.endpoint(env.firstKeys, 240)
			expect("off", 0, config)
			settings["preflight"] = unknown
			expect("unknown preflight", 0, config)
			settings["preflight"] = true
			for _, at := range []string{"service_settings.secret_key", atRegion, atModel} {
				expect("unknown "+at, 0, with(config, at, unknown))
			}
			expect("create", 1, config)
			env.mustApply(config)
			expect("no change", 0, config)
			expect("change of a limit", 0, with(config, atLimit, 100))
			expect("replacement", 1, with(config, atModel, "amazon.titan-embed-text-v1"))
			expect("destroy", 0, nil)
		})
	}
}

// TestPreflightSharesCalls checks that a real command calls the model once for all
// endpoints that share keys, region, model and task, and reads INFERENCE_PREFLIGHT.
func TestPreflightSharesCalls(t *testing.T) {
	t.Parallel()
	keys := keyPair{"AKIATEST", "secret-one"}
	bedrock := newFakeBedrock(t, keys, bedrocksim.Fault{})
	two := endpointConfig("e", "text_embedding", titanEmbedding) + strings.Replace(endpointConfig("f", "text_embedding", titanEmbedding), `"this"`, `"other"`, 1)
	terraform := newInstalledCLI(t, "provider \"inference\" {\n  embedded = {}\n  bedrock = { endpoint = \""+bedrock.URL+"\" }\n}\n"+two, "INFERENCE_PREFLIGHT=true")
	terraform.succeeds("plan", "-no-color")
	if got := bedrock.calls.Load(); got != 1 {
		t.Errorf("plan: got %d calls of the model, want 1", got)
	}
	terraform.succeeds(apply...)
	terraform.rewrite("titan-embed-text-v2:0", "titan-embed-text-v1")
	bedrock.calls.Store(0)
	terraform.succeeds(apply...)
	// One call of the plan, and one by the target for each endpoint that it creates.
	// The apply does not test what it has already deleted.
	if got := bedrock.calls.Load(); got != 3 {
		t.Errorf("replacement: got %d calls of the model, want 3", got)
	}
	terraform.rewrite("secret-one", "secret-two")
	bedrock.calls.Store(0)
	plan := unwrapped(terraform.fails("plan", "-no-color"))
	if got := bedrock.calls.Load(); got != 1 || strings.Count(plan, "AWS rejects the secret key") != 2 {
		t.Errorf("rotation: got %d calls of the model, want 1: %s", got, plan)
	}
}

// TestIncompleteKeyPair checks that an incomplete key pair in the environment is an error
// of the plan only if Bedrock is called with the credentials of the environment.
func TestIncompleteKeyPair(t *testing.T) {
	for _, variable := range []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"} {
		t.Setenv(variable, "")
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	const missing = "AWS_SECRET_ACCESS_KEY is not"
	withoutKeys := with(with(validEndpoint(), "service_settings.access_key", nil), "service_settings.secret_key", nil)
	embedded := object{"embedded": object{"path": filepath.Join(t.TempDir(), "endpoints.db")}}
	plan := func(provider, config object) []*tfprotov6.Diagnostic {
		w := newWorkspace(t, provider)
		w.config = config
		_, found := w.session(t.Context()).plan()
		return errorsOf(found)
	}
	if found := plan(embedded, withoutKeys); len(found) != 1 || !strings.Contains(found[0].Detail, missing) || dotted(found[0].Attribute) != "service_settings" {
		t.Errorf("embedded without keys: got %s, want an error about the secret key", diagnosticsText(found))
	}
	if found := plan(embedded, validEndpoint()); len(found) > 0 {
		t.Errorf("embedded with keys: got %s, want no errors", diagnosticsText(found))
	}
	server, _ := cluster(t, "9.5.3")
	if found := plan(object{"elasticsearch": object{"endpoints": []any{server.URL}}}, validEndpoint()); len(found) > 0 {
		t.Errorf("Elasticsearch: got %s, want no errors", diagnosticsText(found))
	}
	protocol := newProtocol(t)
	protocol.configure(t, embedded)
	run := object{"input": []any{"x"}, "service_settings": inline("amazontitan", "amazon.titan-embed-text-v2:0", nil)}
	for _, kind := range []string{dataBlock, ephemeralBlock} {
		if found := protocol.run(t, kind, "inference_text_embedding", run); len(found) != 1 || !strings.Contains(found[0].Detail, missing) {
			t.Errorf("%s: got %s, want one error about the environment", kind, diagnosticsText(found))
		}
	}
}

// TestMalformedBedrockVariable checks that a malformed address in the environment is an
// error only if Bedrock is called.
func TestMalformedBedrockVariable(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "bedrock:port")
	server, _ := cluster(t, "9.5.3")
	w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
	w.config = validEndpoint()
	if found := errorsOf(w.apply(t.Context(), func() {})); len(found) > 0 {
		t.Errorf("Elasticsearch: got %s, want no errors", diagnosticsText(found))
	}
	w.provider = object{"embedded": object{"path": filepath.Join(t.TempDir(), "endpoints.db")}}
	w.state = nil
	_, found := w.session(t.Context()).plan()
	if found = errorsOf(found); len(found) != 1 || !strings.Contains(found[0].Detail, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME") {
		t.Errorf("embedded: got %s, want one error about the variable", diagnosticsText(found))
	}
	run := object{"input": []any{"x"}, "service_settings": inline("amazontitan", "amazon.titan-embed-text-v2:0", nil)}
	for _, provider := range []object{{"elasticsearch": object{"endpoints": []any{server.URL}}}, {}} {
		protocol := newProtocol(t)
		protocol.configure(t, provider)
		if found := protocol.run(t, dataBlock, "inference_text_embedding", run); len(found) != 1 || !strings.Contains(found[0].Detail, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME") {
			t.Errorf("run: got %s, want one error about the variable", diagnosticsText(found))
		}
	}
}

// TestUnknownBedrock checks that an unknown setting of bedrock defers only runs, and not
// the plan of an endpoint on Elasticsearch.
func TestUnknownBedrock(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, "9.5.3")
	for name, bedrock := range map[string]any{
		"all": unknown, "region": object{"region": unknown}, "keys": object{"access_key": unknown, "secret_key": "s", "session_token": "t"},
		"endpoint": object{"endpoint": unknown}, "simulate": object{"simulate": unknown}, "role": object{"assume_role": unknown}, "attempts": object{"max_attempts": unknown},
	} {
		w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}, "bedrock": bedrock, "preflight": true})
		w.config = validEndpoint()
		session := w.session(t.Context())
		planned, found := session.plan()
		if len(errorsOf(found)) > 0 || planned.createOrUpdate == nil || attributesOf(planned.createOrUpdate.value)["target"].IsFullyKnown() == false {
			t.Errorf("%s: target is unknown in the plan, want it known: %s", name, diagnosticsText(found))
		}
		run := object{"input": []any{"x"}, "service_settings": inline("amazontitan", "amazon.titan-embed-text-v2:0", nil)}
		if found := session.run(t, dataBlock, "inference_text_embedding", run); len(found) != 1 || found[0].Summary != "Provider configuration is not known yet" {
			t.Errorf("%s: run: got %s, want one error about the unknown setting", name, diagnosticsText(found))
		}
	}
}
