// SPDX-License-Identifier: MPL-2.0

// Package elasticsearchtest is a test double of Elasticsearch: an HTTP server
// that implements the _inference API for the service amazonbedrock as a given
// version does, including the bugs of that version. It is written from what the
// servers do, and shares no code with the client that it tests.
package elasticsearchtest

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is a cluster.
type Server struct {
	*httptest.Server

	release     release
	number      string
	flavor      string
	uuid        string
	credentials func(*http.Request) bool
	secure      bool
	latency     time.Duration

	mu        sync.Mutex
	endpoints map[string]*endpoint
	requests  []Request
	intercept func(http.ResponseWriter, *http.Request, http.Handler)
	trial     func(region, model, accessKey, secretKey string) string
	// pipelines and indices are what Use says; pipelineBodies and mappings are
	// what requests created.
	pipelines, indices map[string][]string
	pipelineBodies     map[string]any
	mappings           map[string][]mapping
	// skipsModel means that endpoints are created without calling the model.
	skipsModel bool
}

// Option configures a server.
type Option func(*Server)

// Version sets the version, such as "8.18.0".
func Version(number string) Option {
	return func(s *Server) { s.number = number }
}

// Serverless makes the server one of Elastic's serverless offer, whose version
// number has no meaning.
func Serverless() Option {
	return func(s *Server) { s.number, s.flavor = "8.11.0", "serverless" }
}

// ClusterUUID sets the uuid of the cluster.
func ClusterUUID(uuid string) Option {
	return func(s *Server) { s.uuid = uuid }
}

// APIKey requires an API key in its encoded form.
func APIKey(encoded string) Option {
	return func(s *Server) {
		s.credentials = func(r *http.Request) bool { return r.Header.Get("Authorization") == "ApiKey "+encoded }
	}
}

// BasicAuth requires a user name and a password.
func BasicAuth(user, password string) Option {
	return func(s *Server) {
		s.credentials = func(r *http.Request) bool {
			gotUser, gotPassword, ok := r.BasicAuth()
			return ok && gotUser == user && gotPassword == password
		}
	}
}

// BearerToken requires a bearer token.
func BearerToken(token string) Option {
	return func(s *Server) {
		s.credentials = func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+token }
	}
}

// TLS makes the server use HTTPS, with the certificate of net/http/httptest.
func TLS() Option {
	return func(s *Server) { s.secure = true }
}

// Latency delays every answer.
func Latency(latency time.Duration) Option {
	return func(s *Server) { s.latency = latency }
}

// Newest is the version of a server without the option Version.
const Newest = "9.6.0"

// New starts a server that is closed at the end of the test.
func New(tb testing.TB, options ...Option) *Server {
	tb.Helper()
	s, err := Start(options...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Start starts a server that the caller closes.
func Start(options ...Option) (*Server, error) {
	s, err := NewHandler(options...)
	if err != nil {
		return nil, err
	}
	s.Server = httptest.NewUnstartedServer(s)
	if s.secure {
		s.EnableHTTP2 = true
		s.StartTLS()
	} else {
		s.Start()
	}
	return s, nil
}

// NewHandler returns a server that does not listen; its method ServeHTTP answers
// requests.
func NewHandler(options ...Option) (*Server, error) {
	s := &Server{
		number: Newest, flavor: "default", uuid: "uS9eJzmyQ0ytest0cluster",
		endpoints: defaultEndpoints(), pipelines: map[string][]string{}, indices: map[string][]string{},
		pipelineBodies: map[string]any{}, mappings: map[string][]mapping{},
	}
	for _, option := range options {
		option(s)
	}
	var err error
	s.release, err = parseRelease(s.number, s.flavor)
	return s, err
}

// Request is a request that the server received.
type Request struct {
	Method string
	// Path is without the query.
	Path     string
	Query    string
	Body     string
	Protocol string
}

// String returns method, path and query.
func (r Request) String() string {
	if r.Query != "" {
		return r.Method + " " + r.Path + "?" + r.Query
	}
	return r.Method + " " + r.Path
}

// Requests returns all requests so far, in their order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Forget clears the list of requests.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// Intercept installs a function that handles all requests and may pass them on to
// next; nil removes it.
func (s *Server) Intercept(hook func(w http.ResponseWriter, r *http.Request, next http.Handler)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intercept = hook
}

// Trial installs a function that decides the result of calls of models: the message
// of an AWS error, or nothing for success.
func (s *Server) Trial(judge func(region, model, accessKey, secretKey string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trial = judge
}

// Use makes pipelines and indices refer to an endpoint.
func (s *Server) Use(id string, pipelines, indices []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pipelines[id], s.indices[id] = pipelines, indices
}

// Endpoint returns an endpoint as the server shows it, or nothing.
func (s *Server) Endpoint(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.endpoints[id]; ok {
		return string(encode(s.shown(found)))
	}
	return ""
}

// Keys returns the keys of an endpoint.
func (s *Server) Keys(id string) (accessKey, secretKey string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.endpoints[id]; ok {
		return found.accessKey, found.secretKey
	}
	return "", ""
}

// SkipsModel reports whether a cluster setting makes the server create endpoints
// without calling their model.
func (s *Server) SkipsModel() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.skipsModel
}

// IDs returns the sorted ids of the endpoints of the service amazonbedrock.
func (s *Server) IDs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for id, found := range s.endpoints {
		if found.service == service {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Remove deletes an endpoint without a request.
func (s *Server) Remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.endpoints, id)
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	s.mu.Lock()
	s.requests = append(s.requests, Request{r.Method, r.URL.Path, r.URL.RawQuery, string(body), r.Proto})
	hook := s.intercept
	s.mu.Unlock()
	if s.latency > 0 {
		time.Sleep(s.latency)
	}
	if hook != nil {
		hook(w, r, http.HandlerFunc(s.answer))
		return
	}
	s.answer(w, r)
}

// sorted returns all endpoints by id. The caller holds the lock.
func (s *Server) sorted() []*endpoint {
	var all []*endpoint
	for _, id := range slices.Sorted(maps.Keys(s.endpoints)) {
		all = append(all, s.endpoints[id])
	}
	return all
}
