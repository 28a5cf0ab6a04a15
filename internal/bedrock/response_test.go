// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// respondingWith returns a runner whose endpoint always gives the same response.
func respondingWith(t *testing.T, status int, header map[string]string, body string) *Runner {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return New(Config{Endpoint: server.URL, AccessKey: "AKIAEXAMPLE", SecretKey: "a/secret+key", MaxAttempts: 1})
}

var jsonHeader = map[string]string{"Content-Type": jsonType}

func TestMalformedEmbeddings(t *testing.T) {
	for name, c := range map[string]struct {
		endpoint inference.Endpoint
		body     string
		want     string
	}{
		"titan, null number":         {titan(), `{"embedding":[0.1,null]}`, "null"},
		"titan, only null":           {titan(), `{"embedding":[null]}`, "null"},
		"titan, null embedding":      {titan(), `{"embedding":null}`, `no "embedding"`},
		"titan, null by type":        {titan(), `{"embeddingsByType":{"float":[1,null]}}`, "null"},
		"titan, beyond float32":      {titan(), `{"embedding":[1e39]}`, "1e39"},
		"titan, NaN":                 {titan(), `{"embedding":[NaN]}`, "invalid character"},
		"titan, text":                {titan(), `{"embedding":[0.1,"0.2"]}`, "string"},
		"titan, boolean":             {titan(), `{"embedding":[true]}`, "bool"},
		"titan, list of lists":       {titan(), `{"embedding":[[0.1]]}`, "array"},
		"titan, a number":            {titan(), `{"embedding":0.1}`, "number"},
		"titan, an object":           {titan(), `{"embedding":{"0":1}}`, "object"},
		"titan, a number as text":    {titan(), `{"embedding":"[0.1]"}`, "string"},
		"titan, a list in the list":  {titan(), `{"embedding":[1,[2],3]}`, "array"},
		"titan, only a list":         {titan(), `{"embedding":[[]]}`, "array"},
		"titan, an empty list":       {titan(), `{"embedding":[ ]}`, "embedding 0 is empty"},
		"titan, hexadecimal":         {titan(), `{"embedding":[0x1p-2]}`, "invalid character"},
		"titan, underscores":         {titan(), `{"embedding":[1_0]}`, "invalid character"},
		"titan, infinite":            {titan(), `{"embedding":[Infinity]}`, "invalid character"},
		"titan, no element":          {titan(), `{"embedding":[1,,2]}`, "invalid character"},
		"titan, a message":           {titan(), `{"message":"The model is busy"}`, "The model is busy"},
		"titan, an array":            {titan(), `[0.1]`, "array"},
		"cohere, null number":        {cohere(), `{"embeddings":[[0.1,null],[1,2]]}`, "null"},
		"cohere, null vector":        {cohere(), `{"embeddings":[[1,2],null]}`, "null"},
		"cohere, null":               {cohere(), `{"embeddings":null}`, `no "embeddings"`},
		"cohere, null in float":      {cohere(), `{"embeddings":{"float":[[1,2],[null,2]]}}`, "null"},
		"cohere, null float":         {cohere(), `{"embeddings":{"float":null}}`, `"float"`},
		"cohere, different lengths":  {cohere(), `{"embeddings":[[1,2],[1]]}`, "embedding 1 has 1 dimensions"},
		"cohere, an empty vector":    {cohere(), `{"embeddings":[[1,2],[]]}`, "embedding 1 is empty"},
		"cohere, one vector too few": {cohere(), `{"embeddings":[[1,2]]}`, "2 texts were sent and 1 embeddings"},
		"cohere, one too many":       {cohere(), `{"embeddings":[[1],[2],[3]]}`, "2 texts were sent and 3 embeddings"},
		"cohere, beyond float32":     {cohere(), `{"embeddings":[[1],[-1e300]]}`, "1e300"},
		"cohere, list of numbers":    {cohere(), `{"embeddings":[1,2]}`, "number"},
		"cohere, lists too deep":     {cohere(), `{"embeddings":[[[1]],[[2]]]}`, "array"},
		"cohere, a text":             {cohere(), `{"embeddings":"none"}`, "string"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := respondingWith(t, http.StatusOK, jsonHeader, c.body).Run(t.Context(), c.endpoint, noKeys, texts("a", "b"))
			var failure *Error
			if !errors.As(err, &failure) || failure.Code != "BadResponse" || !strings.Contains(failure.Error(), c.want) {
				t.Errorf("error %v, want BadResponse with %q", err, c.want)
			}
		})
	}
}

// TestDifferentLengthsInOneRun has calls with vectors of different lengths.
func TestDifferentLengthsInOneRun(t *testing.T) {
	server := newRecorder(t, func(w http.ResponseWriter, r recorded) {
		text, _ := r.body["inputText"].(string)
		writeJSON(w, map[string]any{"embedding": make([]float32, len(text))})
	})
	_, err := New(Config{Endpoint: server.URL, AccessKey: "k", SecretKey: "s"}).Run(t.Context(), titan(), noKeys, texts("a", "ab"))
	if errorCode(err) != "BadResponse" || !strings.Contains(err.Error(), "dimensions") {
		t.Errorf("error %v", err)
	}
}

func TestContentBlocks(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"unknown after text":       {`{"text":"Paris."},{"futureBlock":{"a":1}}`, "Paris."},
		"two unknown after text":   {`{"text":"Paris."},{"futureBlock":{"a":1}},{"other":[]}`, "Paris."},
		"unknown first":            {`{"futureBlock":{"a":1}},{"text":"Paris."}`, "Paris."},
		"unknown between":          {`{"text":"Pa"},{"futureBlock":{}},{"text":"ris."}`, "Paris."},
		"unknown with text in it":  {`{"text":"Paris."},{"futureBlock":{"text":"Rome."}}`, "Paris."},
		"equal texts":              {`{"text":"no "},{"text":"no "}`, "no no "},
		"an empty block":           {`{"text":"Paris."},{}`, "Paris."},
		"unknown after reasoning":  {`{"reasoningContent":{"reasoningText":{"text":"hm"}}},{"futureBlock":1},{"text":"Paris."}`, "Paris."},
		"tool call after the text": {`{"text":"Paris."},{"toolUse":{"toolUseId":"1","name":"n","input":{}}}`, "Paris."},
	} {
		t.Run(name, func(t *testing.T) {
			body := `{"output":{"message":{"role":"assistant","content":[` + c.content + `]}},"stopReason":"end_turn"}`
			result, err := respondingWith(t, http.StatusOK, jsonHeader, body).Run(t.Context(), claude(), noKeys, texts("a"))
			if err != nil {
				t.Fatal(err)
			}
			if got := result.Completions[0].Text; got != c.want {
				t.Errorf("text %q, want %q", got, c.want)
			}
		})
	}
}

func TestMalformedCompletions(t *testing.T) {
	for _, body := range []string{`{}`, `{"output":null}`, `{"output":{}}`, `{"output":{"message":{}}}`, `{"output":{"message":{"role":"assistant","content":null}}}`, `[]`, `null`, `"text"`} {
		_, err := respondingWith(t, http.StatusOK, jsonHeader, body).Run(t.Context(), claude(), noKeys, texts("a"))
		if errorCode(err) != "BadResponse" {
			t.Errorf("%s: error %v", body, err)
		}
	}
}

func TestErrorsOfOtherFormats(t *testing.T) {
	const kind, amznType = "Content-Type", "X-Amzn-Errortype"
	for name, c := range map[string]struct {
		status int
		header map[string]string
		body   string
		code   string
		want   []string
		denied bool
	}{
		"413 as text":             {413, map[string]string{kind: "text/plain", "X-Amzn-Requestid": "id-1"}, "Request Entity Too Large", "UnknownError", []string{"status 413, request id id-1", "Request Entity Too Large", "proxy"}, false},
		"403 page with AWS type":  {403, map[string]string{kind: "text/html", amznType: "AccessDeniedException"}, "<html><style>p{}</style><p>No access</p></html>", "AccessDeniedException", []string{"AccessDeniedException (status 403", "No access", "bedrock:InvokeModel"}, true},
		"403 page without type":   {403, map[string]string{kind: "text/html"}, "<h1>Forbidden</h1>", "UnknownError", []string{"status 403", "Forbidden", "proxy"}, true},
		"401 of a gateway":        {401, jsonHeader, `{"error":{"message":"Invalid token","code":12}}`, "UnknownError", []string{"status 401", "Invalid token"}, true},
		"a numeric code":          {400, jsonHeader, `{"code":400,"message":"Bad route"}`, "UnknownError", []string{"status 400", "Bad route"}, false},
		"an error as text":        {404, jsonHeader, `{"error":"no such route"}`, "UnknownError", []string{"no such route"}, false},
		"a detail":                {422, map[string]string{kind: "application/problem+json"}, `{"title":"Unprocessable","detail":"Model is not allowed"}`, "UnknownError", []string{"Model is not allowed"}, false},
		"a list":                  {400, jsonHeader, `["bad"]`, "UnknownError", []string{"status 400", "bad"}, false},
		"nothing":                 {400, nil, "", "UnknownError", []string{"status 400", "no message"}, false},
		"429 as text with type":   {429, map[string]string{kind: "text/plain", amznType: "ThrottlingException:"}, "slow down", "ThrottlingException", []string{"slow down", "requests_per_minute"}, false},
		"the code in the body":    {400, jsonHeader, `{"__type":"com.amazon#ValidationException","message":"bad"}`, "ValidationException", []string{"ValidationException", "bad"}, false},
		"502 of a load balancer":  {502, map[string]string{kind: "text/html"}, "<title>502 Bad Gateway</title>", "UnknownError", []string{"502 Bad Gateway", "Try again later"}, false},
		"a page with credentials": {403, map[string]string{kind: "text/html"}, "AKIAEXAMPLE a/secret+key a%2Fsecret%2Bkey " + strings.Repeat("x ", 4000), "UnknownError", []string{"(sensitive value)", "..."}, true},
	} {
		for _, endpoint := range []inference.Endpoint{titan(), claude()} {
			t.Run(name+" "+string(endpoint.TaskType), func(t *testing.T) {
				_, err := respondingWith(t, c.status, c.header, c.body).Run(t.Context(), endpoint, noKeys, texts("a"))
				var failure *Error
				if !errors.As(err, &failure) || failure.Code != c.code || failure.Status != c.status || failure.Denied() != c.denied {
					t.Fatalf("error %+v, want %s", err, c.code)
				}
				for _, part := range c.want {
					if !strings.Contains(failure.Error(), part) {
						t.Errorf("%q lacks %q", failure.Error(), part)
					}
				}
				for _, secret := range []string{"a/secret+key", "a%2Fsecret", "AKIAEXAMPLE"} {
					if strings.Contains(failure.Error(), secret) {
						t.Errorf("the message contains %s", secret)
					}
				}
			})
		}
	}
}

func TestErrorsWithinStreams(t *testing.T) {
	for name, c := range map[string]struct{ headers, want string }{
		"throttled":       {":message-type=exception :exception-type=throttlingException", "ThrottlingException: boom."},
		"model error":     {":message-type=exception :exception-type=modelStreamErrorException", "ModelStreamErrorException: boom."},
		"validation":      {":message-type=exception :exception-type=validationException", "ValidationException: boom."},
		"unknown":         {":message-type=exception :exception-type=futureException", "FutureException"},
		"error with code": {":message-type=error :error-code=InternalFailure :error-message=boom", "InternalFailure: boom."},
	} {
		t.Run(name, func(t *testing.T) {
			message := eventstream.Message{Payload: []byte(`{"message":"boom"}`)}
			for _, header := range strings.Fields(c.headers) {
				name, value, _ := strings.Cut(header, "=")
				message.Headers.Set(name, eventstream.StringValue(value))
			}
			message.Headers.Set(":content-type", eventstream.StringValue(jsonType))
			var frame bytes.Buffer
			if err := eventstream.NewEncoder().Encode(&frame, message); err != nil {
				t.Fatal(err)
			}
			runner := respondingWith(t, http.StatusOK, map[string]string{"Content-Type": "application/vnd.amazon.eventstream"}, frame.String())
			err := streamFault(runner.Stream(t.Context(), claude(), noKeys, texts("a")))
			if err == nil || !strings.Contains(err.Error(), "Amazon Bedrock answered "+c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

func TestBodySize(t *testing.T) {
	simulator := newSimulator(t)
	// Bodies of 20 MB take long on a busy machine.
	runner := New(Config{Simulator: simulator, RequestTimeout: time.Hour})
	v4 := embedding(inference.Cohere, "us.cohere.embed-v4:0")
	big := strings.Repeat("x", 10_000_000)
	result, err := runner.Run(t.Context(), v4, noKeys, texts(big, big, "small", big))
	if err != nil || len(result.Embeddings) != 4 || simulator.Calls() != 2 {
		t.Errorf("%d calls, %d embeddings, error %v", simulator.Calls(), len(result.Embeddings), err)
	}
	for name, text := range map[string]string{
		"plain": strings.Repeat("x", maxBody), "escaped": strings.Repeat("\n", maxBody/2), "control characters": strings.Repeat("\x01", maxBody/6),
	} {
		_, err := runner.Run(t.Context(), claude(), noKeys, texts("small", "text "+text))
		var violations validation.Violations
		if !errors.As(err, &violations) || violations[0].Path != "input.1" {
			t.Errorf("%s: error %.200v", name, err)
		}
	}
	if simulator.Calls() != 2 {
		t.Error("a request that is too large was sent")
	}
}

func TestKeysWithBlanks(t *testing.T) {
	for name, set := range map[string]func(*Config){
		"line break in the variable": func(*Config) {
			t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "secret\n")
		},
		"blank in the configuration": func(c *Config) { c.AccessKey, c.SecretKey = "AKIA EXAMPLE", "secret" },
		"line break in the token":    func(c *Config) { c.AccessKey, c.SecretKey, c.SessionToken = "AKIAEXAMPLE", "secret", "tok\r\nen" },
		"tab in the bearer token":    func(*Config) { t.Setenv(bearerVariable, "token\t") },
	} {
		server := newRecorder(t, answerPlainly)
		config := Config{Endpoint: server.URL}
		set(&config)
		_, err := New(config).Run(t.Context(), titan(), noKeys, texts("a"))
		if errorCode(err) != "NoCredentials" || !strings.Contains(err.Error(), " contains a ") || len(server.requests()) != 0 {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestEnvironmentWithoutEffect(t *testing.T) {
	for name, variables := range map[string]map[string]string{
		"FIPS beside an endpoint":       {"AWS_USE_FIPS_ENDPOINT": "true"},
		"dual stack beside an endpoint": {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
		"retry mode of other tools":     {"AWS_RETRY_MODE": "legacy"},
		"attempts":                      {"AWS_MAX_ATTEMPTS": "many"},
		"defaults mode":                 {"AWS_DEFAULTS_MODE": "none"},
		"checksums":                     {"AWS_REQUEST_CHECKSUM_CALCULATION": "maybe"},
		"profile that does not exist":   {"AWS_PROFILE": "nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range variables {
				t.Setenv(variable, value)
			}
			server := newRecorder(t, answerPlainly)
			config := Config{Endpoint: server.URL, AccessKey: "key", SecretKey: "secret"}
			if _, err := New(config).Run(t.Context(), titan(), noKeys, texts("a")); err != nil {
				t.Error(err)
			}
			config.Profile = "nobody-configured"
			if _, err := New(config).Run(t.Context(), titan(), noKeys, texts("a")); err != nil {
				t.Errorf("with a profile: %v", err)
			}
		})
	}
}

func TestUntrustedCertificate(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	_, err := New(Config{Endpoint: server.URL, AccessKey: "key", SecretKey: "secret", MaxAttempts: 1}).Run(t.Context(), titan(), noKeys, texts("a"))
	if err == nil || !strings.Contains(err.Error(), "AWS_CA_BUNDLE") {
		t.Errorf("error %v", err)
	}
}

func TestCredentialsRemedies(t *testing.T) {
	for text, want := range map[string]string{
		"the SSO session has expired or is invalid":             "aws sso login",
		"failed to refresh cached SSO token":                    "aws sso login",
		"login session has expired, run aws login":              "Run aws login",
		"assume role with MFA enabled, but no token provider":   "mfa_serial",
		"no EC2 IMDS role found":                                "AWS_ACCESS_KEY_ID",
		"operation error SSO: GetRoleCredentials, unauthorized": "aws sso login",
	} {
		if got := credentialsError(errors.New(text)).Remedy; !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestDailyQuotaIsNotRepeated(t *testing.T) {
	for _, message := range []string{"Too many tokens per day, please wait before trying again.", "Too many requests per day.", "You have reached your daily limit.", "Daily token quota exceeded"} {
		simulator := newSimulator(t, bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault {
			return &bedrocksim.Fault{Status: http.StatusTooManyRequests, Code: "ThrottlingException", Message: message}
		}))
		_, err := New(Config{Simulator: simulator}).Run(t.Context(), claude(), noKeys, texts("a"))
		if err == nil || !strings.Contains(err.Error(), "daily quota") || simulator.Calls() != 1 {
			t.Errorf("%s: %d calls, error %v", message, simulator.Calls(), err)
		}
	}
}

// TestExactVector checks that a vector has the same numbers as encoding/json decodes.
func TestExactVector(t *testing.T) {
	for _, text := range []string{
		`[0.1]`, `[-0,0,1,-1]`, "[ 1 ,\t2\r\n, 3 ]", `[]`, `[1e-45,7.1e-46,1e-50]`, `[3.4028235e38,-3.40282346638528859811704183484516925440e+38]`,
		`[0.10000000149011612,1E2,1.5e+3,2e-3,123456789.123456789]`, `[1.000000059604644775390625,1.00000005960464477539062500001]`,
	} {
		var want []float32
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		var got vector
		if err := json.Unmarshal([]byte(text), &got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v and error %v, want %v", text, got, err, want)
		}
	}
}
