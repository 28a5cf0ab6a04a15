// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
)

// clockAt returns a clock that always has this date.
func clockAt(t *testing.T, date string) provider.Option {
	t.Helper()
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	return provider.WithClock(func() time.Time { return day })
}

// lifecycleWarnings returns the warnings about the lifecycle of models.
func lifecycleWarnings(found []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	var warnings []*tfprotov6.Diagnostic
	for _, d := range found {
		if strings.Contains(d.Detail, "by AWS's list of") && d.Severity == tfprotov6.DiagnosticSeverityWarning {
			warnings = append(warnings, d)
		}
	}
	return warnings
}

const (
	haiku3   = "anthropic.claude-3-haiku-20240307-v1:0"       // legacy from 2026-03-10, end of life 2026-09-10
	sonnet45 = "us.anthropic.claude-sonnet-4-5-20250929-v1:0" // legacy from 2026-10-08, end of life 2027-04-08
	sonnet46 = "us.anthropic.claude-sonnet-4-6"               // active
)

// TestLifecycleWarnings checks that a plan warns once per endpoint about a model that is
// retired or near its end of life, that it warns about a legacy model only if the endpoint
// is new or gets it as a new model, and that this is never an error.
func TestLifecycleWarnings(t *testing.T) {
	t.Parallel()
	completion := func(model string) object { return with(validCompletion(), atModel, model) }
	for name, c := range map[string]struct {
		date          string
		prior, config object
		want          string // empty for no warning
	}{
		"create, active":                    {"2026-11-27", nil, completion(sonnet46), ""},
		"create, embedding":                 {"2026-11-27", nil, validEndpoint(), ""},
		"create, retired":                   {"2026-11-27", nil, completion(haiku3), `^Model has reached its end of life.* on or after 2026-09-10, by AWS's list of .*AWS's replacement: `},
		"create, legacy":                    {"2026-11-27", nil, completion(sonnet45), `^Legacy model.* since 2026-10-08 and reaches its end of life on or after 2027-04-08`},
		"create, near its end":              {"2027-02-01", nil, completion(sonnet45), `^Model is near its end of life`},
		"create, before it was legacy":      {"2026-01-01", nil, completion(haiku3), ""},
		"unchanged, active":                 {"2026-11-27", completion(sonnet46), completion(sonnet46), ""},
		"unchanged, legacy":                 {"2026-11-27", completion(sonnet45), completion(sonnet45), ""},
		"unchanged, 91 days before its end": {"2027-01-07", completion(sonnet45), completion(sonnet45), ""},
		"unchanged, 90 days before its end": {"2027-01-08", completion(sonnet45), completion(sonnet45), `^Model is near its end of life`},
		"unchanged, retired":                {"2027-04-08", completion(sonnet45), completion(sonnet45), `^Model has reached its end of life`},
		"updated, legacy":                   {"2026-11-27", completion(sonnet45), with(completion(sonnet45), atLimit, 9), ""},
		"updated, retired":                  {"2027-05-01", completion(sonnet45), with(completion(sonnet45), atLimit, 9), `^Model has reached its end of life`},
		"replaced by an active model":       {"2027-05-01", completion(sonnet45), completion(sonnet46), ""},
		"replaced by a legacy model":        {"2026-11-27", completion(sonnet46), completion(sonnet45), `^Legacy model`},
		"unknown model":                     {"2026-11-27", nil, completion("us.anthropic.claude-x"), ""},
		"model is an unknown value":         {"2026-11-27", nil, with(validCompletion(), atModel, unknown), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, _ := cluster(t, "9.5.3")
			w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
			w.options = []provider.Option{clockAt(t, c.date)}
			if c.prior != nil {
				w.config = c.prior
				if found := errorsOf(w.apply(t.Context(), func() {})); len(found) > 0 {
					t.Fatal(diagnosticsText(found))
				}
			}
			w.config = c.config
			session := w.session(t.Context())
			found := session.refresh()
			_, more := session.plan()
			if found = append(found, more...); len(errorsOf(found)) > 0 {
				t.Fatal(diagnosticsText(found))
			}
			warnings := lifecycleWarnings(found)
			if c.want == "" {
				if len(warnings) > 0 {
					t.Errorf("got %s, want no warning", diagnosticsText(warnings))
				}
				return
			}
			if c.prior == nil || strings.HasPrefix(name, "unchanged") || strings.HasPrefix(name, "updated") {
				if len(warnings) != 1 {
					t.Errorf("got %d warnings, want 1: %s", len(warnings), diagnosticsText(warnings))
				}
			}
			for _, warning := range warnings {
				if text := warning.Summary + ": " + warning.Detail; !regexp.MustCompile(c.want).MatchString(text) || dotted(warning.Attribute) != atModel || strings.Contains(warning.Detail, "\n") {
					t.Errorf("got %q at %s, want a match of %q at %s", text, dotted(warning.Attribute), c.want, atModel)
				}
			}
			if len(warnings) == 0 {
				t.Errorf("got no warning, want a match of %q", c.want)
			}
		})
	}
}

// TestLifecycleWarningsOfRuns checks that runs warn too: runs of a model as a new endpoint
// does, and runs of an endpoint as an existing one does.
func TestLifecycleWarningsOfRuns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		date, model, endpoint string
		inline, byEndpoint    string
	}{
		"active":  {date: "2026-11-27", model: sonnet46},
		"legacy":  {date: "2026-11-27", model: sonnet45, inline: "Legacy model"},
		"retired": {date: "2027-05-01", model: sonnet45, inline: "Model has reached its end of life", byEndpoint: "Model has reached its end of life"},
	} {
		w := newWorkspace(t, object{"embedded": object{"path": filepath.Join(t.TempDir(), "e.db")}, "bedrock": object{"simulate": true}})
		w.options = []provider.Option{clockAt(t, c.date)}
		w.config = with(validCompletion(), atModel, c.model)
		if found := errorsOf(w.apply(t.Context(), func() {})); len(found) > 0 {
			t.Fatal(diagnosticsText(found))
		}
		for _, kind := range []string{dataBlock, ephemeralBlock} {
			session := w.session(t.Context())
			inlineRun := session.run(t, kind, "inference_completion", object{"input": []any{"x"}, "service_settings": inline("anthropic", c.model, nil)})
			endpointRun := session.run(t, kind, "inference_completion", object{"input": []any{"x"}, "inference_id": "e"})
			for _, got := range []struct {
				found    []*tfprotov6.Diagnostic
				want, at string
			}{{inlineRun, c.inline, "service_settings.model"}, {endpointRun, c.byEndpoint, "inference_id"}} {
				warnings := lifecycleWarnings(got.found)
				switch {
				case got.want == "" && len(warnings) > 0, got.want != "" && len(warnings) != 1:
					t.Errorf("%s, %s: got %s, want %q", name, kind, diagnosticsText(warnings), got.want)
				case got.want != "" && (!strings.HasPrefix(warnings[0].Summary, got.want) || dotted(warnings[0].Attribute) != got.at):
					t.Errorf("%s, %s: got %s, want %q at %s", name, kind, diagnosticsText(warnings), got.want, got.at)
				}
			}
		}
	}
}

// TestProfileWarnings checks that the plan of a new endpoint, and of one that gets
// another model, warns about a model that needs an inference profile.
func TestProfileWarnings(t *testing.T) {
	t.Parallel()
	const own, withProfile = "anthropic.claude-sonnet-4-6", sonnet46
	for name, c := range map[string]struct {
		prior, model string
		warns        bool
	}{
		"create":                         {"", own, true},
		"replace":                        {withProfile, own, true},
		"replace by another one":         {own, "anthropic.claude-opus-5", true},
		"unchanged":                      {own, own, false},
		"create with the profile":        {"", withProfile, false},
		"replace by the profile":         {own, withProfile, false},
		"create with an on-demand model": {"", "amazon.nova-lite-v1:0", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, _ := cluster(t, "9.5.3")
			w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
			completion := func(model string) object {
				if strings.HasPrefix(model, "amazon.") {
					return with(with(validCompletion(), atModel, model), "service_settings.provider", "amazontitan")
				}
				return with(validCompletion(), atModel, model)
			}
			if c.prior != "" {
				w.config = completion(c.prior)
				if found := errorsOf(w.apply(t.Context(), func() {})); len(found) > 0 {
					t.Fatal(diagnosticsText(found))
				}
			}
			w.config = completion(c.model)
			session := w.session(t.Context())
			found := session.refresh()
			_, more := session.plan()
			text := diagnosticsText(append(found, more...))
			if warns := strings.Contains(text, "Model needs an inference profile"); warns != c.warns || warns && !strings.Contains(text, `Write "`) {
				t.Errorf("got %s, want the warning: %v", text, c.warns)
			}
		})
	}
}

// TestLifecycleDate checks that the guide has the date of the lifecycle data.
func TestLifecycleDate(t *testing.T) {
	t.Parallel()
	if !strings.Contains(guide(t, "choosing-a-model.md"), "AWS's list of "+inference.LifecycleDate) {
		t.Errorf("the guide does not have the date %s", inference.LifecycleDate)
	}
}
