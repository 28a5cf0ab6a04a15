package elasticsearch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
)

func listingOf(entries int, entry func(i int) string) []byte {
	var body bytes.Buffer
	body.WriteString(`{"endpoints":[`)
	for i := range entries {
		if i > 0 {
			body.WriteByte(',')
		}
		body.WriteString(entry(i))
	}
	body.WriteString(`]}`)
	return body.Bytes()
}

// TestListingMemory bounds the memory that a parsed listing retains. It does not
// measure the peak during parsing.
func TestListingMemory(t *testing.T) { //nolint:paralleltest // it measures memory
	endpoint := func(i int) string {
		return fmt.Sprintf(`{"inference_id":"endpoint-%d","task_type":"completion","service":"amazonbedrock","service_settings":{"region":"us-east-1","model":"anthropic.claude-3-haiku-20240307-v1:0","provider":"ANTHROPIC","rate_limit":{"requests_per_minute":240}}}`, i)
	}
	for name, body := range map[string][]byte{
		"empty objects":     listingOf(1<<20, func(int) string { return "{}" }),
		"20,000 endpoints":  listingOf(20_000, endpoint),
		"one endpoint":      listingOf(1, func(int) string { return endpoint(0) + string(bytes.Repeat([]byte(" "), 1<<20)) }),
		"the same endpoint": listingOf(20_000, func(int) string { return endpoint(1) }),
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		found, err := parseListing(t.Context(), body)
		runtime.GC()
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 3*int64(len(body)) {
			t.Errorf("%s: %d bytes kept for %d", name, kept, len(body))
		}
		runtime.KeepAlive(found)
	}
}

func TestListingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := parseListing(ctx, listingOf(3, func(int) string { return "{}" })); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
