// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
)

// run reads a data source or opens an ephemeral resource.
func (p protocol) run(t *testing.T, kind, name string, config object) []*tfprotov6.Diagnostic {
	t.Helper()
	if kind == ephemeralBlock {
		opened, err := p.server.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
			TypeName: name, Config: encoded(t, p.schema.EphemeralResourceSchemas[name], config),
		})
		if err != nil {
			t.Fatal(err)
		}
		return opened.Diagnostics
	}
	read, err := p.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: name, Config: encoded(t, p.schema.DataSourceSchemas[name], config),
	})
	if err != nil {
		t.Fatal(err)
	}
	return read.Diagnostics
}

// TestRunErrors checks that the error of a run names the attribute, the cause, how
// many inputs were answered, and the remedy.
func TestRunErrors(t *testing.T) {
	t.Parallel()
	from := func(first int, fault *bedrocksim.Fault) func(*http.Request, int) *bedrocksim.Fault {
		return func(_ *http.Request, call int) *bedrocksim.Fault {
			if call < first {
				return nil
			}
			return fault
		}
	}
	embedding := object{"input": slices.Repeat([]any{"x"}, 10), "service_settings": inline("amazontitan", "amazon.titan-embed-text-v2:0", nil)}
	completion := object{"input": slices.Repeat([]any{"x"}, 10), "service_settings": inline("meta", "meta.llama3-8b-instruct-v1:0", nil)}
	for name, test := range map[string]struct {
		fault          func(*http.Request, int) *bedrocksim.Fault
		config         object
		typeName, want string
	}{
		"throttled": {from(4, bedrocksim.Throttled()), embedding, "inference_text_embedding", `ThrottlingException \(status 429, request id .*3 of 10 inputs had been answered.*Lower requests_per_minute`},
		"denied":    {from(1, bedrocksim.AccessDenied()), completion, "inference_completion", `AccessDeniedException .*0 of 10 inputs.*grant the account access to the model in us-east-1`},
		"expired":   {from(1, bedrocksim.ExpiredToken()), completion, "inference_completion", `ExpiredTokenException .*get new temporary credentials`},
		"HTML":      {from(1, bedrocksim.Damaged(bedrocksim.HTML)), embedding, "inference_text_embedding", `text/html instead of JSON.*proxy`},
		"not ready": {from(1, bedrocksim.ModelNotReady()), completion, "inference_completion", `the model is being loaded`},
	} {
		for _, kind := range []string{dataBlock, ephemeralBlock} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				simulator := bedrocksim.New(bedrocksim.WithFault(test.fault))
				t.Cleanup(simulator.Close)
				protocol := newProtocol(t)
				protocol.configure(t, object{"bedrock": object{
					"endpoint": simulator.URL(), "access_key": bedrocksim.AccessKey, "secret_key": bedrocksim.SecretKey, "max_attempts": 1, "max_concurrency": 1,
				}})
				found := protocol.run(t, kind, test.typeName, test.config)
				if len(found) != 1 || found[0].Summary != "Running the model failed" || dotted(found[0].Attribute) != "service_settings" ||
					!regexp.MustCompile(test.want).MatchString(found[0].Detail) {
					t.Errorf("got %s, want one error that matches %q", diagnosticsText(found), test.want)
				}
			})
		}
	}
}

// TestCompletionWithoutText checks that a completion without text is a warning of a run, at
// its input, and an error of inference_verify, both with the stop reason.
func TestCompletionWithoutText(t *testing.T) {
	t.Parallel()
	for reason, content := range map[string]string{
		"tool_use":             `{"toolUse":{"toolUseId":"t","name":"search","input":{}}}`,
		"refusal":              "",
		"content_filtered":     `{"text":""}`,
		"guardrail_intervened": `{"text":" "}`,
		"max_tokens":           `{"reasoningContent":{"reasoningText":{"text":"Hm."}}}`,
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = fmt.Fprintf(w, `{"output":{"message":{"role":"assistant","content":[%s]}},"stopReason":%q,"usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2},"metrics":{"latencyMs":1}}`, content, reason)
			}))
			t.Cleanup(server.Close)
			settings := object{
				"embedded": object{"path": filepath.Join(t.TempDir(), "e.db")},
				"bedrock":  object{"endpoint": server.URL, "access_key": "AKIATEST", "secret_key": "secret"},
			}
			w := newWorkspace(t, settings)
			w.config = validCompletion()
			if found := errorsOf(w.apply(t.Context(), func() {})); len(found) > 0 {
				t.Fatal(diagnosticsText(found))
			}
			protocol := newProtocol(t)
			protocol.configure(t, settings)
			for _, kind := range []string{dataBlock, ephemeralBlock} {
				found := protocol.run(t, kind, "inference_completion", object{"input": []any{"x"}, "inference_id": "e"})
				if len(found) != 1 || found[0].Severity != tfprotov6.DiagnosticSeverityWarning || dotted(found[0].Attribute) != "input[0]" || !strings.Contains(found[0].Detail, `stop reason "`+reason+`"`) {
					t.Errorf("%s: got %s, want one warning with the stop reason", kind, diagnosticsText(found))
				}
			}
			if _, found := protocol.invoke(t, "inference_verify", object{"inference_id": "e"}); len(errorsOf(found)) != 1 || !strings.Contains(found[0].Detail, `stop reason "`+reason+`"`) {
				t.Errorf("inference_verify: got %s, want one error with the stop reason", diagnosticsText(found))
			}
		})
	}
}

// TestRunNotConfigured checks the error of a run while a setting of the provider is
// unknown.
func TestRunNotConfigured(t *testing.T) {
	t.Parallel()
	protocol := newProtocol(t)
	protocol.configure(t, object{"bedrock": object{"endpoint": unknown}})
	config := object{"input": []any{"x"}, "service_settings": inline("meta", "meta.llama3-8b-instruct-v1:0", nil)}
	for _, kind := range []string{dataBlock, ephemeralBlock} {
		found := protocol.run(t, kind, "inference_completion", config)
		if len(found) != 1 || !regexp.MustCompile(`known only after apply.*apply in two steps`).MatchString(found[0].Detail) {
			t.Errorf("%s: got %s, want one error about the unknown setting", kind, diagnosticsText(found))
		}
	}
}
