// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/faultproxy"
)

// TestFaultsInTerraform checks with Terraform itself the outcomes of TestFaultMatrix
// that depend on how Terraform writes its state.
func TestFaultsInTerraform(t *testing.T) {
	t.Parallel()
	put, remove := toPath(http.MethodPut, "/text_embedding/e"), method(http.MethodDelete, "/text_embedding/e")
	for name, test := range map[string]struct {
		rotates  bool
		request  func(*http.Request) bool
		fault    faultproxy.Fault
		message  string
		wantPlan string
	}{
		"create with unknown outcome":             {request: put, fault: faultproxy.ForwardThenStop, message: `state keeps it as tainted`, wantPlan: `is tainted, so`},
		"create rejected with 429":                {request: put, fault: faultproxy.Refusal(http.StatusTooManyRequests, "es_rejected_execution_exception", queueFull, "Retry-After", "3600"), message: `asks to wait 1h0m0s`, wantPlan: toAdd},
		"created before the connection was reset": {request: put, fault: faultproxy.ForwardThenReset, wantPlan: toNothing},
		"rotation, delete fails": {
			rotates: true, request: remove, fault: faultproxy.Page(http.StatusBadGateway), message: `Cannot delete inference endpoint`, wantPlan: toReplace,
		},
		"rotation, create fails": {
			rotates: true, request: put, fault: faultproxy.Refusal(http.StatusForbidden, "security_exception", "no"), message: `Cannot create inference endpoint`, wantPlan: toAdd,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := elasticsearchtest.New(t)
			proxy := faultproxy.New(t, server.URL)
			terraform := newCLI(t, strings.Replace(clusterBlock(server), server.URL, proxy.URL, 1)+endpointConfig("e", "text_embedding", titanEmbedding))
			if test.rotates {
				terraform.succeeds(apply...)
				terraform.rewrite(secretChange[0], secretChange[1])
			}
			proxy.Arm(test.request, test.fault, -1)
			out, ok := terraform.run(apply...)
			if text := unwrapped(out); ok != (test.message == "") || !regexp.MustCompile(test.message).MatchString(text) {
				t.Errorf("success: got %v, want %v; want a message that matches %q, got: %s", ok, test.message == "", test.message, text)
			}
			proxy.Lift()
			if plan := terraform.succeeds("plan", "-no-color"); !strings.Contains(plan, test.wantPlan) {
				t.Errorf("next plan: want %q, got:\n%s", test.wantPlan, plan)
			}
			terraform.succeeds(apply...)
			terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
			if got := server.IDs(); len(got) != 1 {
				t.Errorf("got endpoints %q, want one", got)
			}
		})
	}
}

// unwrapped returns the output of Terraform without frames and line breaks.
func unwrapped(out string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(out)), " ")
}

// TestKilledProviderOnEmbedded checks that a provider that is killed while it calls the
// model stores no endpoint on create, and keeps the old keys on an update.
func TestKilledProviderOnEmbedded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rotates  bool
		wantPlan string
	}{"create": {wantPlan: toAdd}, "rotation in place": {rotates: true, wantPlan: toChange}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			simulator := bedrocksim.New()
			simulator.Trust("AKIATEST", secretChange[0])
			var kill atomic.Pointer[func()]
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if killOnce := kill.Swap(nil); killOnce != nil {
					_, _ = io.Copy(io.Discard, r.Body) // net/http notices a closed connection only after the body is read
					(*killOnce)()
					<-r.Context().Done()
					return
				}
				simulator.ServeHTTP(w, r)
			}))
			t.Cleanup(server.Close)
			file := filepath.Join(t.TempDir(), "endpoints.db")
			terraform := newCLI(t, fmt.Sprintf("provider \"inference\" {\n  embedded = { path = %q }\n  bedrock = { endpoint = %q }\n}\n", file, server.URL)+
				endpointConfig("e", "text_embedding", titanEmbedding, `credentials_rotation = "in_place"`))
			if test.rotates {
				terraform.succeeds(apply...)
				terraform.rewrite(secretChange[0], secretChange[1])
				simulator.Trust("AKIATEST", secretChange[1])
			}
			killProvider := terraform.killProvider
			kill.Store(&killProvider)
			terraform.recordProviders()
			terraform.fails(apply...)
			terraform.attached = []string{ownAddress}
			if plan := terraform.succeeds("plan", "-no-color"); !strings.Contains(plan, test.wantPlan) {
				t.Errorf("next plan: want %q, got:\n%s", test.wantPlan, plan)
			}
			terraform.succeeds(apply...)
			terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
			if stored, err := os.ReadFile(file); err != nil || test.rotates && !strings.Contains(string(stored), secretChange[1]) {
				t.Errorf("the stored endpoint does not have the new key, or error %v", err)
			}
		})
	}
}
