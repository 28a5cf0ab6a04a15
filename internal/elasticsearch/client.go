// Package elasticsearch holds inference endpoints in an Elasticsearch cluster,
// through its _inference API.
package elasticsearch

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

var _ backend.Target = (*Client)(nil)

// Client is one cluster. It is safe for concurrent use.
type Client struct {
	config Config
	bases  []*url.URL
	header http.Header
	http   *retryablehttp.Client
	scrub  scrubber
	about  *about
	reads  *reads
	checks *reads
	// creates of one id take turns: one that gets no answer could not tell the
	// endpoint of another from its own.
	creates *turns
}

const (
	defaultRetryWaitMin   = time.Second
	defaultRetryWaitMax   = 30 * time.Second
	defaultRequestTimeout = time.Minute
	// connections are kept open per host: Terraform does ten things at once.
	connections = 16
)

// New checks the configuration and makes a client. It asks no server. What is
// wrong with the configuration comes as inference.Violations.
func New(config Config) (*Client, error) {
	return newClient(config, cleanhttp.DefaultPooledTransport().DialContext)
}

func newClient(config Config, dial dialer) (*Client, error) {
	if errs := config.Validate().Errors(); len(errs) > 0 {
		return nil, errs
	}
	bases, _ := config.bases()
	tlsConfig, _ := config.tlsConfig()
	config.RetryWaitMin = orDefault(config.RetryWaitMin, min(defaultRetryWaitMin, orDefault(config.RetryWaitMax, defaultRetryWaitMin)))
	config.RetryWaitMax = orDefault(config.RetryWaitMax, max(defaultRetryWaitMax, config.RetryWaitMin))
	config.RequestTimeout = orDefault(config.RequestTimeout, defaultRequestTimeout)
	pool := newPool(tlsConfig, within(config.dialTime(), dial))

	scrub := newScrubber(config.secrets()...)
	client := &Client{
		config: config,
		bases:  bases,
		header: config.header(),
		scrub:  scrub,
		http: &retryablehttp.Client{
			HTTPClient: &http.Client{
				Transport: &transport{bases: bases, next: pool, scrub: scrub},
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
	client.about = newAbout(client.getRoot)
	client.reads = newReads(client.get, client.list)
	client.checks = newChecks(client.get, client.list)
	client.creates = newTurns()
	return client, nil
}

func newPool(tlsConfig *tls.Config, dial dialer) *http.Transport {
	pool := cleanhttp.DefaultPooledTransport()
	pool.TLSClientConfig = tlsConfig
	pool.DialContext = dial
	pool.ForceAttemptHTTP2 = true
	pool.MaxIdleConnsPerHost = connections
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

func orDefault(given, fallback time.Duration) time.Duration {
	if given != 0 {
		return given
	}
	return fallback
}
