// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

var keyPairs = flag.Int("key.pairs", 500, "with how many key pairs TestMemoryOfKeyPairs runs a model")

// maxHeapOfKeyPairs is the bound that SECURITY.md states for the memory that runs
// with many key pairs leave behind, in MiB.
const maxHeapOfKeyPairs = 8

// TestMemoryOfKeyPairs runs a model with many pairs of keys, each of which has a
// client and connections of its own, and compares the heap with the bound. It is
// not parallel, because it measures the process.
func TestMemoryOfKeyPairs(t *testing.T) {
	simulator := newSimulator(t)
	runner := New(Config{Endpoint: simulator.URL(), MaxAttempts: 1})
	run := func(i int) {
		keys := inference.Keys{AccessKey: redact.Secret(fmt.Sprintf("AKIA%016d", i)), SecretKey: redact.Secret(fmt.Sprintf("secret-%033d", i))}
		simulator.Trust(keys.AccessKey.Reveal(), keys.SecretKey.Reveal())
		defer simulator.Distrust(keys.AccessKey.Reveal(), keys.SecretKey.Reveal())
		if _, err := runner.Run(t.Context(), titan(), keys, texts("a")); err != nil {
			t.Fatal(err)
		}
	}
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	run(0)
	before := heap()
	for i := range *keyPairs {
		run(i + 1)
	}
	after := heap()
	grown := (max(after, before) - before) >> 20
	t.Logf("after %d key pairs: %s, heap %d MiB (%d MiB more), %d goroutines, %s", *keyPairs, runner.holds(), after>>20, grown, runtime.NumGoroutine(), resident())
	if grown > maxHeapOfKeyPairs {
		t.Errorf("%d key pairs leave %d MiB behind; SECURITY.md states %d", *keyPairs, grown, maxHeapOfKeyPairs)
	}
}

// resident returns the resident memory of the process, where the system has /proc.
func resident() string {
	status, _ := os.ReadFile("/proc/self/status")
	return string(regexp.MustCompile(`VmRSS:\s+\d+ kB`).Find(status))
}
