// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// refusals are error responses of Amazon Bedrock and of proxies in front of it.
var refusals = map[string]struct {
	status int
	code   string
	media  string
}{
	"invalid":   {http.StatusBadRequest, "ValidationException", "application/json"},
	"denied":    {http.StatusForbidden, "AccessDeniedException", "application/json"},
	"bad token": {http.StatusForbidden, "UnrecognizedClientException", "application/json"},
	"throttled": {http.StatusTooManyRequests, "ThrottlingException", "application/json"},
	"failed":    {http.StatusInternalServerError, "InternalServerException", "application/json"},
	"page":      {http.StatusBadGateway, "", "text/html"},
	"redirect":  {http.StatusTemporaryRedirect, "", "text/html"},
}

// TestCanaryBedrock checks that a Bedrock endpoint that repeats the request in its error
// messages reveals no key of the provider or of a block in a diagnostic, a log or a
// state, and that redirects are not followed.
func TestCanaryBedrock(t *testing.T) {
	t.Parallel()
	for name, refusal := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls, followed atomic.Int64
			elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
			t.Cleanup(elsewhere.Close)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				body, _ := io.ReadAll(r.Body)
				text := strings.Join(strings.Fields(fmt.Sprint(r.Header, string(body))), " ")
				w.Header().Set("Content-Type", refusal.media)
				w.Header().Set("X-Amzn-Errortype", refusal.code)
				w.Header().Set("Location", elsewhere.URL+"/again")
				w.WriteHeader(refusal.status)
				_, _ = fmt.Fprintf(w, `{"message":%q}`, text)
			}))
			t.Cleanup(server.Close)
			configured, own := newKeyPair(), newKeyPair()
			token := newCanary()
			w := newWorkspace(t, object{
				"embedded": object{"path": filepath.Join(t.TempDir(), "endpoints.db")},
				"bedrock": object{
					"endpoint": server.URL, "max_attempts": 1,
					"access_key": configured.access, "secret_key": configured.secret, "session_token": token,
				},
			})
			w.failAllRuns(own)
			if calls.Load() < 4 || followed.Load() > 0 {
				t.Errorf("got %d calls of the model and %d followed redirects, want at least 4 and 0", calls.Load(), followed.Load())
			}
			text := w.recorded.String()
			for _, secret := range []string{configured.access, configured.secret, token, own.access, own.secret} {
				for _, form := range secretForms(secret) {
					if strings.Contains(text, form) {
						t.Errorf("a diagnostic, log or state contains a secret as %q", form)
					}
				}
			}
		})
	}
}

// failAllRuns runs a model with every type of block and expects errors. Blocks that
// accept keys use own, the others use the keys of the provider.
func (w *workspace) failAllRuns(own keyPair) {
	w.t.Helper()
	inline := object{"region": "us-east-1", "provider": "cohere", "model": "cohere.embed-english-v3"}
	text := object{"region": "us-east-1", "provider": "anthropic", "model": "us.anthropic.claude-sonnet-4-6"}
	input := []any{"text" + rand.Text()}
	s := w.session(w.t.Context())
	for name, service := range map[string]object{textEmbeddingDataSource.name: inline, completionDataSource.name: text} {
		w.mustFail(name, s.readData(name, object{"service_settings": service, "input": input}))
		keyed := with(with(service, "access_key", own.access), "secret_key", own.secret)
		w.mustFail(name, s.openEphemeral(name, object{"service_settings": keyed, "input": input}))
	}
	w.config = embeddingEndpoint(object{"access_key": own.access, "secret_key": own.secret}, nil)
	w.mustFail("create", w.apply(w.t.Context(), func() {}))
}

func (w *workspace) mustFail(what string, found []*tfprotov6.Diagnostic) {
	w.t.Helper()
	if len(errorsOf(found)) == 0 {
		w.t.Errorf("%s succeeds, want an error", what)
	}
}

func (s session) readData(name string, config object) []*tfprotov6.Diagnostic {
	s.w.t.Helper()
	resp, err := s.server.ReadDataSource(s.ctx, &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: s.encodeAs(s.schema.DataSourceSchemas[name], config)})
	return s.recordDiagnostics(resp.Diagnostics, err)
}

func (s session) openEphemeral(name string, config object) []*tfprotov6.Diagnostic {
	s.w.t.Helper()
	resp, err := s.server.OpenEphemeralResource(s.ctx, &tfprotov6.OpenEphemeralResourceRequest{TypeName: name, Config: s.encodeAs(s.schema.EphemeralResourceSchemas[name], config)})
	return s.recordDiagnostics(resp.Diagnostics, err)
}

func (s session) encodeAs(schema *tfprotov6.Schema, config object) *tfprotov6.DynamicValue {
	s.w.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(schema.ValueType(), valueOf(s.w.t, schema.ValueType(), config))
	if err != nil {
		s.w.t.Fatal(err)
	}
	return &encoded
}
