package elasticsearch

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const subsystem = "elasticsearch"

func logged(ctx context.Context) context.Context {
	return tflog.NewSubsystem(ctx, subsystem, tflog.WithRootFields())
}

// log writes what was asked and how it went: no header, no body, no query.
func (t *transport) log(ctx context.Context, call *call, took time.Duration, response *http.Response, err error) {
	fields := map[string]any{
		"method":      call.method,
		"path":        "/" + strings.Join(call.path, "/"),
		"attempt":     call.attempts,
		"duration_ms": took.Milliseconds(),
	}
	if err != nil {
		fields["error"] = t.scrub.with(call.secrets...).clean(err.Error())
		tflog.SubsystemDebug(ctx, subsystem, "Request without an answer", fields)
		return
	}
	fields["status"] = response.StatusCode
	tflog.SubsystemDebug(ctx, subsystem, "Request answered", fields)
}
