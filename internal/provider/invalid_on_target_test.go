// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
)

// invalidOnTarget is a configuration that one target does not support, which the plan
// must report.
type invalidOnTarget struct {
	target        string // a version of Elasticsearch, or embedded
	name          string
	config        object
	path, message string
}

const onEmbedded = "embedded"

func invalidOnTargets() []invalidOnTarget {
	words := func(size, overlap any) object {
		return with(with(with(validEndpoint(), atStrategy, "word"), atSize, size), atOverlap, overlap)
	}
	cohere := embeddingEndpoint(object{"provider": "cohere", "model": "cohere.embed-english-v3"}, nil)
	const access, secret = "service_settings.access_key", "service_settings.secret_key"
	rows := []invalidOnTarget{
		{"8.14.3", "unsupported service", validEndpoint(), "service", `Elasticsearch 8.14.3.*upgrade`},
		{"9.0.0", "recursive chunking", with(validEndpoint(), atStrategy, "recursive"), atStrategy, `does not have the strategy "recursive". It has`},
		{"8.16.0", "no chunking", with(validEndpoint(), atStrategy, "none"), atStrategy, `does not have the strategy "none". It has`},
		{onEmbedded, "images", with(validEndpoint(), "service_settings.model", "amazon.titan-embed-image-v1"), "service_settings.model", `Write a text model such as`},
		{onEmbedded, "fractional top_k", with(validCompletion(), atTopK, 1.5), atTopK, `Write a whole number`},
		{onEmbedded, "large chunks", with(validEndpoint(), atSize, 301), atSize, `accepts at most 300`},
		{"9.6.0", "no overlap", words(100, 0), atOverlap, `Write at least 1`},
		{"9.6.0", "no access key", with(with(validEndpoint(), access, nil), secret, unknown), access, `Write access_key and secret_key`},
	}
	for _, version := range []string{"8.15.0", "8.15.5"} {
		rows = append(rows, invalidOnTarget{version, "chunking", with(validEndpoint(), atSize, 100), "chunking_settings", `Remove chunking_settings`})
	}
	for _, version := range []string{"8.16.0", "8.18.0", "9.0.0", "9.1.0"} {
		rows = append(rows, invalidOnTarget{version, "large chunks", with(validEndpoint(), atSize, 301), atSize, `accepts at most 300`})
	}
	for _, version := range []string{"8.16.0", "8.18.0", "9.0.0"} {
		rows = append(rows, invalidOnTarget{version, "truncate", with(cohere, atTruncate, "END"), atTruncate, `Remove truncate`})
	}
	for _, version := range []string{"8.15.0", "8.18.0", "9.0.0", "9.3.0"} {
		rows = append(rows, invalidOnTarget{version, "chat", with(validCompletion(), "task_type", "chat_completion"), "task_type", `does not have chat_completion. It has`})
	}
	for _, version := range []string{"8.15.0", "8.18.0", "9.1.0", "9.6.0", "serverless"} {
		rows = append(rows, invalidOnTarget{version, "top_k", with(validCompletion(), atTopK, 1.5), atTopK, `accepts numbers from 0 to 1`})
	}
	return rows
}

// TestInvalidConfigurationsOfTarget checks that the plan rejects what the target does not
// support, and sends only requests that read.
func TestInvalidConfigurationsOfTarget(t *testing.T) {
	t.Parallel()
	rows := invalidOnTargets()
	for _, row := range rows {
		name := row.target + ", " + row.name
		provider := object{"embedded": object{"path": filepath.Join(t.TempDir(), "endpoints.db")}}
		var server *elasticsearchtest.Server
		if row.target != onEmbedded {
			server, _ = cluster(t, row.target)
			provider = object{"elasticsearch": object{"endpoints": []any{server.URL}}}
		}
		w := newWorkspace(t, provider)
		w.config = row.config
		_, found := w.session(t.Context()).plan()
		checkSingleError(t, name, errorsOf(found), row.path, row.message)
		if server == nil {
			continue
		}
		if writes := slices.DeleteFunc(server.Requests(), func(r elasticsearchtest.Request) bool { return r.Method == http.MethodGet }); len(writes) > 0 {
			t.Errorf("%s: got the requests %v, want only GET", name, writes)
		}
	}
	t.Logf("counted: %d configurations that one target does not support, each rejected in the plan", len(rows))
}
