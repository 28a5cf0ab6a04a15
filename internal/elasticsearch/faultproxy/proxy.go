// SPDX-License-Identifier: MPL-2.0

// Package faultproxy is a TCP proxy for tests. It applies faults of networks, load
// balancers and restarting servers to chosen requests.
package faultproxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Proxy passes requests on, and applies a fault to those for which it is armed.
type Proxy struct {
	// URL is the address of the proxy. Restarts do not change it.
	URL string

	tb      testing.TB
	backend string
	address string
	secure  bool
	forward http.RoundTripper

	mu          sync.Mutex
	listener    net.Listener // nil while it refuses connections
	connections map[net.Conn]bool
	certificate *tls.Certificate
	match       func(*http.Request) bool
	fault       Fault
	times       int // how often fault still happens; negative is always
	hits        int

	running sync.WaitGroup
}

// New starts a proxy for the server at backendURL. It is closed at the end of the
// test.
func New(tb testing.TB, backendURL string) *Proxy {
	tb.Helper()
	return start(tb, backendURL, nil)
}

// NewTLS starts a proxy that uses TLS with a certificate.
func NewTLS(tb testing.TB, backendURL string, certificate tls.Certificate) *Proxy {
	tb.Helper()
	return start(tb, backendURL, &certificate)
}

func start(tb testing.TB, backendURL string, certificate *tls.Certificate) *Proxy {
	tb.Helper()
	backend, err := url.Parse(backendURL)
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{
		tb: tb, backend: backend.Host, secure: certificate != nil, certificate: certificate, connections: map[net.Conn]bool{},
		forward: &http.Transport{DisableKeepAlives: true, DisableCompression: true},
	}
	p.listener = listenAnywhere(tb)
	p.address = p.listener.Addr().String()
	p.URL = "http://" + p.address
	if p.secure {
		p.URL = "https://" + p.address
	}
	p.accept(p.listener)
	tb.Cleanup(func() {
		p.Refuse()
		p.running.Wait()
	})
	return p
}

// The ports are below those that systems assign automatically, and each test process
// has its own block, so that no other process takes the port of a proxy while it
// refuses connections.
const (
	firstPort = 15000
	lastPort  = 30000
	blockSize = 500
)

// block listens on the first port of the block of this process, which reserves the
// block.
var block = sync.OnceValue(func() net.Listener {
	for port := firstPort; port < lastPort; port += blockSize {
		if guard, err := listen(loopback(port)); err == nil {
			return guard
		}
	}
	return nil
})

var nextPort atomic.Int32

func listenAnywhere(tb testing.TB) net.Listener {
	tb.Helper()
	guard := block()
	if guard == nil {
		tb.Fatal("every block of ports is taken")
	}
	base := guard.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // it listens on TCP
	for range blockSize {
		port := base + 1 + int(nextPort.Add(1))%(blockSize-1)
		if listener, err := listen(loopback(port)); err == nil {
			return listener
		}
	}
	tb.Fatal("no port is free")
	return nil
}

func loopback(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

func listen(address string) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(context.Background(), "tcp", address)
}

// listenAgain waits for a port that was just closed: a process that is being started
// at that moment has a copy of the listener until its own program runs.
func listenAgain(address string) (net.Listener, error) {
	for end := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		listener, err := listen(address)
		if !errors.Is(err, syscall.EADDRINUSE) || time.Now().After(end) {
			return listener, err
		}
	}
}

func (p *Proxy) accept(listener net.Listener) {
	p.running.Go(func() {
		for {
			raw, err := listener.Accept()
			if err != nil {
				return
			}
			if !p.keep(listener, raw) {
				continue
			}
			p.running.Go(func() { p.talk(raw) })
		}
	})
}

// keep records a connection, unless its listener has been closed in the meantime.
func (p *Proxy) keep(listener net.Listener, raw net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != listener {
		reset(raw)
		return false
	}
	p.connections[raw] = true
	return true
}

func (p *Proxy) talk(raw net.Conn) {
	defer func() {
		_ = raw.Close()
		p.mu.Lock()
		delete(p.connections, raw)
		p.mu.Unlock()
	}()
	conn := raw
	if p.secure {
		conn = tls.Server(raw, &tls.Config{GetCertificate: p.present, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, ClientAuth: tls.RequestClientCert})
	}
	reader := bufio.NewReader(conn)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return
		}
		x := &Exchange{Request: request, proxy: p, body: body, raw: raw, conn: conn, reader: reader}
		p.faultFor(request)(x)
		if x.ended {
			return
		}
	}
}

func (p *Proxy) present(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.certificate, nil
}

func (p *Proxy) faultFor(request *http.Request) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.times == 0 || !p.match(request) {
		return Pass
	}
	p.times--
	p.hits++
	return p.fault
}

// Arm applies a fault to the next requests that match, the given number of times, or
// always if it is negative.
func (p *Proxy) Arm(match func(*http.Request) bool, fault Fault, times int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.match, p.fault, p.times = match, fault, times
}

// Hits returns how often a fault was applied.
func (p *Proxy) Hits() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits
}

// Refuse closes every connection and accepts no new one.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	for connection := range p.connections {
		reset(connection)
	}
}

// Present closes every connection and uses another certificate for new ones.
func (p *Proxy) Present(certificate tls.Certificate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.certificate = &certificate
	for connection := range p.connections {
		reset(connection)
	}
}

// Listen accepts connections again.
func (p *Proxy) Listen() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		return
	}
	listener, err := listenAgain(p.address)
	if err != nil {
		p.tb.Error(err)
		return
	}
	p.listener = listener
	p.accept(listener)
}

// Lift removes every fault.
func (p *Proxy) Lift() {
	p.Arm(nil, nil, 0)
	p.Listen()
}

// reset closes a connection with a TCP reset.
func reset(connection net.Conn) {
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}
