// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

const service = "amazonbedrock"

var taskTypes = []string{"text_embedding", "completion", "chat_completion", "sparse_embedding", "rerank", "any"}

// request is one request, with the values of its path.
type request struct {
	*http.Request
	body         []byte
	suffix       string // _update, _stream or nothing
	taskType, id string
	force, dry   bool
}

// answer serves one request at a time.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	writer := &responseWriter{ResponseWriter: w, media: esrest.MediaJSON}
	if s.credentials != nil && !s.credentials(r) {
		writer.fail(&esrest.Error{
			Status: http.StatusUnauthorized, Type: esrest.TypeSecurity,
			Reason: "unable to authenticate user for REST request [" + r.URL.Path + "]",
		})
		return
	}
	body, _ := io.ReadAll(r.Body)
	path, params, problem := prepare(writer, r, len(body) > 0)
	if problem != nil {
		writer.fail(problem)
		return
	}
	switch {
	case path[0] == "" && r.Method == http.MethodGet:
		s.root(writer)
	case path[0] == "_inference":
		s.inference(writer, &request{Request: r, body: body}, path[1:], params)
	case path[0] == "_cluster" || path[0] == "_ingest" || !strings.HasPrefix(path[0], "_"):
		s.otherAPI(writer, r, body, path)
	default:
		writer.fail(noHandler(r))
	}
}

// prepare checks what all APIs have in common, and tells the writer how to answer.
func prepare(w *responseWriter, r *http.Request, hasBody bool) (path []string, params *esrest.Params, problem *esrest.Error) {
	if w.media, problem = esrest.Media(r.Header, hasBody); problem != nil {
		return nil, nil, problem
	}
	if params, problem = esrest.ParseQuery(r.URL.RawQuery); problem != nil {
		return nil, nil, problem
	}
	if w.pretty, problem = params.Flag("pretty"); problem != nil {
		return nil, nil, problem
	}
	for _, name := range []string{"human", "error_trace"} {
		if _, problem = params.Flag(name); problem != nil {
			return nil, nil, problem
		}
	}
	filter, _ := params.Text("filter_path")
	w.filter = esrest.ParseFilterPath(filter)
	// Elasticsearch splits the path before it decodes it.
	path = strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	for i, segment := range path {
		if path[i], problem = esrest.UnescapePath(segment); problem != nil {
			return nil, nil, problem
		}
	}
	return path, params, nil
}

func noHandler(r *http.Request) *esrest.Error {
	return &esrest.Error{Status: http.StatusBadRequest, Reason: "no handler found for uri [" + r.URL.RequestURI() + "] and method [" + r.Method + "]"}
}

// clusterName is the name of the cluster. Any cluster may have the name that serve has,
// and is not taken for serve.
const clusterName = "terraform-provider-inference"

func (s *Server) root(w *responseWriter) {
	w.write(http.StatusOK, map[string]any{
		"name": "node-1", "cluster_name": clusterName, "cluster_uuid": s.uuid,
		"version": map[string]any{"number": s.number, "build_flavor": s.flavor, "build_type": "docker"},
		"tagline": "You Know, for Search",
	})
}

// inference routes what follows _inference in the path.
func (s *Server) inference(w *responseWriter, r *request, path []string, params *esrest.Params) {
	if last := len(path) - 1; last > 0 && (path[last] == "_update" || path[last] == "_stream") {
		path, r.suffix = path[:last], path[last]
	}
	switch len(path) {
	case 0:
		r.id = "_all"
	case 1:
		r.id = path[0]
	case 2:
		r.taskType, r.id = strings.ToLower(strings.TrimSpace(path[0])), path[1]
		if !slices.Contains(taskTypes, r.taskType) {
			w.fail(esrest.StatusError("Unknown task_type [%s]", path[0]))
			return
		}
	}
	if problem := s.readParams(r, params); problem != nil {
		w.fail(problem)
		return
	}
	answer, problem := s.route(w, r)
	switch {
	case problem != nil:
		w.fail(problem)
	case answer != nil:
		w.write(http.StatusOK, answer)
	}
}

// route calls the operation. Streams write their answer themselves.
func (s *Server) route(w *responseWriter, r *request) (any, *esrest.Error) {
	switch route := r.Method + r.suffix; {
	case route == http.MethodGet:
		return s.get(r)
	case route == http.MethodPut && r.id != "_all":
		return s.put(r)
	case route == http.MethodPut+"_update" && s.release.hasUpdate():
		return s.update(r)
	case route == http.MethodDelete:
		return s.delete(r)
	case route == http.MethodPost:
		return s.run(r)
	case route == http.MethodPost+"_stream" && s.release.hasStream():
		return nil, s.stream(w, r)
	}
	return nil, noHandler(r.Request)
}

// readParams reads the parameters of the operation, and refuses all others.
func (s *Server) readParams(r *request, params *esrest.Params) (problem *esrest.Error) {
	switch {
	case r.Method == http.MethodDelete:
		if r.force, problem = params.Flag("force"); problem != nil {
			return problem
		}
		if r.dry, problem = params.Flag("dry_run"); problem != nil {
			return problem
		}
	case r.Method == http.MethodPost,
		r.Method == http.MethodPut && r.suffix == "" && s.release.hasPutTimeout(),
		r.suffix == "_update" && s.release.hasUpdateTimeout():
		if timeout, given := params.Text("timeout"); given {
			if _, problem := esrest.ParseTime("timeout", timeout); problem != nil {
				return problem
			}
		}
	}
	return params.Unknown(r.URL.Path)
}

func (s *Server) get(r *request) (any, *esrest.Error) {
	if r.id == "_all" || r.id == "*" {
		shown := []any{}
		for _, found := range s.sorted() {
			if r.taskType == "" || r.taskType == "any" || found.taskType == r.taskType {
				shown = append(shown, s.shown(found))
			}
		}
		return map[string]any{"endpoints": shown}, nil
	}
	found, problem := s.find(r.taskType, r.id)
	if problem != nil {
		return nil, problem
	}
	return map[string]any{"endpoints": []any{s.shown(found)}}, nil
}

// find finds the endpoint of a request that may name the task type.
func (s *Server) find(taskType, id string) (*endpoint, *esrest.Error) {
	found, ok := s.endpoints[id]
	if !ok {
		return nil, missingEndpoint(id)
	}
	if taskType != "" && taskType != "any" && taskType != found.taskType {
		return nil, esrest.StatusError("Requested task type [%s] does not match the inference endpoint's task type [%s]", taskType, found.taskType)
	}
	return found, nil
}

// object parses the body of a request.
func (r *request) object() (map[string]any, *esrest.Error) {
	return esrest.ParseObject(r.body, 100_000)
}
