package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// call is one request, with what its path names.
type call struct {
	request      *http.Request
	taskType, id string

	controller *http.ResponseController
	maxBody    int64
}

// body reads the JSON object of the request; nil if there is none. From then on
// the caller has all the time that the run takes: the deadline for reading would
// end it.
func (c *call) body() (map[string]any, error) {
	content, err := io.ReadAll(c.request.Body)
	if err == nil {
		_ = c.controller.SetReadDeadline(time.Time{})
		content, err = c.unpack(content)
	}
	var tooLarge *http.MaxBytesError
	var fault *failure
	switch {
	case errors.As(err, &tooLarge):
		return nil, &failure{
			status: http.StatusRequestEntityTooLarge, kind: "status_exception",
			reason: "The request body has more than " + strconv.FormatInt(tooLarge.Limit, 10) + " bytes, which is the most that is read. Send fewer inputs at a time.",
		}
	case errors.As(err, &fault):
		return nil, fault
	case err != nil:
		return nil, &failure{status: http.StatusRequestTimeout, kind: "status_exception", reason: "The request body did not arrive: " + err.Error()}
	case len(content) == 0:
		return nil, nil
	}
	if fault := checkMedia(c.request.Header.Get("Content-Type")); fault != nil {
		return nil, fault
	}
	return parseObject(content)
}

// unpack answers what a client has compressed. Whatever fails here came whole.
func (c *call) unpack(content []byte) ([]byte, error) {
	if c.request.Header.Get("Content-Encoding") != "gzip" || len(content) == 0 {
		return content, nil
	}
	packed, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, notPacked(err)
	}
	unpacked, err := io.ReadAll(http.MaxBytesReader(nil, packed, c.maxBody))
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		return nil, notPacked(err)
	}
	return unpacked, err
}

func notPacked(err error) *failure {
	return refuse("The request body is not gzip, and the header Content-Encoding says that it is: %v. Compress it, or leave the header out.", err)
}

// requiredBody is for requests that make no sense without one.
func (c *call) requiredBody() (map[string]any, error) {
	body, err := c.body()
	if err == nil && body == nil {
		return nil, &failure{status: http.StatusBadRequest, kind: "parse_exception", reason: "request body is required"}
	}
	return body, err
}

func checkMedia(header string) *failure {
	media, _, err := mime.ParseMediaType(header)
	if err == nil && (media == mediaJSON || media == mediaVendor) {
		return nil
	}
	fault := &failure{status: http.StatusNotAcceptable, reason: "Content-Type header [" + header + "] is not supported"}
	if header == "" {
		fault.reason = "Content-Type header is missing"
	}
	return fault
}

// flag is a query parameter that is true or false; alone, it is true.
func (c *call) flag(name string) (bool, error) {
	query := c.request.URL.Query()
	switch value := query.Get(name); {
	case !query.Has(name), value == "false":
		return false, nil
	case value == "", value == "true":
		return true, nil
	default:
		return false, illegal("Failed to parse value [%s] as only [true] or [false] are allowed.", value)
	}
}

// The time for a run that sets none (elasticsearch-specification#6383).
const (
	embeddingTime  = 30 * time.Second
	completionTime = 120 * time.Second
	longestTime    = time.Hour
)

// timeout is the query's, or else the body's, or else that of the task.
func (c *call) timeout(fromBody string, task inference.TaskType) (time.Duration, error) {
	text := c.request.URL.Query().Get("timeout")
	if text == "" {
		text = fromBody
	}
	switch {
	case text != "":
		return parseTime(text)
	case task.Generates():
		return completionTime, nil
	}
	return embeddingTime, nil
}

var timeForm = regexp.MustCompile(`^([0-9]+)(nanos|micros|ms|s|m|h|d)$`)

var timeUnits = map[string]time.Duration{
	"nanos": time.Nanosecond, "micros": time.Microsecond, "ms": time.Millisecond,
	"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
}

// parseTime reads Elasticsearch's time units. What is without end or longer
// than anyone waits ends all the same.
func parseTime(text string) (time.Duration, error) {
	if text == "-1" {
		return longestTime, nil
	}
	parts := timeForm.FindStringSubmatch(text)
	if parts == nil {
		return 0, illegal("failed to parse setting [timeout] with value [%s] as a time value: unit is missing or unrecognized", text)
	}
	unit := timeUnits[parts[2]]
	count, err := strconv.ParseInt(parts[1], 10, 64)
	if err == nil && count <= int64(longestTime/unit) {
		return time.Duration(count) * unit, nil
	}
	return longestTime, nil
}

// within runs do with a deadline, and says so when that was the reason to fail.
func within[T any](ctx context.Context, timeout time.Duration, do func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	result, err := do(ctx)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return result, timedOut(timeout)
	}
	return result, err
}

func timedOut(timeout time.Duration) *failure {
	return &failure{status: http.StatusRequestTimeout, kind: "status_exception", reason: "Request timed out after [" + javaTime(timeout) + "]"}
}

// javaTime prints as a TimeValue does: in the largest unit that is whole.
func javaTime(timeout time.Duration) string {
	for _, unit := range []string{"h", "m", "s", "ms", "micros"} {
		if timeout != 0 && timeout%timeUnits[unit] == 0 {
			return strconv.FormatInt(int64(timeout/timeUnits[unit]), 10) + unit
		}
	}
	return strconv.FormatInt(int64(timeout), 10) + "nanos"
}
