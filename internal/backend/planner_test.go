// SPDX-License-Identifier: MPL-2.0

package backend

import (
	"reflect"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

func ptr[T any](v T) *T { return &v }

// The rows of the table: what kinds of targets there are.
var rows = map[string]Capabilities{
	"no update at all": {Name: "Elasticsearch 8.15.0"},
	"old update":       {Name: "Elasticsearch 8.18.0", Update: UpdateCapabilities{TaskSettings: true, Keys: true, ResetsChunking: true}},
	"new update":       {Name: "Elasticsearch 9.6.0", Update: UpdateCapabilities{TaskSettings: true, Keys: true, RateLimit: true, MaxInputTokens: true, Chunking: true}},
	"update but keys":  {Name: "Elasticsearch 9.5.0", Update: UpdateCapabilities{TaskSettings: true, RateLimit: true, MaxInputTokens: true, Chunking: true}},
	"everything":       {Name: "the embedded target", Update: UpdateCapabilities{TaskSettings: true, UnsetTaskSettings: true, RateLimit: true, MaxInputTokens: true, Chunking: true, Keys: true}},
}

// TestPlan gives, for each setting and way to change, the rows that change it in
// place. Every other row replaces.
func TestPlan(t *testing.T) {
	t.Parallel()
	updating := []string{"old update", "new update", "update but keys", "everything"}
	strict := []string{"new update", "update but keys", "everything"}
	tests := []struct {
		path    validation.Path
		how     ChangeKind
		inPlace []string
	}{
		{"inference_id", Modified, nil},
		{"task_type", Modified, nil},
		{"service", Modified, nil},
		{"service_settings.region", Modified, nil},
		{"service_settings.provider", Modified, nil},
		{"service_settings.model", Modified, nil},
		{"service_settings.similarity", Modified, nil},
		{inference.PathRequestsPerMinute, Modified, strict},
		{inference.PathMaxInputTokens, Added, strict},
		{inference.PathMaxInputTokens, Modified, strict},
		{inference.PathMaxInputTokens, Removed, []string{"everything"}},
		{inference.PathMaxInputTokens, Unknown, []string{"everything"}},
		{"task_settings.temperature", Added, updating},
		{"task_settings.top_p", Modified, updating},
		{"task_settings.max_new_tokens", Removed, []string{"everything"}},
		{"task_settings.truncate", Removed, []string{"everything"}},
		{"task_settings.temperature", Unknown, []string{"everything"}},
		{inference.PathRequestsPerMinute, Unknown, strict},
		{inference.PathChunking, Added, strict},
		{inference.PathChunking, Modified, strict},
	}
	for _, test := range tests {
		for name, capabilities := range rows {
			want := Replace
			for _, row := range test.inPlace {
				if row == name {
					want = InPlace
				}
			}
			decisions := capabilities.Plan(inference.Endpoint{}, []Change{{test.path, test.how}}, false)
			if got := decisions[0]; got.Action != want {
				t.Errorf("%s, %s %v: got %v, want %v", name, test.path, test.how, got.Action, want)
			}
			if want == Replace && test.inPlace != nil && !strings.Contains(decisions[0].Reason, capabilities.Name) {
				t.Errorf("%s, %s: reason %q does not name the target", name, test.path, decisions[0].Reason)
			}
			if want == InPlace && decisions[0].Reason != "" {
				t.Errorf("%s, %s: in place with a reason %q", name, test.path, decisions[0].Reason)
			}
		}
	}
}

func TestPlanKeys(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Action{
		"no update at all": Refuse, "old update": InPlace, "new update": InPlace, "update but keys": Refuse, "everything": InPlace,
	} {
		for _, path := range []validation.Path{PathKeys, PathKeysVersion} {
			change := []Change{{path, Modified}}
			if got := rows[name].Plan(inference.Endpoint{}, change, false)[0]; got.Action != Replace || got.Reason == "" {
				t.Errorf("%s, by replacing: %+v", name, got)
			}
			if got := rows[name].Plan(inference.Endpoint{}, change, true)[0]; got.Action != want {
				t.Errorf("%s, in place: got %v, want %v", name, got.Action, want)
			}
		}
	}
}

// TestPlanRefusesNothingThatIsReplaced: what could not be done in place is done
// by a replacement that happens anyway.
func TestPlanRefusesNothingThatIsReplaced(t *testing.T) {
	t.Parallel()
	changes := []Change{{PathKeys, Modified}, {"service_settings.model", Modified}}
	if got := rows["update but keys"].Plan(inference.Endpoint{}, changes, true); MostSevere(got) != Replace {
		t.Errorf("got %+v", got)
	}
}

// TestPlanKeepsChunking: a server whose update resets chunking may update only
// endpoints that have nothing to lose.
func TestPlanKeepsChunking(t *testing.T) {
	t.Parallel()
	change := []Change{{"task_settings.top_p", Modified}}
	for _, test := range []struct {
		row      string
		chunking *inference.ChunkingSettings
		want     Action
	}{
		{"old update", nil, InPlace},
		{"old update", ptr(inference.LegacyChunking()), InPlace},
		{"old update", ptr(inference.DefaultChunking()), Replace},
		{"new update", ptr(inference.DefaultChunking()), InPlace},
	} {
		got := rows[test.row].Plan(inference.Endpoint{Chunking: test.chunking}, change, false)[0]
		if got.Action != test.want || (got.Action == Replace) != strings.Contains(got.Reason, "chunking") {
			t.Errorf("%s, %+v: %+v", test.row, test.chunking, got)
		}
	}
}

func TestMostSevere(t *testing.T) {
	t.Parallel()
	if MostSevere(nil) != InPlace {
		t.Error("nothing to decide is not in place")
	}
	if got := MostSevere([]Decision{{Action: InPlace}, {Action: Refuse}, {Action: Replace}}); got != Refuse {
		t.Errorf("got %v", got)
	}
}

func TestUpdateOf(t *testing.T) {
	t.Parallel()
	prior := inference.Endpoint{
		ServiceSettings: inference.ServiceSettings{RequestsPerMinute: 240, MaxInputTokens: 10, Similarity: "cosine"},
		TaskSettings:    inference.TaskSettings{TopP: ptr(0.5), MaxNewTokens: ptr(int64(9))},
		Chunking:        ptr(inference.DefaultChunking()),
	}
	if update := rows["new update"].UpdateOf(prior, prior); !update.IsZero() {
		t.Errorf("nothing changed, and %+v would be sent", update)
	}
	planned := prior
	planned.ServiceSettings.RequestsPerMinute = 60
	planned.ServiceSettings.MaxInputTokens = 0
	planned.TaskSettings = inference.TaskSettings{TopP: ptr(0.6)}
	planned.Chunking = ptr(inference.LegacyChunking())
	want := inference.Update{
		RequestsPerMinute: 60, MaxInputTokens: ptr(int64(0)),
		TaskSettings: inference.TaskSettings{TopP: ptr(0.6)}, Chunking: planned.Chunking,
	}
	if got := rows["new update"].UpdateOf(prior, planned); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	want.UnsetTaskSettings = true
	if got := rows["everything"].UpdateOf(prior, planned); !reflect.DeepEqual(got, want) || !reflect.DeepEqual(prior.Apply(got), planned) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	held := inference.Endpoint{
		TaskType: inference.TextEmbedding, Service: inference.Service,
		ServiceSettings: inference.ServiceSettings{Region: "r", Provider: "cohere", Model: "m", RequestsPerMinute: 240, Similarity: "cosine", Dimensions: 3},
		Chunking:        ptr(inference.DefaultChunking()),
	}
	asked := held
	asked.ServiceSettings.RequestsPerMinute, asked.ServiceSettings.Similarity, asked.ServiceSettings.Dimensions, asked.Chunking = 0, "", 0, nil
	if got := Differences(asked, held); len(got) > 0 {
		t.Errorf("what was left to the target differs: %q", got)
	}
	asked.ServiceSettings.RequestsPerMinute, asked.ServiceSettings.Similarity = 60, "l2_norm"
	asked.Chunking, asked.TaskSettings.Truncate = ptr(inference.LegacyChunking()), "END"
	want := []validation.Path{inference.PathRequestsPerMinute, "service_settings.similarity", "task_settings", "chunking_settings"}
	if got := Differences(asked, held); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlanLimitsThatNeedKeys(t *testing.T) {
	t.Parallel()
	server := Capabilities{Name: "Elasticsearch 9.4.0", Update: UpdateCapabilities{TaskSettings: true, Keys: true, RateLimit: true, MaxInputTokens: true, LimitsNeedKeys: true}}
	for _, change := range []Change{{inference.PathRequestsPerMinute, Modified}, {inference.PathRequestsPerMinute, Unknown}, {inference.PathMaxInputTokens, Added}, {inference.PathMaxInputTokens, Modified}} {
		for available, want := range map[bool]Action{true: InPlace, false: Replace} {
			got := server.WithKeys(available).Plan(inference.Endpoint{}, []Change{change}, false)[0]
			if got.Action != want || (want == Replace) != strings.Contains(got.Reason, "without access_key and secret_key") {
				t.Errorf("%v, keys %v: got %+v", change, available, got)
			}
		}
	}
	if got := server.WithKeys(false).Plan(inference.Endpoint{}, []Change{{"task_settings.top_p", Modified}}, false)[0]; got.Action != InPlace {
		t.Errorf("task settings need no keys: got %+v", got)
	}
}
