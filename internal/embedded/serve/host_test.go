// SPDX-License-Identifier: MPL-2.0

package serve_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// get sends a request with the given Host header.
func (p *process) get(path, host string, header ...string) (int, string) {
	p.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, p.url+path, nil)
	if err != nil {
		p.Fatal(err)
	}
	request.Host = host
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// TestForeignHost verifies that other hosts are refused and logged if no credentials
// are required.
func TestForeignHost(t *testing.T) {
	t.Parallel()
	open := start(t, "--simulate", "--listen", "localhost:0")
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:9200": 200, "localhost.": 200, "127.0.0.1:9300": 200, "127.1.2.3": 200,
		"[::1]:9200": 200, "[::1]": 200, "[::ffff:127.0.0.1]:9200": 200,
		"evil.example": 403, "evil.example:9200": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example": 403,
		"192.0.2.1": 403, "0.0.0.0:9200": 403, "[2001:db8::1]:9200": 403,
	} {
		for _, path := range []string{"/_inference", "/_health"} {
			if status, body := open.get(path, host); status != want {
				t.Errorf("%s%s: %d %s", host, path, status, body)
			}
		}
	}
	_, body := open.get("/_inference", "evil.example")
	for _, text := range []string{`"type":"security_exception"`, `"status":403`, "[evil.example]", "localhost", "--api-key-file"} {
		if !strings.Contains(body, text) {
			t.Errorf("%q is not in %s", text, body)
		}
	}
	open.end()
	if text := open.log.String(); !strings.Contains(text, "level=WARN") || !strings.Contains(text, "host=evil.example:9200") {
		t.Errorf("the log is\n%s", text)
	}
}

// TestForeignHostWithKey verifies that any host is accepted with credentials.
func TestForeignHostWithKey(t *testing.T) {
	t.Parallel()
	p := start(t, "--simulate", "--api-key-file", write(t, "key", apiKey))
	if status, body := p.get("/", "models.example", "Authorization", "ApiKey "+apiKey); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}
