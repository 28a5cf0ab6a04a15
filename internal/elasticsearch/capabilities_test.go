// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]string{
		"8.15.0": "8.15.0", "9.5.0-SNAPSHOT": "9.5.0", "9.1": "9.1.0", "10": "10.0.0", "8.19.12": "8.19.12",
	} {
		if got, ok := parseVersion(text); !ok || got.String() != want {
			t.Errorf("parseVersion(%q) = %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "-", "x", "9.", ".1", "9.1.0.0", "9.-1", "+9.1", "9,1", " 9.1", "serverless"} {
		if got, ok := parseVersion(text); ok {
			t.Errorf("parseVersion(%q) = %v", text, got)
		}
	}
}

func TestRowIn(t *testing.T) {
	backported := Row{Since: []string{"8.19.0", "9.1.0"}}
	patched := Row{Since: []string{"9.2.6", "9.3.1", "9.4.0"}}
	for _, test := range []struct {
		number string
		row    Row
		want   bool
	}{
		{"8.18.9", backported, false},
		{"8.19.0", backported, true},
		{"9.0.4", backported, false},
		{"9.1.0-SNAPSHOT", backported, true},
		{"10.0.0", backported, true},
		{"9.2.5", patched, false},
		{"9.2.6", patched, true},
		{"9.3.0", patched, false},
		{"9.3.1", patched, true},
		{"9.1.99", patched, false},
		{"9.4.0", patched, true},
		{"main", patched, true},
	} {
		if got := test.row.In(test.number); got != test.want {
			t.Errorf("%s has %v: got %v", test.number, test.row.Since, got)
		}
	}
}

// TestVersionTable: every row has all that the documentation shows of it.
func TestVersionTable(t *testing.T) {
	names := map[string]bool{}
	for _, row := range VersionTable() {
		if row.Name == "" || names[row.Name] || len(row.Since) == 0 || row.Change == "" || row.Source == "" || (row.Basis != Run && row.Basis != Read) {
			t.Errorf("incomplete or duplicate row: %+v", row)
		}
		names[row.Name] = true
	}
}

func TestReleaseOfUnknownVersions(t *testing.T) {
	newest := ReleaseOf("9.5.3", "default").Capabilities
	for _, test := range []struct {
		number, flavour, name string
		assumed               bool
	}{
		{"8.11.0", "serverless", "Elasticsearch Serverless", false},
		{"serverless", "", "Elasticsearch Serverless", false},
		{"9.7.1", "default", "Elasticsearch 9.7.1", false},
		{"12.0.0", "default", "Elasticsearch 12.0.0", false},
		{"", "", "Elasticsearch of unknown version", true},
		{"main", "default", "Elasticsearch of unknown version", false},
	} {
		got := ReleaseOf(test.number, test.flavour)
		if got.Name != test.name || got.Assumed != test.assumed {
			t.Errorf("%q %q: got %q, assumed %v", test.number, test.flavour, got.Name, got.Assumed)
		}
		if got.Update != newest.Update || !slices.Equal(got.TaskTypes, newest.TaskTypes) || !slices.Equal(got.Strategies, newest.Strategies) {
			t.Errorf("%q %q is not taken for the newest: %+v", test.number, test.flavour, got.Capabilities)
		}
	}
	if old := ReleaseOf("8.14.3", "default"); old.Supported || old.Requirement == "" || len(old.TaskTypes) != 0 {
		t.Errorf("8.14.3: got %+v", old.Capabilities)
	}
	if old := ReleaseOf("8.15.0", "default"); !old.Supported || old.Requirement != "" || !slices.Contains(old.TaskTypes, inference.Completion) {
		t.Errorf("8.15.0: got %+v", old.Capabilities)
	}
}

func FuzzVersion(f *testing.F) {
	for _, seed := range []string{"9.5.0", "8.19.3-SNAPSHOT", "serverless", "9.", "0.0.0"} {
		f.Add(seed, "default")
	}
	f.Fuzz(func(t *testing.T, number, flavour string) {
		if got := ReleaseOf(number, flavour); got.Name == "" {
			t.Errorf("%q, %q: no name", number, flavour)
		}
	})
}

// TestUpdateMissing: a replacement gives the reason why its version cannot update
// an endpoint in place.
func TestUpdateMissing(t *testing.T) {
	for number, want := range map[string]string{
		"8.15.0":  "has no API for updates",
		"8.16.0":  "cannot pass an update on to each other",
		"8.17.10": "cannot pass an update on to each other",
		"8.18.0":  "",
	} {
		able := ReleaseOf(number, "default").Capabilities
		changes := []backend.Change{{Path: "task_settings.top_p", Kind: backend.Modified}}
		decision := able.Plan(inference.Endpoint{}, changes, false)[0]
		if (want == "") != (decision.Action == backend.InPlace) || !strings.Contains(decision.Reason, want) {
			t.Errorf("%s: got %v, %q", number, decision.Action, decision.Reason)
		}
	}
}
