// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

func TestUnanswered(t *testing.T) {
	client, err := New(Config{Endpoints: []string{"https://localhost:9200"}, APIKey: "id:theSecret"})
	if err != nil {
		t.Fatal(err)
	}
	lookup := &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "es.example.com", IsNotFound: true}}
	for name, test := range map[string]struct {
		err   error
		call  call
		words string
	}{
		"timeout":                     {context.DeadlineExceeded, call{attempts: 1}, "did not answer"},
		"timeout between responses":   {context.DeadlineExceeded, call{attempts: 3, lastStatus: 503}, "answered 503, and there was no time for more than 3 attempts"},
		"cancelled":                   {context.Canceled, call{}, "was canceled"},
		"no address":                  {lookup, call{}, "The host has no address"},
		"no proxy":                    {&net.OpError{Op: "proxyconnect", Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}, call{}, "Check HTTPS_PROXY"},
		"no server listens":           {&net.OpError{Op: "dial", Err: errors.New("refused")}, call{}, "No server listens"},
		"firewall":                    {&net.OpError{Op: "dial", Err: context.DeadlineExceeded}, call{}, "a firewall blocks the connection"},
		"closed":                      {io.EOF, call{}, "https://"},
		"reset":                       {&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, call{}, "The connection was closed"},
		"too large":                   {tooLarge(maxResponseBytes), call{}, "larger than 32 MB"},
		"client certificate":          {errors.New("remote error: tls: certificate required"), call{}, "cert_file"},
		"proxy without credentials":   {&proxyRefusal{"proxy:3128", 407}, call{}, "the proxy proxy:3128 answered 407 Proxy Authentication Required to CONNECT.\n\nThe proxy requires credentials."},
		"proxy that refuses":          {&proxyRefusal{"proxy:3128", 403}, call{}, "The proxy refuses connections to this host."},
		"fingerprint of an authority": {&fingerprintError{}, call{}, "works only if the server sends the authority's certificate"},
		"a secret in it":              {errors.New("theSecret is wrong"), call{}, "(sensitive value) is wrong"},
	} {
		test.call.doing = "read it"
		got := client.connectionError(&test.call, client.redactor, &url.Error{Op: "Get", URL: "https://localhost", Err: test.err})
		if !backend.Is(got, backend.Unreachable) || !strings.Contains(got.Error(), test.words) || !strings.HasPrefix(got.Error(), "Cannot read it: localhost:9200 ") {
			t.Errorf("%s: got %v", name, got)
		}
		for _, known := range []error{context.Canceled, context.DeadlineExceeded, errResponseTooLarge} {
			if errors.Is(got, known) != errors.Is(test.err, known) {
				t.Errorf("%s: the cause is %v", name, errors.Unwrap(got))
			}
		}
	}
}

// TestHostInErrors: an error names the host that answered, or all hosts if none
// accepted a connection.
func TestHostInErrors(t *testing.T) {
	client, err := New(Config{Endpoints: []string{"https://a:9200", "https://b:9200"}})
	if err != nil {
		t.Fatal(err)
	}
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"broken off":        {io.EOF, "Cannot read it: b:9200 did"},
		"no server listens": {refused, "Cannot read it: a:9200, b:9200 did"},
	} {
		got := client.connectionError(&call{doing: "read it", host: "b:9200", attempts: 1}, client.redactor, test.err)
		if !strings.HasPrefix(got.Error(), test.want) {
			t.Errorf("%s: got %v", name, got)
		}
	}
	page := &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{}}
	if got := client.checkResponse(&call{doing: "read it", host: "b:9200"}, client.redactor, page, []byte("<html>")); !strings.Contains(got.Error(), "b:9200 answered 503") {
		t.Errorf("a page: got %v", got)
	}
}

// TestForeignResponseEnd checks that a quoted text keeps the mark of a cut, and that the
// sentence ends with a period.
func TestForeignResponseEnd(t *testing.T) {
	client, err := New(Config{Endpoints: []string{"https://a:9200"}})
	if err != nil {
		t.Fatal(err)
	}
	response := &http.Response{StatusCode: http.StatusBadGateway, Header: http.Header{}}
	for body, end := range map[string]string{
		"":                       "not from Elasticsearch.",
		"no upstream":            ": no upstream.",
		"no upstream.":           ": no upstream.",
		"waiting ...":            ": waiting ...",
		strings.Repeat("a", 300): "aaa ...",
	} {
		if got := foreignResponse("a:9200", client.redactor, response, []byte(body)); !strings.HasSuffix(got, end) {
			t.Errorf("%.20q: got %q, want it to end with %q", body, got, end)
		}
	}
}
