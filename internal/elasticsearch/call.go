package elasticsearch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

	"github.com/hashicorp/go-retryablehttp"
)

// call is one request of the API with all its attempts.
type call struct {
	// doing is for messages: `create inference endpoint "x"`.
	doing  string
	method string
	path   []string
	query  url.Values
	body   []byte
	// secrets are those that body holds.
	secrets []redact.Secret
	// accept is the media type wanted; empty is JSON.
	accept string
	// timeout bounds one attempt; 0 is the configured one.
	timeout time.Duration
	// idempotent tells that doing it twice does no more than doing it once.
	idempotent bool

	// host is whom the latest attempt was sent to.
	host string
	// attempts made so far.
	attempts int
	// ambiguous tells that an attempt may have been carried out although no
	// answer of Elasticsearch came.
	ambiguous bool
	// lastStatus is that of the latest attempt; 0 where it had no answer.
	lastStatus int
}

const (
	mediaJSON   = "application/json"
	mediaStream = "text/event-stream"
)

func (c *call) wants() string {
	if c.accept != "" {
		return c.accept
	}
	return mediaJSON
}

// url puts the path behind one of the endpoints.
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

// answer is a good answer: of Elasticsearch, of a status below 300, in the
// media type that was wanted.
type answer struct {
	body []byte
}

// do sends the call until it is answered, and turns everything but a good
// answer into a *target.Error.
func (c *Client) do(ctx context.Context, call *call) (answer, error) {
	if call.timeout == 0 {
		call.timeout = c.config.RequestTimeout
	}
	scrub := c.scrub.with(call.secrets...)
	ctx = context.WithValue(logged(ctx), callKey{}, call)
	request, err := retryablehttp.NewRequestWithContext(ctx, call.method, call.url(c.bases[0]).String(), call.body)
	if err != nil {
		return answer{}, c.unanswered(call, scrub, err)
	}
	request.Header = c.header.Clone()
	request.Header.Set("Accept", call.wants())
	if call.body != nil {
		request.Header.Set("Content-Type", mediaJSON)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return answer{}, c.unanswered(call, scrub, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, c.unanswered(call, scrub, err)
	}
	good, err := c.judge(call, scrub, response, body)
	call.ambiguous = call.ambiguous || isUnclear(response.StatusCode, err)
	return good, err
}

// isUnclear tells that somebody other than Elasticsearch gave an answer which
// does not say what Elasticsearch has done.
func isUnclear(status int, err error) bool {
	var refusal *serverError
	if err == nil || errors.As(err, &refusal) {
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

// isMarkup tells the page of a proxy from an answer of the API.
func isMarkup(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}
