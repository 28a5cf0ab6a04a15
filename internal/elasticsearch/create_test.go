// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// hook handles requests before the server does.
type hook = func(http.ResponseWriter, *http.Request, http.Handler)

// onPut applies a hook to the n-th PUT only.
func onPut(trick hook, nth ...int) hook {
	var seen atomic.Int64 // a request and its retry have handlers of their own
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut && slices.Contains(nth, int(seen.Add(1))) {
			trick(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// acted executes the request and answers with a status as if it had failed.
func acted(status int) hook {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(httptest.NewRecorder(), r)
		w.WriteHeader(status)
	}
}

// resetAfter executes the request and resets the connection.
func resetAfter(w http.ResponseWriter, r *http.Request, next http.Handler) {
	next.ServeHTTP(httptest.NewRecorder(), r)
	reset(w, r, next)
}

func reset(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }

// without answers with a status and does not execute the request.
func without(status int) hook {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(status) }
}

func methods(server *elasticsearchtest.Server) string {
	var methods []string
	for _, request := range server.Requests() {
		if request.Path != "/" {
			methods = append(methods, request.Method)
		}
	}
	return strings.Join(methods, " ")
}

func TestAmbiguousCreate(t *testing.T) {
	other := titan("x")
	other.ServiceSettings.Region = "eu-central-1"
	for _, test := range []struct {
		name    string
		hook    hook
		failed  backend.Kind // with created false
		created bool
		methods string
	}{
		{name: "all is well", hook: nil, created: true, methods: "GET PUT"},
		{name: "gone before it acted", hook: onPut(reset, 1), created: true, methods: "GET PUT PUT"},
		{name: "gone after it acted", hook: onPut(resetAfter, 1), created: true, methods: "GET PUT PUT GET"},
		{name: "bad gateway after it acted", hook: onPut(acted(502), 1), created: true, methods: "GET PUT PUT GET"},
		{name: "half a response", hook: onPut(half, 1), created: true, methods: "GET PUT PUT GET"},
		{name: "gateway timeout after it acted", hook: onPut(acted(504), 1), created: true, methods: "GET PUT GET"},
		{name: "gateway timeout before it acted", hook: onPut(without(504), 1), failed: backend.Unreachable, methods: "GET PUT GET"},
		{name: "model timeout (408)", hook: onPut(timedOut(408), 1), failed: backend.Unreachable, methods: "GET PUT GET"},
		{name: "model timeout (429)", hook: onPut(timedOut(429), 1), failed: backend.Unreachable, methods: "GET PUT GET"},
		{name: "unavailable after it acted", hook: onPut(acted(503), 1, 2, 3, 4, 5), created: true, methods: "GET PUT PUT PUT PUT PUT GET"},
		{name: "never there", hook: onPut(without(503), 1, 2, 3, 4, 5), failed: backend.Unreachable, methods: "GET PUT PUT PUT PUT PUT GET"},
		{name: "a good answer that makes no sense", hook: onPut(senseless, 1), created: true, methods: "GET PUT GET"},
		{name: "turned away first", hook: onPut(without(429), 1), created: true, methods: "GET PUT PUT"},
		{name: "a fault of the server", hook: onPut(without(500), 1), failed: backend.Unreachable, methods: "GET PUT GET"},
		{name: "a fault of the server, after it acted", hook: onPut(acted(500), 1), created: true, methods: "GET PUT GET"},
		{name: "another create was faster", hook: onPut(overtaken(other), 1), failed: backend.AlreadyExists, methods: "GET PUT"},
		{name: "another create was faster, no response", hook: onPut(overtakenAndReset(other), 1), failed: backend.AlreadyExists, methods: "GET PUT PUT GET"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := elasticsearchtest.New(t)
			client := connect(t, config(server))
			server.Intercept(test.hook)
			got, err := client.Create(t.Context(), titan("x"), keys)
			switch {
			case test.created && (err != nil || got.ServiceSettings.Dimensions != 1024):
				t.Errorf("got %+v, %v", got, err)
			case !test.created && !backend.Is(err, test.failed):
				t.Errorf("got %v, want kind %d", err, test.failed)
			}
			if got := methods(server); got != test.methods {
				t.Errorf("got requests %s, want %s", got, test.methods)
			}
			checkSecrets(t, err)
		})
	}
}

// TestServerDefaultsAreNoDifference: values that the server chose are no difference,
// also after a lost response, where the endpoint would otherwise not be recognized.
func TestServerDefaultsAreNoDifference(t *testing.T) {
	chosen := embed("x")
	chosen.ServiceSettings.MaxInputTokens, chosen.TaskSettings.Truncate = 512, "END"
	for name, trick := range map[string]func(hook) hook{
		"answered": func(act hook) hook { return act },
		"lost": func(act hook) hook {
			return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				act(httptest.NewRecorder(), r, next)
				reset(w, r, next)
			}
		},
	} {
		server := elasticsearchtest.New(t)
		server.Intercept(onPut(trick(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			body, _ := chosen.CreateBody(keys)
			next.ServeHTTP(w, jsonRequest(r, string(body)))
		}), 1))
		got, err := connect(t, config(server)).Create(t.Context(), embed("x"), keys)
		if err != nil || got.ServiceSettings.MaxInputTokens != 512 || got.TaskSettings.Truncate != "END" {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// half executes the request and sends half of the response.
func half(w http.ResponseWriter, r *http.Request, next http.Handler) {
	recorder := httptest.NewRecorder()
	next.ServeHTTP(recorder, r)
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write(recorder.Body.Bytes()[:20])
}

func senseless(w http.ResponseWriter, r *http.Request, next http.Handler) {
	next.ServeHTTP(httptest.NewRecorder(), r)
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"hello":`))
}

// overtaken creates another endpoint with the same id before the request.
func overtaken(other inference.Endpoint) hook {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		makeBehind(r, next, other)
		next.ServeHTTP(w, r)
	}
}

func overtakenAndReset(other inference.Endpoint) hook {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		makeBehind(r, next, other)
		reset(w, r, next)
	}
}

func makeBehind(r *http.Request, next http.Handler, other inference.Endpoint) {
	body, _ := other.CreateBody(keys)
	request := jsonRequest(r, string(body))
	next.ServeHTTP(httptest.NewRecorder(), request)
}

// TestCreateCanceledAfterExecution: the endpoint is returned, so that it is not
// forgotten.
func TestCreateCanceledAfterExecution(t *testing.T) {
	for _, there := range []bool{true, false} {
		server := elasticsearchtest.New(t)
		client := connect(t, config(server))
		ctx, cancel := context.WithCancel(t.Context())
		server.Intercept(onPut(func(_ http.ResponseWriter, r *http.Request, next http.Handler) {
			if there {
				next.ServeHTTP(httptest.NewRecorder(), r)
			}
			cancel()
			<-r.Context().Done()
		}, 1))
		got, err := client.Create(ctx, titan("x"), keys)
		if there && (err != nil || got.InferenceID != "x") {
			t.Errorf("made: got %+v, %v", got, err)
		}
		if !there && !errors.Is(err, context.Canceled) {
			t.Errorf("not made: got %v", err)
		}
		if got, want := methods(server), "GET PUT GET"; got != want {
			t.Errorf("got requests %s, want %s", got, want)
		}
	}
}

// TestCreateRefusedAndStored: the endpoint is returned with the error
// (elasticsearch#137127).
func TestCreateRefusedAndStored(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	server.Intercept(onPut(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(httptest.NewRecorder(), r)
		refuse(w, http.StatusBadRequest, "validation_exception", "no idea")
	}, 1))
	got, err := client.Create(t.Context(), titan("x"), keys)
	if got.InferenceID != "x" || !backend.Is(err, backend.Refused) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestCreateNotAsRequested: settings that the server stored differently are reported.
func TestCreateNotAsRequested(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	server.Intercept(onPut(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		other := titan("x")
		other.ServiceSettings.RequestsPerMinute = 1
		body, _ := other.CreateBody(keys)
		next.ServeHTTP(w, jsonRequest(r, string(body)))
	}, 1))
	asked := titan("x")
	asked.ServiceSettings.RequestsPerMinute = 99
	got, err := client.Create(t.Context(), asked, keys)
	if got.InferenceID != "x" || !backend.Is(err, backend.Refused) || !strings.Contains(err.Error(), "rate_limit.requests_per_minute") {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestCreateTriesTheModel(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	server.Trial(func(_, _, accessKey, secretKey string) string {
		return "The security token " + accessKey + " / " + secretKey + " is invalid."
	})
	_, err := client.Create(t.Context(), titan("x"), keys)
	if !backend.Is(err, backend.Refused) {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"is invalid", "access_key and secret_key"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %v", part, err)
		}
	}
	checkSecrets(t, err)
}

// TestTimeoutIsPassedOn: servers that accept a timeout get it.
func TestTimeoutIsPassedOn(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	for number, want := range map[string][3]bool{
		"8.18.0": {false, false, true}, "9.1.0": {true, false, true}, "9.3.1": {true, false, true}, "9.6.0": {true, true, true},
	} {
		server := elasticsearchtest.New(t, elasticsearchtest.Version(number))
		client := connect(t, config(server))
		made, err := client.Create(ctx, claude("x", inference.Completion), keys)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Update(ctx, made, inference.Update{TaskSettings: inference.TaskSettings{MaxNewTokens: pointer(int64(9))}}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Run(ctx, made, inference.Request{Input: []string{"x"}}); err != nil {
			t.Fatal(err)
		}
		var got [3]bool
		for _, request := range server.Requests() {
			switch {
			case strings.HasSuffix(request.Path, "/_update"):
				got[1] = passesTimeout(t, request)
			case request.Method == http.MethodPut:
				got[0] = passesTimeout(t, request)
			case request.Method == http.MethodPost:
				got[2] = passesTimeout(t, request)
			}
		}
		if got != want {
			t.Errorf("%s: got %v, want %v for create, update and run", number, got, want)
		}
	}
}

// passesTimeout reports whether a request has a timeout, which must be what is left of an
// hour, less the margin of the response.
func passesTimeout(t *testing.T, request elasticsearchtest.Request) bool {
	t.Helper()
	value, ok := strings.CutPrefix(request.Query, "timeout=")
	if !ok {
		return false
	}
	if timeout, err := time.ParseDuration(value); err != nil || timeout < 50*time.Minute || timeout > time.Hour-5*time.Second {
		t.Errorf("got the timeout %s, want almost an hour: %v", value, err)
	}
	return true
}

func refuse(w http.ResponseWriter, status int, kind, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"error":{"type":"` + kind + `","reason":"` + reason + `"}}`))
}

// checkSecrets fails if an error contains a key.
func checkSecrets(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, key := range []redact.Secret{keys.AccessKey, keys.SecretKey} {
		for cause := err; cause != nil; cause = errors.Unwrap(cause) {
			if strings.Contains(cause.Error(), key.Reveal()) {
				t.Errorf("a key is in %q", cause)
			}
		}
	}
}

// timedOut answers as Elasticsearch does when the model did not answer in time.
func timedOut(status int) hook {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		refuse(w, status, "timeout_exception", "Request timed out after [30s]")
	}
}

// TestModelTimeoutIsNotRepeated covers every status by which Elasticsearch and
// proxies report that the model may have run.
func TestModelTimeoutIsNotRepeated(t *testing.T) {
	for name, answer := range map[string]hook{
		"408 timeout_exception": timedOut(408), "429 timeout_exception": timedOut(429), "504 timeout_exception": timedOut(504),
		"504 of a proxy": without(504),
		"429 with X-Timed-Out": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("X-Timed-Out", "?1")
			refuse(w, 429, "exception", "took too long")
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := elasticsearchtest.New(t)
			client := connect(t, config(server))
			made, err := client.Create(t.Context(), titan("x"), keys)
			if err != nil {
				t.Fatal(err)
			}
			server.Forget()
			server.Intercept(answer)
			_, err = client.Run(t.Context(), made, inference.Request{Input: []string{"hello"}})
			if !backend.Is(err, backend.Unreachable) {
				t.Errorf("got %v", err)
			}
			if got := methods(server); got != "POST" {
				t.Errorf("got requests %s, want one POST", got)
			}
			if strings.Contains(name, "timeout_exception") && !strings.Contains(err.Error(), "Increase timeouts") {
				t.Errorf("no word of timeouts in %v", err)
			}
		})
	}
}

func TestRemedyOfErrorResponses(t *testing.T) {
	for name, test := range map[string]struct {
		status       int
		body         string
		header       string
		want, forbid string
	}{
		"license":                 {403, `{"error":{"type":"security_exception","reason":"current license is non-compliant for [inference]"}}`, "", "Enterprise license", "manage_inference"},
		"timeout within a create": {400, `{"error":{"type":"status_exception","reason":"Could not complete inference endpoint creation as validation call to service threw an exception.","caused_by":{"type":"timeout_exception","reason":"took too long"}}}`, "", "Increase timeouts", "access_key"},
		"retired model":           {400, `{"error":{"type":"status_exception","reason":"Could not complete inference endpoint creation as validation call to service threw an exception.","caused_by":{"type":"exception","reason":"AmazonBedrock converse failure: [This model version has reached the end of its life. Please refer to the AWS documentation for more details.]"}}}`, "", "AWS has retired the model", "access_key"},
		"legacy model":            {400, `{"error":{"type":"status_exception","reason":"Could not complete inference endpoint creation as validation call to service threw an exception.","caused_by":{"type":"exception","reason":"AmazonBedrock converse failure: [Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 15 days.]"}}}`, "", "The model is legacy", "access_key"},
		"traffic filter":          {403, `{"ok":false,"message":"Forbidden due to traffic filtering"}`, "", "Forbidden due to traffic filtering", "manage_inference"},
		"unknown deployment":      {404, `{"ok":false,"message":"Unknown resource."}`, "", "Unknown resource.", ""},
		"Kibana by its header":    {404, `nothing`, "kbn-name", "Kibana at", ""},
		"Kibana by its JSON":      {404, `{"statusCode":404,"error":"Not Found","message":"Not Found"}`, "", "Kibana at", ""},
		"gateway":                 {403, `RBAC: access denied for AKIAEXAMPLE`, "", "RBAC: access denied for", "AKIAEXAMPLE"},
		"proxy credentials":       {407, ``, "", "HTTPS_PROXY", ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := elasticsearchtest.New(t)
			client := connect(t, config(server))
			server.Intercept(onPut(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
				if test.header != "" {
					w.Header().Set(test.header, "kibana")
				}
				if strings.Contains(test.body, `"type"`) {
					w.Header().Set("X-Elastic-Product", "Elasticsearch")
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(strings.ReplaceAll(test.body, "AKIAEXAMPLE", keys.AccessKey.Reveal())))
			}, 1))
			_, err := client.Create(t.Context(), titan("x"), keys)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("%q is not in %v", test.want, err)
			}
			if test.forbid != "" && strings.Contains(err.Error(), test.forbid) {
				t.Errorf("%q is in %v", test.forbid, err)
			}
			checkSecrets(t, err)
		})
	}
}

// jsonRequest returns a request with another body.
func jsonRequest(r *http.Request, body string) *http.Request {
	request := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.Path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	return request
}
