package elasticsearchtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const service = "amazonbedrock"

var taskTypes = []string{"text_embedding", "completion", "chat_completion", "sparse_embedding", "rerank", "any"}

// answer serves one request, alone: a cluster does such things one by one too.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.credentials != nil && !s.credentials(r) {
		(&problem{
			status: http.StatusUnauthorized, kind: "security_exception",
			reason: "unable to authenticate user for REST request [" + r.URL.Path + "]",
		}).write(w)
		return
	}
	path := segments(r.URL)
	switch {
	case path[0] == "" && r.Method == http.MethodGet:
		s.root(w)
	case path[0] == "_inference":
		s.inference(w, r, path[1:])
	default:
		refuse("no handler found for uri [%s] and method [%s]", r.URL.Path, r.Method).write(w)
	}
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

func (s *Server) root(w http.ResponseWriter) {
	write(w, http.StatusOK, map[string]any{
		"name": "node-1", "cluster_name": "test", "cluster_uuid": s.uuid,
		"version": map[string]any{"number": s.number, "build_flavor": s.flavour, "build_type": "docker"},
		"tagline": "You Know, for Search",
	})
}

// inference routes what follows _inference in the path.
func (s *Server) inference(w http.ResponseWriter, r *http.Request, path []string) {
	suffix := ""
	if last := len(path) - 1; last > 0 && (path[last] == "_update" || path[last] == "_stream") {
		path, suffix = path[:last], path[last]
	}
	taskType, id := "", ""
	switch len(path) {
	case 0:
		id = "_all"
	case 1:
		id = path[0]
	case 2:
		taskType, id = path[0], path[1]
	}
	if taskType != "" && !slices.Contains(taskTypes, taskType) {
		refuse("Unknown task_type [%s]", taskType).write(w)
		return
	}
	if found := s.unknownParameter(r, suffix); found != "" {
		illegal("request [%s] contains unrecognized parameter: [%s]", r.URL.Path, found).write(w)
		return
	}
	switch route := r.Method + suffix; {
	case route == http.MethodGet:
		s.get(w, taskType, id)
	case route == http.MethodPut && id != "_all":
		s.put(w, r, taskType, id)
	case route == http.MethodPut+"_update" && s.release.hasUpdate():
		s.update(w, r, taskType, id)
	case route == http.MethodDelete:
		s.delete(w, r, taskType, id)
	case route == http.MethodPost:
		s.run(w, r, taskType, id)
	case route == http.MethodPost+"_stream" && s.release.hasStream():
		s.stream(w, r, taskType, id)
	default:
		refuse("no handler found for uri [%s] and method [%s]", r.URL.Path, r.Method).write(w)
	}
}

// unknownParameter is a query parameter that the request does not take.
func (s *Server) unknownParameter(r *http.Request, suffix string) string {
	var known []string
	switch {
	case r.Method == http.MethodDelete:
		known = []string{"force", "dry_run"}
	case r.Method == http.MethodPost,
		r.Method == http.MethodPut && suffix == "" && s.release.hasPutTimeout(),
		suffix == "_update" && s.release.hasUpdateTimeout():
		known = []string{"timeout"}
	}
	for name := range r.URL.Query() {
		if !slices.Contains(known, name) {
			return name
		}
	}
	return ""
}

func (s *Server) get(w http.ResponseWriter, taskType, id string) {
	if id == "_all" || id == "*" {
		shown := []any{}
		for _, found := range s.sorted() {
			if taskType == "" || taskType == "any" || found.taskType == taskType {
				shown = append(shown, found.shown())
			}
		}
		write(w, http.StatusOK, map[string]any{"endpoints": shown})
		return
	}
	found, problem := s.find(taskType, id)
	if problem != nil {
		problem.write(w)
		return
	}
	write(w, http.StatusOK, map[string]any{"endpoints": []any{found.shown()}})
}

// find is for requests that may name the task type; the lock is held.
func (s *Server) find(taskType, id string) (*endpoint, *problem) {
	found, ok := s.endpoints[id]
	if !ok {
		return nil, missingEndpoint(id)
	}
	if taskType != "" && taskType != "any" && taskType != found.taskType {
		return nil, refuse("Requested task type [%s] does not match the inference endpoint's task type [%s]", taskType, found.taskType)
	}
	return found, nil
}

// readBody reads a JSON object and keeps numbers as they are written.
func readBody(r *http.Request) (map[string]any, *problem) {
	decoder := json.NewDecoder(r.Body)
	decoder.UseNumber()
	var body map[string]any
	if err := decoder.Decode(&body); err != nil {
		return nil, &problem{status: http.StatusBadRequest, kind: "x_content_parse_exception", reason: err.Error()}
	}
	return body, nil
}
