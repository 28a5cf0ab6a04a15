// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Command gauge stands in for a plugin: it runs the binary of its own name with ".real" behind it, and when that has
// ended appends what it used to the file $GAUGE_RECORD. A plugin is Terraform's own child, so nobody else is told; and
// it starts several times in one command, so nobody could look for it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

func main() {
	plugin := exec.CommandContext(context.Background(), os.Args[0]+".real", os.Args[1:]...)
	plugin.Stdin, plugin.Stdout, plugin.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := plugin.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "gauge:", err)
		os.Exit(1)
	}
	if err := record(os.Getenv("GAUGE_RECORD"), plugin.ProcessState); err != nil {
		fmt.Fprintln(os.Stderr, "gauge:", err)
		os.Exit(1)
	}
	os.Exit(plugin.ProcessState.ExitCode())
}

// record appends one line: nanoseconds of CPU, and bytes of memory at the peak.
func record(path string, used *os.ProcessState) error {
	usage, ok := used.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("the system does not tell what a process has used")
	}
	peak := usage.Maxrss
	if runtime.GOOS != "darwin" { // which alone counts in bytes
		peak *= 1024
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, (used.UserTime() + used.SystemTime()).Nanoseconds(), peak)
	return errors.Join(err, file.Close())
}
