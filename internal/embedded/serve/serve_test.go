// SPDX-License-Identifier: MPL-2.0

package serve_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/serve"
)

func tlsConfig(roots *x509.CertPool) *tls.Config {
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

var apiKey = base64.StdEncoding.EncodeToString([]byte("laptop:0123456789"))

// TestGreeting verifies that the first line says what is served and how it is
// protected.
func TestGreeting(t *testing.T) {
	const variable = "INFERENCE_EMBEDDED_PASSPHRASE"
	key := write(t, "key", apiKey+"\n")
	for name, test := range map[string]struct {
		args       []string
		passphrase string
		says, not  []string
	}{
		"plain":      {nil, "", []string{"Serving http://127.0.0.1:", "endpoints.db.", "need no credentials", "only " + embedded.Protection + " protects"}, []string{"simulated", "passphrase"}},
		"simulated":  {[]string{"--simulate"}, "", []string{"is simulated: nothing is sent to AWS"}, nil},
		"encrypted":  {nil, "some passphrase", []string{"encrypted with a passphrase"}, []string{embedded.Protection, "some passphrase"}},
		"with a key": {[]string{"--api-key-file", key}, "", []string{"must send credentials"}, []string{apiKey, "need no credentials"}},
		"for others": {[]string{"--api-key-file", key, "--listen", "0.0.0.0:0"}, "", []string{"not encrypted: set --tls-cert"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if test.passphrase != "" {
				t.Setenv(variable, test.passphrase)
			}
			greeting := start(t, test.args...).greeting
			for _, text := range test.says {
				if !strings.Contains(greeting, text) {
					t.Errorf("%q does not say %q", greeting, text)
				}
			}
			for _, text := range test.not {
				if strings.Contains(greeting, text) {
					t.Errorf("%q says %q", greeting, text)
				}
			}
		})
	}
}

// TestRefused verifies that wrong options are refused with what to write instead,
// and that no file is created.
func TestRefused(t *testing.T) {
	certificate, key, _ := selfSigned(t)
	loop := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"all addresses, no key": {[]string{"--listen", "0.0.0.0:0"}, "Set --api-key-file or --basic-auth-file"},
		"no host, no key":       {[]string{"--listen", ":0"}, "Set --api-key-file or --basic-auth-file"},
		"no port":               {[]string{"--listen", "nonsense"}, `--listen: "nonsense" has no port. Write "nonsense:9200"`},
		"empty port":            {[]string{"--listen", "localhost:"}, `--listen: "localhost:" has no port. Write "localhost:9200"`},
		"IPv4, no port":         {[]string{"--listen", "0.0.0.0"}, `--listen: "0.0.0.0" has no port. Write "0.0.0.0:9200"`},
		"IPv6, no port":         {[]string{"--listen", "[::]"}, `--listen: "[::]" has no port. Write "[::]:9200"`},
		"IPv6, empty port":      {[]string{"--listen", "[::1]:"}, `--listen: "[::1]:" has no port. Write "[::1]:9200"`},
		"IPv6, no brackets":     {[]string{"--listen", "::"}, `--listen: "::" is an IPv6 address without brackets. Write them and a port, such as "[::1]:9200"`},
		"IPv6 and port":         {[]string{"--listen", "::1:9200"}, `--listen: "::1:9200" is an IPv6 address without brackets`},
		"a port alone":          {[]string{"--listen", "9300"}, `--listen: "9300" is a port without a host. Write "127.0.0.1:9300"`},
		"a colon alone":         {[]string{"--listen", ":"}, `--listen: ":" has no port. Write ":9200"`},
		"no address":            {[]string{"--listen", ""}, `--listen is empty. Write a host and a port, such as "127.0.0.1:9200"`},
		"a URL":                 {[]string{"--listen", "http://127.0.0.1:9200"}, `--listen: "http://127.0.0.1:9200" is a URL. Write only a host and a port`},
		"half a bracket":        {[]string{"--listen", "[::1"}, `--listen: "[::1" is not a host and a port. Write for example "127.0.0.1:9200"`},
		"a URL without a port":  {[]string{"--listen", "https://models"}, `--listen: "https://models" is a URL. Write only a host and a port`},
		"three parts":           {[]string{"--listen", "a:b:9200"}, `--listen: "a:b:9200" is not a host and a port. Write for example "127.0.0.1:9200"`},
		"port is a word":        {[]string{"--listen", "127.0.0.1:nonsense"}, `the port of "127.0.0.1:nonsense" is not a number from 0 to 65535. Write for example "127.0.0.1:9200"`},
		"port is too large":     {[]string{"--listen", "[::1]:99999"}, `the port of "[::1]:99999" is not a number from 0 to 65535. Write for example "[::1]:9200"`},
		"foreign address":       {[]string{"--listen", "192.0.2.1:9200"}, `--listen: "192.0.2.1:9200" is not an address of this machine. Write one, such as "127.0.0.1:9200"`},
		"unknown host":          {[]string{"--listen", "no..host:9200"}, `--listen: the host of "no..host:9200" has no address. Write an address of this machine`},
		"unknown option":        {[]string{"--nonsense"}, "--nonsense is not an option of serve. Run serve --help for the list of options"},
		"one dash":              {[]string{"-nonsense=x"}, "--nonsense is not an option of serve."},
		"no value":              {[]string{"--listen"}, "--listen has no value. Write it after the option"},
		"not true or false":     {[]string{"--simulate=maybe"}, "--simulate is neither true nor false. Write --simulate, or leave it out"},
		"three dashes":          {[]string{"---db=x"}, "Write options as --name value; serve --help lists them"},
		"true alone":            {[]string{"--simulate", "true"}, `"true" is not an option. Write --simulate without a value, or leave it out`},
		"an address alone":      {[]string{"127.0.0.1:9200"}, `"127.0.0.1:9200" is not an option. Write --listen 127.0.0.1:9200`},
		"a file alone":          {[]string{"./endpoints.db"}, `"./endpoints.db" is not an option. Write --db ./endpoints.db`},
		"home directory":        {[]string{"--db=~/x.db"}, `--db: "~/x.db" begins with "~", which only a shell replaces`},
		"variable":              {[]string{"--api-key-file=$HOME/key"}, `--api-key-file: "$HOME/key" begins with "$HOME"`},
		"two wrong files":       {[]string{"--tls-key", "~/k", "--tls-cert", "~/c", "--api-key-file", "~/a", "--db=~/x.db"}, "--db: "},
		"URL as a file":         {[]string{"--db", "file:///x.db"}, `names a directory "file:"`},
		"empty file":            {[]string{"--db", ""}, "--db is empty. Write the path of the file with the endpoints, or leave --db out"},
		"an argument":           {[]string{"nonsense"}, `"nonsense" is not an option. Write options as --name value; serve --help lists them`},
		"certificate alone":     {[]string{"--tls-cert", certificate}, "only one of --tls-cert and --tls-key"},
		"key alone":             {[]string{"--tls-key", key}, "only one of --tls-cert and --tls-key"},
		"no certificate":        {[]string{"--tls-cert", key, "--tls-key", key}, "--tls-cert: "},
		"key in a loop":         {[]string{"--api-key-file", loop}, "--api-key-file: its symbolic links form a loop: " + loop + " -> " + loop},
		"password in a loop":    {[]string{"--basic-auth-file", loop}, "--basic-auth-file: its symbolic links form a loop: "},
		"TLS key in a loop":     {[]string{"--tls-cert", certificate, "--tls-key", loop}, "--tls-key: its symbolic links form a loop: "},
		"certificate in a loop": {[]string{"--tls-cert", loop, "--tls-key", key}, "--tls-cert: its symbolic links form a loop: "},
		"file in a loop":        {[]string{"--db", loop}, "its symbolic links form a loop: "},
		"no key file":           {[]string{"--api-key-file", key + "x"}, "--api-key-file: "},
		"key not encoded":       {[]string{"--api-key-file", write(t, "a", "laptop:secret")}, "the base64 encoding of an id, a colon and a key"},
		"key without id":        {[]string{"--api-key-file", write(t, "b", base64.StdEncoding.EncodeToString([]byte(":secret")))}, "the base64 encoding of an id, a colon and a key"},
		"key file empty":        {[]string{"--api-key-file", write(t, "c", "")}, "the base64 encoding of an id, a colon and a key"},
		"two keys":              {[]string{"--api-key-file", write(t, "d", apiKey+"\n"+apiKey)}, "several lines"},
		"no password":           {[]string{"--basic-auth-file", write(t, "e", "elastic")}, "Write user:password"},
		"empty password":        {[]string{"--basic-auth-file", write(t, "f", "elastic:")}, "Write user:password"},
		"readable key":          {[]string{"--api-key-file", withMode(t, write(t, "h", apiKey), 0o644)}, "chmod 600"},
		"readable password":     {[]string{"--basic-auth-file", withMode(t, write(t, "i", "elastic:changeme"), 0o640)}, "chmod 600"},
		"readable TLS key":      {[]string{"--tls-cert", certificate, "--tls-key", withMode(t, copyOf(t, key), 0o604)}, "chmod 600"},
		"a device as key":       {[]string{"--api-key-file", os.DevNull}, "--api-key-file: "},
		"a file of text":        {[]string{"--db", write(t, "g", "text")}, "If the path is wrong, correct --db."},
		"an empty file":         {[]string{"--db", write(t, "j", "")}, "or it is damaged: it is empty. If the path is wrong, correct --db"},
		"a directory":           {[]string{"--db", t.TempDir()}, "is a directory; --db must name a regular file"},
	} {
		file := t.TempDir() + "/made/endpoints.db"
		err := serve.Run(t.Context(), append([]string{"--listen", "127.0.0.1:0", "--db", file}, test.args...), &lines{})
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q", name, err, test.says)
		}
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%s: there is a file", name)
		}
	}
}

// TestAddressInUse verifies that an address of another program is reported as such.
func TestAddressInUse(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	other, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	err = serve.Run(t.Context(), []string{"--listen", other.Addr().String(), "--db", t.TempDir() + "/endpoints.db"}, &lines{})
	if err == nil || !strings.Contains(err.Error(), "another program listens on \""+other.Addr().String()+"\" already. Stop it, or write another port") {
		t.Error(err)
	}
}

// TestForeignOwner verifies that secrets in files of other users are refused. Only
// root can create such files.
func TestForeignOwner(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("requires root")
	}
	certificate, key, _ := selfSigned(t)
	foreign := func(path string) string {
		if err := os.Chown(path, 12345, -1); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, args := range [][]string{
		{"--api-key-file", foreign(write(t, "a", apiKey))},
		{"--basic-auth-file", foreign(write(t, "b", "elastic:changeme"))},
		{"--tls-cert", certificate, "--tls-key", foreign(copyOf(t, key))},
	} {
		err := serve.Run(t.Context(), append([]string{"--listen", "127.0.0.1:0", "--db", t.TempDir() + "/endpoints.db"}, args...), &lines{})
		if err == nil || !strings.Contains(err.Error(), "belongs to the user with id 12345") {
			t.Errorf("%q: %v", args, err)
		}
	}
}

// TestAddressOfBedrock verifies that a malformed address is an error at the start.
func TestAddressOfBedrock(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "bedrock.internal")
	err := serve.Run(t.Context(), []string{"--listen", "127.0.0.1:0", "--db", t.TempDir() + "/endpoints.db"}, &lines{})
	if want := `AWS_ENDPOINT_URL_BEDROCK_RUNTIME: "bedrock.internal" does not begin with http:// or https://. Write for example`; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestCallers verifies both kinds of credentials, and that health checks need none.
func TestCallers(t *testing.T) {
	t.Parallel()
	p := start(t, "--simulate", "--api-key-file", write(t, "key", apiKey+"\n"), "--basic-auth-file", write(t, "basic", "elastic:changeme\n"))
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("elastic:changeme"))
	for header, want := range map[string]int{"ApiKey " + apiKey: 200, basic: 200, "ApiKey x": 401, "": 401} {
		if status, body := p.send(http.DefaultClient, http.MethodGet, "/", "", "Authorization", header); status != want {
			t.Errorf("%q: %d %s", header, status, body)
		}
	}
	if status, body := p.send(http.DefaultClient, http.MethodGet, "/_health", ""); status != 200 || body != `{"status":"ok"}` {
		t.Errorf("health: %d %s", status, body)
	}
	if status, _ := p.send(http.DefaultClient, http.MethodPost, "/_health", ""); status != 401 {
		t.Errorf("health by POST: %d", status)
	}
}

// TestHealthWhileBusy verifies that health checks are answered while all slots of
// the API are taken.
func TestHealthWhileBusy(t *testing.T) {
	const places = 256
	arrived, leave := make(chan struct{}, places), make(chan struct{})
	model := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-leave
	}))
	t.Cleanup(model.Close)
	t.Setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", model.URL)
	p := start(t)
	var group sync.WaitGroup
	for range places {
		group.Go(func() { p.send(http.DefaultClient, http.MethodPut, "/_inference/completion/c", completionBody) })
	}
	for range places {
		<-arrived
	}
	if status, body := p.send(http.DefaultClient, http.MethodGet, "/_health", ""); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := p.send(http.DefaultClient, http.MethodGet, "/_inference", ""); status != http.StatusTooManyRequests {
		t.Errorf("the API is not busy: %d", status)
	}
	close(leave)
	group.Wait()
	if status, body := p.send(http.DefaultClient, http.MethodGet, "/_health", ""); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
}

// TestHealthOfTheFile verifies that callers learn that the file cannot be used,
// and that only the log says why. A file that was removed is an error, not an
// empty list.
func TestHealthOfTheFile(t *testing.T) {
	t.Parallel()
	p := start(t, "--simulate")
	_, rest, _ := strings.Cut(p.greeting, " from ")
	file, _, _ := strings.Cut(rest, ". ")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	status, body := p.send(http.DefaultClient, http.MethodGet, "/_health", "")
	if status != http.StatusServiceUnavailable || strings.Contains(body, file) {
		t.Errorf("%d %s", status, body)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Replace(content, []byte("format3"), []byte("format5"), 1)
	if err := errors.Join(os.Chmod(file, 0o600), os.WriteFile(file, damaged, 0o600)); err != nil {
		t.Fatal(err)
	}
	if status, _ := p.send(http.DefaultClient, http.MethodGet, "/_health", ""); status != http.StatusServiceUnavailable {
		t.Errorf("health of a damaged file: %d", status)
	}
	for path, want := range map[string]int{"/": 500, "/_inference": 500, "/_inference/e": 500} {
		if status, body := p.send(http.DefaultClient, http.MethodGet, path, ""); status != want || strings.Contains(body, "invalid character") {
			t.Errorf("%s of a damaged file: %d %s", path, status, body)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if status, _ := p.send(http.DefaultClient, http.MethodGet, "/_health", ""); status != http.StatusServiceUnavailable {
		t.Errorf("health without the file: %d", status)
	}
	if status, body := p.send(http.DefaultClient, http.MethodGet, "/_inference", "", "X-Opaque-Id", "opaque-1"); status != http.StatusInternalServerError {
		t.Errorf("list without the file: %d %s", status, body)
	}
	p.end()
	log := p.log.String()
	for _, want := range []string{"health check failed", "chmod 600", "or it is damaged: the checksum of its header does not match", "the file was removed", "opaque_id=opaque-1"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not say %q: %s", want, log)
		}
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	certificate, key, client := selfSigned(t)
	p := start(t, "--simulate", "--tls-cert", certificate, "--tls-key", key)
	if !strings.HasPrefix(p.url, "https://") {
		t.Errorf("it says %s", p.greeting)
	}
	if status, body := p.send(client, http.MethodGet, "/", ""); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if status, body := p.send(client, http.MethodPut, "/_inference/completion/c", completionBody); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if status, body := p.send(client, http.MethodPost, "/_inference/c/_stream", `{"input":"a"}`); status != 200 || !strings.Contains(body, "[DONE]") {
		t.Errorf("stream over HTTP/2: %d %s", status, body)
	}
}

// TestAccessLog verifies that each request is logged without secrets.
func TestAccessLog(t *testing.T) {
	t.Parallel()
	p := start(t, "--simulate", "--api-key-file", write(t, "key", apiKey))
	p.send(http.DefaultClient, http.MethodPut, "/_inference/completion/logged?timeout=29s&password=canary-query", completionBody, "Authorization", "ApiKey "+apiKey)
	p.send(http.DefaultClient, http.MethodPut, "/_inference/completion/logged?timeout=29s", completionBody, "Authorization", "ApiKey "+apiKey)
	p.send(http.DefaultClient, http.MethodPost, "/_inference/logged", `{"input":"canary-input"}`, "Authorization", "ApiKey "+apiKey)
	p.send(http.DefaultClient, http.MethodGet, "/a%0Alevel=forged", "", "Authorization", "ApiKey "+apiKey)
	p.end()
	text := p.log.String()
	for _, line := range []string{
		"method=PUT path=/_inference/completion/logged status=400",
		"method=PUT path=/_inference/completion/logged status=200",
		"method=POST path=/_inference/logged status=200",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("no line has %q:\n%s", line, text)
		}
	}
	if strings.Count(text, "\n") != 4 || !strings.Contains(text, "duration=") || !strings.Contains(text, "bytes=") {
		t.Errorf("the log is\n%s", text)
	}
	for _, secret := range []string{"canary", "29s", apiKey, "AKIA"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log has %q:\n%s", secret, text)
		}
	}
}

// TestShutdown verifies that requests in progress are completed and new ones are
// refused.
func TestShutdown(t *testing.T) {
	arrived, leave := make(chan struct{}, 1), make(chan struct{})
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-leave
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"output":{"message":{"role":"assistant","content":[{"text":"finished"}]}}}`))
	}))
	t.Cleanup(model.Close)
	t.Setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", model.URL)
	p := start(t)
	answered := make(chan int, 1)
	go func() {
		status, _ := p.send(http.DefaultClient, http.MethodPut, "/_inference/completion/c", completionBody)
		answered <- status
	}()
	<-arrived
	p.stop()
	refused(t, strings.TrimPrefix(p.url, "http://"))
	select {
	case err := <-p.ended:
		t.Fatalf("it ended before the request: %v", err)
	default:
	}
	close(leave)
	if status := <-answered; status != http.StatusOK {
		t.Errorf("the request that was under way: %d", status)
	}
	p.end()
}

// refused waits until connections are refused.
func refused(t *testing.T, address string) {
	t.Helper()
	var dialer net.Dialer
	for {
		connection, err := dialer.DialContext(context.Background(), "tcp", address)
		if err != nil {
			return
		}
		_ = connection.Close()
	}
}

func withMode(t *testing.T, path string, mode os.FileMode) string {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func copyOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "copy", string(content))
}
