package bedrock

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
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

// TestConnectionsAreReused: the SDK keeps 10 idle connections, which is fewer
// than a wide run needs.
func TestConnectionsAreReused(t *testing.T) {
	const concurrency, calls = 32, 1000
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
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
	for range 2 {
		if _, err := runner.Run(t.Context(), titan(), noKeys, inference.Request{Input: slices.Repeat([]string{"a"}, calls/2)}); err != nil {
			t.Fatal(err)
		}
	}
	// A connection may be dialled in vain while another becomes free.
	if n := opened.Load(); n > 2*concurrency {
		t.Errorf("%d connections for %d calls, %d at a time", n, calls, concurrency)
	}
}

// TestInterruptedWhileLookingForCredentials: the instance metadata service takes
// its time, and nobody waits for it.
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

// early answers as soon as it has as much of a request as was announced.
type early struct{ sent *http.Request }

func (e *early) Do(request *http.Request) (*http.Response, error) {
	e.sent = request
	_, err := io.CopyN(io.Discard, request.Body, request.ContentLength)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{}`))}, err
}

// TestBodiesOutliveTheCall: net/http looks for the end of a body once more when
// all of it is sent, and by then the answer may be there. An error would cost it.
func TestBodiesOutliveTheCall(t *testing.T) {
	server := &early{}
	client := bedrockruntime.New(bedrockruntime.Options{
		Region: "us-east-1", HTTPClient: server,
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	}, withBuffers)
	if _, err := client.InvokeModel(t.Context(), &bedrockruntime.InvokeModelInput{ModelId: aws.String("m"), Body: []byte(`{"inputText":"a"}`)}); err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, server.sent.Body); n != 0 || err != nil {
		t.Errorf("after the answer the body has %d bytes more and says %v", n, err)
	}
}
