// SPDX-License-Identifier: MPL-2.0

package bedrocksim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	titanModel  = "amazon.titan-embed-text-v2:0"
	claudeModel = "anthropic.claude-3-haiku-20240307-v1:0"
)

// sign makes a request and signs it with the SDK's signer.
func sign(t *testing.T, s *Simulator, model, operation, body string, keys aws.Credentials, at time.Time) *http.Request {
	t.Helper()
	target := s.URL() + "/model/" + url.PathEscape(model) + "/" + operation
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, request, hex.EncodeToString(sum[:]), "bedrock", "us-east-1", at); err != nil {
		t.Fatal(err)
	}
	return request
}

func own() aws.Credentials {
	return aws.Credentials{AccessKeyID: AccessKey, SecretAccessKey: SecretKey}
}

// send returns the status, the error code and the body of the answer.
func send(t *testing.T, request *http.Request) (status int, code, body string) {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.Header.Get("X-Amzn-Requestid") == "" {
		t.Error("no request id")
	}
	code, _, _ = strings.Cut(response.Header.Get("X-Amzn-Errortype"), ":")
	return response.StatusCode, code, string(read)
}

func start(t *testing.T, options ...Option) *Simulator {
	t.Helper()
	s := New(options...)
	t.Cleanup(s.Close)
	return s
}

func TestSignature(t *testing.T) {
	const body = `{"inputText":"hello"}`
	now := time.Now()
	for name, c := range map[string]struct {
		keys aws.Credentials
		at   time.Time
		spin func(*http.Request)
		code string
	}{
		"right":                 {keys: own()},
		"trusted keys":          {keys: aws.Credentials{AccessKeyID: "mine", SecretAccessKey: "my secret"}},
		"previous secret":       {keys: aws.Credentials{AccessKeyID: "mine", SecretAccessKey: "my old secret"}},
		"distrusted":            {keys: aws.Credentials{AccessKeyID: "mine", SecretAccessKey: "distrusted"}, code: "InvalidSignatureException"},
		"last pair distrusted":  {keys: aws.Credentials{AccessKeyID: "theirs", SecretAccessKey: "distrusted"}, code: "UnrecognizedClientException"},
		"right, with a session": {keys: aws.Credentials{AccessKeyID: AccessKey, SecretAccessKey: SecretKey, SessionToken: "session"}},
		"more headers signed later": {keys: own(), spin: func(r *http.Request) {
			r.Header.Set("X-Not-Signed", "yes")
		}},
		"wrong secret": {keys: aws.Credentials{AccessKeyID: AccessKey, SecretAccessKey: "wrong"}, code: "InvalidSignatureException"},
		"unknown key":  {keys: aws.Credentials{AccessKeyID: "nobody", SecretAccessKey: SecretKey}, code: "UnrecognizedClientException"},
		"old":          {keys: own(), at: now.Add(-6 * time.Minute), code: "InvalidSignatureException"},
		"future date":  {keys: own(), at: now.Add(6 * time.Minute), code: "InvalidSignatureException"},
		"another body": {keys: own(), code: "InvalidSignatureException", spin: func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(`{"inputText":"jello"}`))
		}},
		"another path": {keys: own(), code: "InvalidSignatureException", spin: func(r *http.Request) {
			r.URL.Path = strings.Replace(r.URL.Path, "invoke", "converse", 1)
			r.URL.RawPath = strings.Replace(r.URL.RawPath, "invoke", "converse", 1)
		}},
		"another type": {keys: own(), code: "InvalidSignatureException", spin: func(r *http.Request) {
			r.Header.Set("Content-Type", "text/plain")
		}},
		"unsigned session token": {keys: own(), code: "IncompleteSignatureException", spin: func(r *http.Request) {
			r.Header.Set("X-Amz-Security-Token", "session")
		}},
		"none": {keys: own(), code: "MissingAuthenticationTokenException", spin: func(r *http.Request) {
			r.Header.Del("Authorization")
		}},
		"an API key": {keys: own(), code: "AccessDeniedException", spin: func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer key")
		}},
		"incomplete header": {keys: own(), code: "IncompleteSignatureException", spin: func(r *http.Request) {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+AccessKey)
		}},
		"another service": {keys: own(), code: "IncompleteSignatureException", spin: func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "/bedrock/", "/s3/", 1))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			for _, known := range [][2]string{{"mine", "my old secret"}, {"mine", "distrusted"}, {"theirs", "distrusted"}, {"mine", "my secret"}} {
				s.Trust(known[0], known[1])
			}
			s.Distrust("mine", "distrusted")
			s.Distrust("theirs", "distrusted")
			if c.at.IsZero() {
				c.at = now
			}
			request := sign(t, s, titanModel, "invoke", body, c.keys, c.at)
			if c.spin != nil {
				c.spin(request)
			}
			status, code, answer := send(t, request)
			if code != c.code || (code == "") != (status == 200) || (code != "" && status != 403) {
				t.Errorf("status %d, code %q, want %q: %s", status, code, c.code, answer)
			}
		})
	}
}

func TestRoutes(t *testing.T) {
	s := start(t)
	for _, c := range []struct{ model, operation, code string }{
		{titanModel, "invoke", ""},
		{titanModel, "count-tokens", "UnknownOperationException"},
		{"titan", "invoke", "ValidationException"},
		{"unknown.model-v1:0", "invoke", "ValidationException"},
		{"amazon.titan-embed-text-v9:0", "invoke", "ValidationException"},
		{"arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc", "invoke", ""},
		{"cohere.embed-v4:0", "invoke", "ValidationException"},
		{claudeModel, "invoke", "ValidationException"},
	} {
		_, code, answer := send(t, sign(t, s, c.model, c.operation, `{"inputText":"a"}`, own(), time.Now()))
		if code != c.code {
			t.Errorf("%s of %s: code %q, want %q: %s", c.operation, c.model, code, c.code, answer)
		}
	}
}

func TestVectors(t *testing.T) {
	const dims = 1024
	for _, text := range []string{"hello", "a longer text with several words in it", "...", " ", "日本語", strings.Repeat("w ", 20_000)} {
		v := vector(text, dims)
		if length := cosine(v, v); math.Abs(length-1) > 1e-6 || len(v) != dims {
			t.Errorf("%.20q: length %f of %d dimensions", text, length, len(v))
		}
		if !slices.Equal(v, vector(text, dims)) {
			t.Errorf("%.20q: two vectors", text)
		}
	}
	near := cosine(vector("the cat sat on the mat", dims), vector("a cat sat on a mat", dims))
	far := cosine(vector("the cat sat on the mat", dims), vector("quarterly revenue grew strongly", dims))
	if near < 0.5 || math.Abs(far) > 0.2 {
		t.Errorf("shared words: %.2f, none: %.2f", near, far)
	}
	if got := cosine(vector("one two", dims), vector("two three", dims)); math.Abs(got-0.5) > 0.15 {
		t.Errorf("one word of two shared: %.2f, want about a half", got)
	}
	if got := cosine(vector("Hello, World!", dims), vector("world hello", dims)); math.Abs(got-1) > 1e-6 {
		t.Errorf("order, case and punctuation matter: %f", got)
	}
}

func cosine(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		fault  *Fault
		status int
		code   string
		broken bool
	}{
		"none":              {nil, 200, "", false},
		"throttled":         {Throttled(), 429, "ThrottlingException", false},
		"throttled untyped": {&Fault{Status: http.StatusTooManyRequests, Message: "Too many requests"}, 429, "", false},
		"not ready":         {ModelNotReady(), 429, "ModelNotReadyException", false},
		"unavailable":       {Unavailable(), 503, "ServiceUnavailableException", false},
		"access denied":     {AccessDenied(), 403, "AccessDeniedException", false},
		"expired":           {ExpiredToken(), 403, "ExpiredTokenException", false},
		"malformed":         {Damaged(Malformed), 200, "", true},
		"HTML":              {Damaged(HTML), 200, "", true},
	} {
		s := start(t, WithFault(func(*http.Request, int) *Fault { return c.fault }))
		status, code, body := send(t, sign(t, s, titanModel, "invoke", `{"inputText":"a"}`, own(), time.Now()))
		if status != c.status || code != c.code || json.Valid([]byte(body)) == c.broken {
			t.Errorf("%s: status %d, code %q: %.100s", name, status, code, body)
		}
	}
	for _, damage := range []Damage{CutOff, Reset} {
		s := start(t, WithFault(func(*http.Request, int) *Fault { return Damaged(damage) }))
		response, err := http.DefaultClient.Do(sign(t, s, titanModel, "invoke", `{"inputText":"a"}`, own(), time.Now()))
		if err == nil {
			_, err = io.ReadAll(response.Body)
			_ = response.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: the answer is complete", damage)
		}
	}
}

func TestCalls(t *testing.T) {
	s := start(t, WithFault(func(_ *http.Request, call int) *Fault {
		if call%2 == 0 {
			return Throttled()
		}
		return nil
	}))
	for call := 1; call <= 4; call++ {
		status, _, _ := send(t, sign(t, s, titanModel, "invoke", `{"inputText":"a"}`, own(), time.Now()))
		if (status == 429) != (call%2 == 0) {
			t.Errorf("call %d: status %d", call, status)
		}
	}
	if s.Calls() != 4 {
		t.Errorf("got %d calls, want 4", s.Calls())
	}
}

// TestNothingRunsBeforeItIsUsed checks that a new simulator starts no goroutine.
func TestNothingRunsBeforeItIsUsed(t *testing.T) {
	var s *Simulator
	synctest.Test(t, func(*testing.T) { // panics if a goroutine is left
		s = New(WithLatency(time.Hour))
		s.Trust("key", "secret")
	})
	if strings.Contains(fmt.Sprintf("%v %+v %#v", s, s, s), "secret") {
		t.Error("printing a simulator shows keys")
	}
}

func TestLatencyEndsWithTheRequest(t *testing.T) {
	s := start(t, WithLatency(time.Hour))
	ctx, cancel := context.WithCancel(t.Context())
	request := sign(t, s, titanModel, "invoke", `{"inputText":"a"}`, own(), time.Now()).WithContext(ctx)
	go func() {
		for s.Calls() == 0 {
			runtime.Gosched()
		}
		cancel()
	}()
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
		t.Error("answered")
	}
}

// TestMediaTypes sends the headers of other SDKs: boto3 sends no Accept header
// without the argument accept, or */*.
func TestMediaTypes(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		contentType, accept string
		ok                  bool
	}{
		{"application/json", "", true},
		{"application/json", "*/*", true},
		{"application/json", "application/*", true},
		{"application/json", "text/html, application/json;q=0.9", true},
		{"application/json", "text/html, */*; q=0.8", true},
		{"", "", true},
		{"application/octet-stream", "*/*", true},
		{"application/json; charset=utf-8", "application/json", true},
		{"application/json", "text/html", false},
		{"text/csv", "application/json", false},
		{"application/json", "image/png, text/plain", false},
	} {
		const body = `{"inputText":"a"}`
		request := sign(t, s, titanModel, "invoke", body, own(), time.Now())
		request.Header.Del("Authorization")
		for name, value := range map[string]string{"Content-Type": c.contentType, "Accept": c.accept} {
			if request.Header.Del(name); value != "" {
				request.Header.Set(name, value)
			}
		}
		sum := sha256.Sum256([]byte(body))
		if err := v4.NewSigner().SignHTTP(t.Context(), own(), request, hex.EncodeToString(sum[:]), "bedrock", "us-east-1", time.Now()); err != nil {
			t.Fatal(err)
		}
		if status, _, answer := send(t, request); (status == http.StatusOK) != c.ok {
			t.Errorf("Content-Type %q, Accept %q: status %d: %s", c.contentType, c.accept, status, answer)
		}
	}
}

// TestPromptsAndRouters checks what Bedrock refuses beside the ARN of a prompt, and that
// neither prompts nor prompt routers embed.
func TestPromptsAndRouters(t *testing.T) {
	const (
		prompt  = "arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT12345:1"
		router  = "arn:aws:bedrock:us-east-1:123456789012:prompt-router/router123456"
		general = "arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1"
		message = `"messages":[{"role":"user","content":[{"text":"hello"}]}]`
	)
	s := start(t)
	for name, test := range map[string]struct{ model, operation, body, says string }{
		"prompt":                 {prompt, "converse", `{` + message + `}`, ""},
		"router with settings":   {router, "converse", `{` + message + `,"inferenceConfig":{"maxTokens":5}}`, ""},
		"null settings":          {prompt, "converse", `{` + message + `,"inferenceConfig":null}`, ""},
		"inference settings":     {prompt, "converse", `{` + message + `,"inferenceConfig":{"maxTokens":5}}`, "inferenceConfig"},
		"inference settings, {}": {prompt, "converse", `{` + message + `,"inferenceConfig":{}}`, "inferenceConfig"},
		"stream":                 {prompt, "converse-stream", `{` + message + `,"inferenceConfig":{"topP":0.5}}`, "inferenceConfig"},
		"additional fields":      {prompt, "converse", `{` + message + `,"additionalModelRequestFields":{"top_k":5}}`, "additionalModelRequestFields"},
		"system":                 {prompt, "converse", `{` + message + `,"system":[{"text":"be brief"}]}`, "system"},
		"tools":                  {prompt, "converse", `{` + message + `,"toolConfig":{"tools":[]}}`, "toolConfig"},
		"prompt embeds":          {prompt, "invoke", `{"inputText":"hello"}`, "does not embed"},
		"router embeds":          {router, "invoke", `{"inputText":"hello"}`, "does not embed"},
		"default router embeds":  {general, "invoke", `{"texts":["hello"],"input_type":"search_query"}`, "does not embed"},
	} {
		status, code, body := send(t, sign(t, s, test.model, test.operation, test.body, own(), time.Now()))
		switch {
		case test.says == "" && status != http.StatusOK:
			t.Errorf("%s: %d %s", name, status, body)
		case test.says != "" && (status != http.StatusBadRequest || code != "ValidationException" || !strings.Contains(body, test.says)):
			t.Errorf("%s: %d %s %s, want %q", name, status, code, body, test.says)
		}
	}
}

// TestMistakenModels refuses ids that AWS refuses, and answers unknown ones that may
// be new.
func TestMistakenModels(t *testing.T) {
	t.Parallel()
	s := start(t)
	const message = `{"messages":[{"role":"user","content":[{"text":"hello"}]}]}`
	for model, want := range map[string]int{
		"uss.amazon.nova-lite-v1:0":                 http.StatusBadRequest,
		"us.amazon.titan-text-express-v1":           http.StatusBadRequest,
		"amazon.nova-lite":                          http.StatusBadRequest,
		"us.anthropic.claude-haiku-4-5-20251001-v1": http.StatusBadRequest,
		"us.amazon.nova-lite-v1:0":                  http.StatusOK,
		"us.anthropic.claude-sonnet-9":              http.StatusOK,
		"in.anthropic.claude-sonnet-5":              http.StatusOK,
		"mistral.mistral-huge-2701":                 http.StatusOK,
	} {
		status, code, body := send(t, sign(t, s, model, "converse", message, own(), time.Now()))
		if status != want || status == http.StatusBadRequest && (code != "ValidationException" || !strings.Contains(body, "The provided model identifier is invalid.")) {
			t.Errorf("%s: %d %s %s", model, status, code, body)
		}
	}
}
