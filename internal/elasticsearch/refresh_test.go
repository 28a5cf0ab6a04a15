// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// refresh reads all endpoints, ten at a time.
func refresh(t *testing.T, client *elasticsearch.Client, count int) {
	t.Helper()
	slots := make(chan struct{}, 10)
	var done sync.WaitGroup
	for i := range count {
		slots <- struct{}{}
		done.Go(func() {
			defer func() { <-slots }()
			id := fmt.Sprintf("e-%d", i)
			found, err := client.Get(t.Context(), id)
			if err != nil || found.InferenceID != id || found.ServiceSettings.RequestsPerMinute != int64(i+1) {
				t.Errorf("%s: got %+v, %v", id, found, err)
			}
		})
	}
	done.Wait()
}

func fill(t *testing.T, client *elasticsearch.Client, count int) {
	t.Helper()
	for i := range count {
		endpoint := claude(fmt.Sprintf("e-%d", i), inference.Completion)
		endpoint.ServiceSettings.RequestsPerMinute = int64(i + 1)
		if _, err := client.Create(t.Context(), endpoint, keys); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRefresh(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	fill(t, client, 1000)
	server.Forget()
	refresh(t, client, 1000)
	// How many reads wait when the first request ends is up to the scheduler.
	if got := len(server.Requests()); got > 10 {
		t.Errorf("it took %d requests: %v", got, server.Requests())
	}
	server.Forget()
	other := connect(t, config(server))
	if _, err := other.Get(t.Context(), "e-7"); err != nil || len(server.Requests()) != 1 || server.Requests()[0].Path != "/_inference/e-7" {
		t.Errorf("one read: got %v, %v", server.Requests(), err)
	}
}

func TestRefreshWithoutListPrivilege(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	fill(t, client, 50)
	server.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/_inference/_all" {
			refuse(w, http.StatusForbidden, "security_exception", "no")
			return
		}
		next.ServeHTTP(w, r)
	})
	refresh(t, client, 50)
	if _, err := backend.Collect(client.List(t.Context())); !backend.Is(err, backend.Denied) {
		t.Errorf("List: got %v", err)
	}
}

// TestOtherServices: endpoints of other services are not listed.
func TestOtherServices(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	fill(t, client, 3)
	found, err := backend.Collect(client.List(t.Context()))
	if err != nil || len(found) != 3 {
		t.Errorf("got %d endpoints, %v", len(found), err)
	}
	for _, id := range []string{".elser-2-elasticsearch", ".rainbow-sprinkles-elastic"} {
		if _, err := client.Get(t.Context(), id); !backend.Is(err, backend.Refused) {
			t.Errorf("%s: got %v", id, err)
		}
	}
}

func BenchmarkRefresh(b *testing.B) {
	server := elasticsearchtest.New(b)
	client, err := elasticsearch.New(config(server))
	if err != nil {
		b.Fatal(err)
	}
	for i := range 1000 {
		if _, err := client.Create(b.Context(), titan(fmt.Sprintf("e-%d", i)), keys); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if found, err := backend.Collect(client.List(b.Context())); err != nil || len(found) != 1000 {
			b.Fatal(err)
		}
	}
}
