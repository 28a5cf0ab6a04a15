// SPDX-License-Identifier: MPL-2.0

package serve_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// maxResident is the bound that SECURITY.md states for the resident memory of serve
// at the default limits, in MiB.
const maxResident = 400

var memoryRequests = flag.Int("memory.requests", 64, "how many bodies TestResidentMemory sends at once")

// TestResidentMemory sends many compressed bodies of 8 MiB at once, whose decoded
// values would take gigabytes, and compares the peak of the resident memory of the
// process with the bound.
func TestResidentMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	if raceDetector {
		t.Skip("the race detector needs more memory")
	}
	t.Parallel()
	child := startChild(t, filepath.Join(t.TempDir(), "endpoints.db"))
	defer func() {
		_ = child.process.Process.Kill()
		_ = child.process.Wait()
	}()
	if !child.listening(t) {
		t.Fatal("the server does not start")
	}
	ledger := &ledger{known: map[string][]int{}}
	if !ledger.do(t.Context(), t, "e", 1, http.MethodPut, child.url+"/_inference/completion/e", endpointOf(1_000_000)) {
		t.Fatal("no endpoint")
	}
	bodies := make([][]byte, 3)
	for i, item := range []string{`[],`, `{"a":1},`, `"x",`} {
		var packed bytes.Buffer
		writer := gzip.NewWriter(&packed)
		_, _ = fmt.Fprintf(writer, `{"input":[%s""]}`, strings.Repeat(item, (8<<20-20)/len(item)))
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		bodies[i] = packed.Bytes()
	}
	var group sync.WaitGroup
	for i := range *memoryRequests {
		group.Go(func() {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, child.url+"/_inference/e", bytes.NewReader(bodies[i%len(bodies)]))
			if err != nil {
				t.Error(err)
				return
			}
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Content-Encoding", "gzip")
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Error(err)
				return
			}
			_ = response.Body.Close()
			switch response.StatusCode {
			case http.StatusRequestEntityTooLarge, http.StatusTooManyRequests, http.StatusRequestTimeout:
			default:
				t.Errorf("status %d", response.StatusCode)
			}
		})
	}
	group.Wait()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", child.process.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if match == nil {
		t.Fatalf("no peak in %s", status)
	}
	peak, _ := strconv.Atoi(string(match[1]))
	t.Logf("peak of the resident memory: %d MiB", peak>>10)
	if peak>>10 > maxResident {
		t.Errorf("the resident memory reached %d MiB; SECURITY.md states %d", peak>>10, maxResident)
	}
}
