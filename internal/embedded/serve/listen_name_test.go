// SPDX-License-Identifier: MPL-2.0

package serve

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestListenName verifies that the host of --listen is accepted. Only localhost
// resolves to loopback on every machine, so the test does not listen.
func TestListenName(t *testing.T) {
	t.Parallel()
	handler := localOnly(slog.New(slog.DiscardHandler), "models.test:9200", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for host, want := range map[string]int{"models.test": 200, "Models.test:9300": 200, "other.test:9200": 403, "": 403} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		request.Host = host
		answer := httptest.NewRecorder()
		if handler.ServeHTTP(answer, request); answer.Code != want {
			t.Errorf("%q: %d", host, answer.Code)
		}
	}
}
