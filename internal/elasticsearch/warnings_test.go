// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
)

// warning adds warnings to all answers.
func warning(values ...string) hook {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		for _, value := range values {
			w.Header().Add("Warning", value)
		}
		next.ServeHTTP(w, r)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	const from = `299 Elasticsearch-9.5.3-abc `
	for name, test := range map[string]struct {
		header []string
		want   []string
	}{
		"one":             {[]string{from + `"this API is deprecated"`}, []string{"Elasticsearch-9.5.3-abc answered a request with a warning: this API is deprecated"}},
		"with a date":     {[]string{from + `"old" "Fri, 27 Nov 2026 09:00:00 GMT"`}, []string{"warning: old"}},
		"quotes":          {[]string{from + `"use \"force\" in C:\\x"`}, []string{`use "force" in C:\x`}},
		"two headers":     {[]string{from + `"a"`, from + `"b"`}, []string{"warning: a", "warning: b"}},
		"two in one":      {[]string{from + `"a", ` + from + `"b"`}, []string{"warning: a", "warning: b"}},
		"the same twice":  {[]string{from + `"a"`, from + `"a"`}, []string{"warning: a"}},
		"another code":    {[]string{`199 proxy "stale"`}, nil},
		"not a warning":   {[]string{`299`}, nil},
		"control":         {[]string{from + "\"a \u202eb\""}, []string{`warning: a \u202eb`}},
		"a secret":        {[]string{from + `"user pa55word is weak"`}, []string{"user (sensitive value) is weak"}},
		"without a quote": {[]string{from + `deprecated`}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := elasticsearchtest.New(t)
			with := config(server)
			with.Username, with.Password = "elastic", "pa55word"
			client := connect(t, with)
			server.Intercept(warning(test.header...))
			for range 3 {
				if _, err := backend.Collect(client.List(t.Context())); err != nil {
					t.Fatal(err)
				}
			}
			found := client.Warnings()
			if len(found) != len(test.want) {
				t.Fatalf("got %q", found)
			}
			for i, want := range test.want {
				if found[i].Summary != "Deprecation warning of Elasticsearch" || !strings.HasSuffix(found[i].Detail, want) {
					t.Errorf("got %q, want %q", found[i], want)
				}
			}
			if _, err := backend.Collect(client.List(t.Context())); err != nil || len(client.Warnings()) > 0 {
				t.Errorf("the warnings are returned again, or %v", err)
			}
		})
	}
}

// TestWarningsOfOthers: the warnings of a server that is not Elasticsearch are
// ignored.
func TestWarningsOfOthers(t *testing.T) {
	t.Parallel()
	server := elasticsearchtest.New(t)
	client := connect(t, config(server))
	server.Intercept(say(502, "text/html", page, "Warning", `299 proxy "a"`))
	if _, err := backend.Collect(client.List(t.Context())); err == nil || len(client.Warnings()) > 0 {
		t.Errorf("got %v and warnings", err)
	}
}

func TestConfiguredVersion(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		configured, number string
		serverless, warns  bool
	}{
		{configured: "9.5.3", number: "9.5.3"},
		{configured: "9.5", number: "9.5.3"},
		{configured: "9.5.3", number: "9.5.3-SNAPSHOT"},
		{configured: "serverless", serverless: true},
		{configured: "", number: "9.5.3"},
		{configured: "9.5.0", number: "8.19.0", warns: true},
		{configured: "9.4", number: "9.5.3", warns: true},
		{configured: "serverless", number: "9.5.3", warns: true},
		{configured: "9.5.3", serverless: true, warns: true},
	} {
		options := []elasticsearchtest.Option{elasticsearchtest.Version(test.number)}
		if test.serverless {
			options = []elasticsearchtest.Option{elasticsearchtest.Serverless()}
		}
		server := elasticsearchtest.New(t, options...)
		with := config(server)
		with.Version = test.configured
		client := connect(t, with)
		if _, err := client.ID(t.Context()); err != nil {
			t.Fatal(err)
		}
		found := client.Warnings()
		if (len(found) == 1) != test.warns || test.warns && !strings.Contains(found[0].Detail, test.configured) {
			t.Errorf("%+v: got %q", test, found)
		}
	}
}

// TestUnreachableWithVersion: if the configuration sets the version, no message
// says that the version is read.
func TestUnreachableWithVersion(t *testing.T) {
	t.Parallel()
	client := connect(t, elasticsearch.Config{Endpoints: []string{closedPort}, Version: "9.5.3"})
	_, err := client.ID(t.Context())
	if err == nil || !strings.Contains(err.Error(), "Cannot read the uuid of the cluster") || strings.Contains(err.Error(), "version") {
		t.Errorf("got %v", err)
	}
}
