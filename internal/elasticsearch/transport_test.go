// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// network is a network in a bubble: all hosts answer every request in the same way,
// except the host "hole", which never answers.
type network struct {
	dialled []string
}

func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, _ := strings.Cut(address, ":")
	n.dialled = append(n.dialled, host)
	if host == "hole" {
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
	}
	here, there := net.Pipe()
	go serve(there)
	return here, nil
}

func serve(conn net.Conn) {
	const body = `{"cluster_uuid":"abc"}`
	requests := bufio.NewReader(conn)
	for {
		request, err := http.ReadRequest(requests)
		if err != nil {
			return
		}
		response := http.Response{
			StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Request: request,
			Header: http.Header{"Content-Type": {mediaJSON}, productHeader: {"Elasticsearch"}},
			Body:   io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}
		if response.Write(conn) != nil {
			return
		}
	}
}

// far returns a client of the network.
func far(t *testing.T, network *network, config Config) *Client {
	t.Helper()
	client, err := newClient(config, network.dial)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.http.HTTPClient.Transport.(*transport).next.(*http.Transport).CloseIdleConnections)
	return client
}

// TestFailOverFromHole: an endpoint behind a firewall that drops packets leaves time
// for the next one.
func TestFailOverFromHole(t *testing.T) {
	for name, test := range map[string]struct {
		endpoints []string
		timeout   time.Duration
	}{
		"short time":      {[]string{"http://hole:9200", "http://good:9200"}, time.Second},
		"as long as dial": {[]string{"http://hole:9200", "http://good:9200"}, 30 * time.Second},
		"several holes":   {[]string{"http://hole:9200", "http://hole:9201", "http://hole:9202", "http://good:9200"}, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := &network{}
				client := far(t, network, Config{Endpoints: test.endpoints, RequestTimeout: test.timeout})
				start := time.Now()
				for range 2 {
					if _, err := client.getRoot(t.Context()); err != nil {
						t.Error(err)
					}
				}
				if took := time.Since(start); took >= test.timeout {
					t.Errorf("it took %s", took)
				}
				if got := len(network.dialled); got != len(test.endpoints) {
					t.Errorf("dialled %v", network.dialled)
				}
			})
		})
	}
}

// TestHoleIsNotAmbiguous: nothing was sent, so that a request that must not be
// executed twice is sent again.
func TestHoleIsNotAmbiguous(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := far(t, &network{}, Config{Endpoints: []string{"http://hole:9200"}, RequestTimeout: 10 * time.Second, MaxRetries: 2})
		post := &call{doing: "run it", method: http.MethodPost}
		_, err := client.do(t.Context(), post)
		if !backend.Is(err, backend.Unreachable) || post.attempts != 3 || post.ambiguous {
			t.Errorf("got %v after %d attempts, ambiguous %v", err, post.attempts, post.ambiguous)
		}
	})
}

// TestUnreachableProxy: nothing is sent without the proxy.
func TestUnreachableProxy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := far(t, &network{}, Config{Endpoints: []string{"https://good:9200"}, RequestTimeout: 10 * time.Second, MaxRetries: 2})
		pool := client.http.HTTPClient.Transport.(*transport).next.(*http.Transport)
		pool.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "hole:3128"})
		post := &call{doing: "run it", method: http.MethodPost}
		_, err := client.do(t.Context(), post)
		if !backend.Is(err, backend.Unreachable) || !strings.Contains(err.Error(), "NO_PROXY") || post.attempts != 3 || post.ambiguous {
			t.Errorf("got %v after %d attempts, ambiguous %v", err, post.attempts, post.ambiguous)
		}
	})
}
