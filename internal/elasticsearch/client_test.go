// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
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
