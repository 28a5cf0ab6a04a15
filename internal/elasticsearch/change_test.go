// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestIgnoredUpdate checks that every setting of an update that the server ignores is
// reported.
func TestIgnoredUpdate(t *testing.T) {
	server := elasticsearchtest.New(t, elasticsearchtest.Version("8.18.0"))
	client := connect(t, config(server))
	prior, err := client.Create(t.Context(), titan("x"), keys)
	if err != nil {
		t.Fatal(err)
	}
	held, err := client.Update(t.Context(), prior, inference.Update{Keys: keys, RequestsPerMinute: 9})
	if !backend.Is(err, backend.Refused) {
		t.Fatalf("got %v", err)
	}
	for _, setting := range []string{"service_settings.rate_limit.requests_per_minute", "chunking_settings"} {
		if !strings.Contains(err.Error(), setting) {
			t.Errorf("%s is not in %v", setting, err)
		}
	}
	if held.Chunking == nil || held.Chunking.Strategy != inference.StrategyWord {
		t.Errorf("the endpoint as it is now does not come along: %+v", held)
	}
}

func TestUpdateSendsOnlyWhatChanges(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	prior, err := client.Create(t.Context(), titan("x"), keys)
	if err != nil {
		t.Fatal(err)
	}
	server.Forget()
	if _, err := client.Update(t.Context(), prior, inference.Update{RequestsPerMinute: 9}); err != nil {
		t.Fatal(err)
	}
	if got, want := server.Requests()[0].Body, `{"service_settings":{"rate_limit":{"requests_per_minute":9}}}`; got != want {
		t.Errorf("got body %s, want %s", got, want)
	}
	if got, want := methods(server), "PUT GET"; got != want {
		t.Errorf("got requests %s, want %s", got, want)
	}
}

func TestKeysThatCannotChangeInPlace(t *testing.T) {
	for _, number := range []string{"9.5.0", "9.5.2"} {
		server := elasticsearchtest.New(t, elasticsearchtest.Version(number))
		client := connect(t, config(server))
		prior, err := client.Create(t.Context(), titan("x"), inference.Keys{AccessKey: "AKIAOLD", SecretKey: "old-secret"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Update(t.Context(), prior, inference.Update{Keys: keys})
		if !backend.Is(err, backend.KeysFixed) {
			t.Fatalf("%s: got %v", number, err)
		}
		for _, part := range []string{"Elasticsearch " + number, `Recreate the endpoint`, "9.5.3"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q is not in %v", number, part, err)
			}
		}
		if _, secretKey := server.Keys("x"); secretKey != "old-secret" {
			t.Errorf("%s: the keys changed", number)
		}
		checkSecrets(t, err)
	}
}

func TestKeysChange(t *testing.T) {
	for _, number := range []string{"8.18.0", "9.6.0"} {
		server := elasticsearchtest.New(t, elasticsearchtest.Version(number))
		client := connect(t, config(server))
		prior, err := client.Create(t.Context(), claude("x", inference.Completion), inference.Keys{AccessKey: "AKIAOLD", SecretKey: "old-secret"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Update(t.Context(), prior, inference.Update{Keys: keys}); err != nil {
			t.Errorf("%s: %v", number, err)
		}
		if accessKey, secretKey := server.Keys("x"); accessKey != keys.AccessKey.Reveal() || secretKey != keys.SecretKey.Reveal() {
			t.Errorf("%s: the server has other keys", number)
		}
	}
}

func TestReferencesAndDelete(t *testing.T) {
	for _, test := range []struct {
		version            string
		pipelines, indices []string
		words              string
	}{
		{"8.15.0", []string{"p1"}, nil, "the ingest pipelines p1"},
		{"9.1.0", []string{"p1", "p2"}, []string{"i1"}, "the ingest pipelines p1, p2 and the indices i1"},
		{"9.6.0", nil, []string{"i1", "i2"}, "the indices i1, i2"},
	} {
		server := elasticsearchtest.New(t, elasticsearchtest.Version(test.version))
		client := connect(t, config(server))
		made, err := client.Create(t.Context(), titan("x"), keys)
		if err != nil {
			t.Fatal(err)
		}
		server.Use("x", test.pipelines, test.indices)
		references, err := client.References(t.Context(), made)
		if err != nil || strings.Join(references.Pipelines, " ") != strings.Join(test.pipelines, " ") ||
			strings.Join(references.Indices, " ") != strings.Join(test.indices, " ") {
			t.Errorf("%s: got references %+v, %v", test.version, references, err)
		}
		err = client.Delete(t.Context(), made, false)
		if !backend.Is(err, backend.InUse) || !strings.Contains(err.Error(), test.words+",") || !strings.Contains(err.Error(), "another endpoint first") {
			t.Errorf("%s: got %v", test.version, err)
		}
		if server.Endpoint("x") == "" {
			t.Errorf("%s: it is gone", test.version)
		}
		if err := client.Delete(t.Context(), made, true); err != nil || server.Endpoint("x") != "" {
			t.Errorf("%s: by force: %v", test.version, err)
		}
	}
}

// TestReferencesUnderAnotherName: the fields of the response are not documented.
func TestReferencesUnderAnotherName(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	server.Intercept(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/vnd.elasticsearch+json;compatible-with=9")
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		_, _ = w.Write([]byte(`{"acknowledged":false,"indices":["i1"],"error_message":null,"more":{}}`))
	})
	references, err := client.References(t.Context(), titan("x"))
	if err != nil || len(references.Indices) != 1 || len(references.Pipelines) != 0 {
		t.Errorf("got %+v, %v", references, err)
	}
}

// TestDeleteTwice: the first attempt deletes the endpoint and gets no response, and
// the second one does not find it.
func TestDeleteTwice(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	made, err := client.Create(t.Context(), titan("x"), keys)
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once // the request and its retry have handlers of their own
	server.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		once.Do(func() { resetAfter(w, r, next) })
		next.ServeHTTP(w, r)
	})
	if err := client.Delete(t.Context(), made, false); err != nil {
		t.Error(err)
	}
	if server.Endpoint("x") != "" {
		t.Error("it is still there")
	}
}

// TestDeleteOfAnotherTask: an endpoint that was recreated with another task type is
// not deleted.
func TestDeleteOfAnotherTask(t *testing.T) {
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	made, err := client.Create(t.Context(), titan("x"), keys)
	if err != nil {
		t.Fatal(err)
	}
	made.TaskType = inference.Completion
	if err := client.Delete(t.Context(), made, true); !backend.Is(err, backend.Refused) || server.Endpoint("x") == "" {
		t.Errorf("got %v", err)
	}
}
