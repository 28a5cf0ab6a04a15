package api

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// route is one operation of the API. It answers or streams.
type route struct {
	method string
	// path has the names of what stands for itself in braces.
	path string
	// parameters are those of the query, besides the ones of every request.
	parameters []string
	answer     func(*Handler, context.Context, *call) (any, error)
	stream     func(*Handler, context.Context, *call) iter.Seq2[string, error]
}

var routes = []route{
	{method: http.MethodGet, path: "", answer: (*Handler).about},
	{method: http.MethodHead, path: "", answer: (*Handler).about},
	{method: http.MethodGet, path: "_inference", answer: (*Handler).get},
	{method: http.MethodGet, path: "_inference/{id}", answer: (*Handler).get},
	{method: http.MethodGet, path: "_inference/{task_type}/{id}", answer: (*Handler).get},
	{method: http.MethodPut, path: "_inference/{id}/_update", parameters: withTimeout, answer: (*Handler).update},
	{method: http.MethodPut, path: "_inference/{task_type}/{id}/_update", parameters: withTimeout, answer: (*Handler).update},
	{method: http.MethodPut, path: "_inference/{id}", parameters: withTimeout, answer: (*Handler).put},
	{method: http.MethodPut, path: "_inference/{task_type}/{id}", parameters: withTimeout, answer: (*Handler).put},
	{method: http.MethodPost, path: "_inference/{id}/_stream", parameters: withTimeout, stream: (*Handler).stream},
	{method: http.MethodPost, path: "_inference/{task_type}/{id}/_stream", parameters: withTimeout, stream: (*Handler).stream},
	{method: http.MethodPost, path: "_inference/{id}", parameters: withTimeout, answer: (*Handler).run},
	{method: http.MethodPost, path: "_inference/{task_type}/{id}", parameters: withTimeout, answer: (*Handler).run},
	{method: http.MethodDelete, path: "_inference/{id}", parameters: ofDelete, answer: (*Handler).delete},
	{method: http.MethodDelete, path: "_inference/{task_type}/{id}", parameters: ofDelete, answer: (*Handler).delete},
}

var (
	withTimeout = []string{"timeout"}
	ofDelete    = []string{"dry_run", "force"}
	// ofAll shape an answer. human and error_trace change nothing here.
	ofAll = []string{"pretty", "human", "error_trace"}
)

// find answers a route that the request fits, or what Elasticsearch says where
// there is none.
func find(r *http.Request) (route, *call, *failure) {
	path := segments(r.URL)
	var allowed []string
	for _, route := range routes {
		names, fits := route.match(path)
		switch {
		case !fits:
		case route.method == r.Method:
			return route, &call{request: r, taskType: names["{task_type}"], id: names["{id}"]}, checkTaskType(names["{task_type}"])
		case !slices.Contains(allowed, route.method):
			allowed = append(allowed, route.method)
		}
	}
	if allowed == nil {
		return route{}, nil, &failure{
			status: http.StatusBadRequest,
			reason: fmt.Sprintf("no handler found for uri [%s] and method [%s]", r.URL.RequestURI(), r.Method),
		}
	}
	slices.Sort(allowed)
	return route{}, nil, &failure{
		status: http.StatusMethodNotAllowed,
		reason: fmt.Sprintf("Incorrect HTTP method for uri [%s] and method [%s], allowed: [%s]", r.URL.RequestURI(), r.Method, strings.Join(allowed, ", ")),
		header: http.Header{"Allow": {strings.Join(allowed, ",")}},
	}
}

func (r route) match(path []string) (names map[string]string, fits bool) {
	pattern := strings.Split(r.path, "/")
	if len(pattern) != len(path) {
		return nil, false
	}
	names = map[string]string{}
	for i, part := range pattern {
		switch {
		case strings.HasPrefix(part, "{"):
			names[part] = path[i]
		case part != path[i]:
			return nil, false
		}
	}
	return names, true
}

// segments splits a path before it decodes it, as Elasticsearch does.
func segments(at *url.URL) []string {
	path := strings.Split(strings.Trim(at.EscapedPath(), "/"), "/")
	for i, segment := range path {
		if decoded, err := url.PathUnescape(segment); err == nil {
			path[i] = decoded
		}
	}
	return path
}

func (r route) checkParameters(call *call) *failure {
	for _, name := range slices.Sorted(maps.Keys(call.request.URL.Query())) {
		if !slices.Contains(r.parameters, name) && !slices.Contains(ofAll, name) {
			return illegal("request [%s] contains unrecognized parameter: [%s]", call.request.URL.Path, name)
		}
	}
	return nil
}

// anyTask stands for whatever task an endpoint has.
const anyTask = "any"

// taskTypes are those that Elasticsearch knows, for whatever service.
var taskTypes = []string{"text_embedding", "sparse_embedding", "rerank", "completion", "chat_completion", "embedding", anyTask}

func checkTaskType(name string) *failure {
	if name != "" && !slices.Contains(taskTypes, name) {
		return refuse("Unknown task_type [%s]", name)
	}
	return nil
}
