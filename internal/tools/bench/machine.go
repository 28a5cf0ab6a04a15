// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// describeMachine returns what a reader needs to judge the figures.
func describeMachine(ctx context.Context, cli string) (string, error) {
	name, err := cliVersion(ctx, cli)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d cores%s, %s/%s, %s, %s",
		runtime.NumCPU(), memory(), runtime.GOOS, runtime.GOARCH, strings.Replace(runtime.Version(), "go", "Go ", 1), name), nil
}

// cliVersion returns the first line of the output of "version", such as "Terraform 1.11.4".
func cliVersion(ctx context.Context, cli string) (string, error) {
	ask := exec.CommandContext(ctx, cli, "version")
	ask.Env = append(ownEnvironment(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1")
	out, err := ask.Output()
	if err != nil {
		return "", fmt.Errorf("asking %s for its version: %w", cli, err)
	}
	first, _, _ := strings.Cut(string(out), "\n")
	return strings.Replace(first, " v", " ", 1), nil
}

// memory returns the size of the memory, or an empty text if the system does not report it.
func memory() string {
	info, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return ""
	}
	var kilobytes int64
	if _, err := fmt.Sscanf(string(info), "MemTotal: %d kB", &kilobytes); err != nil {
		return ""
	}
	return fmt.Sprintf(", %d GB of memory", (kilobytes+1<<19)>>20)
}
