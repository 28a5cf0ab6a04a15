// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestConnectionsAreReused runs more concurrent calls than the 10 idle connections
// that the SDK keeps by default. The calls of a run are answered when all of them have
// arrived, so that each of them needs a connection, and when the client knows that all
// of them are written: net/http closes a connection if it learns that after the response.
func TestConnectionsAreReused(t *testing.T) {
	const concurrency, runs = 32, 10
	var opened atomic.Int64
	var mu sync.Mutex
	events, answer := 0, make(chan struct{})
	// event counts an event of a call, and returns what is closed after all events of the run.
	event := func() <-chan struct{} {
		mu.Lock()
		defer mu.Unlock()
		current := answer
		if events++; events%(2*concurrency) == 0 {
			close(current)
			answer = make(chan struct{})
		}
		return current
	}
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { event() }})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-event()
		w.Header().Set("Content-Type", "application/json")
		writeJSON(w, map[string]any{"embedding": []float32{1}})
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	runner := New(Config{Endpoint: server.URL, AccessKey: "key", SecretKey: "secret", MaxConcurrency: concurrency})
	for range runs {
		if _, err := runner.Run(ctx, titan(), noKeys, inference.Request{Input: slices.Repeat([]string{"a"}, concurrency)}); err != nil {
			t.Fatal(err)
		}
	}
	// With 10 idle connections, every run would open 22 new ones.
	if n := opened.Load(); n > 4*concurrency {
		t.Errorf("%d connections for %d runs of %d calls", n, runs, concurrency)
	}
}

// TestInterruptedWhileLookingForCredentials cancels a run while the instance
// metadata service does not respond.
func TestInterruptedWhileLookingForCredentials(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	asked := sync.OnceFunc(interrupt)
	metadata := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked()
		<-r.Context().Done()
	}))
	t.Cleanup(metadata.Close)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.URL)
	_, err := New(Config{Endpoint: "http://127.0.0.1:1"}).Run(ctx, titan(), noKeys, texts("a"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// early responds as soon as it has read Content-Length bytes.
type early struct{ sent *http.Request }

func (e *early) Do(request *http.Request) (*http.Response, error) {
	e.sent = request
	_, err := io.CopyN(io.Discard, request.Body, request.ContentLength)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{}`))}, err
}

// TestBodiesStayOpen reads a request body after the response: net/http does so,
// and closes the connection if the read fails.
func TestBodiesStayOpen(t *testing.T) {
	server := &early{}
	client := bedrockruntime.New(bedrockruntime.Options{
		Region: "us-east-1", HTTPClient: bufferingClient{server},
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	})
	if _, err := client.InvokeModel(t.Context(), &bedrockruntime.InvokeModelInput{ModelId: aws.String("m"), Body: []byte(`{"inputText":"a"}`)}); err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, server.sent.Body); n != 0 || err != nil {
		t.Errorf("the body has %d more bytes, error %v", n, err)
	}
}
