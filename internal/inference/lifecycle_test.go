// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"strings"
	"testing"
	"time"
)

func TestLifecycleWarnings(t *testing.T) {
	t.Parallel()
	day := func(date string) time.Time {
		at, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, row := range []struct {
		model, now string
		isNew      bool
		want       string // part of summary and detail; empty for no warning
	}{
		{"anthropic.claude-3-haiku-20240307-v1:0", "2026-11-27", false, "Model has reached its end of life: .*on or after 2026-09-10, by AWS's list of 2026-11-26"},
		{"us.anthropic.claude-3-haiku-20240307-v1:0", "2026-09-09", false, "Model is near its end of life"},
		{"anthropic.claude-3-haiku-20240307-v1:0", "2026-05-01", false, ""},
		{"anthropic.claude-3-haiku-20240307-v1:0", "2026-05-01", true, "Legacy model"},
		{"arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-11-27", true, "Legacy model: .*has been a legacy model since 2026-10-08.*2027-04-08"},
		{"anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-11-27", false, ""},
		{"anthropic.claude-sonnet-4-5-20250929-v1:0", "2027-01-08", false, "near its end of life"},
		{"cohere.command-text-v14:7:4k", "2026-11-27", true, "end of life"},
		{"amazon.titan-embed-text-v2:0", "2026-11-27", true, ""},
		{"anthropic.claude-sonnet-5", "2026-11-27", true, ""},
		{"acme.model-v1", "2026-11-27", true, ""},
	} {
		got := LifecycleWarnings(row.model, day(row.now), row.isNew)
		if len(got) > 1 || (len(got) == 1) != (row.want != "") {
			t.Errorf("%s on %s, new %t: got %+v", row.model, row.now, row.isNew, got)
			continue
		}
		for part := range strings.SplitSeq(row.want, ".*") {
			if !strings.Contains(got.Error(), part) {
				t.Errorf("%s on %s: got %q, want %q", row.model, row.now, got, part)
			}
		}
		if len(got.Errors()) > 0 {
			t.Errorf("%s: not a warning", row.model)
		}
	}
}

// TestReplacements checks that every replacement is the id of a model that is not itself
// to be replaced, and that its warning names it.
func TestReplacements(t *testing.T) {
	t.Parallel()
	found := 0
	for _, l := range knownLifecycles {
		if l.Replacement == "" {
			continue
		}
		found++
		id, ok := ParseModelID(l.Replacement)
		if replacement, known := ModelLifecycle(l.Replacement); !ok || id.Model != l.Replacement || !known || replacement.State != ModelActive || l.ReplacementNote == "" {
			t.Errorf("%s: replacement %q is not an active model: %+v", l.Model, l.Replacement, replacement)
		}
		if end, err := time.Parse(time.DateOnly, l.EndOfLifeDate); err == nil {
			if warning := LifecycleWarnings(l.Model, end, true); !strings.Contains(warning.Error(), l.ReplacementNote+", "+l.Replacement+".") {
				t.Errorf("%s: %v", l.Model, warning)
			}
		}
	}
	if found == 0 {
		t.Error("no model has a replacement")
	}
}
