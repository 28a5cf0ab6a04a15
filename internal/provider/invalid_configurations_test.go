// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
)

// invalidConfig is a configuration with one error, the path of the attribute at which it
// must be reported, and a pattern for its message.
type invalidConfig struct {
	name          string
	block         blockType
	config        object
	path, message string
}

// blockType is a kind of block and its type.
type blockType struct{ kind, name string }

func (s blockType) String() string { return s.kind + " " + s.name }

var (
	endpointResource    = blockType{resourceBlock, "inference_endpoint"}
	providerBlockType   = blockType{providerBlock, "inference"}
	endpointDataSource  = blockType{dataBlock, "inference_endpoint"}
	endpointsDataSource = blockType{dataBlock, "inference_endpoints"}
	endpointList        = blockType{listBlock, "inference_endpoint"}
	verifyAction        = blockType{actionBlock, "inference_verify"}

	textEmbeddingDataSource = blockType{dataBlock, "inference_text_embedding"}
	textEmbeddingEphemeral  = blockType{ephemeralBlock, "inference_text_embedding"}
	completionDataSource    = blockType{dataBlock, "inference_completion"}
	completionEphemeral     = blockType{ephemeralBlock, "inference_completion"}
)

const listBlock = "list"

// minInvalidConfigs is the number of invalid configurations that the documentation
// promises to be tested.
const minInvalidConfigs = 250

// TestInvalidConfigurations checks that the error of each invalid configuration is
// reported once, at its attribute, with what to write instead, and without a request to
// a server.
func TestInvalidConfigurations(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, elasticsearchtest.Newest)
	provider := newProtocol(t)
	provider.configure(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})

	rows := slices.Concat(invalidEndpoints(), invalidModels(), invalidTaskSettings(), invalidChunkingSettings(), invalidProviders(), invalidDataSources(), invalidTimeouts())
	seen := map[string]bool{}
	for _, row := range rows {
		name := row.block.String() + ", " + row.name
		if seen[name] {
			t.Errorf("%s: duplicate row", name)
		}
		seen[name] = true
		var found []*tfprotov6.Diagnostic
		if row.block == providerBlockType {
			found = validateProvider(t, row.config)
		} else {
			found = provider.validateBlock(t, row.block, row.config)
		}
		checkSingleError(t, name, errorsOf(found), row.path, row.message)
	}
	if requests := server.Requests(); len(requests) > 0 {
		t.Errorf("got the requests %v, want none", requests)
	}
	if len(rows) < minInvalidConfigs {
		t.Errorf("got %d rows, want at least %d", len(rows), minInvalidConfigs)
	}
	t.Logf("counted: %d invalid configurations, each rejected at its attribute", len(rows))
}

// validateBlock validates a block of any type except the provider block.
func (p protocol) validateBlock(t *testing.T, of blockType, config object) []*tfprotov6.Diagnostic {
	t.Helper()
	if of.kind != listBlock {
		return p.validate(t, of.kind, of.name, config)
	}
	typ := p.schema.ListResourceSchemas[of.name].ValueType()
	value, err := tfprotov6.NewDynamicValue(typ, valueOf(t, typ, config))
	if err != nil {
		t.Fatal(err)
	}
	lists, ok := p.server.(tfprotov6.ListResourceServer)
	if !ok {
		t.Fatal("the server does not implement ListResourceServer")
	}
	resp, err := lists.ValidateListResourceConfig(context.Background(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: of.name, Config: &value})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

// validateProvider validates a provider block and, if it has no errors, configures the
// provider, as Terraform does.
func validateProvider(t *testing.T, config object) []*tfprotov6.Diagnostic {
	t.Helper()
	provider := newProtocol(t)
	if found := provider.validate(t, providerBlock, "", config); len(errorsOf(found)) > 0 {
		return found
	}
	return provider.configureWith(t, config)
}

// remedy matches what every error message must contain: what to do about the error.
var remedy = regexp.MustCompile(`(?i)\b(write|remove|keep|leave|set|copy|move|unset|begins with|prints it|must (set|be)|(needs at least|(takes|accepts) (numbers from|at most)) [0-9]+|it has|upgrade|give)\b`)

// lowerCaseSentence matches a sentence that begins with a lower-case letter.
var lowerCaseSentence = regexp.MustCompile(`^[a-z]+ [a-z]+ target|[a-z"]\. [a-z]`)

// checkSingleError checks that there is one error, its path and its message.
func checkSingleError(t *testing.T, name string, found []*tfprotov6.Diagnostic, at, message string) {
	t.Helper()
	if len(found) != 1 {
		t.Errorf("%s: got %d errors, want one at %s: %s", name, len(found), at, diagnosticsText(found))
		return
	}
	fault := found[0]
	text := fault.Summary + ": " + fault.Detail
	switch {
	case dotted(fault.Attribute) != at:
		t.Errorf("%s: got the path %q, want %q: %s", name, dotted(fault.Attribute), at, text)
	case strings.Contains(at, ".") && !strings.Contains(text, at) && fault.Summary != "Invalid Configuration for Read-Only Attribute": // Terraform shows the top-level attribute only
		t.Errorf("%s: got %q, want it to name %s", name, text, at)
	case !regexp.MustCompile(message).MatchString(text):
		t.Errorf("%s: got %q, want %q", name, text, message)
	case lowerCaseSentence.MatchString(fault.Detail):
		t.Errorf("%s: a sentence begins with a lower-case letter: %q", name, fault.Detail)
	case !remedy.MatchString(fault.Detail):
		t.Errorf("%s: got %q, want it to say what to write instead", name, fault.Detail)
	}
}

// errorsOf returns the diagnostics that are errors.
func errorsOf(found []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	return slices.DeleteFunc(slices.Clone(found), func(d *tfprotov6.Diagnostic) bool {
		return d.Severity != tfprotov6.DiagnosticSeverityError
	})
}

// diagnosticsText formats diagnostics for the message of a test.
func diagnosticsText(found []*tfprotov6.Diagnostic) string {
	text := ""
	for _, d := range found {
		text += fmt.Sprintf("\n  %s %s: %s: %s", d.Severity, dotted(d.Attribute), d.Summary, d.Detail)
	}
	return text
}

// configure configures the provider and fails the test if there are errors.
func (p protocol) configure(tb testing.TB, config object) {
	tb.Helper()
	if found := errorsOf(p.configureWith(tb, config)); len(found) > 0 {
		tb.Fatalf("ConfigureProvider fails: %s", diagnosticsText(found))
	}
}

// configureWith calls ConfigureProvider and returns the diagnostics.
func (p protocol) configureWith(tb testing.TB, config object) []*tfprotov6.Diagnostic {
	tb.Helper()
	resp, err := p.server.ConfigureProvider(tb.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.15.0", Config: encoded(tb, p.schema.Provider, config),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return resp.Diagnostics
}
