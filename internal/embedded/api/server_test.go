// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

// server is an API on a new file.
type server struct {
	*testing.T
	*httptest.Server
	file string
}

func serve(t *testing.T, config bedrock.Config, limits api.Config) *server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "endpoints.db")
	target := embedded.New(file, bedrock.New(config))
	if err := target.Touch(t.Context()); err != nil {
		t.Fatal(err)
	}
	listening := httptest.NewServer(api.New(target, limits))
	t.Cleanup(listening.Close)
	return &server{T: t, Server: listening, file: file}
}

// simulated serves endpoints whose models are simulated.
func simulated(t *testing.T, options ...bedrocksim.Option) *server {
	t.Helper()
	simulator := bedrocksim.New(options...)
	t.Cleanup(simulator.Close)
	return serve(t, bedrock.Config{Simulator: simulator, MaxAttempts: 1}, api.Config{})
}

// modelled serves endpoints whose models answer as the test sets.
func modelled(t *testing.T) (*server, *model) {
	t.Helper()
	m := newModel(t)
	return serve(t, bedrock.Config{Endpoint: m.URL, MaxAttempts: 1}, api.Config{}), m
}

// exchange is an answer.
type exchange struct {
	status int
	header http.Header
	text   string
}

// send sends a body: JSON as text, or a value to encode; nil for none.
func (s *server) send(method, path string, body any) exchange {
	s.Helper()
	var content io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(body)
	default:
		encoded, err := json.Marshal(body)
		if err != nil {
			s.Fatal(err)
		}
		content = strings.NewReader(string(encoded))
	}
	request, err := http.NewRequestWithContext(s.Context(), method, s.URL+path, content)
	if err != nil {
		s.Fatal(err)
	}
	if content != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return s.do(request)
}

func (s *server) do(request *http.Request) exchange {
	s.Helper()
	response, err := s.Client().Do(request)
	if err != nil {
		s.Fatalf("%s %s: %v", request.Method, request.URL.Path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatalf("%s %s: %v", request.Method, request.URL.Path, err)
	}
	if product := response.Header.Get("X-Elastic-Product"); product != "Elasticsearch" {
		s.Errorf("%s %s: the product is %q", request.Method, request.URL.Path, product)
	}
	return exchange{response.StatusCode, response.Header, string(text)}
}

// make creates an endpoint.
func (s *server) make(task, id string, body any) {
	s.Helper()
	if made := s.send(http.MethodPut, "/_inference/"+task+"/"+id, body); made.status != http.StatusOK {
		s.Fatalf("%s cannot be made: %d %s", id, made.status, made.text)
	}
}

// json returns the body as an object.
func (e exchange) json() map[string]any {
	var body map[string]any
	_ = json.Unmarshal([]byte(e.text), &body)
	return body
}

// at returns the value at a path through objects, or nil.
func at(value any, path ...string) any {
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

func (e exchange) kind() string { kind, _ := at(e.json(), "error", "type").(string); return kind }
func (e exchange) reason() string {
	reason, _ := at(e.json(), "error", "reason").(string)
	return reason
}

type event struct {
	Event string `json:"event"`
	Data  string `json:"data"`
}

func (e exchange) events() []event {
	var events []event
	var next event
	lines := bufio.NewScanner(strings.NewReader(e.text))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "event":
			next.Event = value
		case "data":
			next.Data = value
		case "":
			events, next = append(events, next), event{}
		}
	}
	return events
}
