// SPDX-License-Identifier: MPL-2.0

package main

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
)

// latencies are those of the servers: none, which shows the time of the provider itself, and that of a cluster in
// another data center.
var latencies = []time.Duration{0, 20 * time.Millisecond}

// cluster is a test double of Elasticsearch that counts requests.
type cluster struct {
	*elasticsearchtest.Server
	latency  time.Duration
	requests atomic.Int64
}

func startCluster(latency time.Duration) (*cluster, error) {
	server, err := elasticsearchtest.Start(elasticsearchtest.Latency(latency))
	if err != nil {
		return nil, err
	}
	c := &cluster{Server: server, latency: latency}
	server.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		c.requests.Add(1)
		next.ServeHTTP(w, r)
	})
	return c, nil
}

// took returns the number of requests since the last call.
func (c *cluster) took() int {
	c.Forget() // the double keeps every request with its body
	return int(c.requests.Swap(0))
}
