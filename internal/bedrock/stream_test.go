// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

func TestStream(t *testing.T) {
	simulator := newSimulator(t, bedrocksim.WithFault(func(_ *http.Request, call int) *bedrocksim.Fault {
		if call == 1 {
			return bedrocksim.Throttled()
		}
		return nil
	}))
	runner := New(Config{Simulator: simulator})
	runner.backoff = noDelay
	var pieces []string
	for piece, err := range runner.Stream(t.Context(), claude(), noKeys, texts("hello there")) {
		if err != nil {
			t.Fatal(err)
		}
		pieces = append(pieces, piece)
	}
	whole, err := runner.Run(t.Context(), claude(), noKeys, texts("hello there"))
	if err != nil {
		t.Fatal(err)
	}
	if len(pieces) < 5 || strings.Join(pieces, "") != whole.Completions[0].Text {
		t.Errorf("pieces %q, want those of %q", pieces, whole.Completions[0].Text)
	}
}

func TestStreamIsLazyAndCanBeAbandoned(t *testing.T) {
	simulator := newSimulator(t)
	sequence := New(Config{Simulator: simulator}).Stream(t.Context(), claude(), noKeys, texts("hello there"))
	if simulator.Calls() != 0 {
		t.Error("a call was made before the iteration")
	}
	for piece, err := range sequence {
		if piece == "" || err != nil {
			t.Errorf("piece %q, error %v", piece, err)
		}
		break
	}
}

func TestStreamFailures(t *testing.T) {
	several := texts("a", "b")
	for name, c := range map[string]struct {
		endpoint inference.Endpoint
		request  inference.Request
		fault    *bedrocksim.Fault
		want     string
	}{
		"an embedding":      {titan(), texts("a"), nil, "Task cannot be streamed"},
		"several inputs":    {claude(), several, nil, "Several inputs"},
		"blank input":       {claude(), texts(" "), nil, "Blank text"},
		"access denied":     {claude(), texts("a"), bedrocksim.AccessDenied(), "AccessDeniedException"},
		"cut off":           {claude(), texts("a"), bedrocksim.Damaged(bedrocksim.CutOff), "BadResponse"},
		"another kind":      {claude(), texts("a"), bedrocksim.Damaged(bedrocksim.HTML), "BadResponse"},
		"connection broken": {claude(), texts("a"), bedrocksim.Damaged(bedrocksim.Reset), "NoResponse"},
	} {
		t.Run(name, func(t *testing.T) {
			simulator := newSimulator(t, bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return c.fault }))
			runner := New(Config{Simulator: simulator})
			runner.backoff = noDelay
			var last error
			for _, err := range runner.Stream(t.Context(), c.endpoint, noKeys, c.request) {
				last = err
			}
			if last == nil || !strings.Contains(last.Error()+errorCode(last), c.want) {
				t.Errorf("error %v (%s), want %s", last, errorCode(last), c.want)
			}
		})
	}
}

func TestStreamInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	simulator := newSimulator(t)
	var last error
	for _, err := range New(Config{Simulator: simulator}).Stream(ctx, claude(), noKeys, texts(strings.Repeat("word ", 12))) {
		interrupt()
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("error %v", last)
	}
}

// TestConcurrentStreams checks that streams of one client do not mix. The race
// detector finds shared data.
func TestConcurrentStreams(t *testing.T) {
	runner := New(Config{Simulator: newSimulator(t)})
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			prompt := fmt.Sprintf("prompt number %d", i)
			var text strings.Builder
			for piece, err := range runner.Stream(t.Context(), claude(), noKeys, texts(prompt)) {
				if err != nil {
					t.Error(err)
					return
				}
				text.WriteString(piece)
			}
			if !strings.Contains(text.String(), prompt) {
				t.Errorf("the answer to %q is %q", prompt, text.String())
			}
		})
	}
	group.Wait()
}
