// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// roundTrip is a function as a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// near returns a client that calls the server without a network, so that it can run
// in a bubble. Each request takes some time.
func near(t *testing.T, server *elasticsearchtest.Server) *Client {
	t.Helper()
	client, err := New(Config{Endpoints: []string{server.URL}, MaxRetries: 4})
	if err != nil {
		t.Fatal(err)
	}
	client.http.HTTPClient.Transport.(*transport).next = roundTrip(func(r *http.Request) (*http.Response, error) {
		if err := wait(r.Context(), latency); err != nil {
			return nil, err
		}
		if r.Body == nil {
			r.Body = http.NoBody
		}
		recorder := httptest.NewRecorder()
		server.Config.Handler.ServeHTTP(recorder, r)
		return recorder.Result(), nil
	})
	return client
}

// failing answers the n-th PUT without executing it, as a load balancer without a
// server does.
func failing(nth int) func(http.ResponseWriter, *http.Request, http.Handler) {
	var mu sync.Mutex
	puts := 0
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		mu.Lock()
		if r.Method == http.MethodPut {
			puts++
		}
		fails := r.Method == http.MethodPut && puts == nth
		mu.Unlock()
		if fails {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// TestConcurrentCreatesOfOneID: the second create does not adopt the endpoint of the
// first one if an attempt of it gets no response.
func TestConcurrentCreatesOfOneID(t *testing.T) {
	endpoint := inference.Endpoint{
		InferenceID: "x", TaskType: inference.TextEmbedding, Service: inference.Service,
		ServiceSettings: inference.ServiceSettings{Region: "us-east-1", Provider: inference.AmazonTitan, Model: "amazon.titan-embed-text-v2:0"},
	}
	for name, twice := range map[string]func(create func()){
		"one after the other": func(create func()) { create(); create() },
		"both at once": func(create func()) {
			var done sync.WaitGroup
			done.Go(create)
			done.Go(create)
			done.Wait()
		},
	} {
		server := elasticsearchtest.New(t)
		server.Intercept(failing(2))
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := near(t, server)
				for i := range maxSingleReads + 2 { // so that a listing is kept
					if _, err := client.Exists(t.Context(), fmt.Sprintf("other%d", i)); err != nil {
						t.Fatal(err)
					}
				}
				var mu sync.Mutex
				made, refused := 0, 0
				twice(func() {
					_, err := client.Create(t.Context(), endpoint, inference.Keys{AccessKey: "AKIAEXAMPLE", SecretKey: "secret"})
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						made++
					case backend.Is(err, backend.AlreadyExists):
						refused++
					default:
						t.Errorf("got %v", err)
					}
				})
				if made != 1 || refused != 1 {
					t.Errorf("%d made it, %d were refused", made, refused)
				}
			})
		})
	}
}
