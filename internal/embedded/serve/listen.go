// SPDX-License-Identifier: MPL-2.0

package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// listen refuses an address that other machines can reach if no credentials are
// required. It checks the resolved address.
func listen(ctx context.Context, options options) (net.Listener, error) {
	if err := checkAddress(ctx, options.listen); err != nil {
		return nil, err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", options.listen)
	if err != nil {
		return nil, listenError(options.listen, err)
	}
	if !isLoopback(listener.Addr()) && options.credentials.IsZero() {
		fault := fmt.Errorf("--listen: other machines can reach %q, and could use the keys of every endpoint. Set --api-key-file or --basic-auth-file, or listen on 127.0.0.1", options.listen)
		return nil, errors.Join(fault, listener.Close())
	}
	listener = &limitedListener{listener, make(chan struct{}, maxConnections)}
	if options.tlsCert == "" {
		return listener, nil
	}
	certificate, err := loadCertificate(options)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
	}), nil
}

// checkAddress returns an error if the address is not a host and a port. Package net
// would select a port for some of these addresses.
func checkAddress(ctx context.Context, address string) error {
	const example = "127.0.0.1:9200"
	if strings.Contains(address, "://") {
		return fmt.Errorf("--listen: %q is a URL. Write only a host and a port, such as %q", address, example)
	}
	host, port, err := net.SplitHostPort(address)
	if err == nil && port != "" {
		if _, err := net.DefaultResolver.LookupPort(ctx, "tcp", port); err != nil {
			return fmt.Errorf("--listen: the port of %q is not a number from 0 to 65535. Write for example %q", address, net.JoinHostPort(host, "9200"))
		}
		return nil
	}
	if address == "" {
		return fmt.Errorf("--listen is empty. Write a host and a port, such as %q", example)
	}
	if _, err := strconv.ParseUint(address, 10, 16); err == nil {
		return fmt.Errorf("--listen: %q is a port without a host. Write %q", address, "127.0.0.1:"+address)
	}
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is6() {
		return fmt.Errorf("--listen: %q is an IPv6 address without brackets. Write them and a port, such as %q", address, "[::1]:9200")
	}
	withPort := strings.TrimSuffix(address, ":") + ":9200"
	if _, _, err := net.SplitHostPort(withPort); err != nil {
		return fmt.Errorf("--listen: %q is not a host and a port. Write for example %q", address, example)
	}
	return fmt.Errorf("--listen: %q has no port. Write %q", address, withPort)
}

// listenError says what is wrong with an address on which the system does not listen.
func listenError(address string, err error) error {
	switch {
	case errors.As(err, new(*net.DNSError)):
		return fmt.Errorf("--listen: the host of %q has no address. Write an address of this machine, such as \"127.0.0.1:9200\"", address)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("--listen: another program listens on %q already. Stop it, or write another port; port 0 selects a free one", address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("--listen: %q is not an address of this machine. Write one, such as \"127.0.0.1:9200\"", address)
	}
	return fmt.Errorf("--listen: %w", err)
}

func loadCertificate(options options) (tls.Certificate, error) {
	key, err := embedded.ReadPrivateFile(options.tlsKey)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("--tls-key: %w", err)
	}
	chain, err := os.ReadFile(options.tlsCert)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("--tls-cert: %w", validation.FileError(err))
	}
	certificate, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("--tls-cert: %w", err)
	}
	return certificate, nil
}

// maxConnections bounds the connections at once, below the usual limit of 1,024
// open files of a process.
const maxConnections = 512

// limitedListener keeps at most maxConnections open.
type limitedListener struct {
	net.Listener
	slots chan struct{}
}

// Accept waits for a connection. It closes connections that are too many.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		connection, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case l.slots <- struct{}{}:
			return &limitedConnection{Conn: connection, release: sync.OnceFunc(func() { <-l.slots })}, nil
		default:
			// Waiting instead would let idle connections block all clients.
			_ = connection.Close()
		}
	}
}

type limitedConnection struct {
	net.Conn
	release func()
}

// Close closes the connection and frees its slot.
func (c *limitedConnection) Close() error {
	defer c.release()
	return c.Conn.Close()
}

func isLoopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// greeting describes what is served and how it is protected.
func (o options) greeting(address net.Addr) string {
	scheme, unencrypted := "https", ""
	if o.tlsCert == "" {
		scheme = "http"
		if !isLoopback(address) {
			unencrypted = " The connection is not encrypted: set --tls-cert and --tls-key."
		}
	}
	file, err := filepath.Abs(o.file)
	if err != nil {
		file = o.file
	}
	callers := "Clients need no credentials."
	if !o.credentials.IsZero() {
		callers = "Clients must send credentials."
	}
	keys := "The AWS keys in the file are not encrypted; only " + embedded.Protection + " protects them. INFERENCE_EMBEDDED_PASSPHRASE encrypts those of a new file."
	if o.passphrase != "" {
		keys = "The AWS keys in the file are encrypted with a passphrase."
	}
	greeting := fmt.Sprintf("Serving %s://%s from %s. %s%s %s", scheme, address, file, callers, unencrypted, keys)
	if o.simulate {
		greeting += " Amazon Bedrock is simulated: nothing is sent to AWS."
	}
	return greeting
}
