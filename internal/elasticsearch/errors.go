// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// Elasticsearch identifies itself by this header.
const (
	productHeader = "X-Elastic-Product"
	productName   = "Elasticsearch"
)

// checkResponse returns the error of a response that is not a successful one.
func (c *Client) checkResponse(call *call, redactor redact.Redactor, response *http.Response, body []byte) error {
	failure := &backend.Error{Kind: backend.Unreachable, Status: response.StatusCode, Summary: "Cannot " + call.doing}
	switch status := response.StatusCode; {
	case status >= http.StatusBadRequest:
		return c.responseError(call, redactor, response, body)
	case status >= http.StatusMultipleChoices:
		if isKibana(response, body) {
			failure.Detail = foreignResponse(call.host, redactor, response, body)
			break
		}
		failure.Detail = fmt.Sprintf("%s answered with a redirect (%d) to %s. Credentials are not sent to another address: write the final URL in elasticsearch.endpoints.",
			call.host, status, redactor.Clean(redirectHost(response)))
	case response.Header.Get(productHeader) != productName:
		failure.Detail = fmt.Sprintf("The response of %s is not from Elasticsearch: it lacks the header %s. Check that elasticsearch.endpoints names Elasticsearch, and that no proxy removes the header.",
			call.host, productHeader)
	case !hasMedia(response, call.wants()):
		failure.Detail = fmt.Sprintf("%s answered with the media type %q instead of %s. Check that elasticsearch.endpoints names Elasticsearch itself, not Kibana or the page of a proxy.",
			call.host, excerpt(redactor, response.Header.Get("Content-Type")), call.wants())
	default:
		return nil
	}
	return failure
}

func redirectHost(response *http.Response) string {
	location, err := url.Parse(response.Header.Get("Location"))
	if err != nil || location.Host == "" {
		return "another path"
	}
	return location.Host
}

// malformedResponse returns the error of a response that cannot be parsed.
func (c *Client) malformedResponse(call *call, err error) error {
	return &backend.Error{
		Kind:    backend.Unreachable,
		Summary: "Cannot " + call.doing,
		Detail: c.redactor.With(call.secrets...).Clean(fmt.Sprintf(
			"Malformed response from %s: %s. Try again. If the error persists, check that elasticsearch.endpoints names Elasticsearch.", call.host, err)),
		Cause: err,
	}
}

// serverError is an error of Elasticsearch without secrets. It is the cause of a
// *backend.Error.
type serverError struct {
	// Type is the type of the error, such as resource_not_found_exception.
	Type string
	// Reason is the reason of the error and of its causes.
	Reason string
	// causeTypes are the types of its causes.
	causeTypes []string
}

// remedyText returns the types and reasons of the chain, by which remedies are
// chosen.
func (e *serverError) remedyText() string {
	return strings.Join(append([]string{e.Type, e.Reason}, e.causeTypes...), "\n")
}

func (e *serverError) Error() string { return e.Type + ": " + e.Reason }

// Types of errors that the client distinguishes.
const (
	typeNotFound = "resource_not_found_exception"
	typeExists   = "resource_already_exists_exception"
)

// wireError is the body of an error, or the data of an error event of a stream. The
// error may also be a plain string.
type wireError struct {
	Error json.RawMessage `json:"error"`
}

type wireCause struct {
	Type   string `json:"type"`
	Reason string `json:"reason"`
	// Message is the reason in errors of chats, which have the form of OpenAI's.
	Message  string     `json:"message"`
	CausedBy *wireCause `json:"caused_by"`
}

const (
	maxCauses = 5
	maxReason = 4000 // bytes of a reason that are shown
)

// readError parses an error of Elasticsearch. It returns nil for another body.
func readError(body []byte, redactor redact.Redactor) *serverError {
	var wire wireError
	var text string
	var cause wireCause
	switch {
	case !isJSON(body, &wire) || wire.Error == nil:
		return nil
	case isJSON(wire.Error, &text):
		return &serverError{Reason: cut(redactor.Clean(text), maxReason)}
	case !isJSON(wire.Error, &cause) || cause.Type == "":
		return nil
	}
	// An exception without a message has the reason null.
	reasons := []string{cmp.Or(cause.Reason, cause.Message, cause.Type)}
	var causeTypes []string
	for next := cause.CausedBy; next != nil && len(reasons) < maxCauses; next = next.CausedBy {
		causeTypes = append(causeTypes, next.Type)
		if next.Reason != "" && !strings.Contains(reasons[len(reasons)-1], next.Reason) {
			reasons = append(reasons, next.Reason)
		}
	}
	reason := cut(redactor.Clean(strings.Join(reasons, "\nCaused by: ")), maxReason)
	return &serverError{Type: redactor.Clean(cause.Type), Reason: reason, causeTypes: causeTypes}
}

// readRefusal parses the error of a whole response. The error of a stream is an
// event, whatever its status.
func readRefusal(body []byte, redactor redact.Redactor) *serverError {
	if found := readError(body, redactor); found != nil {
		return found
	}
	for data := range events(body) {
		if found := readError(data, redactor); found != nil {
			return found
		}
	}
	return nil
}

// isJSON decodes data into value, and reports whether it has that form.
func isJSON(data []byte, value any) bool { return json.Unmarshal(data, value) == nil }

// cut returns at most longest bytes of a text.
func cut(text string, longest int) string {
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + " ..."
}

// responseError returns the error of a response with a status of 400 or above.
func (c *Client) responseError(call *call, redactor redact.Redactor, response *http.Response, body []byte) error {
	status := response.StatusCode
	failure := &backend.Error{Status: status, Summary: "Cannot " + call.doing}
	var found *serverError
	if response.Header.Get(productHeader) == productName {
		found = readRefusal(body, redactor)
	}
	if found == nil {
		failure.Kind = kindOf(status, "")
		if failure.Kind != backend.Denied {
			failure.Kind = backend.Unreachable // the response is not from the API
		}
		failure.Detail = fmt.Sprintf("%s\n\n%s", foreignResponse(call.host, redactor, response, body), c.foreignRemedy(response, body))
		return failure
	}
	failure.Kind = kindOf(status, found.Type)
	failure.Cause = found
	failure.Detail = fmt.Sprintf("Elasticsearch answered %d: %s", status, found.Reason)
	if remedy := c.remedy(call, status, found.remedyText()); remedy != "" {
		failure.Detail += "\n\n" + remedy
	}
	if wait, asked := retryAfter(response); asked && wait > 0 {
		failure.Detail += fmt.Sprintf(" The server asks to wait %s before the next attempt.", wait.Round(time.Second))
	}
	return failure
}

// streamError returns the error with which a stream ended. Its status was 200.
func streamError(call *call, found *serverError) error {
	failure := &backend.Error{
		Kind: backend.Other, Summary: "Cannot " + call.doing,
		Detail: "Elasticsearch failed while it streamed the response: " + found.Reason,
		Cause:  found,
	}
	if remedy := inference.RetirementRemedy(found.Reason); remedy != "" {
		failure.Detail += "\n\n" + remedy
	}
	return failure
}

func kindOf(status int, errorType string) backend.Kind {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return backend.Denied
	case status == http.StatusNotFound && errorType == typeNotFound:
		return backend.NotFound
	case errorType == typeExists:
		return backend.AlreadyExists
	case status == http.StatusConflict:
		return backend.InUse
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout,
		status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		return backend.Unreachable
	case status < http.StatusInternalServerError:
		return backend.Refused
	}
	return backend.Other
}

// cloudError is an error of the proxy of Elastic Cloud.
type cloudError struct {
	OK      *bool  `json:"ok"`
	Message string `json:"message"`
}

// foreignResponse describes a response that is not from Elasticsearch: who sent it,
// and what it says.
func foreignResponse(host string, redactor redact.Redactor, response *http.Response, body []byte) string {
	status := fmt.Sprintf("%d %s", response.StatusCode, http.StatusText(response.StatusCode))
	var cloud cloudError
	said := ""
	switch {
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")): // HTML
		return fmt.Sprintf("%s answered %s with the page of a proxy or a load balancer, not with a response of Elasticsearch.", host, status)
	case isJSON(body, &cloud) && cloud.OK != nil && cloud.Message != "":
		return fmt.Sprintf("The proxy of Elastic Cloud at %s answered %s: %s", host, status, excerpt(redactor, cloud.Message))
	case response.Header.Get("X-Found-Handling-Cluster") != "" || response.Header.Get("X-Found-Handling-Instance") != "":
		return fmt.Sprintf("The proxy of Elastic Cloud at %s answered %s: %s", host, status, excerpt(redactor, string(body)))
	case isKibana(response, body):
		return fmt.Sprintf("Kibana at %s answered %s: elasticsearch.endpoints has to name Elasticsearch.", host, status)
	case len(bytes.TrimSpace(body)) > 0:
		said = ": " + excerpt(redactor, string(body))
	}
	sentence := fmt.Sprintf("%s answered %s, and the response is not from Elasticsearch%s", host, status, said)
	if strings.HasSuffix(sentence, ".") { // also that of a text that was cut
		return sentence
	}
	return sentence + "."
}

func (c *Client) foreignRemedy(response *http.Response, body []byte) string {
	var cloud cloudError
	isCloud := isJSON(body, &cloud) && cloud.OK != nil
	switch status := response.StatusCode; {
	case status == http.StatusGatewayTimeout, status == http.StatusRequestTimeout:
		return "The proxy gave up waiting, and the model may have run, so the request was not repeated. Increase the proxy's timeout, or reach Elasticsearch without it; if the model itself is slow, increase timeouts as well."
	case status == http.StatusProxyAuthRequired:
		return "A proxy requires credentials. Add a user and a password to HTTPS_PROXY, or name the host in NO_PROXY."
	case isCloud && status == http.StatusForbidden:
		return "Check the traffic filters of the deployment."
	case isCloud && status == http.StatusNotFound:
		return "Check that the address is that of an existing deployment."
	case status == http.StatusUnauthorized:
		return c.config.credentialsRemedy()
	case status == http.StatusForbidden:
		return "A gateway refused the request. Check its access rules, and that elasticsearch.endpoints names Elasticsearch."
	}
	return "Check that elasticsearch.endpoints names Elasticsearch itself, with https where it uses TLS, and that it is running."
}

// isKibana recognizes Kibana by its header or by the form of its errors.
func isKibana(response *http.Response, body []byte) bool {
	var wire struct {
		StatusCode int    `json:"statusCode"`
		Error      string `json:"error"`
	}
	return response.Header.Get("kbn-name") != "" || (isJSON(body, &wire) && wire.StatusCode > 0 && wire.Error != "")
}

// excerpt returns the beginning of a text of another server.
func excerpt(redactor redact.Redactor, text string) string { return plainText(redactor, text, 200) }

// plainText returns at most longest bytes of a text on one line, without secrets,
// control and formatting characters.
func plainText(redactor redact.Redactor, text string, longest int) string {
	return cut(strings.Join(strings.Fields(redactor.Clean(text)), " "), longest)
}

// connectionError returns the error of a call without a response.
func (c *Client) connectionError(call *call, redactor redact.Redactor, err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // http.Client adds the method and the URL
	}
	what := "did not answer"
	if call.lastStatus != 0 {
		what = fmt.Sprintf("answered %d, and there was no time for more than %d attempts", call.lastStatus, call.attempts)
	}
	failure := &backend.Error{
		Kind:    backend.Unreachable,
		Summary: "Cannot " + call.doing,
		Detail:  redactor.Clean(fmt.Sprintf("%s %s: %s.\n\n%s", c.unreachableHosts(call, err), what, err, remedyFor(err))),
		Status:  call.lastStatus,
	}
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, errResponseTooLarge} {
		if errors.Is(err, known) {
			failure.Cause = known
		}
	}
	return failure
}

// unreachableHosts returns the host that did not answer, or all hosts if none
// accepted a connection.
func (c *Client) unreachableHosts(call *call, err error) string {
	if call.host != "" && !isDialError(err) {
		return call.host
	}
	hosts := make([]string, len(c.bases))
	for i, base := range c.bases {
		hosts[i] = base.Host
	}
	return strings.Join(hosts, ", ")
}

func remedyFor(err error) string {
	lookup, isLookup := errors.AsType[*net.DNSError](err)
	refusal, isRefusal := errors.AsType[*proxyRefusal](err)
	switch {
	case errors.Is(err, context.Canceled):
		return "The operation was canceled."
	case isFingerprintError(err):
		return "Write the fingerprint of one of these certificates to elasticsearch.ca_fingerprint. The fingerprint of an authority works only if the server sends the authority's certificate together with its own: add it to the certificate file of the server, or set elasticsearch.ca_file to the authority's certificate instead."
	case isCertificateError(err):
		return "The server's certificate is not trusted. Set elasticsearch.ca_file, ca_data or ca_fingerprint to the certificate authority that signed it, and use a host name that the certificate contains."
	case strings.Contains(err.Error(), "certificate required"), strings.Contains(err.Error(), "bad certificate"):
		return "The server requires a client certificate that it trusts. Set elasticsearch.cert_file and key_file."
	case isPlaintextServer(err):
		return "The server does not use TLS on this port. Write http:// in elasticsearch.endpoints, or the port with TLS."
	case isRefusal && refusal.status == http.StatusProxyAuthRequired:
		return "The proxy requires credentials. Add a user and a password to HTTPS_PROXY, or name the hosts of elasticsearch.endpoints in NO_PROXY."
	case isRefusal:
		return "The proxy refuses connections to this host. Allow it there, or name the hosts of elasticsearch.endpoints in NO_PROXY."
	case isProxyError(err):
		return "The proxy of the environment does not accept the connection. Check HTTPS_PROXY and HTTP_PROXY, or name the hosts of elasticsearch.endpoints in NO_PROXY."
	case isLookup && !lookup.IsTimeout:
		return "The host has no address. Check elasticsearch.endpoints."
	case errors.Is(err, errResponseTooLarge):
		return "A response of this size is not one of the inference API. Check that elasticsearch.endpoints names Elasticsearch."
	case isDialError(err):
		return "No server listens at this address, or a firewall blocks the connection. Check elasticsearch.endpoints."
	case errors.Is(err, context.DeadlineExceeded):
		return "Timed out. Increase timeouts or elasticsearch.request_timeout, or check why the server or the model is slow."
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), isReset(err):
		return "The connection was closed. If the server uses TLS, write https:// in elasticsearch.endpoints. Otherwise the server restarted or a proxy gave up: try again."
	}
	return "Check elasticsearch.endpoints and try again."
}

// remedy returns what to do about an error of Elasticsearch, or nothing if the
// reason says it.
func (c *Client) remedy(call *call, status int, reason string) string {
	switch {
	case inference.RetirementRemedy(reason) != "":
		return inference.RetirementRemedy(reason)
	case isModelTimeout(status, reason):
		return modelTimeoutRemedy
	case strings.Contains(reason, "current license is non-compliant"):
		return "The license of the cluster does not include inference. Inference services other than elastic need a trial or Enterprise license: GET /_license shows the current one. A role or privilege does not help."
	case status == http.StatusUnauthorized:
		return c.config.credentialsRemedy()
	case status == http.StatusForbidden && call.method != http.MethodGet && call.method != http.MethodPost:
		return "The role needs the cluster privilege manage_inference."
	case status == http.StatusForbidden:
		return "The role needs the cluster privilege monitor_inference."
	case status == http.StatusTooManyRequests:
		return "Elasticsearch is overloaded (429). Try again later, or with less parallelism."
	case strings.Contains(reason, "being used in mappings with incompatible settings"):
		return "Indices refer to this id with other settings (task type, dimensions or similarity), and have no endpoint now. Create the endpoint with its former settings to serve them again, or use a new inference_id, reindex and switch."
	case strings.Contains(reason, "validation call to service"):
		return "The call by which Elasticsearch tests the model failed. Check access_key and secret_key, that they may use the model in this region, and that region, provider and model belong together."
	}
	return ""
}

// credentialsRemedy says what to do if the server does not accept the credentials.
func (c Config) credentialsRemedy() string {
	const refused = "Elasticsearch does not accept the credentials. Check "
	switch {
	case c.APIKey != "":
		return refused + "elasticsearch.api_key, and that the key has not expired."
	case c.BearerToken != "":
		return refused + "elasticsearch.bearer_token, and that the token has not expired."
	case c.Username != "":
		return refused + "elasticsearch.username and password."
	}
	for name := range c.Headers {
		if strings.EqualFold(name, "Authorization") {
			return refused + "the header Authorization in elasticsearch.headers."
		}
	}
	return "No credentials are set. Set elasticsearch.api_key, or username and password, or bearer_token."
}

const modelTimeoutRemedy = "The model did not answer in time, and may have run. Increase timeouts, which is also passed to the server as its own timeout, and check whether the model is overloaded."

// isModelTimeout reports whether an error response of Elasticsearch is the
// timeout of a model call: 408 (elasticsearch#118618), 504 (#145838), 429 with
// timeout_exception (#146531), and inside the 400 of a create. reason holds the
// types and reasons of the whole chain.
func isModelTimeout(status int, reason string) bool {
	return status == http.StatusRequestTimeout || status == http.StatusGatewayTimeout ||
		strings.Contains(reason, typeTimeout) || strings.Contains(reason, "Request timed out after")
}

const typeTimeout = "timeout_exception"

// isTimeoutResponse reports whether a 429 is the timeout of a call that may have
// run (elasticsearch#146531), and not a refusal of a full queue.
func isTimeoutResponse(response *http.Response) bool {
	if response.Header.Get("X-Timed-Out") != "" {
		return true
	}
	body, ok := response.Body.(*bufferedBody)
	return ok && (bytes.Contains(body.content, []byte(typeTimeout)) || bytes.Contains(body.content, []byte(`"timed_out"`)))
}
