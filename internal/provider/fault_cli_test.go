package provider_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/faultproxy"
)

// TestFaultsInTerraform: where the state matters most, Terraform itself does
// what the matrix takes for granted.
func TestFaultsInTerraform(t *testing.T) {
	t.Parallel()
	put, remove := toPath(http.MethodPut, "/text_embedding/e"), method(http.MethodDelete, "/text_embedding/e")
	for name, test := range map[string]struct {
		rotates bool
		request func(*http.Request) bool
		fault   faultproxy.Fault
		says    string
		plans   string
	}{
		"doubtful create":     {request: put, fault: faultproxy.ActedGone, says: `state keeps it as tainted`, plans: `is tainted, so`},
		"create without room": {request: put, fault: faultproxy.Refusal(http.StatusTooManyRequests, "es_rejected_execution_exception", busy, "Retry-After", "3600"), says: `asks to wait 1h0m0s`, plans: toAdd},
		"adopted create":      {request: put, fault: faultproxy.ActedReset, plans: toNothing},
		"rotation, not deleted": {
			rotates: true, request: remove, fault: faultproxy.Page(http.StatusBadGateway), says: `Cannot delete inference endpoint`, plans: toReplace,
		},
		"rotation, not made": {
			rotates: true, request: put, fault: faultproxy.Refusal(http.StatusForbidden, "security_exception", "no"), says: `Cannot create inference endpoint`, plans: toAdd,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := elasticsearchtest.New(t)
			proxy := faultproxy.New(t, server.URL)
			terraform := newCLI(t, strings.Replace(clusterBlock(server), server.URL, proxy.URL, 1)+endpointConfig("e", "text_embedding", titanEmbedding))
			if test.rotates {
				terraform.succeeds(apply...)
				terraform.rewrite(renewed[0], renewed[1])
			}
			proxy.Arm(test.request, test.fault, -1)
			out, ok := terraform.run(apply...)
			if said := unwrapped(out); ok != (test.says == "") || !regexp.MustCompile(test.says).MatchString(said) {
				t.Errorf("succeeded %v, and said: %s", ok, said)
			}
			proxy.Lift()
			if plan := terraform.succeeds("plan", "-no-color"); !strings.Contains(plan, test.plans) {
				t.Errorf("the next plan is not %q:\n%s", test.plans, plan)
			}
			terraform.succeeds(apply...)
			terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
			if got := server.IDs(); len(got) != 1 {
				t.Errorf("the server holds %q", got)
			}
		})
	}
}

// unwrapped is what Terraform prints without the frames and line breaks.
func unwrapped(out string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(out)), " ")
}

// TestKilledOnEmbedded: a provider that is killed while it asks the model has
// stored nothing, and one that is killed while it proves new keys keeps the old.
func TestKilledOnEmbedded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rotates bool
		plans   string
	}{"create": {plans: toAdd}, "rotation in place": {rotates: true, plans: toChange}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			simulator := bedrocksim.New()
			simulator.Trust("AKIATEST", renewed[0])
			var kill atomic.Pointer[func()]
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if blow := kill.Swap(nil); blow != nil {
					_, _ = io.Copy(io.Discard, r.Body) // not before does net/http see who has gone
					(*blow)()
					<-r.Context().Done()
					return
				}
				simulator.ServeHTTP(w, r)
			}))
			t.Cleanup(server.Close)
			terraform := newCLI(t, "provider \"inference\" {\n  embedded = { path = \"target/endpoints.db\" }\n  bedrock = { endpoint = \""+server.URL+"\" }\n}\n"+
				endpointConfig("e", "text_embedding", titanEmbedding, `credentials_rotation = "in_place"`))
			terraform.recordProviders()
			if test.rotates {
				terraform.succeeds(apply...)
				terraform.rewrite(renewed[0], renewed[1])
				simulator.Trust("AKIATEST", renewed[1])
			}
			killing := terraform.killProvider
			kill.Store(&killing)
			terraform.fails(apply...)
			if plan := terraform.succeeds("plan", "-no-color"); !strings.Contains(plan, test.plans) {
				t.Errorf("the next plan is not %q:\n%s", test.plans, plan)
			}
			terraform.succeeds(apply...)
			terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
			if stored := terraform.read("target/endpoints.db"); test.rotates && !strings.Contains(stored, renewed[1]) {
				t.Error("the new key is not stored")
			}
		})
	}
}
