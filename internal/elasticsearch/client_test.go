// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend/backendtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

var keys = inference.Keys{AccessKey: "AKIAEXAMPLE0CANARY", SecretKey: "s3cr3t/+canary \"key\""}

// config returns the configuration of a server, without waits between attempts.
func config(server *elasticsearchtest.Server) elasticsearch.Config {
	return elasticsearch.Config{
		Endpoints: []string{server.URL}, MaxRetries: 4,
		RetryWaitMin: time.Microsecond, RetryWaitMax: time.Microsecond, UserAgent: "terraform-provider-inference/test",
	}
}

func connect(t *testing.T, config elasticsearch.Config) *elasticsearch.Client {
	t.Helper()
	client, err := elasticsearch.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestConformance(t *testing.T) {
	versions := map[string]elasticsearchtest.Option{"serverless": elasticsearchtest.Serverless()}
	for _, number := range []string{"8.15.0", "8.16.0", "8.18.0", "8.19.3", "9.0.0", "9.1.0", "9.2.0", "9.2.6", "9.3.0", "9.3.1", "9.4.0", "9.5.0", "9.5.3", "9.6.0"} {
		versions[number] = elasticsearchtest.Version(number)
	}
	for name, version := range versions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backendtest.Run(t, func(t *testing.T) backend.Target {
				t.Helper()
				return connect(t, config(elasticsearchtest.New(t, version)))
			}, keys)
		})
	}
}

// TestAddress checks how a cluster is named in plans and messages, and that addresses with
// credentials are refused.
func TestAddress(t *testing.T) {
	t.Parallel()
	for want, endpoints := range map[string][]string{
		"https://es.example.com:9200":                     {"https://es.example.com:9200"},
		"https://es.example.com:9200/proxy":               {"https://es.example.com:9200/proxy/"},
		"http://127.0.0.1:9200, https://es-2.example.com": {"http://127.0.0.1:9200/", "https://es-2.example.com"},
	} {
		if got := connect(t, elasticsearch.Config{Endpoints: endpoints}).Address(); got != want {
			t.Errorf("%q: got %q, want %q", endpoints, got, want)
		}
	}
	for _, endpoint := range []string{"https://elastic:canary@es.example.com", "https://canary@es.example.com"} {
		if client, err := elasticsearch.New(elasticsearch.Config{Endpoints: []string{endpoint}}); err == nil {
			t.Errorf("an address with credentials is accepted as %s", client.Address())
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("the error contains the credentials: %v", err)
		}
	}
}
