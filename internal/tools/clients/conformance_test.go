// SPDX-License-Identifier: MPL-2.0

package clients_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend/backendtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

var keys = inference.Keys{AccessKey: "access", SecretKey: "secret"}

// TestProviderClient compares the requests of the provider's client, and the answers
// of the API, with the document.
func TestProviderClient(t *testing.T) {
	t.Parallel()
	d := readDocument(t)
	t.Cleanup(func() { demand(t, d, answersOfTargets, requestsOfTargets) })
	backendtest.Run(t, func(t *testing.T) backend.Target {
		t.Helper()
		return connect(t, elasticsearch.Config{Endpoints: []string{serveAPI(t, d)}, APIKey: apiKey})
	}, keys)
}

// TestProviderClientOnVersions compares the requests of the provider's client to
// several versions of Elasticsearch with the document.
func TestProviderClientOnVersions(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"8.15.0", "8.19.0", "9.1.0", "9.3.1", "9.5.0", elasticsearchtest.Newest} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := readDocument(t)
			t.Cleanup(func() { demand(t, d, nil, requestsOfTargets) })
			backendtest.Run(t, func(t *testing.T) backend.Target {
				t.Helper()
				server := elasticsearchtest.New(t, elasticsearchtest.Version(version))
				server.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					d.watch(t, next).ServeHTTP(w, r)
				})
				return connect(t, elasticsearch.Config{Endpoints: []string{server.URL}})
			}, keys)
		})
	}
}

func connect(t *testing.T, config elasticsearch.Config) backend.Target {
	t.Helper()
	client, err := elasticsearch.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

var (
	requestsOfTargets = []string{
		"PUT /_inference/{task_type}/{inference_id} request",
		"POST /_inference/text_embedding/{inference_id} request",
		"POST /_inference/completion/{inference_id} request",
	}
	answersOfTargets = []string{
		"PUT /_inference/{task_type}/{inference_id} answer",
		"PUT /_inference/{task_type}/{inference_id}/_update answer",
		"GET /_inference/{inference_id} answer",
		"DELETE /_inference/{task_type}/{inference_id} answer",
		"POST /_inference/text_embedding/{inference_id} answer",
		"POST /_inference/completion/{inference_id} answer",
	}
)

// demand fails the test if nothing of a kind was seen.
func demand(t *testing.T, d *document, lists ...[]string) {
	t.Helper()
	for _, name := range slices.Concat(lists...) {
		if d.checked[name] == 0 {
			t.Errorf("nothing was held against the document: %s, only %v", name, slices.Sorted(maps.Keys(d.checked)))
		}
	}
}
