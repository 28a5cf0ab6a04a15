package serve

import (
	"log/slog"
	"net/http"
	"time"
)

// logged writes a line for each request: no body, no query and no header, for
// any of these may hold a key.
func logged(logger *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		counted := &counter{ResponseWriter: w}
		defer counted.log(logger, r, begun)
		next.ServeHTTP(counted, r)
	})
}

// counter remembers what an answer came to; a status of 0 is none.
type counter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (c *counter) log(logger *slog.Logger, r *http.Request, begun time.Time) {
	logger.LogAttrs(r.Context(), slog.LevelInfo, "request",
		slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", c.status),
		slog.Duration("duration", time.Since(begun)), slog.Int64("bytes", c.bytes))
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
