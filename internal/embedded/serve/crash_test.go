// SPDX-License-Identifier: MPL-2.0

package serve_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/serve"
)

var crashRounds = flag.Int("crash.rounds", 5, "how often each test kills the server")

// variableServe makes the test binary run the subcommand with these arguments.
const variableServe = "INFERENCE_TEST_SERVE"

func TestMain(m *testing.M) {
	if args := os.Getenv(variableServe); args != "" {
		if err := serve.Run(context.Background(), strings.Split(args, "\n"), os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// TestKilled kills the server at random moments, while it starts and while clients
// write. Each time the file opens again, and contains everything that was
// acknowledged: nothing is lost, older, or was deleted.
func TestKilled(t *testing.T) {
	t.Parallel()
	kill(t, false)
}

// TestKilledWhileErasing kills the server while clients replace and delete keys, so
// that it erases them from the file. Besides, no key that was replaced before the
// last round is left in the file.
func TestKilledWhileErasing(t *testing.T) {
	t.Parallel()
	kill(t, true)
}

func kill(t *testing.T, rotate bool) {
	t.Helper()
	const writers, mostWrites = 4, 60
	longest := 250 * time.Millisecond // a start and some dozens of writes
	if raceDetector {
		longest *= 8
	}
	file := filepath.Join(t.TempDir(), "endpoints.db")
	var held [writers]ledger
	for i := range held {
		held[i] = ledger{known: map[string][]int{}, rotate: rotate}
	}
	found, acknowledged := 0, 0
	for round := range *crashRounds {
		child := startChild(t, file)
		ctx, cancel := context.WithCancel(context.Background())
		end := func() {
			cancel()
			_ = child.process.Process.Kill()
		}
		// Half of the rounds end after some time, even if the server still starts. The others
		// end after some writes, however long these take.
		var writes atomic.Int64
		var timer *time.Timer
		last := int64(math.MaxInt64)
		if round%2 == 1 {
			timer = time.AfterFunc(time.Duration(rand.Int64N(int64(longest))), end)
		} else {
			last = 1 + rand.Int64N(mostWrites)
		}
		acknowledge := func() {
			if writes.Add(1) == last {
				end()
			}
		}
		var group sync.WaitGroup
		if child.listening(t) {
			for i := range held {
				group.Go(func() { held[i].write(ctx, t, child.url, fmt.Sprintf("w%d", i), acknowledge) })
			}
		}
		group.Wait()
		end()
		if timer != nil {
			timer.Stop()
		}
		_ = child.process.Wait()
		acknowledged += int(writes.Load())
		found += verify(t, file, held[:])
	}
	if acknowledged == 0 {
		t.Error("no write was acknowledged")
	}
	if rotate {
		checkErased(t, file, held[:])
	}
	t.Logf("%d rounds, %d writes acknowledged, %d endpoints found in all rounds", *crashRounds, acknowledged, found)
}

// child is a server in another process.
type child struct {
	process *exec.Cmd
	output  *bufio.Reader
	url     string
}

func startChild(t *testing.T, file string) *child {
	t.Helper()
	process := exec.CommandContext(context.Background(), os.Args[0])
	process.Env = append(os.Environ(), variableServe+"="+strings.Join([]string{"--listen", "127.0.0.1:0", "--simulate", "--db", file}, "\n"))
	output, err := process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	return &child{process: process, output: bufio.NewReader(output)}
}

// listening waits for the first line. It returns false if the process was killed
// before.
func (c *child) listening(t *testing.T) bool {
	t.Helper()
	line, err := c.output.ReadString('\n')
	if err != nil {
		if line != "" {
			t.Errorf("the server ended: %s", line)
		}
		return false
	}
	go func() { _, _ = io.Copy(io.Discard, c.output) }()
	c.url, _, _ = strings.Cut(strings.TrimPrefix(line, "Serving "), " from ")
	return strings.HasPrefix(c.url, "http://")
}

// ledger records what one writer knows about its endpoints: the rates that each may
// have now, 0 for no endpoint. There are two if the answer to a write is missing.
type ledger struct {
	known  map[string][]int
	next   int
	rotate bool // updates replace the keys as well
}

// write creates, updates and deletes endpoints until the server is killed. It calls
// acknowledge after each write that was acknowledged.
func (l *ledger) write(ctx context.Context, t *testing.T, url, name string, acknowledge func()) {
	t.Helper()
	for {
		l.next++
		id := fmt.Sprintf("%s-%d", name, l.next)
		if !l.do(ctx, t, id, l.next, http.MethodPut, url+"/_inference/completion/"+id, endpointOf(l.next)) {
			return
		}
		acknowledge()
		older := fmt.Sprintf("%s-%d", name, rand.IntN(l.next)+1)
		if rates := l.known[older]; rates[0] == 0 {
			continue
		}
		var lives bool
		if rand.IntN(5) > 0 {
			lives = l.do(ctx, t, older, 0, http.MethodDelete, url+"/_inference/"+older, "")
		} else {
			rate := l.known[older][0] + 1_000_000
			keys := ""
			if l.rotate {
				keys = fmt.Sprintf(`"access_key":"AKIA%012d","secret_key":%q,`, rate, secretOf(rate))
			}
			lives = l.do(ctx, t, older, rate, http.MethodPut, url+"/_inference/"+older+"/_update", fmt.Sprintf(`{"service_settings":{%s"rate_limit":{"requests_per_minute":%d}}}`, keys, rate))
		}
		if !lives {
			return
		}
		acknowledge()
	}
}

func endpointOf(rate int) string {
	return strings.Replace(completionBody, "600000", fmt.Sprint(rate), 1)
}

// secretOf is the secret key that an update to a rate stores.
func secretOf(rate int) string { return fmt.Sprintf("rotated-secret-key-%012d", rate) }

var rotatedSecret = regexp.MustCompile(`rotated-secret-key-(\d{12})`)

// checkErased writes once more, which erases what a killed server left behind, and
// then compares the secret keys in the file with those in use.
func checkErased(t *testing.T, file string, held []ledger) {
	t.Helper()
	child := startChild(t, file)
	if !child.listening(t) {
		t.Fatal("the file does not open")
	}
	last := &ledger{known: map[string][]int{}}
	last.do(t.Context(), t, "last", 1, http.MethodPut, child.url+"/_inference/completion/last", endpointOf(1))
	last.do(t.Context(), t, "last", 0, http.MethodDelete, child.url+"/_inference/last", "")
	_ = child.process.Process.Kill()
	_ = child.process.Wait()
	inUse := map[string]bool{}
	for _, ledger := range held {
		for _, rates := range ledger.known {
			inUse[fmt.Sprintf("%012d", rates[0])] = true
		}
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range rotatedSecret.FindAllSubmatch(content, -1) {
		if !inUse[string(match[1])] {
			t.Errorf("the file contains the secret key of rate %s, which no endpoint has", match[1])
		}
	}
}

// do sends one write, and records its possible effect before the answer arrives.
func (l *ledger) do(ctx context.Context, t *testing.T, id string, rate int, method, url, body string) bool {
	t.Helper()
	before := 0
	if rates := l.known[id]; len(rates) > 0 {
		before = rates[0]
	}
	l.known[id] = []int{before, rate}
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("%s %s: status %d", method, url, response.StatusCode)
		return false
	}
	l.known[id] = []int{rate}
	return true
}

// verify opens the file with another server, and returns how many endpoints it
// contains.
func verify(t *testing.T, file string, held []ledger) int {
	t.Helper()
	child := startChild(t, file)
	defer func() {
		_ = child.process.Process.Kill()
		_ = child.process.Wait()
	}()
	if !child.listening(t) {
		t.Fatal("the file does not open")
	}
	found := ratesOf(t, child.url)
	total := len(found)
	for _, ledger := range held {
		for id, rates := range ledger.known {
			rate := found[id]
			if rate != rates[0] && rate != rates[len(rates)-1] {
				t.Fatalf("%s has rate %d, acknowledged was %d of %v", id, rate, rates[0], rates)
			}
			ledger.known[id] = []int{rate}
			delete(found, id)
		}
	}
	if len(found) > 0 {
		t.Fatalf("endpoints that nobody created: %v", found)
	}
	return total
}

func ratesOf(t *testing.T, url string) map[string]int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/_inference", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body struct {
		Endpoints []struct {
			ID       string `json:"inference_id"`
			Settings struct {
				Rate struct {
					PerMinute int `json:"requests_per_minute"`
				} `json:"rate_limit"`
			} `json:"service_settings"`
		} `json:"endpoints"`
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	rates := map[string]int{}
	for _, endpoint := range body.Endpoints {
		rates[endpoint.ID] = endpoint.Settings.Rate.PerMinute
	}
	return rates
}
