package elasticsearch

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

const (
	// margin is kept of a deadline for the answer's way back.
	margin = 5 * time.Second
	// patience outlasts the time that a server which is told none gives to a
	// model: up to two minutes (elasticsearch-specification#6383).
	patience = 130 * time.Second
)

// modelTime is for requests that wait for a model. Where the server takes a
// timeout it is told to use what is left of ctx; the attempt outlasts it.
func (c *Client) modelTime(ctx context.Context, takesTimeout bool) (url.Values, time.Duration) {
	deadline, bounded := ctx.Deadline()
	if !bounded || !takesTimeout {
		return nil, max(c.config.RequestTimeout, patience)
	}
	left := time.Until(deadline)
	server := left - min(margin, left/10)
	if server < time.Millisecond {
		return nil, c.config.RequestTimeout
	}
	return url.Values{"timeout": {strconv.FormatInt(server.Milliseconds(), 10) + "ms"}}, left
}
