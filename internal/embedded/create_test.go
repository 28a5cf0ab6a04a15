// SPDX-License-Identifier: MPL-2.0

package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
)

var createRounds = flag.Int("create.rounds", 20, "how often each test kills a process that creates files")

// These variables make the test binary create files in a directory until it is
// killed.
const (
	variableCreate       = "INFERENCE_TEST_CREATE"
	variableWithoutLinks = "INFERENCE_TEST_WITHOUT_LINKS"
)

func TestMain(m *testing.M) {
	dir := os.Getenv(variableCreate)
	if dir == "" {
		os.Exit(m.Run())
	}
	var options []embedded.Option
	if os.Getenv(variableWithoutLinks) != "" {
		options = append(options, embedded.WithLink(func(string, string) error { return errors.ErrUnsupported }))
	}
	for i := range 10_000 {
		fmt.Println("creating") //nolint:forbidigo // this process is no plugin
		if err := embedded.New(filepath.Join(dir, fmt.Sprint(i)), nil, options...).Touch(context.Background()); err != nil {
			fmt.Println(err) //nolint:forbidigo // this process is no plugin
			os.Exit(1)
		}
	}
}

// TestKilledWhileCreating kills a process while it creates files, on file systems
// with and without links: during one of the first files, at a random moment. Each file
// either does not exist or is complete, and one that does not exist can be created.
func TestKilledWhileCreating(t *testing.T) {
	t.Parallel()
	const mostFiles, longest = 10, 10 * time.Millisecond
	for name, withoutLinks := range map[string]string{"with links": "", "without links": "1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			complete := 0
			for range *createRounds {
				dir := t.TempDir()
				child := exec.CommandContext(t.Context(), os.Args[0])
				child.Env = append(os.Environ(), variableCreate+"="+dir, variableWithoutLinks+"="+withoutLinks)
				output, err := child.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := child.Start(); err != nil {
					t.Fatal(err)
				}
				lines := bufio.NewReader(output)
				for range 1 + rand.IntN(mostFiles) {
					if line, err := lines.ReadString('\n'); err != nil || line != "creating\n" {
						t.Fatalf("%q, %v", line, err)
					}
				}
				timer := time.AfterFunc(time.Duration(rand.Int64N(int64(longest))), func() { _ = child.Process.Kill() })
				_, _ = io.Copy(io.Discard, lines)
				_ = child.Wait()
				timer.Stop()
				for i := 0; ; i++ {
					path := filepath.Join(dir, fmt.Sprint(i))
					opened := embedded.New(path, nil)
					err := opened.Check(t.Context())
					if errors.Is(err, os.ErrNotExist) {
						if err := opened.Touch(t.Context()); err != nil {
							t.Errorf("creating the file again: %v", err)
						}
						break
					}
					if err != nil {
						t.Error(err)
						break
					}
					complete++
				}
			}
			if complete == 0 {
				t.Error("no file was created")
			}
		})
	}
}
