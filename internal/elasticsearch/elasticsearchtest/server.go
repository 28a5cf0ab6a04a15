// Package elasticsearchtest is a test double of Elasticsearch: an HTTP server
// that speaks the _inference API for the service amazonbedrock as a given
// version does, with the faults of that version. It is written from what the
// servers do, and knows nothing of the client that it tests.
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

// Server is one cluster of one node.
type Server struct {
	*httptest.Server

	release     release
	number      string
	flavour     string
	uuid        string
	credentials func(*http.Request) bool
	secure      bool
	latency     time.Duration

	mu        sync.Mutex
	endpoints map[string]*endpoint
	requests  []Request
	intercept func(http.ResponseWriter, *http.Request, http.Handler)
	trial     func(region, model, accessKey, secretKey string) string
	pipelines map[string][]string
	indices   map[string][]string
}

// Option shapes a server.
type Option func(*Server)

// Version makes it a server of that version, such as "8.18.0".
func Version(number string) Option {
	return func(s *Server) { s.number = number }
}

// Serverless makes it Elastic's serverless offer, which shows a version that
// means nothing.
func Serverless() Option {
	return func(s *Server) { s.number, s.flavour = "8.11.0", "serverless" }
}

// ClusterUUID names the cluster.
func ClusterUUID(uuid string) Option {
	return func(s *Server) { s.uuid = uuid }
}

// APIKey demands the encoded API key.
func APIKey(encoded string) Option {
	return func(s *Server) {
		s.credentials = func(r *http.Request) bool { return r.Header.Get("Authorization") == "ApiKey "+encoded }
	}
}

// BasicAuth demands user and password.
func BasicAuth(user, password string) Option {
	return func(s *Server) {
		s.credentials = func(r *http.Request) bool {
			gotUser, gotPassword, ok := r.BasicAuth()
			return ok && gotUser == user && gotPassword == password
		}
	}
}

// BearerToken demands the token.
func BearerToken(token string) Option {
	return func(s *Server) {
		s.credentials = func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+token }
	}
}

// TLS makes it speak HTTPS, with the certificate of net/http/httptest.
func TLS() Option {
	return func(s *Server) { s.secure = true }
}

// Latency makes every answer late.
func Latency(latency time.Duration) Option {
	return func(s *Server) { s.latency = latency }
}

// Newest is the newest version that the double knows.
const Newest = "9.6.0"

// New starts a server that ends with the test.
func New(tb testing.TB, options ...Option) *Server {
	tb.Helper()
	s, err := Start(options...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Start starts a server for a program that is no test; Close ends it.
func Start(options ...Option) (*Server, error) {
	s := &Server{
		number: Newest, flavour: "default", uuid: "uS9eJzmyQ0ytest0cluster",
		endpoints: defaultEndpoints(), pipelines: map[string][]string{}, indices: map[string][]string{},
	}
	for _, option := range options {
		option(s)
	}
	var err error
	if s.release, err = parseRelease(s.number, s.flavour); err != nil {
		return nil, err
	}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if s.secure {
		s.EnableHTTP2 = true
		s.StartTLS()
	} else {
		s.Start()
	}
	return s, nil
}

// Request is one that the server got.
type Request struct {
	Method string
	// Path is without the query.
	Path     string
	Query    string
	Body     string
	Protocol string
}

// String is method, path and query.
func (r Request) String() string {
	if r.Query != "" {
		return r.Method + " " + r.Path + "?" + r.Query
	}
	return r.Method + " " + r.Path
}

// Requests are all that it got so far, in their order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Forget empties the list of requests.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// Intercept puts a function before the server; nil takes it away. What it
// passes on to next is served as usual.
func (s *Server) Intercept(hook func(w http.ResponseWriter, r *http.Request, next http.Handler)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intercept = hook
}

// Trial decides about the call of the model by which a server tries an endpoint
// out: a text is the error of AWS, nothing lets it pass.
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

// Endpoint is an endpoint as the server shows it; empty if there is none.
func (s *Server) Endpoint(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.endpoints[id]; ok {
		return string(encode(found.shown()))
	}
	return ""
}

// Keys are the secrets that the server keeps for an endpoint.
func (s *Server) Keys(id string) (accessKey, secretKey string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.endpoints[id]; ok {
		return found.accessKey, found.secretKey
	}
	return "", ""
}

// IDs are the endpoints of the service amazonbedrock, sorted.
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

// Remove takes an endpoint away behind everybody's back.
func (s *Server) Remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.endpoints, id)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
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

// sorted are all endpoints by id; the lock is held.
func (s *Server) sorted() []*endpoint {
	var all []*endpoint
	for _, id := range slices.Sorted(maps.Keys(s.endpoints)) {
		all = append(all, s.endpoints[id])
	}
	return all
}
