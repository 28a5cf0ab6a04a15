// SPDX-License-Identifier: MPL-2.0

// Package bedrocksim simulates Amazon Bedrock Runtime on a loopback address, with
// the same protocol, signatures, validation and errors. Embeddings depend on the
// words of a text, so that texts with common words are similar; completions say
// that they are simulated.
//
// It does not simulate token limits, quotas, access to models, and the request
// bodies of InvokeModel for models that generate text.
package bedrocksim

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// AccessKey and SecretKey are the keys that every simulator accepts.
const (
	AccessKey = "SIMULATEDACCESSKEY"
	SecretKey = "simulated-secret-key"
)

// Simulator is an HTTP server on a loopback address. It is safe for concurrent
// use and starts with the first call of URL.
type Simulator struct {
	latency time.Duration
	fault   func(request *http.Request, call int) *Fault

	start  sync.Once
	server *http.Server
	url    string

	mu sync.Mutex
	// trusted counts the calls of Trust without a matching Distrust.
	trusted map[pair]int

	calls atomic.Int64
}

// pair is an access key with a secret key. An access key may have several secret
// keys, as during a rotation.
type pair struct{ accessKey, secretKey string }

// Option configures a simulator.
type Option func(*Simulator)

// WithLatency sets the minimum time of every answer.
func WithLatency(latency time.Duration) Option {
	return func(s *Simulator) { s.latency = latency }
}

// WithFault injects the fault that a function returns for each call; nil is none.
// Calls are counted from 1 in the order of their arrival. The function is called
// concurrently, and the call waits for it.
func WithFault(fault func(request *http.Request, call int) *Fault) Option {
	return func(s *Simulator) { s.fault = fault }
}

// New returns a simulator that has not started.
func New(options ...Option) *Simulator {
	s := &Simulator{
		fault:   func(*http.Request, int) *Fault { return nil },
		trusted: map[pair]int{{AccessKey, SecretKey}: 1},
	}
	for _, option := range options {
		option(s)
	}
	return s
}

// Format prints the type only, without the trusted keys.
func (*Simulator) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("bedrocksim.Simulator")) }

// URL starts the simulator if necessary and returns its base URL. After Close, or
// if the system has no loopback interface, the address refuses connections.
func (s *Simulator) URL() string {
	s.start.Do(func() {
		s.url = "http://127.0.0.1:0"
		var config net.ListenConfig
		listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			return
		}
		s.url = "http://" + listener.Addr().String()
		s.server = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
		go func() { _ = s.server.Serve(listener) }()
	})
	return s.url
}

// Close stops the simulator and cancels the calls in progress.
func (s *Simulator) Close() {
	s.start.Do(func() {})
	if s.server != nil {
		_ = s.server.Close()
	}
}

// Keys returns AccessKey and SecretKey.
func (*Simulator) Keys() (accessKey, secretKey string) { return AccessKey, SecretKey }

// Trust accepts a pair of keys in addition to all others, as if it had been
// created in IAM.
func (s *Simulator) Trust(accessKey, secretKey string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trusted[pair{accessKey, secretKey}]++
}

// Distrust undoes one call of Trust. A pair is accepted until all are undone.
func (s *Simulator) Distrust(accessKey, secretKey string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := pair{accessKey, secretKey}
	if s.trusted[known]--; s.trusted[known] <= 0 {
		delete(s.trusted, known)
	}
}

// Calls returns the number of calls, including those that were refused.
func (s *Simulator) Calls() int { return int(s.calls.Load()) }

func (s *Simulator) secretKeys(accessKey string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var secrets []string
	for known := range s.trusted {
		if known.accessKey == accessKey {
			secrets = append(secrets, known.secretKey)
		}
	}
	return secrets
}
