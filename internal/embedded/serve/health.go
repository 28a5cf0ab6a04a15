package serve

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

// pathHealth is for supervisors, which have no key. Elasticsearch has nothing
// of the name.
const pathHealth = "/_health"

// healthTime is how long the file may take to be read; another process may be
// writing it.
const healthTime = 5 * time.Second

// withHealth answers supervisors beside the API, within its limits.
func withHealth(target *embedded.Target, next *api.Handler) http.Handler {
	health := next.Open(health(target))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != pathHealth || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
			next.ServeHTTP(w, r)
			return
		}
		health.ServeHTTP(w, r)
	})
}

func health(target *embedded.Target) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), healthTime)
		defer cancel()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if _, err := target.FileUUID(ctx); err != nil {
			// Why is for the log of whoever may read the file.
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"status":"the file cannot be read"}`)
			return
		}
		_, _ = io.WriteString(w, `{"status":"ok"}`)
	})
}
