package serve

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

// localOnly refuses callers that know this machine by a foreign name. A web page
// may have its own name lead here, and a browser then lets it read the answers;
// its requests bear that name. Where a key is asked for, the page has none.
func localOnly(logger *slog.Logger, listen string, next http.Handler) http.Handler {
	own := hostOf(listen)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := hostOf(r.Host); isLocal(host) || host == own {
			next.ServeHTTP(w, r)
			return
		}
		logger.LogAttrs(r.Context(), slog.LevelWarn, "refused: Host is no name of this machine", slog.String("host", r.Host))
		api.Forbid(w, r, fmt.Sprintf("Host [%s] is no name of this machine. Call localhost, a loopback address or the one that --listen has; other names need --api-key-file or --basic-auth-file", r.Host))
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
