package elasticsearch

import (
	"context"
	"net"
	"time"
)

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// dialTime bounds the making of one connection. An attempt has time to try each
// endpoint, and as long again for the answer: where a firewall drops what is
// sent, an attempt would end before the next endpoint is tried, and nobody could
// tell that nothing was sent.
func (c Config) dialTime() time.Duration {
	return c.RequestTimeout / time.Duration(len(c.Endpoints)+1)
}

func within(bound time.Duration, dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, bound)
		defer cancel()
		return dial(ctx, network, address)
	}
}
