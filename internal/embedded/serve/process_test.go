// SPDX-License-Identifier: MPL-2.0

package serve_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/serve"
)

// process is the subcommand, run in this process.
type process struct {
	*testing.T
	greeting string
	url      string
	stop     context.CancelFunc
	// ended has what Run returned.
	ended chan error
	log   *lines
	// logged is closed when log is complete.
	logged chan struct{}
}

// lines stores what is written.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(data)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start runs the subcommand on a free port, until the test ends.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	p := &process{T: t, stop: stop, ended: make(chan error, 1), log: &lines{}, logged: make(chan struct{})}
	args = append([]string{"--listen", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "endpoints.db")}, args...)
	go func() {
		err := serve.Run(ctx, args, writer)
		_ = writer.CloseWithError(io.EOF)
		p.ended <- err
	}()
	output := bufio.NewReader(reader)
	var err error
	if p.greeting, err = output.ReadString('\n'); err != nil {
		t.Fatalf("it ended without a line: %v", <-p.ended)
	}
	go func() {
		defer close(p.logged)
		_, _ = io.Copy(p.log, output)
	}()
	t.Cleanup(func() { p.end() })
	p.url, _, _ = strings.Cut(strings.TrimPrefix(p.greeting, "Serving "), " from ")
	return p
}

// end stops the subcommand and waits for it and for its log. Further calls do nothing.
func (p *process) end() {
	p.Helper()
	p.stop()
	err := <-p.ended
	p.ended <- err
	<-p.logged
	if err != nil {
		p.Errorf("it ended with %v", err)
	}
}

// send returns the status and the body.
func (p *process) send(client *http.Client, method, path, body string, header ...string) (int, string) {
	p.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := client.Do(request)
	if err != nil {
		p.Errorf("%s %s: %v", method, path, err)
		return 0, ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.Errorf("%s %s: %v", method, path, err)
	}
	return response.StatusCode, string(text)
}

const completionBody = `{"service":"amazonbedrock","service_settings":{"region":"us-east-1","provider":"anthropic",
	"model":"anthropic.claude-3-haiku-20240307-v1:0","access_key":"AKIACANARY","secret_key":"canary-secret","rate_limit":{"requests_per_minute":600000}}}`

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// selfSigned creates a certificate for 127.0.0.1 and a client that trusts it.
func selfSigned(t *testing.T) (certificate, key string, client *http.Client) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	privateDER, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return write(t, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))),
		write(t, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: privateDER}))),
		&http.Client{Transport: &http.Transport{TLSClientConfig: tlsConfig(roots), ForceAttemptHTTP2: true}}
}
