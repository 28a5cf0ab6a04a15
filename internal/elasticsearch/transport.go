// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

const (
	// maxResponseBytes bounds the size of a response that is buffered. A thousand
	// embeddings of 1,024 dimensions have about 20 MB.
	maxResponseBytes = 32 << 20
	// maxListingBytes bounds the size of a response that is decoded while it arrives. A
	// hundred thousand endpoints have about 40 MB.
	maxListingBytes = 256 << 20
)

var errResponseTooLarge = errors.New("the response is too large")

// tooLarge returns the error of a response of more than limit bytes.
func tooLarge(limit int64) error {
	return fmt.Errorf("%w: it is larger than %d MB", errResponseTooLarge, limit>>20)
}

// transport makes one attempt of a call. It reads or decodes the whole response, so
// that an incomplete response is a failed attempt.
type transport struct {
	bases    []*url.URL
	next     http.RoundTripper
	redactor redact.Redactor
	logger   *slog.Logger
	// reached is the index of the last endpoint that accepted a connection.
	reached atomic.Int32
}

// RoundTrip sends the call of the request's context.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		_ = request.Body.Close() // send sets the body of the call
	}
	call := callOf(request.Context())
	call.attempts++
	ctx, cancel := context.WithTimeout(request.Context(), call.timeout)
	defer cancel()
	start := time.Now()
	response, err := t.failOver(ctx, request, call)
	call.ambiguous = call.ambiguous || isAmbiguous(response, err)
	call.lastStatus = 0
	if response != nil {
		call.lastStatus = response.StatusCode
	}
	t.log(request.Context(), call, time.Since(start), response, err)
	return response, err
}

// failOver tries the endpoints in order until one accepts a connection.
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
		if !isDialError(err) || ctx.Err() != nil {
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
	if err := readBody(ctx, response, call); err != nil {
		return nil, err
	}
	// http.Client fails if it cannot parse the Location, although it does not follow
	// redirects.
	if _, err := response.Location(); err != nil {
		response.Header.Del("Location")
	}
	return response, nil
}

// readBody decodes the body of the response, or replaces it by a buffered one.
func readBody(ctx context.Context, response *http.Response, call *call) error {
	call.decodeError = nil
	body := &countingReader{from: response.Body, limit: maxResponseBytes}
	var content []byte
	success := response.StatusCode/100 == 2 // a proxy may change 200 to 203
	if call.decode != nil && success && hasMedia(response, call.wants()) {
		body.limit = maxListingBytes
		call.decodeError = call.decode(ctx, body)
		_, _ = io.CopyN(io.Discard, body, 1) // the end of the body, so that the connection is used again
	} else {
		var buffer bytes.Buffer
		buffer.Grow(int(min(max(response.ContentLength, 0), maxResponseBytes)) + bytes.MinRead)
		_, _ = buffer.ReadFrom(body) // body keeps the error
		content = buffer.Bytes()
	}
	switch err := cmp.Or(body.err, ctx.Err()); {
	case errors.Is(err, errResponseTooLarge):
		return err
	case err != nil:
		return fmt.Errorf("the response ended after %d bytes: %w", body.count, err)
	}
	response.Body = &bufferedBody{bytes.NewReader(content), content}
	return nil
}

// countingReader counts what is read, and keeps the error of a failed read.
type countingReader struct {
	from         io.Reader
	count, limit int64
	err          error
}

// Read reads from the response.
func (r *countingReader) Read(into []byte) (int, error) {
	n, err := r.from.Read(into)
	r.count += int64(n)
	if r.count > r.limit {
		err = tooLarge(r.limit)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// isAmbiguous reports whether the server may have carried out what it was sent.
func isAmbiguous(response *http.Response, err error) bool {
	if err != nil {
		return !isDialError(err) && !isCertificateError(err)
	}
	switch response.StatusCode {
	case http.StatusTooManyRequests:
		return isTimeoutResponse(response)
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// isDialError reports whether no connection was made, so that nothing was sent.
func isDialError(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	return errors.As(err, new(*proxyRefusal)) || ok && (operation.Op == "dial" || operation.Op == opProxy)
}

// opProxy is the operation in errors of net/http about connections to a proxy.
const opProxy = "proxyconnect"

// proxyRefusal means that a proxy refused to open a tunnel.
type proxyRefusal struct {
	host   string
	status int
}

// Error returns the answer of the proxy.
func (e *proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy %s answered %d %s to CONNECT", e.host, e.status, http.StatusText(e.status))
}

// isProxyError reports whether the connection to the proxy failed.
func isProxyError(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	return ok && operation.Op == opProxy
}

// isCertificateError reports whether the client rejected the server's certificate.
func isCertificateError(err error) bool {
	return errors.As(err, new(*tls.CertificateVerificationError)) || errors.As(err, new(x509.UnknownAuthorityError)) ||
		errors.As(err, new(x509.HostnameError)) || errors.As(err, new(x509.CertificateInvalidError)) || isFingerprintError(err)
}

func isFingerprintError(err error) bool { return errors.As(err, new(*fingerprintError)) }

// isPlaintextServer reports whether the server does not speak TLS.
func isPlaintextServer(err error) bool {
	return errors.As(err, new(tls.RecordHeaderError)) || errors.Is(err, http.ErrSchemeMismatch)
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// dialTime returns the timeout for one connection. It leaves an attempt the time to
// try each endpoint and to wait for the response. Otherwise an attempt would end
// before the next endpoint is tried if a firewall drops packets, and it would not be
// known that nothing was sent.
func (c Config) dialTime() time.Duration {
	return c.RequestTimeout / time.Duration(max(len(c.Endpoints), 1)+1)
}

func within(bound time.Duration, dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, bound)
		defer cancel()
		return dial(ctx, network, address)
	}
}

// log records the request and its outcome: no header, no body, no query.
func (t *transport) log(ctx context.Context, call *call, took time.Duration, response *http.Response, err error) {
	attributes := []slog.Attr{
		slog.String("method", call.method),
		slog.String("path", "/"+strings.Join(call.path, "/")),
		slog.Int("attempt", call.attempts),
		slog.Int64("duration_ms", took.Milliseconds()),
	}
	message := "Request failed"
	if err != nil {
		attributes = append(attributes, slog.String("error", t.redactor.With(call.secrets...).Clean(err.Error())))
	} else {
		message = "Request answered"
		attributes = append(attributes, slog.Int("status", response.StatusCode))
	}
	t.logger.LogAttrs(ctx, slog.LevelDebug, message, attributes...)
}

// isReset reports whether the other side reset the connection. Windows reports
// WSAECONNRESET (10054), which is not the ECONNRESET that Go defines for it.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.Errno(10054))
}

// bufferedBody is a response body that was read completely. The retry policy
// looks into it without consuming it.
type bufferedBody struct {
	*bytes.Reader
	content []byte
}

func (*bufferedBody) Close() error { return nil }
