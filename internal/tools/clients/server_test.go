// SPDX-License-Identifier: MPL-2.0

package clients_test

import (
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

// apiKey is the base64 of "laptop:0123456789".
const apiKey = "bGFwdG9wOjAxMjM0NTY3ODk="

// serveAPI serves a new API and compares every exchange with the document.
func serveAPI(t *testing.T, d *document) string {
	t.Helper()
	simulator := bedrocksim.New()
	t.Cleanup(simulator.Close)
	target := embedded.New(filepath.Join(t.TempDir(), "endpoints.db"), bedrock.New(bedrock.Config{Simulator: simulator}))
	if err := target.Touch(t.Context()); err != nil {
		t.Fatal(err)
	}
	handler := api.New(target, api.Config{Credentials: api.Credentials{APIKey: apiKey, User: "elastic", Password: "changeme"}})
	server := httptest.NewServer(d.watch(t, handler))
	t.Cleanup(server.Close)
	return server.URL
}
