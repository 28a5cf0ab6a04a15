package elasticsearch

import (
	"slices"
	"testing"

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
	for _, text := range []string{"", "-", "x", "9.", ".1", "9.1.0.0", "9.-1", "+9.1", "9,1", "99999.0", " 9.1"} {
		if got, ok := parseVersion(text); ok {
			t.Errorf("parseVersion(%q) = %v", text, got)
		}
	}
}

func TestVersionHas(t *testing.T) {
	backported := []version{{8, 19, 0}, {9, 1, 0}}
	patched := []version{{9, 2, 6}, {9, 3, 1}, {9, 4, 0}}
	for _, test := range []struct {
		number string
		since  []version
		want   bool
	}{
		{"8.18.9", backported, false},
		{"8.19.0", backported, true},
		{"9.0.4", backported, false},
		{"9.1.0", backported, true},
		{"10.0.0", backported, true},
		{"9.2.5", patched, false},
		{"9.2.6", patched, true},
		{"9.3.0", patched, false},
		{"9.3.1", patched, true},
		{"9.1.99", patched, false},
		{"9.4.0", patched, true},
	} {
		v, _ := parseVersion(test.number)
		if got := v.has(test.since...); got != test.want {
			t.Errorf("%s has %v: got %v", test.number, test.since, got)
		}
	}
}

func TestReleaseOfStrangers(t *testing.T) {
	newest := releaseOf("9.5.3", "default").Capabilities
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
		got := releaseOf(test.number, test.flavour)
		if got.Name != test.name || got.Assumed != test.assumed {
			t.Errorf("%q %q: got %q, assumed %v", test.number, test.flavour, got.Name, got.Assumed)
		}
		if got.Update != newest.Update || !slices.Equal(got.TaskTypes, newest.TaskTypes) || !slices.Equal(got.Strategies, newest.Strategies) {
			t.Errorf("%q %q is not taken for the newest: %+v", test.number, test.flavour, got.Capabilities)
		}
	}
	if old := releaseOf("8.14.3", "default"); old.Supported || old.Requirement == "" || len(old.TaskTypes) != 0 {
		t.Errorf("8.14.3: got %+v", old.Capabilities)
	}
	if old := releaseOf("8.15.0", "default"); !old.Supported || old.Requirement != "" || !slices.Contains(old.TaskTypes, inference.Completion) {
		t.Errorf("8.15.0: got %+v", old.Capabilities)
	}
}

func FuzzVersion(f *testing.F) {
	for _, seed := range []string{"9.5.0", "8.19.3-SNAPSHOT", "serverless", "9.", "0.0.0"} {
		f.Add(seed, "default")
	}
	f.Fuzz(func(t *testing.T, number, flavour string) {
		if got := releaseOf(number, flavour); got.Name == "" {
			t.Errorf("%q, %q: no name", number, flavour)
		}
	})
}
