// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/tools/live"
)

var (
	liveFlag  = flag.Bool("live", false, "run the live tests against the cluster that ELASTICSEARCH_* names")
	liveSweep = flag.Bool("live.sweep", false, "remove the endpoints of earlier live tests from that cluster")
	liveOut   = flag.String("live.out", "", "directory to which the probe writes its observations")
)

// realCluster returns the cluster and the AWS keys of the environment. The keys may be
// empty.
func realCluster(t *testing.T) (elasticsearch.Config, live.Keys) {
	t.Helper()
	config, err := provider.ElasticsearchConfig()
	if err != nil {
		t.Fatal(err)
	}
	return config, live.Keys{AccessKey: os.Getenv("AWS_ACCESS_KEY_ID"), SecretKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}
}

// liveProbe returns a probe that reports failures to the test.
func liveProbe(t *testing.T, config elasticsearch.Config, keys live.Keys) *live.Probe {
	t.Helper()
	probe, err := live.New(config, keys, t.Errorf)
	if err != nil {
		t.Fatal(err)
	}
	return probe
}

// TestLiveProbe checks on a real cluster the facts that the provider assumes about its
// version. The tests of package live run the probe with simulated clusters.
func TestLiveProbe(t *testing.T) {
	if !*liveFlag {
		t.Skip("needs -live and a cluster")
	}
	config, keys := realCluster(t)
	report, err := liveProbe(t, config, keys).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := report.WriteTable(os.Stdout); err != nil {
		t.Error(err)
	}
	if *liveOut != "" {
		if err := report.WriteFile(*liveOut); err != nil {
			t.Error(err)
		}
	}
	if differences := report.Differences(); len(differences) > 0 {
		t.Errorf("Elasticsearch %s: got %d facts that differ, want 0: %q", report.Version, len(differences), differences)
	}
}

// TestLiveSweep removes the endpoints of interrupted live tests.
func TestLiveSweep(t *testing.T) {
	if !*liveSweep {
		t.Skip("needs -live.sweep and a cluster")
	}
	config, keys := realCluster(t)
	if err := liveProbe(t, config, keys).Sweep(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLiveLifecycle checks that endpoints can be created, updated, replaced, imported and
// destroyed: on a real cluster with -live, otherwise on simulated ones.
func TestLiveLifecycle(t *testing.T) {
	if *liveFlag {
		config, keys := realCluster(t)
		testLifecycle(t, config, keys, `provider "inference" {
  elasticsearch = {}
}
`)
		return
	}
	for _, version := range []string{"8.15.0", "8.18.0", elasticsearchtest.Newest} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			server, block := cluster(t, version)
			testLifecycle(t, elasticsearch.Config{Endpoints: []string{server.URL}}, live.Keys{}, block)
			if ids := server.IDs(); len(ids) > 0 {
				t.Errorf("got endpoints %q after destroy, want none", ids)
			}
		})
	}
}

func testLifecycle(t *testing.T, config elasticsearch.Config, keys live.Keys, providerBlock string) {
	t.Helper()
	client, err := elasticsearch.New(config)
	if err != nil {
		t.Fatal(err)
	}
	capabilities, err := client.Capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	probe := liveProbe(t, config, keys)
	if keys == (live.Keys{}) {
		keys = live.Keys{AccessKey: "AKIAIOSFODNN7EXAMPLE", SecretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
		restore, err := probe.SkipModelCalls(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(restore)
	}
	completion, embedding := probe.NewID("completion"), probe.NewID("embedding")
	settings := func(provider, model string) string {
		return fmt.Sprintf("access_key = %q\n secret_key = %q\n region = \"us-east-1\"\n provider = %q\n model = %q", keys.AccessKey, keys.SecretKey, provider, model)
	}
	claude := settings("anthropic", "anthropic.claude-3-haiku-20240307-v1:0")
	titan := settings("amazontitan", "amazon.titan-embed-text-v2:0")
	changed := plancheck.ResourceActionReplace
	if capabilities.Update.TaskSettings {
		changed = plancheck.ResourceActionUpdate
	}
	t.Cleanup(func() { // after a failure; the last step has destroyed them otherwise
		for _, id := range []string{completion, embedding} {
			if left, err := client.Get(context.Background(), id); !backend.Is(err, backend.NotFound) {
				t.Errorf("endpoint %s exists after destroy, or error %v", id, err)
				_ = client.Delete(context.Background(), left, true)
			}
		}
	})
	acceptance(t,
		step{
			config: providerBlock + endpointConfig(completion, "completion", claude, `task_settings = { max_new_tokens = 7 }`),
			state:  []statecheck.StateCheck{holds(tfjsonpath.New("task_settings").AtMapKey("max_new_tokens"), knownvalue.Int64Exact(7))},
		},
		step{importID: completion},
		step{config: providerBlock + endpointConfig(completion, "completion", claude, `task_settings = { max_new_tokens = 8 }`), action: changed},
		step{config: providerBlock + endpointConfig(embedding, "text_embedding", titan), action: plancheck.ResourceActionReplace},
		step{importID: embedding},
		step{config: providerBlock},
	)
}
