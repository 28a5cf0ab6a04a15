// SPDX-License-Identifier: MPL-2.0

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
)

// states is an HTTP backend for Terraform's states, one for each path. With a local file, Terraform writes the whole
// state after each resource. For a thousand resources, this takes more time than any provider.
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
