// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

// TestBodyTooLarge verifies that no more than the limit is read.
func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	s := serve(t, bedrock.Config{}, api.Config{MaxBody: 1000})
	fits := `{"input":"` + strings.Repeat("a", 900) + `"}`
	if got := s.send(http.MethodPut, "/_inference/completion/nope", fits); got.status != http.StatusBadRequest {
		t.Errorf("of %d bytes: %d %s", len(fits), got.status, got.text)
	}
	over := `{"input":"` + strings.Repeat("a", 1000) + `"}`
	if got := s.send(http.MethodPut, "/_inference/completion/nope", over); got.status != http.StatusRequestEntityTooLarge || !strings.Contains(got.reason(), "1000 bytes") {
		t.Errorf("of %d bytes: %d %s", len(over), got.status, got.text)
	}
}

// TestCompressedBody verifies that bodies are decompressed up to the limit.
func TestCompressedBody(t *testing.T) {
	t.Parallel()
	s := serve(t, bedrock.Config{}, api.Config{MaxBody: 1000})
	for length, want := range map[int]int{100: http.StatusBadRequest, 100_000: http.StatusRequestEntityTooLarge} {
		var packed bytes.Buffer
		writer := gzip.NewWriter(&packed)
		_, _ = fmt.Fprintf(writer, `{"input":%q}`, strings.Repeat("a", length))
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		if packed.Len() > 1000 {
			t.Fatalf("%d bytes are packed into %d, which is too much anyway", length, packed.Len())
		}
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL+"/_inference/completion/nope", &packed)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Content-Encoding", "gzip")
		if got := s.do(request); got.status != want {
			t.Errorf("of %d bytes: %d %s", length, got.status, got.text)
		}
	}
}

// TestCompressedBodies verifies the compressions of bodies, and the errors about
// bodies that are not compressed as their header says.
func TestCompressedBodies(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	pack := func(writer io.WriteCloser, packed *bytes.Buffer) []byte {
		_, _ = io.WriteString(writer, `{"input":"a"}`)
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		return packed.Bytes()
	}
	var buffer, deflatedBuffer bytes.Buffer
	packed := pack(gzip.NewWriter(&buffer), &buffer)
	deflated := pack(zlib.NewWriter(&deflatedBuffer), &deflatedBuffer)
	var emptyBuffer bytes.Buffer
	if err := gzip.NewWriter(&emptyBuffer).Close(); err != nil {
		t.Fatal(err)
	}
	empty := emptyBuffer.Bytes()
	var rawBuffer bytes.Buffer
	rawWriter, _ := flate.NewWriter(&rawBuffer, flate.DefaultCompression)
	raw := pack(rawWriter, &rawBuffer)
	damaged := bytes.Clone(packed)
	damaged[len(damaged)-5] ^= 1 // of the checksum
	const (
		accepted = "is missing the [service] setting"
		notGzip  = "The request body is not compressed with gzip, although the header Content-Encoding says so. Compress it, or omit the header."
		trailing = "The request body has other data after the data that is compressed with gzip. Send only the compressed data."
		cutOff   = "The request body is compressed with gzip, but its end is missing. Send the whole body."
	)
	for name, test := range map[string]struct {
		encoding string
		body     []byte
		says     string
	}{
		"gzip":             {"gzip", packed, accepted},
		"upper case":       {"GZIP", packed, accepted},
		"old name":         {"x-gzip", packed, accepted},
		"deflate":          {"deflate", deflated, accepted},
		"plain":            {"gzip", []byte(`{"input":"a, and more than the head of a packed file"}`), notGzip},
		"short":            {"gzip", []byte(`{}`), notGzip},
		"deflate as gzip":  {"gzip", deflated, notGzip},
		"cut off":          {"gzip", packed[:len(packed)-9], cutOff},
		"head cut off":     {"gzip", packed[:5], cutOff},
		"deflate cut off":  {"deflate", deflated[:len(deflated)-3], "compressed with deflate, but its end is missing"},
		"plain as deflate": {"deflate", []byte(`{"input":"a"}`), "not compressed with deflate"},
		"damaged":          {"gzip", damaged, "The request body cannot be decompressed: gzip: invalid checksum. Compress it again with gzip."},
		"raw deflate":      {"deflate", raw, accepted},
		"old raw deflate":  {"x-deflate", raw, accepted},
		"raw cut off":      {"deflate", raw[:len(raw)-6], "compressed with deflate, but its end is missing"},
		"raw as gzip":      {"gzip", raw, notGzip},
		"list as deflate":  {"deflate", []byte(`["a"]`), "not compressed with deflate"},
		"object":           {"deflate", []byte(`{}`), "not compressed with deflate"},
		"two members":      {"gzip", slices.Concat(packed, empty), accepted},
		"text after it":    {"gzip", slices.Concat(packed, []byte("and more than the head of a packed file")), trailing},
		"line break":       {"gzip", slices.Concat(packed, []byte("\n")), trailing},
		"second cut off":   {"gzip", slices.Concat(packed, packed[:12]), cutOff},
		"no body":          {"gzip", nil, "request body is required"},
		// As in Elasticsearch, a body with another encoding is parsed as it is.
		"plain as brotli": {"br", []byte(`{}`), accepted},
		"brotli":          {"br", []byte("\x0b\x02\x80{}\x03"), "Illegal character ((CTRL-CHAR, code 11))"},
		"zstd":            {"zstd", []byte("\x28\xb5\x2f\xfd\x04\x00\x11\x00\x00{}"), "Unexpected character ('(' (code 40))"},
		"gzip in a list":  {"gzip, identity", []byte(`{}`), accepted},
	} {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL+"/_inference/completion/nope", bytes.NewReader(test.body))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Content-Encoding", test.encoding)
		if got := s.do(request); got.status != http.StatusBadRequest || !strings.Contains(got.reason(), test.says) {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
}

// TestIncompleteBody verifies that a body must arrive in time, and that its form
// must be right.
func TestIncompleteBody(t *testing.T) {
	t.Parallel()
	s := serve(t, bedrock.Config{}, api.Config{BodyTime: 50 * time.Millisecond})
	for name, test := range map[string]struct {
		body   string // with the last header
		status int
		says   string
	}{
		"slow":          {"Content-Length: 100\r\n\r\n{\"in", http.StatusRequestTimeout, `"The request body did not arrive within [50ms]"`},
		"no chunk size": {"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", http.StatusBadRequest, `"The request body cannot be read: invalid byte in chunk length"`},
	} {
		var dialer net.Dialer
		connection, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(connection, "PUT /_inference/completion/c HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"+test.body)
		response, err := http.ReadResponse(bufio.NewReader(connection), nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != test.status || !strings.Contains(string(text), test.says) {
			t.Errorf("%s: %d %s, %v", name, response.StatusCode, text, err)
		}
		_ = response.Body.Close()
		_ = connection.Close()
	}
}

// timed is a client that counts the bytes that it must receive within one deadline.
type timed struct {
	*httptest.ResponseRecorder
	part, most int
}

func (c *timed) SetWriteDeadline(time.Time) error { c.part = 0; return nil }

func (c *timed) Write(data []byte) (int, error) {
	c.part += len(data)
	c.most = max(c.most, c.part)
	return c.ResponseRecorder.Write(data)
}

// TestLongAnswer verifies that the time to receive an answer grows with its length.
func TestLongAnswer(t *testing.T) {
	t.Parallel()
	s, vectors := modelled(t)
	vectors.set(func(m *model) { m.vector = make([]float64, 100_000) })
	s.make("text_embedding", "e", endpointBody("text_embedding"))
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/_inference/e", strings.NewReader(`{"input":["a","b"]}`))
	request.Header.Set("Content-Type", "application/json")
	caller := &timed{ResponseRecorder: httptest.NewRecorder()}
	s.Config.Handler.ServeHTTP(caller, request)
	if caller.Code != http.StatusOK || caller.Body.Len() < 400_000 {
		t.Errorf("%d with %d bytes", caller.Code, caller.Body.Len())
	}
	if caller.most > 64<<10 {
		t.Errorf("%d bytes have to be taken within one deadline", caller.most)
	}
}

// TestBusy verifies that requests beyond the limit are refused at once, and that a
// finished request frees its slot.
func TestBusy(t *testing.T) {
	t.Parallel()
	arrived, leave := make(chan struct{}, 2), make(chan struct{})
	simulator := bedrocksim.New(bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault {
		arrived <- struct{}{}
		<-leave
		return nil
	}))
	t.Cleanup(simulator.Close)
	s := serve(t, bedrock.Config{Simulator: simulator}, api.Config{MaxConcurrent: 2})
	var group sync.WaitGroup
	for _, id := range []string{"a", "b"} {
		group.Go(func() { s.make("completion", id, endpointBody("completion")) })
		<-arrived
	}
	if got := s.send(http.MethodGet, "/_inference", nil); got.status != http.StatusTooManyRequests || got.kind() != "es_rejected_execution_exception" {
		t.Errorf("%d %s", got.status, got.text)
	}
	close(leave)
	group.Wait()
	if got := s.send(http.MethodGet, "/_inference", nil); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.text)
	}
}

// TestWithoutCredentials verifies that callers without credentials have separate
// slots.
func TestWithoutCredentials(t *testing.T) {
	t.Parallel()
	const most = 32 // and 2 without credentials
	arrived, leave := make(chan struct{}), make(chan struct{})
	target := embedded.New(filepath.Join(t.TempDir(), "endpoints.db"), bedrock.New(bedrock.Config{}))
	if err := target.Touch(t.Context()); err != nil {
		t.Fatal(err)
	}
	handler := api.New(target, api.Config{MaxConcurrent: most})
	hold := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-leave
	})
	ask := func(handler http.Handler) int {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		return answer.Code
	}
	var group sync.WaitGroup
	occupy := func(open http.Handler, times int) {
		for range times {
			group.Go(func() { ask(open) })
			<-arrived
		}
	}
	first := handler.WithoutCredentials(hold)
	occupy(first, most/16)
	if got := ask(first); got != http.StatusTooManyRequests {
		t.Errorf("one too many without credentials: %d", got)
	}
	if got := ask(handler); got != http.StatusOK {
		t.Errorf("beside those without credentials: %d", got)
	}
	close(leave)
	group.Wait()
	if got := ask(handler); got != http.StatusOK {
		t.Errorf("after all have ended: %d", got)
	}
}

// TestLongID verifies that an id that is too long is refused before the model is
// called.
func TestLongID(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	got := s.send(http.MethodPut, "/_inference/completion/"+strings.Repeat("a", 50_000), endpointBody("completion"))
	if got.status != http.StatusBadRequest || got.kind() != "validation_exception" || !strings.Contains(got.reason(), "at most 32768") || len(got.text) > 1000 {
		t.Errorf("%d %.1000s", got.status, got.text)
	}
}

// TestHostileBody sends bodies whose decoded values would take much more memory
// than their bytes. They are refused before they are decoded, and cost nothing if
// the endpoint does not exist.
func TestHostileBody(t *testing.T) {
	t.Parallel()
	s := simulated(t)
	s.make("completion", "c", endpointBody("completion"))
	for name, body := range map[string]string{
		"lists":   `{"input":[` + strings.Repeat("[],", 2<<20) + `[]]}`,
		"objects": `{"input":[` + strings.Repeat("{},", 2<<20) + `{}]}`,
		"numbers": `{"input":[` + strings.Repeat("1,", 3<<20) + `1]}`,
		"fields":  `{"input":"a","task_settings":{` + strings.Repeat(`"a":1,`, 1<<20) + `"b":1}}`,
	} {
		for path, want := range map[string][]int{
			"/_inference/nope": {http.StatusNotFound},
			"/_inference/c":    {http.StatusRequestEntityTooLarge, http.StatusBadRequest},
		} {
			var packed bytes.Buffer
			writer := gzip.NewWriter(&packed)
			_, _ = writer.Write([]byte(body))
			if err := writer.Close(); err != nil {
				t.Fatal(err)
			}
			request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, &packed)
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Content-Encoding", "gzip")
			if got := s.do(request); !slices.Contains(want, got.status) {
				t.Errorf("%s to %s: %d %.200s", name, path, got.status, got.text)
			}
		}
	}
}

// TestMemoryForBodies refuses a body with 429 if the bodies of all requests
// would take too much memory.
func TestMemoryForBodies(t *testing.T) {
	t.Parallel()
	s := serve(t, bedrock.Config{}, api.Config{MaxBodies: 300 << 10})
	for body, want := range map[string]int{
		`{"service":"x"}`: http.StatusBadRequest,
		`{"service":"` + strings.Repeat("x", 400<<10) + `"}`:                      http.StatusTooManyRequests,
		`{"service":[` + strings.Repeat("1,", 10_000) + `1]}`:                     http.StatusTooManyRequests,
		`{"service":"x","task_settings":{"a":"` + strings.Repeat("x", 99) + `"}}`: http.StatusBadRequest,
	} {
		for range 3 { // memory is released
			if got := s.send(http.MethodPut, "/_inference/completion/c", body); got.status != want {
				t.Errorf("%.40s: %d %s, want %d", body, got.status, got.text, want)
			}
		}
	}
}

// TestMemoryAfterBody verifies that a large body leaves no memory behind that is
// not counted in the limit for all bodies.
func TestMemoryAfterBody(t *testing.T) { //nolint:paralleltest // measures the heap
	const size, most = 40 << 20, 16 << 20
	s := serve(t, bedrock.Config{}, api.Config{MaxBody: 2 * size, MaxBodies: 4 * size})
	heap := func() int64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	before := heap()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/_inference/completion/c", io.LimitReader(endless('x'), size))
	request.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	s.Config.Handler.ServeHTTP(answer, request)
	if answer.Code != http.StatusBadRequest {
		t.Errorf("%d %.200s", answer.Code, answer.Body)
	}
	if kept := heap() - before; kept > most {
		t.Errorf("%d MiB are kept after a body of %d MiB", kept>>20, size>>20)
	}
}

// endless is a body of one repeated character.
type endless byte

func (e endless) Read(data []byte) (int, error) {
	for i := range data {
		data[i] = byte(e)
	}
	return len(data), nil
}
