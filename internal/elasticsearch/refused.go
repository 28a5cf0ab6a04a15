package elasticsearch

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// serverError is what Elasticsearch says is wrong, already scrubbed. It stands
// as the cause in a *target.Error.
type serverError struct {
	// Type is the class of the error: resource_not_found_exception, ...
	Type string
	// Reason is the error's reason with those of its causes.
	Reason string
}

func (e *serverError) Error() string { return e.Type + ": " + e.Reason }

// The types of errors that mean something to the client.
const (
	typeNotFound = "resource_not_found_exception"
	typeExists   = "resource_already_exists_exception"
)

// wireError is the body of an error answer, or the data of the event that takes
// its place in a stream; error may also be a mere string.
type wireError struct {
	Error json.RawMessage `json:"error"`
}

type wireCause struct {
	Type   string `json:"type"`
	Reason string `json:"reason"`
	// Message is the reason in the errors of a chat, which are like OpenAI's.
	Message  string     `json:"message"`
	CausedBy *wireCause `json:"caused_by"`
}

const (
	maxCauses = 5
	maxReason = 4000 // bytes of a reason; the rest is of no use to a person
)

// readError is nil where the body is not an error of Elasticsearch.
func readError(body []byte, scrub scrubber) *serverError {
	var wire wireError
	var text string
	var cause wireCause
	switch {
	case !isJSON(body, &wire) || wire.Error == nil:
		return nil
	case isJSON(wire.Error, &text):
		return &serverError{Reason: shorten(scrub.clean(text))}
	case !isJSON(wire.Error, &cause) || cause.Type == "":
		return nil
	}
	// An exception without a message has the reason null.
	reasons := []string{cmp.Or(cause.Reason, cause.Message, cause.Type)}
	for next := cause.CausedBy; next != nil && len(reasons) < maxCauses; next = next.CausedBy {
		if next.Reason != "" && !strings.Contains(reasons[len(reasons)-1], next.Reason) {
			reasons = append(reasons, next.Reason)
		}
	}
	return &serverError{Type: scrub.clean(cause.Type), Reason: shorten(scrub.clean(strings.Join(reasons, "\nCaused by: ")))}
}

// readRefusal is readError for the whole body of an answer: a stream that is
// refused is an event too, whatever its status.
func readRefusal(body []byte, scrub scrubber) *serverError {
	if found := readError(body, scrub); found != nil {
		return found
	}
	for data := range events(body) {
		if found := readError(data, scrub); found != nil {
			return found
		}
	}
	return nil
}

// isJSON reads data into value where it has that form.
func isJSON(data []byte, value any) bool { return json.Unmarshal(data, value) == nil }

func shorten(text string) string {
	if len(text) <= maxReason {
		return text
	}
	return strings.ToValidUTF8(text[:maxReason], "") + " ..."
}

// refused is the error of an answer whose status is one.
func (c *Client) refused(call *call, scrub scrubber, response *http.Response, body []byte) error {
	status := response.StatusCode
	failure := &backend.Error{Status: status, Summary: "Cannot " + call.doing}
	found := readRefusal(body, scrub)
	if found == nil {
		failure.Kind = kindOf(status, "")
		if failure.Kind != backend.Denied {
			failure.Kind = backend.Unreachable // whoever spoke, it was not the API
		}
		failure.Detail = fmt.Sprintf("%s answered %d %s, without a word of Elasticsearch%s.\n\n%s",
			call.host, status, http.StatusText(status), pageOf(body), c.remedy(call, status, ""))
		return failure
	}
	failure.Kind = kindOf(status, found.Type)
	failure.Cause = found
	failure.Detail = fmt.Sprintf("Elasticsearch answered %d: %s", status, found.Reason)
	if remedy := c.remedy(call, status, found.Reason); remedy != "" {
		failure.Detail += "\n\n" + remedy
	}
	if wait, asked := retryAfter(response); asked && wait > 0 {
		failure.Detail += fmt.Sprintf(" It asks to wait %s before the next try.", wait.Round(time.Second))
	}
	return failure
}

// brokenOff is the error of a stream that ends with one: its status says nothing.
func brokenOff(call *call, found *serverError) error {
	return &backend.Error{
		Kind: backend.Other, Summary: "Cannot " + call.doing,
		Detail: "Elasticsearch began to answer, and then failed: " + found.Reason,
		Cause:  found,
	}
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

func pageOf(body []byte) string {
	if isMarkup(body) {
		return ": the page of a proxy or a load balancer"
	}
	return ""
}
