// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestRemedies checks that errors of Bedrock keep their code, message and request
// id, and get a remedy.
func TestRemedies(t *testing.T) {
	endpoint := completion(inference.Anthropic, "anthropic.claude-sonnet-4-5-20250929-v1:0")
	endpoint.ServiceSettings.Region = "eu-central-1"
	onDemand := "Invocation of model ID anthropic.claude-sonnet-4-5-20250929-v1:0 with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model."
	for _, c := range []struct {
		status        int
		code, message string
		remedy        string
		is            string
	}{
		{403, "AccessDeniedException", "You don't have access to the model with the specified model ID.", "bedrock:InvokeModel", "denied"},
		{403, "ExpiredTokenException", "The security token included in the request is expired", "Sign in again", "unauthenticated"},
		{403, "UnrecognizedClientException", "The security token included in the request is invalid.", "access_key exists", "unauthenticated"},
		{403, "InvalidSignatureException", "The request signature we calculated does not match", "secret_key belongs", "unauthenticated"},
		{403, "MissingAuthenticationTokenException", "Missing Authentication Token", "access_key exists", "unauthenticated"},
		{429, "ThrottlingException", "Too many requests, please wait before trying again.", "requests_per_minute", "throttled"},
		{429, "", "Too many tokens, please wait before trying again.", "requests_per_minute", "throttled"},
		{429, "ModelNotReadyException", "Model is not ready for inference.", "being loaded", "throttled"},
		{404, "ResourceNotFoundException", "Could not resolve the foundation model from the provided model identifier.", "offered in eu-central-1", ""},
		{400, "ValidationException", "The provided model identifier is invalid.", "Check the spelling", ""},
		{400, "ValidationException", onDemand, `"eu.anthropic.claude-sonnet-4-5-20250929-v1:0"`, ""},
		{400, "ValidationException", "The model returned the following errors: `temperature` and `top_p` cannot both be specified for this model. Please use only one.", "Remove temperature or top_p", ""},
		{400, "ValidationException", "The model returned the following errors: `temperature` is deprecated for this model.", "Remove the setting", ""},
		{408, "ModelTimeoutException", "Model has timed out in processing the request.", "max_new_tokens", ""},
		{500, "InternalServerException", "The system encountered an unexpected error.", "Try again later", ""},
	} {
		fault := &bedrocksim.Fault{Status: c.status, Code: c.code, Message: c.message}
		simulator := newSimulator(t, bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return fault }))
		_, err := New(Config{Simulator: simulator, MaxAttempts: 1}).Run(t.Context(), endpoint, noKeys, texts("a"))
		var got *Error
		if !errors.As(err, &got) {
			t.Errorf("%s: error %v", c.message, err)
			continue
		}
		for _, part := range []string{c.code, strings.TrimSuffix(c.message, "."), got.RequestID, c.remedy} {
			if part == "" && c.code != "" || !strings.Contains(got.Error(), part) {
				t.Errorf("%q lacks %q", got.Error(), part)
			}
		}
		if got.Status != c.status {
			t.Errorf("%s: status %d", c.code, got.Status)
		}
		for name, is := range map[string]bool{"denied": got.Denied() && !got.Unauthenticated(), "unauthenticated": got.Unauthenticated(), "throttled": got.Throttled()} {
			if is != (c.is == name) {
				t.Errorf("%s is %s: %t", c.code, name, is)
			}
		}
		if got.Unauthenticated() && !got.Denied() {
			t.Errorf("%s: Denied is false", c.code)
		}
	}
}

// TestProfileRemedy names only inference profiles that exist.
func TestProfileRemedy(t *testing.T) {
	const sonnet = "anthropic.claude-sonnet-4-5-20250929-v1:0"
	for _, c := range []struct{ region, model, want, without string }{
		{"us-east-1", sonnet, `"us.` + sonnet, "apac."},
		{"eu-west-1", sonnet, `"eu.` + sonnet, "apac."},
		{"ap-northeast-1", sonnet, `"jp.` + sonnet, "apac."},
		{"ap-northeast-1", "arn:aws:bedrock:ap-northeast-1::foundation-model/" + sonnet, `"jp.` + sonnet, "apac."},
		{"us-east-1", "unknown.model-v9", "Cross-region inference", "unknown"},
	} {
		got := profileRemedy(inference.ServiceSettings{Region: c.region, Model: c.model})
		if !strings.Contains(got, c.want) || strings.Contains(got, c.without) {
			t.Errorf("%s in %s: %s", c.model, c.region, got)
		}
	}
}

// TestNoResponse calls an address without a server.
func TestNoResponse(t *testing.T) {
	runner := New(Config{Endpoint: "http://127.0.0.1:1", AccessKey: "key", SecretKey: "secret"})
	runner.backoff = noDelay
	_, err := runner.Run(t.Context(), titan(), noKeys, texts("a"))
	var fault *Error
	if !errors.As(err, &fault) || fault.Code != "NoResponse" || fault.Status != 0 || fault.Remedy == "" || !strings.Contains(fault.Error(), "127.0.0.1:1") {
		t.Errorf("error %v", err)
	}
}

// TestInvalidRequestIsNotSent checks that a violation of a rule causes no call.
func TestInvalidRequestIsNotSent(t *testing.T) {
	simulator := newSimulator(t)
	runner := New(Config{Simulator: simulator})
	for path, c := range map[validation.Path]struct {
		endpoint inference.Endpoint
		request  inference.Request
	}{
		"input":                     {titan(), texts()},
		"input.1":                   {titan(), texts("a", "")},
		"service_settings.provider": {embedding(inference.Meta, "meta.llama3-8b-instruct-v1:0"), texts("a")},
		"service_settings.model":    {embedding(inference.AmazonTitan, "amazon.titan-embed-image-v1"), texts("a")},
		"input_type":                {claude(), inference.Request{Input: []string{"a"}, InputType: inference.Search}},
		"task_settings.truncate":    {titan(), inference.Request{Input: []string{"a"}, TaskSettings: inference.TaskSettings{Truncate: "END"}}},
	} {
		_, err := runner.Run(t.Context(), c.endpoint, noKeys, c.request)
		var violations validation.Violations
		if !errors.As(err, &violations) || violations[0].Path != path {
			t.Errorf("error %v, want one at %s", err, path)
		}
	}
	if simulator.Calls() != 0 {
		t.Errorf("%d calls were made", simulator.Calls())
	}
}
