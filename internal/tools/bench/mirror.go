// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// root is the module path of the repository.
const root = "github.com/terraform-provider-inference/terraform-provider-inference"

// mirror is a filesystem mirror for Terraform, and the binaries behind it.
type mirror struct {
	dir      string
	provider string
	floor    string
	echo     string
}

// makeMirror builds the providers as a release does, and installs each behind a gauge, for both hosts: Terraform and
// OpenTofu have different default hosts of provider addresses.
func makeMirror(ctx context.Context, work string) (mirror, error) {
	m := mirror{
		dir:      filepath.Join(work, "mirror"),
		provider: filepath.Join(work, "provider"),
		floor:    filepath.Join(work, "floor"),
		echo:     filepath.Join(work, "echo"),
	}
	gauge := filepath.Join(work, "gauge")
	for binary, source := range map[string]string{
		m.provider: root,
		m.floor:    root + "/internal/tools/bench/floor",
		m.echo:     root + "/internal/tools/bench/echo",
		gauge:      root + "/internal/tools/bench/gauge",
	} {
		if err := build(ctx, binary, source); err != nil {
			return mirror{}, err
		}
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		for name, binary := range map[string]string{"inference": m.provider, "floor": m.floor, "echo": m.echo} {
			dir := filepath.Join(m.dir, host, "terraform-provider-inference", name, "0.1.0", runtime.GOOS+"_"+runtime.GOARCH)
			installed := filepath.Join(dir, "terraform-provider-"+name+"_v0.1.0")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return mirror{}, err
			}
			if err := copyBinary(installed, gauge); err != nil {
				return mirror{}, err
			}
			if err := os.Symlink(binary, installed+".real"); err != nil {
				return mirror{}, err
			}
		}
	}
	return m, nil
}

func build(ctx context.Context, binary, source string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, source)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", source, err, out)
	}
	return nil
}

func copyBinary(to, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close() //nolint:errcheck // it is only read
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o700)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		return err
	}
	return target.Close()
}
