// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

func TestEmbeddingRequests(t *testing.T) {
	opaque := "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123"
	truncating := func(endpoint inference.Endpoint, truncate string) inference.Endpoint {
		endpoint.TaskSettings.Truncate = truncate
		return endpoint
	}
	short := titan()
	short.ServiceSettings.MaxInputTokens = 2
	for name, c := range map[string]struct {
		endpoint inference.Endpoint
		request  inference.Request
		path     string
		want     string
	}{
		"titan": {
			titan(),
			inference.Request{Input: []string{"a <b> & c"}, InputType: inference.Search},
			"amazon.titan-embed-text-v2%3A0", `{"inputText":"a <b> & c"}`,
		},
		"titan G1": {
			embedding(inference.AmazonTitan, "amazon.titan-embed-g1-text-02"), texts("a"),
			"amazon.titan-embed-g1-text-02", `{"inputText":"a"}`,
		},
		"titan truncated to max_input_tokens, not within a surrogate pair": {
			short, texts("abcde😀f"), "amazon.titan-embed-text-v2%3A0", `{"inputText":"abcde"}`,
		},
		"cohere": {
			cohere(), texts("a", "b"),
			"cohere.embed-english-v3", `{"texts":["a","b"],"input_type":"search_document"}`,
		},
		"cohere ingest": {
			cohere(),
			inference.Request{Input: []string{"a"}, InputType: inference.Ingest},
			"cohere.embed-english-v3", `{"texts":["a"],"input_type":"search_document"}`,
		},
		"cohere v3 truncate": {
			truncating(cohere(), "END"), texts("a"),
			"cohere.embed-english-v3", `{"texts":["a"],"input_type":"search_document","truncate":"END"}`,
		},
		"cohere v4 START is LEFT": {
			truncating(embedding(inference.Cohere, "us.cohere.embed-v4:0"), "START"), texts("a"),
			"us.cohere.embed-v4%3A0", `{"texts":["a"],"input_type":"search_document","truncate":"LEFT"}`,
		},
		"cohere v4 END is RIGHT": {
			truncating(embedding(inference.Cohere, "us.cohere.embed-v4:0"), "END"), texts("a"),
			"us.cohere.embed-v4%3A0", `{"texts":["a"],"input_type":"search_document","truncate":"RIGHT"}`,
		},
		"cohere v4 NONE": {
			truncating(embedding(inference.Cohere, "us.cohere.embed-v4:0"), "NONE"), texts("a"),
			"us.cohere.embed-v4%3A0", `{"texts":["a"],"input_type":"search_document","truncate":"NONE"}`,
		},
		"truncate of the request takes precedence": {
			truncating(cohere(), "END"),
			inference.Request{Input: []string{"a"}, TaskSettings: inference.TaskSettings{Truncate: "START"}},
			"cohere.embed-english-v3", `{"texts":["a"],"input_type":"search_document","truncate":"START"}`,
		},
		"ARN without model id, cohere": {
			embedding(inference.Cohere, opaque), texts("a"),
			"arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc123", `{"texts":["a"],"input_type":"search_document"}`,
		},
		"ARN without model id, titan": {
			embedding(inference.AmazonTitan, opaque), texts("a"),
			"arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc123", `{"inputText":"a"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := newRecorder(t, answerPlainly)
			_, err := New(Config{Endpoint: server.URL, AccessKey: "k", SecretKey: "s"}).Run(t.Context(), c.endpoint, noKeys, c.request)
			if err != nil {
				t.Fatal(err)
			}
			sent := server.requests()
			if len(sent) != 1 {
				t.Fatalf("%d requests", len(sent))
			}
			if want := "/model/" + c.path + "/invoke"; sent[0].path != want {
				t.Errorf("path %s, want %s", sent[0].path, want)
			}
			if !sameJSON(t, sent[0].body, c.want) {
				t.Errorf("body %v, want %s", sent[0].body, c.want)
			}
			for _, header := range []string{"Content-Type", "Accept"} {
				if got := sent[0].header.Get(header); got != "application/json" {
					t.Errorf("%s: %s", header, got)
				}
			}
		})
	}
}

func sameJSON(t *testing.T, got any, want string) bool {
	t.Helper()
	var parsed any
	if err := json.Unmarshal([]byte(want), &parsed); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(got, parsed)
}

func TestEmbeddingAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		endpoint inference.Endpoint
		answer   string
		header   string
		want     string
	}{
		"titan":                {titan(), `{"embedding":[0.1,-2.5e-7],"inputTextTokenCount":3}`, "", "[[0.1 -2.5e-07]] 3"},
		"titan without count":  {titan(), `{"embedding":[1]}`, "", "[[1]] unknown"},
		"titan by type":        {titan(), `{"embeddingsByType":{"float":[0.5]},"inputTextTokenCount":1}`, "", "[[0.5]] 1"},
		"cohere list":          {cohere(), `{"embeddings":[[0.25]]}`, "7", "[[0.25]] 7"},
		"cohere by type":       {cohere(), `{"embeddings":{"float":[[0.25]]}}`, "7", "[[0.25]] 7"},
		"cohere without count": {cohere(), `{"embeddings":[[0.25]]}`, "", "[[0.25]] unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			server := newRecorder(t, func(w http.ResponseWriter, _ recorded) {
				if c.header != "" {
					w.Header().Set("X-Amzn-Bedrock-Input-Token-Count", c.header)
				}
				_, _ = w.Write([]byte(c.answer))
			})
			result, err := New(Config{Endpoint: server.URL, AccessKey: "k", SecretKey: "s"}).Run(t.Context(), c.endpoint, noKeys, texts("a"))
			if err != nil {
				t.Fatal(err)
			}
			count := "unknown"
			if result.Usage.InputTokens != nil {
				count = strconv.FormatInt(*result.Usage.InputTokens, 10)
			}
			if got := fmt.Sprint(result.Embeddings, " ", count); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if result.Usage.OutputTokens != nil {
				t.Error("embeddings have no output tokens")
			}
		})
	}
}

func TestUnreadableEmbeddings(t *testing.T) {
	for name, c := range map[string]struct {
		endpoint inference.Endpoint
		kind     string
		answer   string
		want     string
	}{
		"no embedding":     {titan(), "application/json", `{}`, `no "embedding"`},
		"empty embedding":  {titan(), "application/json", `{"embedding":[]}`, "embedding 0 is empty"},
		"no embeddings":    {cohere(), "application/json", `{}`, `no "embeddings"`},
		"too few":          {cohere(), "application/json", `{"embeddings":[[1]]}`, "2 texts were sent and 1 embeddings were returned"},
		"no float":         {cohere(), "application/json", `{"embeddings":{"int8":[[1],[2]]}}`, `no "embeddings" of type "float"`},
		"not JSON":         {titan(), "application/json", `{"embedding":[1,`, "unexpected end of JSON"},
		"another type":     {titan(), "text/html", `<html>`, "text/html instead of JSON"},
		"text for numbers": {titan(), "application/json", `{"embedding":["1"]}`, "cannot unmarshal string"},
	} {
		t.Run(name, func(t *testing.T) {
			server := newRecorder(t, func(w http.ResponseWriter, _ recorded) {
				w.Header().Set("Content-Type", c.kind)
				_, _ = w.Write([]byte(c.answer))
			})
			_, err := New(Config{Endpoint: server.URL, AccessKey: "k", SecretKey: "s"}).Run(t.Context(), c.endpoint, noKeys, texts("a", "b"))
			var fault *Error
			if !errors.As(err, &fault) || fault.Code != "BadResponse" || !strings.Contains(fault.Error(), c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

// TestOrder blocks the first calls until the limit of concurrent calls is reached.
func TestOrder(t *testing.T) {
	const concurrency = 8
	full := make(chan struct{})
	simulator := newSimulator(t, bedrocksim.WithFault(func(_ *http.Request, call int) *bedrocksim.Fault {
		if call == concurrency {
			close(full)
		}
		<-full
		return nil
	}))
	input := make([]string, 100)
	for i := range input {
		input[i] = fmt.Sprintf("text number %d", i)
	}
	var mu sync.Mutex
	inFlight, most := 0, 0
	count := func(calls int) {
		mu.Lock()
		defer mu.Unlock()
		inFlight += calls
		most = max(most, inFlight)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count(1)
		defer count(-1)
		simulator.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	runner := New(Config{Endpoint: server.URL, AccessKey: bedrocksim.AccessKey, SecretKey: bedrocksim.SecretKey, MaxConcurrency: concurrency})
	together, err := runner.Run(t.Context(), titan(), noKeys, inference.Request{Input: input})
	if err != nil {
		t.Fatal(err)
	}
	if most != concurrency {
		t.Errorf("%d calls at once, want %d", most, concurrency)
	}
	for i, text := range input {
		alone, err := runner.Run(t.Context(), titan(), noKeys, texts(text))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(together.Embeddings[i], alone.Embeddings[0]) {
			t.Errorf("embedding %d is not that of its text", i)
		}
	}
}

func TestBatches(t *testing.T) {
	for _, c := range []struct{ inputs, calls int }{{1, 1}, {96, 1}, {97, 2}, {1000, 11}} {
		simulator := newSimulator(t)
		result, err := New(Config{Simulator: simulator}).Run(t.Context(), cohere(), noKeys, inference.Request{Input: slices.Repeat([]string{"text"}, c.inputs)})
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Embeddings) != c.inputs || simulator.Calls() != c.calls {
			t.Errorf("%d inputs made %d calls and %d embeddings, want %d calls", c.inputs, simulator.Calls(), len(result.Embeddings), c.calls)
		}
		if *result.Usage.InputTokens != int64(c.inputs) {
			t.Errorf("%d tokens, want %d", *result.Usage.InputTokens, c.inputs)
		}
	}
}

// TestEveryEmbeddingModel runs each embedding model on the simulator, which
// rejects request bodies of other models.
func TestEveryEmbeddingModel(t *testing.T) {
	runner := New(Config{Simulator: newSimulator(t)})
	for _, endpoint := range []struct {
		inference.Endpoint
		dimensions int
	}{
		{embedding(inference.AmazonTitan, "amazon.titan-embed-text-v1"), 1536},
		{embedding(inference.AmazonTitan, "amazon.titan-embed-g1-text-02"), 1536},
		{embedding(inference.AmazonTitan, "amazon.titan-embed-text-v2:0"), 1024},
		{embedding(inference.Cohere, "cohere.embed-english-v3"), 1024},
		{embedding(inference.Cohere, "cohere.embed-multilingual-v3"), 1024},
		{embedding(inference.Cohere, "us.cohere.embed-v4:0"), 1536},
	} {
		for _, truncate := range []string{"", "NONE", "START", "END"} {
			if truncate != "" && endpoint.ServiceSettings.Provider != inference.Cohere {
				continue
			}
			request := inference.Request{Input: []string{"one", "two"}, TaskSettings: inference.TaskSettings{Truncate: truncate}}
			result, err := runner.Run(t.Context(), endpoint.Endpoint, noKeys, request)
			if err != nil {
				t.Errorf("%s %s: %v", endpoint.ServiceSettings.Model, truncate, err)
			} else if got := len(result.Embeddings[1]); got != endpoint.dimensions {
				t.Errorf("%s: %d dimensions, want %d", endpoint.ServiceSettings.Model, got, endpoint.dimensions)
			}
		}
	}
}
