package elasticsearch

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// product is the header by which Elasticsearch tells what it is.
const product = "X-Elastic-Product"

// judge tells a good answer from the many others.
func (c *Client) judge(call *call, scrub scrubber, response *http.Response, body []byte) (answer, error) {
	failure := &backend.Error{Kind: backend.Unreachable, Status: response.StatusCode, Summary: "Cannot " + call.doing}
	switch status := response.StatusCode; {
	case status >= http.StatusBadRequest:
		return answer{}, c.refused(call, scrub, response, body)
	case status >= http.StatusMultipleChoices:
		failure.Detail = fmt.Sprintf("%s answered with a redirect (%d) to %s. Credentials are not sent elsewhere: write the final URL in elasticsearch.endpoints.",
			call.host, status, scrub.clean(redirectHost(response)))
	case response.Header.Get(product) != "Elasticsearch":
		failure.Detail = fmt.Sprintf("%s was answered by something that is not Elasticsearch: the header %s is missing. Check that elasticsearch.endpoints names Elasticsearch, and no proxy takes the header away.",
			call.host, product)
	case !hasMedia(response, call.wants()):
		failure.Detail = fmt.Sprintf("%s answered with %q where %s was due. Check that elasticsearch.endpoints names Elasticsearch itself, not Kibana or the page of a proxy.",
			call.host, scrub.clean(response.Header.Get("Content-Type")), call.wants())
	default:
		return answer{body: body}, nil
	}
	return answer{}, failure
}

func redirectHost(response *http.Response) string {
	location, err := url.Parse(response.Header.Get("Location"))
	if err != nil || location.Host == "" {
		return "another path"
	}
	return location.Host
}

// senseless is the error of an answer that cannot be read.
func (c *Client) senseless(call *call, err error) error {
	return &backend.Error{
		Kind:    backend.Unreachable,
		Summary: "Cannot " + call.doing,
		Detail: c.scrub.with(call.secrets...).clean(fmt.Sprintf(
			"The answer of %s makes no sense: %s. Try again; if it stays, check that elasticsearch.endpoints names Elasticsearch.", call.host, err)),
	}
}
