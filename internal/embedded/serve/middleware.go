// SPDX-License-Identifier: MPL-2.0

package serve

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

// pathHealth is for supervisors, which have no credentials. Elasticsearch has no
// such path.
const pathHealth = "/_health"

// healthTime bounds the time for reading the file, which another process may be
// writing.
const healthTime = 5 * time.Second

// withHealth answers health checks, with slots of their own.
func withHealth(logger *slog.Logger, target *embedded.Target, next *api.Handler) http.Handler {
	health := next.WithoutCredentials(health(logger, target))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != pathHealth || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
			next.ServeHTTP(w, r)
			return
		}
		health.ServeHTTP(w, r)
	})
}

func health(logger *slog.Logger, target *embedded.Target) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), healthTime)
		defer cancel()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if err := target.Health(ctx); err != nil {
			// Only the log says why: callers need no credentials.
			logger.LogAttrs(r.Context(), slog.LevelError, "health check failed", slog.String("reason", err.Error()))
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"status":"the file cannot be read"}`)
			return
		}
		_, _ = io.WriteString(w, `{"status":"ok"}`)
	})
}

// logged logs each request. Body, query and headers are not logged, because they
// may contain keys; X-Opaque-Id identifies a request for its caller.
func logged(logger *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		counted := &counter{ResponseWriter: w}
		defer counted.log(logger, r, begun)
		next.ServeHTTP(counted, r)
	})
}

// counter records status and size of an answer. The status is 0 if there is none.
type counter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (c *counter) log(logger *slog.Logger, r *http.Request, begun time.Time) {
	logger.LogAttrs(r.Context(), slog.LevelInfo, "request",
		slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", c.status),
		slog.Duration("duration", time.Since(begun)), slog.Int64("bytes", c.bytes), slog.String("opaque_id", r.Header.Get("X-Opaque-Id")))
}

func (c *counter) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(data []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	written, err := c.ResponseWriter.Write(data)
	c.bytes += int64(written)
	return written, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// localOnly refuses requests with a foreign host name. A web page can make its
// own name resolve to this machine, and a browser then lets it read the answers;
// such requests have that name as their host. It is not needed if credentials are
// required, because the page has none.
func localOnly(logger *slog.Logger, listen string, next http.Handler) http.Handler {
	own := hostOf(listen)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := hostOf(r.Host); isLocal(host) || host == own {
			next.ServeHTTP(w, r)
			return
		}
		logger.LogAttrs(r.Context(), slog.LevelWarn, "refused: Host is not a name of this machine", slog.String("host", r.Host))
		api.Forbid(w, r, fmt.Sprintf("Host [%s] is not a name of this machine. Call localhost, a loopback address or the one that --listen has; other names need --api-key-file or --basic-auth-file", r.Host))
	})
}

// hostOf is the name or the address in a Host header, without its port.
func hostOf(header string) string {
	host, _, err := net.SplitHostPort(header)
	if err != nil {
		host = strings.Trim(header, "[]")
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func isLocal(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && address.Unmap().IsLoopback())
}
