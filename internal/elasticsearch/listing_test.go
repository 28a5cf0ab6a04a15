// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// listingReader generates a listing of a size without keeping it. After every eighth, it
// measures the memory that is in use at that moment.
type listingReader struct {
	size    int
	entry   func(i int) string
	sent    int
	entries int
	pending []byte
	ended   bool

	peak     uint64 // bytes in use
	measured int    // eighths of the size
}

func (r *listingReader) Read(into []byte) (int, error) {
	for len(r.pending) == 0 {
		switch {
		case r.ended:
			return 0, io.EOF
		case r.sent == 0:
			r.pending = append(r.pending, `{"endpoints":[`...)
		case r.sent >= r.size:
			r.pending, r.ended = append(r.pending, `]}`...), true
		default:
			if r.entries > 0 {
				r.pending = append(r.pending, ',')
			}
			r.pending = append(r.pending, r.entry(r.entries)...)
			r.entries++
		}
	}
	n := copy(into, r.pending)
	r.sent += n
	r.pending = r.pending[n:]
	if parts := 8 * r.sent / r.size; parts > r.measured {
		r.measured = parts
		r.peak = max(r.peak, memoryInUse())
	}
	return n, nil
}

func (*listingReader) Close() error { return nil }

// memoryInUse returns the size of all reachable objects.
func memoryInUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// listingClient returns a client of a server that sends the listing.
func listingClient(t *testing.T, body io.ReadCloser) *Client {
	t.Helper()
	client, err := New(Config{Endpoints: []string{"http://localhost:9200"}, RequestTimeout: time.Hour}) // measurements take long on a busy machine
	if err != nil {
		t.Fatal(err)
	}
	client.http.HTTPClient.Transport.(*transport).next = roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Request: r, Body: body, ContentLength: -1,
			Header: http.Header{"Content-Type": {mediaJSON}, productHeader: {productName}},
		}, nil
	})
	return client
}

func listedEndpoint(i int) string {
	return fmt.Sprintf(`{"inference_id":"endpoint-%d","task_type":"completion","service":"amazonbedrock","service_settings":{"region":"us-east-1","model":"anthropic.claude-3-haiku-20240307-v1:0","provider":"ANTHROPIC","rate_limit":{"requests_per_minute":240}}}`, i)
}

// TestListingMemory checks that a listing is read in at most four times its size, at its
// peak, whatever it contains, both for reads of single endpoints and for List.
func TestListingMemory(t *testing.T) { // it measures memory
	for _, test := range []struct {
		name  string
		size  int // MB
		entry func(int) string
	}{
		{"endpoints", 32, listedEndpoint},
		{"the same endpoint", 4, func(int) string { return listedEndpoint(1) }},
		{"empty objects", 4, func(int) string { return "{}" }},
		{"short ids of another service", 4, func(i int) string { return fmt.Sprintf(`{"inference_id":"%x"}`, i) }},
		{"short endpoints", 8, func(i int) string { return fmt.Sprintf(`{"inference_id":"%x","service":"amazonbedrock"}`, i) }},
		{"settings of another service", 4, func(i int) string {
			return fmt.Sprintf(`{"inference_id":"%x","service":"other","service_settings":{"list":[%s1]}}`, i, strings.Repeat("[],", 100))
		}},
		{"large endpoints", 4, func(i int) string { return strings.Repeat(" ", maxEntryBytes/2) + listedEndpoint(i) }},
		{"large values of another service", 8, func(i int) string {
			return fmt.Sprintf(`{"inference_id":"%x","x":"%s"}`, i, strings.Repeat("x", maxEntryBytes/2))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := memoryInUse()
			for name, read := range map[string]func(*Client, *listingReader) error{
				"list": func(c *Client, body *listingReader) error {
					found, err := c.list(t.Context(), "")
					body.peak = max(body.peak, memoryInUse())
					runtime.KeepAlive(found)
					return err
				},
				"List": func(c *Client, body *listingReader) error {
					yielded := 0
					for _, err := range c.List(t.Context()) {
						if err != nil {
							return err
						}
						if yielded++; yielded&(yielded-1) == 0 {
							body.peak = max(body.peak, memoryInUse())
						}
					}
					return nil
				},
			} {
				size := test.size << 20
				if name == "List" {
					size /= 4
				}
				body := &listingReader{size: size, entry: test.entry}
				if err := read(listingClient(t, body), body); err != nil {
					t.Fatal(err)
				}
				peak := (float64(body.peak) - float64(before)) / float64(size)
				if peak > 4 || body.measured < 8 {
					t.Errorf("%s: the peak is %.1f times the size", name, peak)
				}
				t.Logf("%s: the peak is %.1f times the size", name, peak)
			}
		})
	}
}

// TestLargeListing checks that 100,000 endpoints are read in one request.
func TestLargeListing(t *testing.T) { // it uses much of the machine
	var sent int
	body := &listingReader{size: 1 << 40, entry: listedEndpoint}
	limited := readerFunc(func(into []byte) (int, error) {
		body.measured = math.MaxInt // no measurements
		if body.entries >= 100_000 {
			body.size = 1
		}
		n, err := body.Read(into)
		sent += n
		return n, err
	})
	client := listingClient(t, io.NopCloser(limited))
	found, err := client.list(t.Context(), "")
	if err != nil || len(found) != 100_000 {
		t.Fatalf("got %d endpoints and error %v", len(found), err)
	}
	if endpoint, err := found.pick("endpoint-99999"); err != nil || endpoint.ServiceSettings.RequestsPerMinute != 240 {
		t.Errorf("got %+v, %v", endpoint, err)
	}
	t.Logf("%d endpoints in %d MB", len(found), sent>>20)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(into []byte) (int, error) { return f(into) }

// TestListingTooLarge checks that neither a listing nor one of its endpoints may have any
// size.
func TestListingTooLarge(t *testing.T) {
	t.Parallel()
	endless := readerFunc(func(into []byte) (int, error) { return len(into), nil })
	response := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {mediaJSON}}, Body: io.NopCloser(endless)}
	list := &call{decode: func(_ context.Context, body io.Reader) error { _, err := io.Copy(io.Discard, body); return err }}
	if err := readBody(t.Context(), response, list); !errors.Is(err, errResponseTooLarge) || !strings.Contains(err.Error(), "larger than 256 MB") {
		t.Errorf("got %v", err)
	}
	body := &listingReader{size: 1 << 40, measured: math.MaxInt, entry: func(int) string { return `{"x":"` + strings.Repeat("x", 2*maxEntryBytes) + `"}` }}
	if _, err := listingClient(t, body).list(t.Context(), ""); !backend.Is(err, backend.Unreachable) || !strings.Contains(err.Error(), "larger than 1 MB") {
		t.Errorf("got %v", err)
	}
	if body.sent > 4*maxEntryBytes {
		t.Errorf("read %d bytes of an endpoint that is too large", body.sent)
	}
}

// TestListingStatus checks that every status of success has its listing decoded, and that
// none without endpoints is taken for an empty one, which would remove endpoints from states.
func TestListingStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 203, 206} {
		for body, want := range map[string]int{`{"endpoints":[` + listedEndpoint(1) + `]}`: 1, `{"endpoints":[]}`: 0, `{}`: -1, ``: -1} {
			client := listingClient(t, io.NopCloser(strings.NewReader(body)))
			answering := client.http.HTTPClient.Transport.(*transport)
			next := answering.next
			answering.next = roundTrip(func(r *http.Request) (*http.Response, error) {
				response, err := next.RoundTrip(r)
				response.StatusCode = status
				return response, err
			})
			found, err := backend.Collect(client.List(t.Context()))
			if want < 0 && !backend.Is(err, backend.Unreachable) || want >= 0 && (err != nil || len(found) != want) {
				t.Errorf("%d with %q: got %d endpoints and error %v", status, body, len(found), err)
			}
		}
	}
}

// TestListingDeadline checks that the context ends a listing that keeps arriving.
func TestListingDeadline(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	body := &listingReader{size: 1 << 40, measured: math.MaxInt}
	body.entry = func(i int) string {
		if i == 1000 {
			cancel()
		}
		return "{}"
	}
	if _, err := listingClient(t, body).list(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if body.entries > 10_000 {
		t.Errorf("read %d entries after the end of the context", body.entries)
	}
}

// TestListingInterrupted checks that a listing whose connection breaks is requested again,
// and that nothing of the first attempt remains.
func TestListingInterrupted(t *testing.T) {
	t.Parallel()
	attempts := 0
	client := listingClient(t, nil)
	client.http.RetryMax, client.http.RetryWaitMin, client.http.RetryWaitMax = 1, 1, 1
	next := client.http.HTTPClient.Transport.(*transport).next
	client.http.HTTPClient.Transport.(*transport).next = roundTrip(func(r *http.Request) (*http.Response, error) {
		attempts++
		response, err := next.RoundTrip(r)
		whole := `{"endpoints":[` + listedEndpoint(attempts) + `]}`
		response.Body = io.NopCloser(strings.NewReader(whole))
		if attempts == 1 {
			response.Body = io.NopCloser(io.MultiReader(bytes.NewReader([]byte(whole[:len(whole)-1])), readerFunc(func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF })))
		}
		return response, err
	})
	found, err := client.list(t.Context(), "")
	if _, ok := found["endpoint-2"]; err != nil || len(found) != 1 || !ok || attempts != 2 {
		t.Errorf("got %v, error %v in %d attempts", found, err, attempts)
	}
}
