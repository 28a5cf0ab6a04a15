// SPDX-License-Identifier: MPL-2.0

// Package elasticsearch manages inference endpoints in an Elasticsearch cluster
// with its _inference API.
package elasticsearch

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

var _ backend.Target = (*Client)(nil)

// Client is a client of one cluster. It is safe for concurrent use.
type Client struct {
	config   Config
	bases    []*url.URL
	header   http.Header
	http     *retryablehttp.Client
	redactor redact.Redactor
	info     *clusterInfo
	reads    *readCoalescer
	// creates serializes the creates of an id: a create without an answer could not
	// distinguish the endpoint of another create from its own. Callers may serialize
	// them as well, for reasons of their own.
	creates  backend.KeyedMutex
	warnings warningLog
}

const (
	defaultRetryWaitMin   = time.Second
	defaultRetryWaitMax   = 30 * time.Second
	defaultRequestTimeout = time.Minute
	// connections is how many idle connections are kept per host: enough for ten
	// concurrent operations.
	connections = 16
)

// New returns a client for a configuration. It sends no request. The error of a
// wrong configuration is of type validation.Violations.
func New(config Config) (*Client, error) {
	return newClient(config, cleanhttp.DefaultPooledTransport().DialContext)
}

func newClient(config Config, dial dialer) (*Client, error) {
	if errs := config.Validate().Errors(); len(errs) > 0 {
		return nil, errs
	}
	bases, _ := config.bases()
	tlsConfig, _ := config.tlsConfig()
	config.RetryWaitMin = cmp.Or(config.RetryWaitMin, min(defaultRetryWaitMin, cmp.Or(config.RetryWaitMax, defaultRetryWaitMin)))
	config.RetryWaitMax = cmp.Or(config.RetryWaitMax, max(defaultRetryWaitMax, config.RetryWaitMin))
	config.RequestTimeout = cmp.Or(config.RequestTimeout, defaultRequestTimeout)
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	pool := newPool(tlsConfig, within(config.dialTime(), dial))

	redactor := redact.New(config.secrets()...)
	client := &Client{
		config:   config,
		bases:    bases,
		header:   config.header(),
		redactor: redactor,
		http: &retryablehttp.Client{
			HTTPClient: &http.Client{
				Transport: &transport{bases: bases, next: pool, redactor: redactor, logger: config.Logger},
				// Credentials are for the configured hosts only.
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			},
			RetryMax:     config.MaxRetries,
			RetryWaitMin: config.RetryWaitMin,
			RetryWaitMax: config.RetryWaitMax,
			CheckRetry:   checkRetry,
			Backoff:      backoff,
			ErrorHandler: retryablehttp.PassthroughErrorHandler,
		},
	}
	client.info = newClusterInfo(client.readingRoot(), client.getRoot)
	client.reads = newReadCoalescer(client.get, func(ctx context.Context) (listing, error) { return client.list(ctx, "") })
	return client, nil
}

// RoundTripper returns what sends single requests to the first endpoint of the
// configuration, with its credentials and certificates but without retries, and
// that endpoint. The error is of type validation.Violations.
func (c Config) RoundTripper() (http.RoundTripper, *url.URL, error) {
	if errs := c.Validate().Errors(); len(errs) > 0 {
		return nil, nil, errs
	}
	bases, _ := c.bases()
	tlsConfig, _ := c.tlsConfig()
	return withHeader{c.header(), newPool(tlsConfig, cleanhttp.DefaultPooledTransport().DialContext)}, bases[0], nil
}

// withHeader adds headers to requests.
type withHeader struct {
	header http.Header
	next   http.RoundTripper
}

// RoundTrip sends the request with the headers.
func (w withHeader) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	for name, values := range w.header {
		request.Header[name] = values
	}
	return w.next.RoundTrip(request)
}

func newPool(tlsConfig *tls.Config, dial dialer) *http.Transport {
	pool := cleanhttp.DefaultPooledTransport()
	pool.TLSClientConfig = tlsConfig
	pool.DialContext = dial
	pool.ForceAttemptHTTP2 = true
	pool.MaxIdleConnsPerHost = connections
	pool.OnProxyConnectResponse = func(_ context.Context, proxy *url.URL, _ *http.Request, response *http.Response) error {
		if response.StatusCode == http.StatusOK {
			return nil
		}
		return &proxyRefusal{host: proxy.Host, status: response.StatusCode}
	}
	return pool
}

func (c Config) header() http.Header {
	header := http.Header{}
	for name, value := range c.Headers {
		header.Set(name, value.Reveal())
	}
	if authorization := c.authorization(); authorization != "" {
		header.Set("Authorization", authorization.Reveal())
	}
	if c.UserAgent != "" {
		header.Set("User-Agent", c.UserAgent)
	}
	return header
}

// call is one request of the API, with all its attempts.
type call struct {
	// doing describes the call in messages, such as `create inference endpoint "x"`.
	doing  string
	method string
	path   []string
	query  url.Values
	body   []byte
	// secrets are the secrets in body.
	secrets []redact.Secret
	// accept is the media type of the response; empty is JSON.
	accept string
	// timeout bounds one attempt; 0 stands for the configured request_timeout.
	timeout time.Duration
	// idempotent marks calls that have the same effect when sent twice.
	idempotent bool
	// runsModel marks calls that make Elasticsearch call the model.
	runsModel bool
	// decode reads the body of a successful response while it arrives; without it, the
	// body is buffered. An attempt whose body cannot be read to the end is repeated.
	decode func(ctx context.Context, body io.Reader) error

	// host is the host of the latest attempt.
	host string
	// attempts made so far.
	attempts int
	// ambiguous means that an attempt may have been carried out although no
	// response of Elasticsearch arrived.
	ambiguous bool
	// lastStatus is the status of the latest attempt; 0 if it got no response.
	lastStatus int
	// decodeError is the result of decode in the latest attempt.
	decodeError error
}

const (
	mediaJSON   = "application/json"
	mediaStream = "text/event-stream"
)

func (c *call) wants() string { return cmp.Or(c.accept, mediaJSON) }

// url returns the URL of the call at one of the endpoints.
func (c *call) url(base *url.URL) *url.URL {
	segments := []string{"/"}
	for _, segment := range c.path {
		segments = append(segments, url.PathEscape(segment))
	}
	at := base.JoinPath(segments...)
	at.RawQuery = c.query.Encode()
	return at
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	if call, ok := ctx.Value(callKey{}).(*call); ok {
		return call
	}
	return &call{}
}

// do sends the call, with retries, and returns the body of a successful response in
// the requested media type. Every other outcome is a *backend.Error.
func (c *Client) do(ctx context.Context, call *call) ([]byte, error) {
	if call.timeout == 0 {
		call.timeout = c.config.RequestTimeout
	}
	redactor := c.redactor.With(call.secrets...)
	ctx = context.WithValue(ctx, callKey{}, call)
	request, err := retryablehttp.NewRequestWithContext(ctx, call.method, call.url(c.bases[0]).String(), call.body)
	if err != nil {
		return nil, c.connectionError(call, redactor, err)
	}
	request.Header = c.header.Clone()
	request.Header.Set("Accept", call.wants())
	if call.body != nil {
		request.Header.Set("Content-Type", mediaJSON)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.connectionError(call, redactor, err)
	}
	defer response.Body.Close()
	var body []byte
	if buffered, ok := response.Body.(*bufferedBody); ok {
		body = buffered.content
	}
	c.keepWarnings(redactor, response.Header)
	err = c.checkResponse(call, redactor, response, body)
	call.ambiguous = call.ambiguous || isAmbiguousResponse(response.StatusCode, err)
	return body, err
}

// doJSON sends the call like do, and decodes the body of the response into a value.
func (c *Client) doJSON(ctx context.Context, call *call, into any) error {
	body, err := c.do(ctx, call)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return c.malformedResponse(call, err)
	}
	return nil
}

// isAmbiguousResponse reports whether a response that is not from Elasticsearch
// leaves open what Elasticsearch has done.
func isAmbiguousResponse(status int, err error) bool {
	if err == nil || errors.As(err, new(*serverError)) {
		return false
	}
	return status < http.StatusMultipleChoices || status >= http.StatusInternalServerError
}

func hasMedia(response *http.Response, want string) bool {
	media, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil {
		return false
	}
	// Elasticsearch also calls its JSON application/vnd.elasticsearch+json.
	return media == want || (want == mediaJSON && strings.HasSuffix(media, "+json"))
}

const (
	// responseMargin is the part of a deadline that is left for the transfer of the
	// response.
	responseMargin = 5 * time.Second
	// modelTimeout is longer than the default timeout of a server for a model, up
	// to two minutes (elasticsearch-specification#6383).
	modelTimeout = 130 * time.Second
)

// modelTime returns the query and the timeout of an attempt for a request that
// waits for a model. A server that accepts a timeout gets the remaining time of ctx;
// the attempt lasts longer.
func (c *Client) modelTime(ctx context.Context, takesTimeout bool) (url.Values, time.Duration) {
	deadline, bounded := ctx.Deadline()
	if !bounded || !takesTimeout {
		return nil, max(c.config.RequestTimeout, modelTimeout)
	}
	left := time.Until(deadline)
	server := left - min(responseMargin, left/10)
	if server < time.Millisecond {
		return nil, c.config.RequestTimeout
	}
	return url.Values{"timeout": {strconv.FormatInt(server.Milliseconds(), 10) + "ms"}}, left
}
