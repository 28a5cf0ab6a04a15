// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestSharedFile verifies that the API and another process, such as terraform, see
// each other's changes.
func TestSharedFile(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	simulator := bedrocksim.New()
	t.Cleanup(simulator.Close)
	terraform := embedded.New(s.file, bedrock.New(bedrock.Config{Simulator: simulator}))
	endpoint := inference.Endpoint{
		InferenceID: "shared", TaskType: inference.Completion, Service: inference.Service,
		ServiceSettings: inference.ServiceSettings{Region: "us-east-1", Provider: inference.Anthropic, Model: "anthropic.claude-3-haiku-20240307-v1:0"},
	}
	if _, err := terraform.Create(t.Context(), endpoint, inference.Keys{AccessKey: "access", SecretKey: "secret"}); err != nil {
		t.Fatal(err)
	}
	if got := s.send(http.MethodPost, "/_inference/shared", map[string]any{"input": "a"}); got.status != http.StatusOK {
		t.Errorf("what the other one made does not run: %d %s", got.status, got.text)
	}
	if _, err := terraform.Update(t.Context(), endpoint, inference.Update{RequestsPerMinute: 77}); err != nil {
		t.Fatal(err)
	}
	if got := s.send(http.MethodGet, "/_inference/shared", nil); !strings.Contains(got.text, `"requests_per_minute":77`) {
		t.Errorf("what the other one changed is not seen: %s", got.text)
	}
	s.send(http.MethodDelete, "/_inference/shared", nil)
	if _, err := terraform.Get(t.Context(), "shared"); !backend.Is(err, backend.NotFound) {
		t.Errorf("the other one still has it: %v", err)
	}
}
