package provider

import (
	"crypto/rand"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// rateLimits remembers the rate limit of each endpoint of a plan by its key pair.
// Elasticsearch counts the requests of all endpoints with the same keys together,
// and the endpoint that is used first determines the rate.
type rateLimits struct {
	mu sync.Mutex
	// salt makes the digests of keys useless outside of this process.
	salt []byte
	// pairs is keyed by the digest of a key pair.
	pairs map[string]*sharedLimit
}

// sharedLimit is the limit of the first endpoint with a key pair.
type sharedLimit struct {
	inferenceID       string
	requestsPerMinute int64
	warned            bool
}

// check warns once per key pair about an endpoint whose rate limit differs from that
// of another endpoint with the same keys.
func (l *rateLimits) check(config endpointModel) (diags diag.Diagnostics) {
	id, idKnown := stringSetting(config.InferenceID).Known()
	setting := config.config().ServiceSettings.RequestsPerMinute
	limit, given := setting.Known()
	if !given {
		limit = inference.DefaultRequestsPerMinute
	}
	keys, known := config.keys()
	if !known || keys.AccessKey == "" || keys.SecretKey == "" || !idKnown || setting.IsUnknown() {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.salt == nil {
		l.salt = make([]byte, 16)
		rand.Read(l.salt)
		l.pairs = map[string]*sharedLimit{}
	}
	digest := string(keysMAC(l.salt, keys))
	first, ok := l.pairs[digest]
	switch {
	case !ok || first.inferenceID == id:
		if !ok {
			first = &sharedLimit{inferenceID: id}
			l.pairs[digest] = first
		}
		first.requestsPerMinute = limit
	case first.requestsPerMinute != limit && !first.warned:
		first.warned = true
		at := path.Root("service_settings").AtName("rate_limit").AtName("requests_per_minute")
		diags.AddAttributeWarning(at, located("Rate limit is shared", at),
			fmt.Sprintf("Inference endpoints %q (%d requests per minute) and %q (%d) have the same AWS keys. Elasticsearch counts the requests of all endpoints with the same keys together, "+
				"on each node, and the endpoint that is used first determines the rate. Write the same requests_per_minute for all of them, or use separate AWS keys.",
				first.inferenceID, first.requestsPerMinute, id, limit))
	}
	return diags
}
