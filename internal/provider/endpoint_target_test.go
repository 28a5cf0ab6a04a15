// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestChangingTheTargetGuide checks the steps of the guide: from the embedded target to a
// cluster, to a restored cluster, and to an empty one.
func TestChangingTheTargetGuide(t *testing.T) {
	t.Parallel()
	const apiKey = "dGVycmFmb3JtOmtleQ=="
	servers := map[string]*elasticsearchtest.Server{}
	page := strings.ReplaceAll(guide(t, "changing-the-target.md"), "VnVhQ2ZHY0JDZGJrU...", apiKey)
	for _, name := range []string{"a", "b", "c"} {
		servers[name], _ = cluster(t, elasticsearchtest.Newest, elasticsearchtest.ClusterUUID("uuid-of-cluster-"+name))
		page = strings.ReplaceAll(page, "https://es-"+name+".example.com:9200", servers[name].URL)
	}
	putEndpoint(t, servers["b"], "documents", inference.TextEmbedding, titanSettings, inference.TaskSettings{})
	newInstalledReader(t).follow(page)
	for name, server := range servers {
		if ids := server.IDs(); !slices.Equal(ids, []string{"documents"}) {
			t.Errorf("cluster %s: got endpoints %q, want documents", name, ids)
		}
		if _, secret := server.Keys("documents"); secret != "example" {
			t.Errorf("cluster %s: got the key %q, want example", name, secret)
		}
	}
}

var titanSettings = inference.ServiceSettings{Region: "us-east-1", Provider: inference.AmazonTitan, Model: "amazon.titan-embed-text-v2:0"}

// move is a change of the target.
type move struct {
	from, to  object // provider blocks
	movedFrom []any
	config    object
}

// plan applies the configuration on the former target and plans it on the new one.
func (m move) plan(t *testing.T) (*workspace, plan, string) {
	t.Helper()
	w := newWorkspace(t, m.from)
	w.config = m.config
	if errs := errorsOf(w.apply(t.Context(), func() {})); len(errs) > 0 {
		t.Fatalf("apply on the former target fails: %s", diagnosticsText(errs))
	}
	w.provider = with(m.to, "moved_from", m.movedFrom)
	s := w.session(t.Context())
	found := s.refresh()
	if len(errorsOf(found)) > 0 {
		return w, plan{}, diagnosticsText(found)
	}
	planned, more := s.plan()
	return w, planned, diagnosticsText(append(found, more...))
}

// TestMovedFrom checks the plan and apply of a move to targets that have the endpoint, with
// equal or other settings, and to targets without it.
func TestMovedFrom(t *testing.T) {
	t.Parallel()
	config := with(validEndpoint(), "inference_id", "e")
	onCluster := func(server *elasticsearchtest.Server) object {
		return object{"elasticsearch": object{"endpoints": []any{server.URL}}}
	}
	inFile := func() object {
		return object{"embedded": object{"path": filepath.Join(t.TempDir(), "e.db")}, "bedrock": object{"simulate": true}}
	}
	for _, test := range []struct {
		name     string
		embedded bool   // the former target
		version  string // of the new cluster
		exists   bool
		limit    int64 // of the existing endpoint
		counted  bool  // the configuration has a credentials_version
		creates  bool
		updates  bool
		message  string
	}{
		{name: "embedded to an empty cluster", embedded: true, version: "9.6.0", creates: true, message: "planned to be created"},
		{name: "embedded to a cluster with the endpoint", embedded: true, version: "9.6.0", exists: true, updates: true, message: "sent once"},
		{name: "cluster to an empty cluster", version: "9.6.0", creates: true, message: "planned to be created"},
		{name: "cluster to a restored cluster", version: "9.6.0", exists: true, updates: true, message: "sent once"},
		{name: "cluster to a restored cluster, drift", version: "9.6.0", exists: true, limit: 7, updates: true, message: "taken over"},
		{name: "cluster to a restored cluster, credentials_version", version: "9.6.0", exists: true, counted: true, updates: true, message: "sent once"},
		{name: "cluster to a restored cluster, keys are fixed", version: "9.5.0", exists: true, message: "AWS keys are not compared"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			former := elasticsearchtest.New(t, elasticsearchtest.ClusterUUID("former"))
			server := elasticsearchtest.New(t, elasticsearchtest.Version(test.version), elasticsearchtest.ClusterUUID("new"))
			if test.exists {
				settings := titanSettings
				settings.RequestsPerMinute = test.limit
				putEndpoint(t, server, "e", inference.TextEmbedding, settings, inference.TaskSettings{})
			}
			m := move{from: onCluster(former), to: onCluster(server), movedFrom: []any{"elasticsearch:former"}, config: config}
			if test.counted {
				m.config = with(config, "credentials_version", 1)
			}
			if test.embedded {
				m.from, m.movedFrom = inFile(), []any{"elasticsearch:another", "embedded"}
			}
			server.Forget()
			former.Forget()
			w, planned, text := m.plan(t)
			if got := planned.createOrUpdate != nil && w.state == nil; got != test.creates {
				t.Errorf("create: got %t, want %t: %s", got, test.creates, text)
			}
			if got := planned.createOrUpdate != nil && w.state != nil; got != test.updates || planned.destroys {
				t.Errorf("update: got %t, want %t; destroy: got %t, want false: %s", got, test.updates, planned.destroys, text)
			}
			for _, want := range []string{"Endpoint moves to another target", test.message} {
				if !strings.Contains(text, want) {
					t.Errorf("got %s, want it to contain %q", text, want)
				}
			}
			if errs := errorsOf(w.session(t.Context()).applyPlan(planned)); len(errs) > 0 {
				t.Fatal(diagnosticsText(errs))
			}
			if _, secret := server.Keys("e"); secret == config["service_settings"].(object)["secret_key"] != (test.creates || test.updates) {
				t.Errorf("got the key %q on the new target", secret)
			}
			w.provider = m.to
			s := w.session(t.Context())
			s.refresh()
			if again, found := s.plan(); !again.isEmpty() || len(errorsOf(found)) > 0 {
				t.Errorf("got a plan with changes without moved_from, want none: %s", diagnosticsText(found))
			}
			if !test.embedded && len(former.IDs()) != 1 {
				t.Errorf("got endpoints %q on the former target, want one", former.IDs())
			}
			if got := w.stateText("target"); got != "elasticsearch:new" {
				t.Errorf("got target %q in the state, want elasticsearch:new", got)
			}
		})
	}
}

// TestMovedFromFile checks moves from one embedded file to another.
func TestMovedFromFile(t *testing.T) {
	t.Parallel()
	file := func(name string) object {
		return object{"embedded": object{"path": filepath.Join(t.TempDir(), name)}, "bedrock": object{"simulate": true}}
	}
	m := move{from: file("a.db"), to: file("b.db"), config: with(validEndpoint(), "inference_id", "e")}
	if _, _, text := m.plan(t); !strings.Contains(text, "Endpoint of another target") || !strings.Contains(text, `moved_from = ["embedded"]`) || strings.Count(text, ".db") < 2 {
		t.Errorf("got %s, want an error that names both files", text)
	}
	m.from, m.movedFrom = file("c.db"), []any{"embedded"}
	w, planned, text := m.plan(t)
	if planned.createOrUpdate == nil || w.state != nil {
		t.Errorf("want a plan to create the endpoint, got %s", text)
	}
}

// TestOtherTargetMessage checks that the error about a state of another target names both
// targets with their addresses, and the environment variables that select them.
func TestOtherTargetMessage(t *testing.T) {
	former, _ := cluster(t, elasticsearchtest.Newest, elasticsearchtest.ClusterUUID("former"))
	other, _ := cluster(t, elasticsearchtest.Newest, elasticsearchtest.ClusterUUID("other"))
	path := filepath.Join(t.TempDir(), "e.db")
	w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{former.URL}}})
	w.config = with(validEndpoint(), "inference_id", "e")
	if errs := errorsOf(w.apply(t.Context(), func() {})); len(errs) > 0 {
		t.Fatal(diagnosticsText(errs))
	}
	for name, test := range map[string]struct {
		provider object
		env      map[string]string
		messages []string
	}{
		"configured cluster":         {object{"elasticsearch": object{"endpoints": []any{other.URL}}}, nil, []string{"elasticsearch:other at " + other.URL}},
		"cluster of the environment": {object{"elasticsearch": object{}}, map[string]string{"ELASTICSEARCH_URL": other.URL}, []string{"elasticsearch:other at " + other.URL, "comes from the environment variable ELASTICSEARCH_URL"}},
		"no target selected":         {object{}, nil, []string{"embedded, the file .inference/endpoints.db", "ELASTICSEARCH_ENDPOINTS, ELASTICSEARCH_URL and ELASTICSEARCH_CLOUD_ID are not set"}},
		"file of the environment":    {object{}, map[string]string{"INFERENCE_EMBEDDED_PATH": path}, []string{"embedded, the file " + path, "INFERENCE_EMBEDDED_PATH", "are not set"}},
		"default file":               {object{"embedded": object{}}, nil, []string{"INFERENCE_EMBEDDED_PATH is not set"}},
		"configured file":            {object{"embedded": object{"path": path}}, nil, []string{"embedded, the file " + path}},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range test.env {
				t.Setenv(variable, value)
			}
			w.provider = test.provider
			found := errorsOf(w.session(t.Context()).refresh())
			if len(found) != 1 {
				t.Fatalf("got %d errors: %s", len(found), diagnosticsText(found))
			}
			for _, want := range append(test.messages, "elasticsearch:former at "+former.URL, `moved_from = ["elasticsearch:former"]`) {
				if !strings.Contains(diagnosticsText(found), want) {
					t.Errorf("got %s, want it to contain %q", diagnosticsText(found), want)
				}
			}
		})
	}
}

// TestMovedFromWithoutRefresh checks that a plan without a refresh does not change
// an endpoint that may not exist on the new target.
func TestMovedFromWithoutRefresh(t *testing.T) {
	t.Parallel()
	_, former := cluster(t, "9.6.0", elasticsearchtest.ClusterUUID("former"))
	server, current := cluster(t, "9.6.0", elasticsearchtest.ClusterUUID("new"))
	terraform := newCLI(t, former+endpointConfig("e", "completion", claude))
	terraform.succeeds(apply...)
	terraform.rewrite(former, strings.Replace(current, "elasticsearch = {", "moved_from = [\"elasticsearch:former\"]\n  elasticsearch = {", 1))
	terraform.rewrite("secret-one", "secret-two")
	if out := words(terraform.fails("plan", "-no-color", "-refresh=false")); !strings.Contains(out, "without -refresh=false") {
		t.Errorf("got the output %s", out)
	}
	if out := words(terraform.succeeds(apply...)); !strings.Contains(out, "1 added, 0 changed, 0 destroyed") {
		t.Errorf("got the output %s", out)
	}
	if ids := server.IDs(); len(ids) != 1 {
		t.Errorf("got endpoints %q on the new cluster, want one", ids)
	}
}

// TestMovedFromValues checks which values of moved_from are valid.
func TestMovedFromValues(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	for value, invalid := range map[any]bool{
		"embedded": false, "elasticsearch:uS9eJzmyQ0y": false, unknown: false,
		"": true, "elasticsearch": true, "elasticsearch:": true, "elasticsearch: ": true, "https://es:9200": true, "Embedded": true,
	} {
		found := errorsOf(p.validate(t, providerBlock, "", object{"moved_from": []any{value}}))
		if (len(found) > 0) != invalid {
			t.Errorf("%v: got %s", value, diagnosticsText(found))
		}
		if invalid && (len(found) != 1 || dotted(found[0].Attribute) != "moved_from[0]" || !strings.Contains(diagnosticsText(found), fmt.Sprintf("%q", value))) {
			t.Errorf("%v: got %s", value, diagnosticsText(found))
		}
	}
}
