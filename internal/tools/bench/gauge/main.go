// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Command gauge is installed in place of a plugin. It runs the binary of its own name with the suffix ".real", and
// appends what that process used to the file $GAUGE_RECORD. Only the parent of a process learns what it used, and the
// parent of a plugin is Terraform, which starts it several times in one command.
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
		return errors.New("the system does not report the use of a process")
	}
	peak := usage.Maxrss
	if runtime.GOOS != "darwin" { // macOS counts in bytes, other systems in kilobytes
		peak *= 1024
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, (used.UserTime() + used.SystemTime()).Nanoseconds(), peak)
	return errors.Join(err, file.Close())
}
