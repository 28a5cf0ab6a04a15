// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// inParallel calls a function for each of count endpoints, ten at a time, as Terraform does.
func inParallel(count int, do func(id string)) {
	slots := make(chan struct{}, 10)
	var done sync.WaitGroup
	for i := range count {
		slots <- struct{}{}
		done.Go(func() {
			defer func() { <-slots }()
			do(fmt.Sprintf("e-%d", i))
		})
	}
	done.Wait()
}

// createEndpoints creates endpoints without Terraform.
func createEndpoints(t *testing.T, server *elasticsearchtest.Server, count int) {
	t.Helper()
	client, err := elasticsearch.New(elasticsearch.Config{Endpoints: []string{server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	inParallel(count, func(id string) {
		_, err := client.Create(t.Context(), inference.Endpoint{
			InferenceID: id, TaskType: inference.Completion, Service: inference.Service,
			ServiceSettings: inference.ServiceSettings{Region: "us-east-1", Provider: inference.Anthropic, Model: "us.anthropic.claude-sonnet-4-6"},
		}, inference.Keys{AccessKey: "AKIATEST", SecretKey: "secret-one"})
		if err != nil {
			t.Error(err)
		}
	})
	server.Forget()
}

// clusterConfig returns a provider configuration for a cluster.
func clusterConfig(server *elasticsearchtest.Server) object {
	return object{"elasticsearch": map[string]any{"endpoints": []any{server.URL}}}
}

// refresh reads one endpoint with a state that has only its id.
func (p protocol) refresh(t *testing.T, id string) {
	t.Helper()
	typ := p.schema.ResourceSchemas["inference_endpoint"].ValueType()
	state, err := tfprotov6.NewDynamicValue(typ, valueOf(t, typ, map[string]any{"inference_id": id}))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := p.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: "inference_endpoint", CurrentState: &state})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Errorf("%s: got error %v and diagnostics %s, want none", id, err, diagnosticsText(resp.Diagnostics))
		return
	}
	read, err := resp.NewState.Unmarshal(typ)
	if err != nil || read.IsNull() {
		t.Errorf("%s: got no endpoint, error %v", id, err)
	}
}

// TestRefreshThousandEndpoints checks that the reads of a refresh are coalesced.
func TestRefreshThousandEndpoints(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, elasticsearchtest.Newest)
	createEndpoints(t, server, 1000)
	p := newProtocol(t)
	p.configure(t, clusterConfig(server))
	inParallel(1000, func(id string) { p.refresh(t, id) })
	if got := server.Requests(); len(got) > 10 {
		t.Errorf("got %d requests, want at most 10, among them %v", len(got), got[:10])
	}
}

// TestRefreshWithoutListPrivilege checks that a refresh works without the privilege
// to list endpoints, and has no message about it.
func TestRefreshWithoutListPrivilege(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, elasticsearchtest.Newest)
	createEndpoints(t, server, 50)
	server.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/_inference/_all" {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"error":{"type":"security_exception","reason":"action [cluster:monitor/xpack/inference/get] is unauthorized"},"status":403}`))
			return
		}
		next.ServeHTTP(w, r)
	})
	p := newProtocol(t)
	p.configure(t, clusterConfig(server))
	inParallel(50, func(id string) { p.refresh(t, id) })
}

// TestRefreshOfOneEndpoint checks that a refresh of one endpoint requests only the cluster
// and that endpoint.
func TestRefreshOfOneEndpoint(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, elasticsearchtest.Newest)
	createEndpoints(t, server, 3)
	p := newProtocol(t)
	p.configure(t, clusterConfig(server))
	p.refresh(t, "e-1")
	var got []string
	for _, request := range server.Requests() {
		got = append(got, request.String())
	}
	slices.Sort(got) // they are sent at the same time
	if want := "[GET / GET /_inference/e-1]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// TestRefreshOnlyWithoutDrift checks the exit code of plan -refresh-only if nothing has
// changed. Terraform 1.11 always reports changes, as the guide says.
func TestRefreshOnlyWithoutDrift(t *testing.T) {
	t.Parallel()
	terraform := newCLI(t, embedded(t)+endpointConfig("e", "text_embedding", titanEmbedding))
	terraform.succeeds(apply...)
	drift := []string{"plan", "-no-color", "-refresh-only", "-detailed-exitcode"}
	if newer(t, "1.12.0") {
		terraform.succeeds(drift...)
	} else if out := terraform.fails(drift...); !strings.Contains(out, "No changes.") {
		t.Errorf("got the plan, want no changes:\n%s", out)
	}
}
