// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"bytes"
	"errors"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
)

// TestInterrupt checks that Ctrl-C during a run ends the command within a second, that the
// error names the number of answered inputs, and that no process or call continues.
func TestInterrupt(t *testing.T) {
	for _, kind := range []string{"data", "ephemeral"} {
		t.Run(kind, func(t *testing.T) {
			const answered = 5
			var calls sync.WaitGroup
			underWay := make(chan struct{})
			begun := sync.OnceFunc(func() { close(underWay) })
			simulator := bedrocksim.New(bedrocksim.WithFault(func(request *http.Request, call int) *bedrocksim.Fault {
				if call <= answered {
					return nil
				}
				calls.Add(1)
				defer calls.Done()
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
			interrupted := time.Now()
			if err := syscall.Kill(-plan.Process.Pid, syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			err := plan.Wait()
			took := time.Since(interrupted)
			t.Logf("ended %s after Ctrl-C", took.Round(time.Millisecond))
			if err == nil || took > time.Second {
				t.Errorf("ended %s after Ctrl-C with error %v, want an error within 1s", took, err)
			}
			calls.Wait()
			if err := syscall.Kill(-plan.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("a process of the command still runs: %v", err)
			}
			out := strings.Join(strings.Fields(plan.Stdout.(*bytes.Buffer).String()), " ")
			if !strings.Contains(out, "Running the model was interrupted") || !strings.Contains(out, " of 100 inputs had been answered") {
				t.Errorf("got the output, want the number of answered inputs:\n%s", out)
			}
		})
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
