// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"bytes"
	"errors"
	"net/http"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
)

// TestInterrupt checks that Ctrl-C during a run ends the command although the model never
// responds, that the error names the number of answered inputs, and that no process or call
// continues.
func TestInterrupt(t *testing.T) {
	for _, kind := range []string{"data", "ephemeral"} {
		t.Run(kind, func(t *testing.T) {
			const answered, concurrency = 5, 8
			var waiting atomic.Int64
			underWay := make(chan struct{})
			begun := sync.OnceFunc(func() { close(underWay) })
			simulator := bedrocksim.New(bedrocksim.WithFault(func(request *http.Request, call int) *bedrocksim.Fault {
				if call <= answered {
					return nil
				}
				waiting.Add(1)
				defer waiting.Add(-1)
				begun()
				<-request.Context().Done()
				return nil
			}))
			t.Cleanup(simulator.Close)
			terraform := newInstalledCLI(t, "provider \"inference\" {\n  bedrock = { endpoint = \""+simulator.URL()+"\", access_key = \""+bedrocksim.AccessKey+"\", secret_key = \""+bedrocksim.SecretKey+"\" }\n}\n"+
				kind+` "inference_completion" "this" {`+inlineClaude+`
  input = [for i in range(100) : "prompt ${i}"]
}
`)
			plan := terraform.start("plan", "-no-color")
			<-underWay
			if err := syscall.Kill(-plan.Process.Pid, syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			if err := plan.Wait(); err == nil {
				t.Error("the command succeeds, want an error")
			}
			eventually(t, "the calls of the model end", func() bool { return waiting.Load() == 0 })
			eventually(t, "the processes of the command end", func() bool {
				return errors.Is(syscall.Kill(-plan.Process.Pid, 0), syscall.ESRCH)
			})
			if calls := simulator.Calls(); calls > answered+concurrency {
				t.Errorf("got %d calls of the model, want at most %d, none of them after Ctrl-C", calls, answered+concurrency)
			}
			out := strings.Join(strings.Fields(plan.Stdout.(*bytes.Buffer).String()), " ")
			if !strings.Contains(out, "Running the model was interrupted") || !strings.Contains(out, " of 100 inputs had been answered") {
				t.Errorf("got the output, want the number of answered inputs:\n%s", out)
			}
		})
	}
}

// eventually waits until a condition is met. The limit only ends a test that would hang.
func eventually(t *testing.T, what string, met func() bool) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); !met(); runtime.Gosched() {
		if time.Now().After(limit) {
			t.Fatalf("it does not happen that %s", what)
		}
	}
}

// start starts a command in a process group of its own, as a shell does, so that Ctrl-C
// reaches all of its processes.
func (c *cli) start(args ...string) *exec.Cmd {
	c.t.Helper()
	command := exec.CommandContext(c.t.Context(), cliPath(), args...)
	command.Dir, command.Env = c.dir, c.env
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		c.t.Fatal(err)
	}
	return command
}
