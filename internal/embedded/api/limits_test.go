package api_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

// TestBodyTooLarge: no more than the limit is read.
func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	s := serve(t, bedrock.Config{}, api.Config{MaxBody: 1000})
	fits := `{"input":"` + strings.Repeat("a", 900) + `"}`
	if got := s.send(http.MethodPost, "/_inference/nope", fits); got.status != http.StatusNotFound {
		t.Errorf("of %d bytes: %d %s", len(fits), got.status, got.text)
	}
	over := `{"input":"` + strings.Repeat("a", 1000) + `"}`
	if got := s.send(http.MethodPost, "/_inference/nope", over); got.status != http.StatusRequestEntityTooLarge || !strings.Contains(got.reason(), "1000 bytes") {
		t.Errorf("of %d bytes: %d %s", len(over), got.status, got.text)
	}
}

// TestSlowBody: a caller that does not send its body is not waited for.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	s := serve(t, bedrock.Config{}, api.Config{BodyTime: 50 * time.Millisecond})
	var dialer net.Dialer
	connection, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close() //nolint:errcheck // the answer is all that matters
	_, _ = fmt.Fprint(connection, "POST /_inference/c HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"in")
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusRequestTimeout {
		t.Errorf("status %d", response.StatusCode)
	}
}

// TestBusy: a request too many is refused at once, and when one is done there is
// room again.
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
