package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// unanswered is the error of a call to which no answer came.
func (c *Client) unanswered(call *call, scrub scrubber, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // what http.Client adds is the method and the URL
	}
	what := "did not answer"
	if call.lastStatus != 0 {
		what = fmt.Sprintf("answered %d, and there was no time for more than %d attempts", call.lastStatus, call.attempts)
	}
	failure := &backend.Error{
		Kind:    backend.Unreachable,
		Summary: "Cannot " + call.doing,
		Detail:  scrub.clean(fmt.Sprintf("%s %s: %s.\n\n%s", c.silent(call, err), what, err, remedyFor(err))),
		Status:  call.lastStatus,
	}
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, errTooLarge} {
		if errors.Is(err, known) {
			failure.Cause = known
		}
	}
	return failure
}

// silent is who did not answer: all endpoints where none could be connected to.
func (c *Client) silent(call *call, err error) string {
	if call.host != "" && !isDial(err) {
		return call.host
	}
	hosts := make([]string, len(c.bases))
	for i, base := range c.bases {
		hosts[i] = base.Host
	}
	return strings.Join(hosts, ", ")
}

func remedyFor(err error) string {
	var lookup *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return "The operation was cancelled."
	case errors.Is(err, errFingerprint):
		return "Write the fingerprint of the server's certificate, or of the one that signed it, to elasticsearch.ca_fingerprint."
	case isDistrust(err):
		return "The server's certificate is not trusted. Set elasticsearch.ca_file, ca_data or ca_fingerprint to the certificate authority that signed it, and write its host as the certificate has it."
	case strings.Contains(err.Error(), "certificate required"), strings.Contains(err.Error(), "bad certificate"):
		return "The server wants a certificate of the client, or another one. Set elasticsearch.cert_file and key_file."
	case isPlain(err):
		return "The server does not speak TLS on this port. Write http:// in elasticsearch.endpoints, or the port that speaks TLS."
	case isProxy(err):
		return "The proxy that the environment names does not take the connection. Check HTTPS_PROXY and HTTP_PROXY, or name the hosts of elasticsearch.endpoints in NO_PROXY."
	case errors.As(err, &lookup) && !lookup.IsTimeout:
		return "The host has no address. Check elasticsearch.endpoints."
	case errors.Is(err, errTooLarge):
		return "An answer of that size is not one of the inference API. Check that elasticsearch.endpoints names Elasticsearch."
	case isDial(err):
		return "Nothing listens there, or a firewall is in between. Check elasticsearch.endpoints."
	case errors.Is(err, context.DeadlineExceeded):
		return "The time was up. Give it more in timeouts, or in elasticsearch.request_timeout, or see why the server or the model is slow."
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errReset):
		return "The connection was closed. If the server speaks TLS, write https:// in elasticsearch.endpoints; else it restarted, or a proxy gave up: try again."
	}
	return "Check elasticsearch.endpoints and try again."
}
