// Package bedrocksim is an Amazon Bedrock Runtime that runs on this computer: the
// same protocol, signatures, requests and refusals, with answers that are made
// up. Vectors follow the words of a text, so that texts with words in common
// are near each other; completions say that they are simulated.
//
// It does not simulate: limits in tokens, quotas, access to models, and the
// bodies of InvokeModel for models that make text.
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

// AccessKey and SecretKey are a pair that every simulator knows.
const (
	AccessKey = "SIMULATEDACCESSKEY"
	SecretKey = "simulated-secret-key"
)

// Simulator answers on a loopback address. It is safe for concurrent use and
// does nothing before URL is first asked for.
type Simulator struct {
	latency time.Duration
	fault   func(request *http.Request, call int) *Fault

	start  sync.Once
	server *http.Server
	url    string

	mu sync.Mutex
	// trusted counts how often each pair was made known and not yet forgotten.
	trusted map[pair]int

	calls, inFlight, maxInFlight atomic.Int64
}

// pair is an access key and one of the secret keys that belong to it: whoever
// rotates a secret still signs with the old one meanwhile.
type pair struct{ accessKey, secretKey string }

// Option changes how a simulator behaves.
type Option func(*Simulator)

// WithLatency makes every answer take at least so long.
func WithLatency(latency time.Duration) Option {
	return func(s *Simulator) { s.latency = latency }
}

// WithFault asks, for each call, what is to go wrong with it; nil is nothing.
// Calls are counted from 1 in the order of their arrival. fault is called
// concurrently, and a call lasts at least as long as it does.
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

// Format keeps the trusted keys out of whatever the simulator is printed to.
func (*Simulator) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("bedrocksim.Simulator")) }

// URL starts the simulator, if it does not run yet, and says where it is. It is
// an address that refuses connections where the computer has no loopback to
// listen on, and after Close.
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

// Close ends the simulator with every call that is under way.
func (s *Simulator) Close() {
	s.start.Do(func() {})
	if s.server != nil {
		_ = s.server.Close()
	}
}

// Keys returns AccessKey and SecretKey.
func (*Simulator) Keys() (accessKey, secretKey string) { return AccessKey, SecretKey }

// Trust makes a pair of keys known, as if somebody had made them in IAM, beside
// all others that are.
func (s *Simulator) Trust(accessKey, secretKey string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trusted[pair{accessKey, secretKey}]++
}

// Distrust takes back one Trust. A pair is known until all are taken back.
func (s *Simulator) Distrust(accessKey, secretKey string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := pair{accessKey, secretKey}
	if s.trusted[known]--; s.trusted[known] <= 0 {
		delete(s.trusted, known)
	}
}

// Calls is how many calls have arrived, those that were refused included.
func (s *Simulator) Calls() int { return int(s.calls.Load()) }

// MaxInFlight is how many calls were under way at once at most.
func (s *Simulator) MaxInFlight() int { return int(s.maxInFlight.Load()) }

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

func (s *Simulator) count() (call int, done func()) {
	now := s.inFlight.Add(1)
	for {
		highest := s.maxInFlight.Load()
		if now <= highest || s.maxInFlight.CompareAndSwap(highest, now) {
			break
		}
	}
	return int(s.calls.Add(1)), func() { s.inFlight.Add(-1) }
}
