// SPDX-License-Identifier: MPL-2.0

package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// route is one operation of the API. It answers or streams.
type route struct {
	method string
	// path contains names in braces for variable segments.
	path string
	// parameters are those of the operation.
	parameters []string
	answer     func(*Handler, context.Context, *request) (any, error)
	stream     func(*Handler, context.Context, *request) (*events, error)
}

var (
	timeoutParameter = []string{"timeout"}
	deleteParameters = []string{"dry_run", "force"}
)

// routes are in the order in which Elasticsearch lists the allowed methods of a
// path.
var routes = []route{
	{method: http.MethodGet, path: "", answer: (*Handler).info},
	{method: http.MethodHead, path: "", answer: (*Handler).info},
	{method: http.MethodGet, path: "_inference", answer: (*Handler).get},
	{method: http.MethodGet, path: "_inference/{id}", answer: (*Handler).get},
	{method: http.MethodGet, path: "_inference/{task_type}/{id}", answer: (*Handler).get},
	{method: http.MethodPost, path: "_inference/{id}/_stream", parameters: timeoutParameter, stream: (*Handler).stream},
	{method: http.MethodPost, path: "_inference/{task_type}/{id}/_stream", parameters: timeoutParameter, stream: (*Handler).stream},
	{method: http.MethodPost, path: "_inference/{id}", parameters: timeoutParameter, answer: (*Handler).infer},
	{method: http.MethodPost, path: "_inference/{task_type}/{id}", parameters: timeoutParameter, answer: (*Handler).infer},
	{method: http.MethodPut, path: "_inference/{id}/_update", parameters: timeoutParameter, answer: (*Handler).update},
	{method: http.MethodPut, path: "_inference/{task_type}/{id}/_update", parameters: timeoutParameter, answer: (*Handler).update},
	{method: http.MethodPut, path: "_inference/{id}", parameters: timeoutParameter, answer: (*Handler).put},
	{method: http.MethodPut, path: "_inference/{task_type}/{id}", parameters: timeoutParameter, answer: (*Handler).put},
	{method: http.MethodDelete, path: "_inference/{id}", parameters: deleteParameters, answer: (*Handler).delete},
	{method: http.MethodDelete, path: "_inference/{task_type}/{id}", parameters: deleteParameters, answer: (*Handler).delete},
}

// anyTask stands for the task of the endpoint, whichever it is.
const anyTask = "any"

// taskTypes are those of all services.
var taskTypes = []string{"text_embedding", "sparse_embedding", "rerank", "completion", "chat_completion", "embedding", anyTask}

// The time for a run that sets none (elasticsearch-specification#6383).
const (
	embeddingTime  = 30 * time.Second
	completionTime = 120 * time.Second
	longestTime    = time.Hour
)

// request is one request, with the values of its path and its parameters.
type request struct {
	*http.Request
	handler      *Handler
	controller   *http.ResponseController
	taskType, id string
	timeout      *time.Duration // of the query or the body; nil if not given
	dryRun       bool
	reserved     int64 // bytes of memory for the body
}

func (r *request) release() { r.handler.bodies.Add(-r.reserved) }

// prepare checks everything but the body, in the order of Elasticsearch, and
// tells the writer how to write the answer. It returns no route for OPTIONS.
func (r *request) prepare(writer *writer) (*route, *esrest.Error) {
	hasBody := r.ContentLength != 0
	media, mediaProblem := esrest.Media(r.Header, hasBody)
	writer.media = media
	if mediaProblem != nil && mediaProblem.Status != http.StatusNotAcceptable {
		return nil, mediaProblem
	}
	params, problem := esrest.ParseQuery(r.URL.RawQuery)
	if problem != nil {
		return nil, problem
	}
	for _, name := range []string{"pretty", "human", "error_trace"} {
		flag, problem := params.Flag(name)
		if problem != nil {
			if name == "error_trace" {
				problem.Type = ""
			}
			return nil, problem
		}
		writer.pretty = writer.pretty || (name == "pretty" && flag)
	}
	if r.Method == http.MethodOptions {
		return nil, nil
	}
	route, problem := r.findRoute()
	if problem != nil {
		return nil, problem
	}
	if mediaProblem != nil {
		return nil, mediaProblem
	}
	if format, given := params.Text("format"); given && format != "json" {
		return nil, esrest.IllegalArgument("Format [%s] is not supported: answers are always JSON", format)
	}
	filter, _ := params.Text("filter_path")
	writer.filter = esrest.ParseFilterPath(filter)
	if problem := r.readParameters(route, params); problem != nil {
		return nil, problem
	}
	if problem := params.Unknown(r.URL.Path, route.parameters...); problem != nil {
		return nil, problem
	}
	if hasBody && (r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodDelete) {
		return nil, esrest.IllegalArgument("request [%s %s] does not support having a body", r.Method, r.URL.Path)
	}
	return route, nil
}

func (r *request) readParameters(route *route, params *esrest.Params) (problem *esrest.Error) {
	for _, name := range route.parameters {
		switch name {
		case "timeout":
			if text, given := params.Text(name); given {
				timeout, problem := esrest.ParseTime(name, text)
				if problem != nil {
					return problem
				}
				r.timeout = &timeout
			}
		case "dry_run":
			r.dryRun, problem = params.Flag(name)
		case "force":
			_, problem = params.Flag(name) // without an effect: nothing refers to endpoints
		}
		if problem != nil {
			return problem
		}
	}
	return nil
}

// findRoute returns the route of a request, or what Elasticsearch answers if
// there is none.
func (r *request) findRoute() (*route, *esrest.Error) {
	path := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	var allowed []string
	for i := range routes {
		route := &routes[i]
		names, ok := route.match(path)
		switch {
		case !ok:
		case route.method == r.Method:
			return route, r.setNames(names)
		case !slices.Contains(allowed, route.method):
			allowed = append(allowed, route.method)
		}
	}
	known := slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"}, r.Method)
	switch {
	case allowed == nil:
		return nil, esrest.New("", "no handler found for uri [%s] and method [%s]", r.URL.RequestURI(), r.Method)
	case !known:
		return nil, notAllowed("Unexpected http method: "+r.Method, allowed)
	}
	return nil, notAllowed(fmt.Sprintf("Incorrect HTTP method for uri [%s] and method [%s]", r.URL.RequestURI(), r.Method), allowed)
}

func notAllowed(reason string, allowed []string) *esrest.Error {
	return &esrest.Error{
		Status: http.StatusMethodNotAllowed,
		Reason: reason + ", allowed: [" + strings.Join(allowed, ", ") + "]",
		Header: http.Header{"Allow": {strings.Join(allowed, ",")}},
	}
}

// match compares a path segment by segment, before the segments are decoded, as
// Elasticsearch does.
func (r route) match(path []string) (names map[string]string, ok bool) {
	pattern := strings.Split(r.path, "/")
	if len(pattern) != len(path) {
		return nil, false
	}
	names = map[string]string{}
	for i, segment := range pattern {
		switch {
		case strings.HasPrefix(segment, "{"):
			names[segment] = path[i]
		case segment != path[i]:
			return nil, false
		}
	}
	return names, true
}

func (r *request) setNames(names map[string]string) (problem *esrest.Error) {
	if r.id, problem = esrest.UnescapePath(names["{id}"]); problem != nil {
		return problem
	}
	taskType, problem := esrest.UnescapePath(names["{task_type}"])
	if problem != nil {
		return problem
	}
	r.taskType, problem = parseTaskType(taskType)
	return problem
}

// parseTaskType reads a task type in any case, and with blanks around it.
func parseTaskType(text string) (string, *esrest.Error) {
	name := strings.ToLower(strings.ToUpper(strings.TrimSpace(text))) // as Java, for which ı is an I
	if text != "" && !slices.Contains(taskTypes, name) {
		return "", esrest.StatusError("Unknown task_type [%s]", text)
	}
	return name, nil
}

// differsFrom reports whether the path names another task type.
func (r *request) differsFrom(task inference.TaskType) bool {
	return r.taskType != "" && r.taskType != anyTask && r.taskType != string(task)
}

// incompatible is the error of a run whose path names another task type.
func (r *request) incompatible(task inference.TaskType) *esrest.Error {
	return esrest.StatusError("Incompatible task_type, the requested type [%s] does not match the model type [%s]", r.taskType, task)
}

// runTime is the timeout of the request, or the default of the task. No timeout and
// long ones end after an hour.
func (r *request) runTime(task inference.TaskType) time.Duration {
	timeout := embeddingTime
	switch {
	case r.timeout != nil:
		timeout = *r.timeout
	case task.Generates():
		timeout = completionTime
	}
	if timeout < 0 || timeout > longestTime {
		return longestTime
	}
	return timeout
}

// withTimeout runs do with a deadline, and returns a timeout error if it passed.
func withTimeout[T any](ctx context.Context, timeout time.Duration, do func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	result, err := do(ctx)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return result, timedOut(timeout)
	}
	return result, err
}

func timedOut(timeout time.Duration) *esrest.Error {
	return esrest.StatusError("Request timed out after [%s]", esrest.JavaTime(timeout)).WithStatus(http.StatusRequestTimeout)
}
