// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

var ownKeys = inference.Keys{AccessKey: "AKIAEXAMPLE", SecretKey: "secret-of-example"}

// TestPreflightBlame checks that an error of a trial call is placed at the setting
// that caused it.
func TestPreflightBlame(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status        int
		code, message string
		at            validation.Path
		want          string // part of summary and detail
	}{
		{403, "UnrecognizedClientException", "The security token included in the request is invalid.", inference.PathAccessKey, "rejects the access key"},
		{403, "InvalidClientTokenId", "The security token included in the request is invalid.", inference.PathAccessKey, "rejects the access key"},
		{403, "ExpiredTokenException", "The security token included in the request is expired", inference.PathAccessKey, "have expired"},
		{403, "InvalidSignatureException", "The request signature we calculated does not match", inference.PathSecretKey, "rejects the secret key"},
		{403, "SignatureDoesNotMatch", "The request signature we calculated does not match", inference.PathSecretKey, "rejects the secret key"},
		{403, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/u is not authorized to perform: bedrock:InvokeModel on resource: x", inference.PathAccessKey, "keys lack a permission"},
		{403, "AccessDeniedException", "You don't have access to the model with the specified model ID.", inference.PathModel, "No access to the model"},
		{404, "ResourceNotFoundException", "Could not resolve the foundation model from the provided model identifier.", inference.PathModel, "not offered in the region"},
		{400, "ValidationException", "The provided model identifier is invalid.", inference.PathModel, "not offered in the region"},
		{400, "ValidationException", "Invocation of model ID x with on-demand throughput isn’t supported.", inference.PathModel, "Inference profile is required"},
		{404, "ResourceNotFoundException", "This model version has reached the end of its life. Please refer to the AWS documentation for more details.", inference.PathModel, "AWS has retired the model"},
		{403, "AccessDeniedException", "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 30 days.", inference.PathModel, "The model is legacy"},
		{400, "ValidationException", "Malformed input request.", inference.PathModel, "refuses the trial call"},
		{429, "ThrottlingException", "Too many requests.", inference.PathServiceSettings, "throttled"},
		{500, "InternalServerException", "The system encountered an unexpected error.", inference.PathServiceSettings, "Trial call failed"},
	} {
		fault := &bedrocksim.Fault{Status: c.status, Code: c.code, Message: c.message}
		simulator := newSimulator(t, bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return fault }))
		found, err := NewPreflight(New(Config{Simulator: simulator, MaxAttempts: 1})).Check(t.Context(), claude(), ownKeys)
		if err != nil || len(found) != 1 {
			t.Errorf("%s: got %v, %v", c.message, found, err)
			continue
		}
		if got := found[0]; got.Path != c.at || got.Warning || !strings.Contains(got.Summary+". "+got.Detail, c.want) || !strings.Contains(got.Detail, claude().ServiceSettings.Model) {
			t.Errorf("%s: got %+v, want %q at %s", c.message, got, c.want, c.at)
		}
	}
}

// TestPreflightWithoutOwnKeys checks that an endpoint without keys is not told to
// change them.
func TestPreflightWithoutOwnKeys(t *testing.T) {
	t.Parallel()
	fault := bedrocksim.ExpiredToken()
	simulator := newSimulator(t, bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return fault }))
	found, err := NewPreflight(New(Config{Simulator: simulator})).Check(t.Context(), titan(), noKeys)
	if err != nil || len(found) != 1 || found[0].Path != inference.PathServiceSettings || found[0].Summary != "AWS credentials cannot be used" {
		t.Errorf("got %+v, %v", found, err)
	}
}

// TestPreflightUnreachable checks that a Bedrock that does not answer is an error.
func TestPreflightUnreachable(t *testing.T) {
	t.Parallel()
	runner := New(Config{Endpoint: "http://127.0.0.1:1"})
	runner.backoff = noDelay
	found, err := NewPreflight(runner).Check(t.Context(), titan(), ownKeys)
	if err != nil || len(found) != 1 || found[0].Summary != "Amazon Bedrock cannot be reached" {
		t.Errorf("got %+v, %v", found, err)
	}
}

// TestPreflightCalls checks that each combination of keys, region, model and task
// is tested once, whether or not it works, and with the least output.
func TestPreflightCalls(t *testing.T) {
	t.Parallel()
	simulator := newSimulator(t)
	preflight := NewPreflight(New(Config{Simulator: simulator}))
	elsewhere := claude()
	elsewhere.ServiceSettings.Region = "eu-west-1"
	chat := claude()
	chat.TaskType = inference.ChatCompletion // the same call as a completion
	renamed := claude()
	renamed.InferenceID = "another"
	var group sync.WaitGroup
	for range 20 {
		for _, c := range []struct {
			endpoint inference.Endpoint
			keys     inference.Keys
		}{{claude(), ownKeys}, {chat, ownKeys}, {renamed, ownKeys}, {elsewhere, ownKeys}, {titan(), ownKeys}, {claude(), noKeys}} {
			group.Go(func() {
				if found, err := preflight.Check(t.Context(), c.endpoint, c.keys); err != nil || len(found) > 0 {
					t.Errorf("got %v, %v", found, err)
				}
			})
		}
	}
	group.Wait()
	if got := simulator.Calls(); got != 4 {
		t.Errorf("%d calls, want 4", got)
	}
}

// TestPreflightFailureIsKept checks that a failure is not tried again.
func TestPreflightFailureIsKept(t *testing.T) {
	t.Parallel()
	fault := bedrocksim.AccessDenied()
	simulator := newSimulator(t, bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return fault }))
	preflight := NewPreflight(New(Config{Simulator: simulator}))
	for range 3 {
		if found, err := preflight.Check(t.Context(), claude(), ownKeys); err != nil || len(found) != 1 {
			t.Errorf("got %v, %v", found, err)
		}
	}
	if got := simulator.Calls(); got != 1 {
		t.Errorf("%d calls, want 1", got)
	}
}

// TestPreflightInterrupted checks that an interrupted call proves nothing.
func TestPreflightInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // net/http notices a closed connection only then
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	preflight := NewPreflight(New(Config{Endpoint: server.URL, MaxAttempts: 1}))
	if found, err := preflight.Check(ctx, titan(), ownKeys); !errors.Is(err, context.Canceled) || len(found) > 0 {
		t.Errorf("got %v, %v", found, err)
	}
	if len(preflight.trials) > 0 {
		t.Error("the result was kept")
	}
}

// TestCheckEnvironmentKeys checks that a part of a key pair is an error that names
// the missing variable, unless something else than the environment is used.
func TestCheckEnvironmentKeys(t *testing.T) {
	for name, c := range map[string]struct {
		environment map[string]string
		want        string // empty for no error
	}{
		"access key":             {map[string]string{"AWS_ACCESS_KEY_ID": "AKIA"}, "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not."},
		"secret key":             {map[string]string{"AWS_SECRET_ACCESS_KEY": "s"}, "AWS_SECRET_ACCESS_KEY is set, AWS_ACCESS_KEY_ID is not."},
		"empty secret key":       {map[string]string{"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": ""}, "AWS_SECRET_ACCESS_KEY is not."},
		"access key and token":   {map[string]string{"AWS_ACCESS_KEY_ID": "ASIA", "AWS_SESSION_TOKEN": "t"}, "AWS_SECRET_ACCESS_KEY is not."},
		"session token":          {map[string]string{"AWS_SESSION_TOKEN": "t"}, "AWS_SESSION_TOKEN is set, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not."},
		"older name":             {map[string]string{"AWS_ACCESS_KEY": "AKIA"}, "AWS_ACCESS_KEY is set, AWS_SECRET_ACCESS_KEY is not."},
		"beside a profile":       {map[string]string{"AWS_ACCESS_KEY_ID": "AKIA", "AWS_PROFILE": "other"}, "AWS_SECRET_ACCESS_KEY is not."},
		"pair":                   {map[string]string{"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"}, ""},
		"pair of mixed names":    {map[string]string{"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_KEY": "s"}, ""},
		"temporary keys":         {map[string]string{"AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}, ""},
		"all empty":              {map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""}, ""},
		"nothing":                {nil, ""},
		"beside an API key":      {map[string]string{"AWS_ACCESS_KEY_ID": "AKIA", "AWS_BEARER_TOKEN_BEDROCK": "b"}, ""},
		"token beside a profile": {map[string]string{"AWS_SESSION_TOKEN": "t", "AWS_PROFILE": "other"}, "are not."},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"} {
				t.Setenv(variable, c.environment[variable])
			}
			for variable, value := range c.environment {
				t.Setenv(variable, value)
			}
			err := New(Config{}).Check(noKeys)
			if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if _, runErr := New(Config{Endpoint: "http://127.0.0.1:1", MaxAttempts: 1}).Run(t.Context(), titan(), noKeys, texts("a")); c.want != "" && (runErr == nil || runErr.Error() != err.Error()) {
				t.Errorf("a run: %v", runErr)
			}
			for _, config := range []Config{{AccessKey: "AKIA", SecretKey: "s"}, {Profile: "p"}, {Simulator: newSimulator(t)}} {
				if err := New(config).Check(noKeys); err != nil {
					t.Errorf("with other credentials: %v", err)
				}
			}
			if err := New(Config{}).Check(ownKeys); err != nil {
				t.Errorf("with keys of the endpoint: %v", err)
			}
		})
	}
}
