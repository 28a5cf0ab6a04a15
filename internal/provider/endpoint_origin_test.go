// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestOriginInPlan checks in Terraform that the plan of a new endpoint says where it is
// created, whose credentials it uses and its similarity, and that it keeps these values.
func TestOriginInPlan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ bedrock, settings, source string }{
		"keys of the endpoint":        {`simulate = true`, titanEmbedding, "endpoint"},
		"default credential chain":    {`simulate = true`, strings.TrimPrefix(titanEmbedding, keys), "default_chain"},
		"profile of the provider":     {"simulate = true\n profile = \"staging\"", strings.TrimPrefix(titanEmbedding, keys), "provider"},
		"keys of the provider":        {"simulate = true\n access_key = \"AKIATEST\"\n secret_key = \"secret\"", strings.TrimPrefix(titanEmbedding, keys), "provider"},
		"both, of which its own wins": {"simulate = true\n profile = \"staging\"", titanEmbedding, "endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "endpoints.db")
			config := fmt.Sprintf("provider \"inference\" {\n embedded = { path = %q }\n bedrock = {\n %s\n }\n}\n", path, test.bedrock) +
				endpointConfig("e", "text_embedding", test.settings)
			var planned []plancheck.PlanCheck
			var stored []statecheck.StateCheck
			for at, value := range map[string]string{"target": "embedded", "target_address": filepath.ToSlash(path), "credentials_source": test.source} {
				planned = append(planned, plancheck.ExpectKnownValue(endpoint, tfjsonpath.New(at), knownvalue.StringExact(value)))
				stored = append(stored, holds(tfjsonpath.New(at), knownvalue.StringExact(value)))
			}
			planned = append(planned, plancheck.ExpectKnownValue(endpoint, service("similarity"), knownvalue.StringExact("cosine")))
			acceptance(t,
				step{config: config, plan: planned, state: stored},
				step{importID: "e"},
			)
		})
	}
}

// origin returns target_address and credentials_source of a planned or stored endpoint.
func origin(t *testing.T, s session) (address, source string) {
	t.Helper()
	planned, found := s.plan()
	if len(errorsOf(found)) > 0 || planned.createOrUpdate == nil {
		t.Fatalf("got no plan of a create or update: %s", diagnosticsText(found))
	}
	text := func(name string) (text string) {
		value := attributesOf(planned.createOrUpdate.value)[name]
		if !value.IsKnown() {
			return "unknown"
		}
		if !value.IsNull() && value.As(&text) != nil {
			t.Fatalf("%s is not a string", name)
		}
		return text
	}
	return text("target_address"), text("credentials_source")
}

// TestOriginOnCluster checks that the address is known in plans, has no credentials, and
// changes only when the provider changes the endpoint; and that unknown keys of an endpoint
// that must have some are its own.
func TestOriginOnCluster(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, elasticsearchtest.Newest)
	other := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	at := func(addresses ...any) object {
		return object{"elasticsearch": object{"endpoints": addresses, "username": "elastic", "password": "canary"}}
	}
	w := newWorkspace(t, at(server.URL, other))
	w.config = with(with(validEndpoint(), "inference_id", "e"), "service_settings.secret_key", unknown)
	if address, source := origin(t, w.session(t.Context())); address != server.URL+", "+other || source != "endpoint" {
		t.Errorf("create: got %q and %q, want both addresses and the endpoint", address, source)
	}
	w.config = with(validEndpoint(), "inference_id", "e")
	apply := func() {
		t.Helper()
		if errs := errorsOf(w.apply(t.Context(), func() {})); len(errs) > 0 {
			t.Fatal(diagnosticsText(errs))
		}
	}
	apply()
	w.provider = at(other)
	apply()
	if got := w.stateText("target_address"); got != server.URL+", "+other {
		t.Errorf("another address changed the state to %q", got)
	}
	if planned, _ := w.session(t.Context()).plan(); !planned.isEmpty() {
		t.Error("another address is planned as a change")
	}
	w.config = with(w.config, "service_settings.rate_limit", object{"requests_per_minute": 7})
	if address, _ := origin(t, w.session(t.Context())); address != other {
		t.Errorf("update: got %q, want the address that is configured now", address)
	}
	apply()
	if got := w.stateText("target_address"); got != other {
		t.Errorf("after the update, got %q", got)
	}
}

// TestOriginOfKeys checks the source of an endpoint that gets keys of its own later, and of
// keys that are unknown in the plan.
func TestOriginOfKeys(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, object{"embedded": object{"path": filepath.Join(t.TempDir(), "e.db")}, "bedrock": object{"simulate": true}})
	withKeys := with(validEndpoint(), "credentials_rotation", "in_place")
	without := with(with(withKeys, "service_settings.access_key", nil), "service_settings.secret_key", nil)
	for _, step := range []struct {
		config         object
		planned, state string
	}{
		{without, "default_chain", "default_chain"},
		{with(withKeys, "service_settings.secret_key", unknown), "unknown", ""},
		{withKeys, "endpoint", "endpoint"},
		{with(without, "force_destroy", true), "endpoint", "endpoint"}, // null keys are those on the target
	} {
		w.config = step.config
		if _, source := origin(t, w.session(t.Context())); source != step.planned {
			t.Errorf("got the source %q, want %q", source, step.planned)
		}
		if step.state == "" {
			continue
		}
		if errs := errorsOf(w.apply(t.Context(), func() {})); len(errs) > 0 {
			t.Fatal(diagnosticsText(errs))
		}
		if got := w.stateText("credentials_source"); got != step.state {
			t.Errorf("got the source %q in the state, want %q", got, step.state)
		}
	}
}

// TestOriginIsCompleted checks that a refresh completes states without these attributes,
// and that they are no change before it.
func TestOriginIsCompleted(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, elasticsearchtest.Newest)
	path := filepath.Join(t.TempDir(), "e.db")
	for name, test := range map[string]struct {
		provider        object
		keys            bool
		address, source string
	}{
		"cluster":        {clusterConfig(server), true, server.URL, "endpoint"},
		"embedded, keys": {object{"embedded": object{"path": path}, "bedrock": object{"simulate": true}}, true, filepath.ToSlash(path), "endpoint"},
		"embedded":       {object{"embedded": object{"path": path}, "bedrock": object{"simulate": true}}, false, filepath.ToSlash(path), "default_chain"},
	} {
		w := newWorkspace(t, test.provider)
		w.config = with(validEndpoint(), "inference_id", strings.ReplaceAll(strings.ToLower(name), ", ", "-"))
		if !test.keys {
			w.config = with(with(w.config, "service_settings.access_key", nil), "service_settings.secret_key", nil)
		}
		if errs := errorsOf(w.apply(t.Context(), func() {})); len(errs) > 0 {
			t.Fatalf("%s: %s", name, diagnosticsText(errs))
		}
		for _, attribute := range []string{"target_address", "credentials_source"} {
			w.state.value = withAttribute(w.state.value, attribute, valueOf(t, attributesOf(w.state.value)[attribute].Type(), nil))
		}
		s := w.session(t.Context())
		if planned, found := s.plan(); !planned.isEmpty() {
			t.Errorf("%s: the state without the attributes is planned to change: %s", name, diagnosticsText(found))
		}
		s.refresh()
		if address, source := w.stateText("target_address"), w.stateText("credentials_source"); address != test.address || source != test.source {
			t.Errorf("%s: got %q and %q, want %q and %q", name, address, source, test.address, test.source)
		}
	}
}

// TestOriginFollowsMove checks that an endpoint of a former target has the address of the
// new one once moved_from says that it moved.
func TestOriginFollowsMove(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, elasticsearchtest.Newest)
	putEndpoint(t, server, "e", inference.TextEmbedding, titanSettings, inference.TaskSettings{})
	w, _, found := move{
		from:      object{"embedded": object{"path": filepath.Join(t.TempDir(), "e.db")}, "bedrock": object{"simulate": true}},
		to:        clusterConfig(server),
		movedFrom: []any{"embedded"},
		config:    with(validEndpoint(), "inference_id", "e"),
	}.plan(t)
	if address, source := w.stateText("target_address"), w.stateText("credentials_source"); address != server.URL || source != "endpoint" {
		t.Errorf("got %q and %q, want the cluster and the endpoint: %s", address, source, found)
	}
}

// TestClusterThatSkipsTheModel checks that an endpoint can be created, and is planned
// without changes afterwards, on a cluster that does not call the model of a new
// endpoint: such a cluster does not choose a similarity.
func TestClusterThatSkipsTheModel(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, elasticsearchtest.Newest)
	setting, err := http.NewRequestWithContext(t.Context(), http.MethodPut, server.URL+"/_cluster/settings",
		strings.NewReader(`{"persistent":{"xpack.inference.skip_validate_and_start":true}}`))
	if err != nil {
		t.Fatal(err)
	}
	setting.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(setting)
	if err != nil || resp.Body.Close() != nil || !server.SkipsModel() {
		t.Fatalf("the setting was not accepted: %v", err)
	}
	w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}, "username": "elastic", "password": "canary"}})
	w.config = validEndpoint()
	if errs := errorsOf(w.apply(t.Context(), func() {})); len(errs) > 0 {
		t.Fatal(diagnosticsText(errs))
	}
	if got := w.stateText("service_settings", "similarity"); got != inference.DefaultSimilarity {
		t.Errorf("got similarity %q, want the one that was planned", got)
	}
	if planned, _ := w.session(t.Context()).plan(); !planned.isEmpty() {
		t.Error("a change is planned after the apply")
	}
}

// TestFirstKeys checks that the plan calls the first keys of an endpoint added, and later
// ones changed.
func TestFirstKeys(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, object{"embedded": object{"path": filepath.Join(t.TempDir(), "endpoints.db")}, "bedrock": object{"simulate": true}})
	withKeys := with(with(validEndpoint(), "inference_id", "e"), "credentials_rotation", "replace")
	w.config = with(with(withKeys, "service_settings.access_key", nil), "service_settings.secret_key", nil)
	apply := func() {
		t.Helper()
		if errs := errorsOf(w.apply(t.Context(), func() {})); len(errs) > 0 {
			t.Fatal(diagnosticsText(errs))
		}
	}
	warnings := func() string {
		t.Helper()
		_, found := w.session(t.Context()).plan()
		return diagnosticsText(found)
	}
	apply()
	w.config = withKeys
	if found := warnings(); !strings.Contains(found, "AWS keys were added to an endpoint that has none of its own. The service adds keys by") || strings.Contains(found, "change") {
		t.Errorf("first keys: got %s", found)
	}
	apply()
	w.config = with(withKeys, "service_settings.secret_key", "another")
	if found := warnings(); !strings.Contains(found, "The AWS keys changed. The service changes keys by") {
		t.Errorf("other keys: got %s", found)
	}
}
