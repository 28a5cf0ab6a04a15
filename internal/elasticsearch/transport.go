package elasticsearch

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// maxAnswer bounds what is read of an answer. A thousand endpoints take half a
// megabyte.
const maxAnswer = 32 << 20

var errTooLarge = fmt.Errorf("the answer is larger than %d MB", maxAnswer>>20)

// transport makes one attempt of a call. An attempt ends with the whole answer
// read, so that half an answer is a failed attempt like any other.
type transport struct {
	bases []*url.URL
	next  http.RoundTripper
	scrub scrubber
	// reached is the endpoint that could be connected to last.
	reached atomic.Int32
}

// RoundTrip sends the call of the request's context.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		_ = request.Body.Close() // every endpoint is sent the call's own body
	}
	call := callOf(request.Context())
	call.attempts++
	ctx, cancel := context.WithTimeout(request.Context(), call.timeout)
	defer cancel()
	start := time.Now()
	response, err := t.failOver(ctx, request, call)
	call.ambiguous = call.ambiguous || isAmbiguous(response, err)
	call.lastStatus = statusOf(response)
	t.log(request.Context(), call, time.Since(start), response, err)
	return response, err
}

// failOver tries the endpoints in turn until one can be connected to.
func (t *transport) failOver(ctx context.Context, request *http.Request, call *call) (*http.Response, error) {
	first := int(t.reached.Load())
	var lastErr error
	for i := range t.bases {
		at := (first + i) % len(t.bases)
		response, err := t.send(ctx, request, call, t.bases[at])
		if err == nil {
			t.reached.Store(int32(at)) //nolint:gosec // an index of a short list
			return response, nil
		}
		lastErr = err
		if !isDial(err) || ctx.Err() != nil {
			break
		}
	}
	return nil, lastErr
}

func (t *transport) send(ctx context.Context, request *http.Request, call *call, base *url.URL) (*http.Response, error) {
	call.host = base.Host
	attempt := request.Clone(ctx)
	attempt.URL, attempt.Host = call.url(base), ""
	attempt.Body, attempt.GetBody = nil, nil
	if call.body != nil {
		attempt.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(call.body)), nil }
		attempt.Body, _ = attempt.GetBody()
		attempt.ContentLength = int64(len(call.body))
	}
	response, err := t.next.RoundTrip(attempt)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer broke off after %d bytes: %w", len(body), err)
	case len(body) > maxAnswer:
		return nil, errTooLarge
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	// http.Client fails at an address that it cannot read, although it is not
	// to go there.
	if _, err := response.Location(); err != nil {
		response.Header.Del("Location")
	}
	return response, nil
}

func statusOf(response *http.Response) int {
	if response == nil {
		return 0
	}
	return response.StatusCode
}

// isAmbiguous tells that the server may have carried out what it was sent.
func isAmbiguous(response *http.Response, err error) bool {
	if err != nil {
		return !isDial(err) && !isDistrust(err)
	}
	switch response.StatusCode {
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// isDial tells that no connection came about, so that nothing was sent.
func isDial(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && (operation.Op == "dial" || operation.Op == opProxy)
}

// opProxy is what net/http calls the connecting to a proxy.
const opProxy = "proxyconnect"

// isProxy tells that it was the proxy which could not be connected to.
func isProxy(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == opProxy
}

// isDistrust tells that the client did not take the server's certificate.
func isDistrust(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &name) || errors.As(err, &invalid) ||
		errors.Is(err, errFingerprint)
}

// isPlain tells that the server does not speak TLS.
func isPlain(err error) bool {
	var record tls.RecordHeaderError
	return errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}
