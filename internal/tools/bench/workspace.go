// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// workspace is a working directory of Terraform.
type workspace struct {
	subject
	cli string
	dir string
	env []string
	// record is the file of the gauge.
	record string
}

// use is what one command used.
type use struct {
	wall time.Duration
	// cpu includes the CPU time of the plugin.
	cpu, pluginCPU time.Duration
	pluginPeak     int64
	requests       int
}

func newWorkspace(ctx context.Context, subject subject, cli, work string, m mirror, state string) (*workspace, error) {
	dir := filepath.Join(work, "with-"+strings.ReplaceAll(subject.name, " ", "-"))
	w := &workspace{subject: subject, cli: cli, dir: dir, record: filepath.Join(dir, "gauge")}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	settings := filepath.Join(dir, "cli.tfrc")
	if err := os.WriteFile(settings, fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", m.dir), 0o600); err != nil {
		return nil, err
	}
	w.env = append(ownEnvironment(),
		"TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "GAUGE_RECORD="+w.record)
	backend := fmt.Sprintf("terraform {\n  backend \"http\" {\n    address = %q\n  }\n}\n", state)
	if err := os.WriteFile(filepath.Join(dir, "backend.tf"), []byte(backend), 0o600); err != nil {
		return nil, err
	}
	if err := w.setCount(1); err != nil {
		return nil, err
	}
	_, err := w.run(ctx, "init")
	return w, err
}

// ownEnvironment returns the environment without variables that configure Terraform or the provider.
func ownEnvironment() []string {
	var kept []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "ELASTICSEARCH_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// setCount writes a configuration with count resources.
func (w *workspace) setCount(count int) error {
	return os.WriteFile(filepath.Join(w.dir, "main.tf"), []byte(w.config(count)), 0o600)
}

func (w *workspace) run(ctx context.Context, args ...string) (use, error) {
	if err := os.RemoveAll(w.record); err != nil {
		return use{}, err
	}
	if w.cluster != nil {
		w.cluster.took()
	}
	command := exec.CommandContext(ctx, w.cli, append(args, "-no-color")...)
	command.Dir, command.Env = w.dir, w.env
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	start := time.Now()
	if err := command.Run(); err != nil {
		return use{}, fmt.Errorf("%s %v with %s: %w\n%s", w.cli, args, w.name, err, lastOf(out.String()))
	}
	used := use{wall: time.Since(start), cpu: command.ProcessState.UserTime() + command.ProcessState.SystemTime()}
	if w.cluster != nil {
		used.requests = w.cluster.took()
	}
	return used, used.readGauge(w.record)
}

// lastOf returns the end of the output of a command, which may have thousands of lines.
func lastOf(out string) string { return out[max(0, len(out)-4000):] }

// readGauge adds up the plugin processes of a command, which are several. Without a plugin there is no file.
func (u *use) readGauge(record string) error {
	lines, err := os.ReadFile(record)
	if os.IsNotExist(err) {
		return nil
	}
	for line := range strings.Lines(string(lines)) {
		var nanoseconds, peak int64
		if _, err := fmt.Sscan(line, &nanoseconds, &peak); err != nil {
			return fmt.Errorf("reading the record of the gauge: %w", err)
		}
		u.pluginCPU += time.Duration(nanoseconds)
		u.pluginPeak = max(u.pluginPeak, peak)
	}
	return err
}
