// SPDX-License-Identifier: MPL-2.0

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
)

// states is where Terraform keeps its states, one for each path. With the default, a file, it writes all of the state
// after every single resource, which is the square of their number: at a thousand it hides whatever a provider does.
// Whoever has that many keeps the state elsewhere.
type states struct {
	*httptest.Server
	mu   sync.Mutex
	held map[string][]byte
}

func startStates() *states {
	s := &states{held: map[string][]byte{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	return s
}

func (s *states) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch held, ok := s.held[r.URL.Path]; {
	case r.Method == http.MethodPost:
		s.held[r.URL.Path] = body
	case !ok:
		w.WriteHeader(http.StatusNoContent)
	default:
		_, _ = w.Write(held)
	}
}
