// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-version"
)

// binary builds the provider once for all tests that run it in a process of its own, and
// returns the filesystem mirror that contains it.
var binary = sync.OnceValues(func() (mirror string, err error) {
	mirror, err = os.MkdirTemp("", "inference-mirror-")
	if err != nil {
		return "", err
	}
	mirrorDir = mirror
	terraform, tofu := providerIn(mirror, "registry.terraform.io"), providerIn(mirror, "registry.opentofu.org")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", terraform, "../..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	if err := os.MkdirAll(filepath.Dir(tofu), 0o700); err != nil {
		return "", err
	}
	return mirror, os.Link(terraform, tofu)
})

// providerIn returns the path of the provider in a filesystem mirror.
func providerIn(mirror, host string) string {
	return filepath.Join(mirror, host, "terraform-provider-inference", "inference", "0.1.0", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-inference_v0.1.0")
}

// mirrorDir is the directory of the mirror, or empty if no test has called binary.
var mirrorDir string

func TestMain(m *testing.M) {
	// Most of the time is spent in short-lived processes of Terraform, which need no
	// garbage collection. The limit is for the longer ones.
	if os.Getenv("GOGC") == "" {
		_ = os.Setenv("GOGC", "off")
		_ = os.Setenv("GOMEMLIMIT", "1GiB")
		debug.SetGCPercent(800)
		debug.SetMemoryLimit(1 << 30)
	}
	// A provider in the process of the test is not told the version of the protocol.
	_ = os.Setenv("PLUGIN_PROTOCOL_VERSIONS", "6")
	code := m.Run()
	if mirrorDir != "" {
		os.RemoveAll(mirrorDir) //nolint:errcheck // a temporary directory
	}
	os.Exit(code)
}

// cli is a directory in which Terraform runs.
type cli struct {
	t   *testing.T
	dir string
	env []string
	// attached are the addresses of the provider that the test starts for each command.
	// Without addresses, Terraform starts the provider from a mirror, as for a user: a
	// process for each phase of a command.
	attached []string
	// process is set if an attached provider has a process of its own.
	process bool
}

// cliPath returns the path of Terraform or OpenTofu.
func cliPath() string {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	return "terraform"
}

const requiredProviders = "terraform {\n  required_providers {\n    inference = { source = \"" + ownAddress + "\" }\n  }\n}\n"

// newCLI writes the configuration after a required_providers block. Terraform uses a provider
// in the process of the test, which reads the environment of the test and not env, and which
// resolves relative paths in the directory of the test.
func newCLI(t *testing.T, config string, env ...string) *cli {
	t.Helper()
	c := prepareCLI(t, env...)
	c.attached = []string{ownAddress}
	c.write("main.tf", requiredProviders+config)
	return c
}

// newProcessCLI is newCLI with a provider in a process of its own, for configurations that
// depend on env or have relative paths.
func newProcessCLI(t *testing.T, config string, env ...string) *cli {
	t.Helper()
	c := newCLI(t, config, env...)
	c.process = true
	return c
}

// newInstalledCLI writes the configuration after a required_providers block, and runs init,
// which installs the provider from a mirror. It is for tests of logs, of interrupts and of
// what the provider does once in each process.
func newInstalledCLI(t *testing.T, config string, env ...string) *cli {
	t.Helper()
	c := prepareCLI(t, env...)
	mirror, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	c.install(mirror)
	c.write("main.tf", requiredProviders+config)
	c.succeeds("init", "-no-color")
	return c
}

// install makes the next init install the provider from a mirror.
func (c *cli) install(mirror string) {
	c.t.Helper()
	c.attached = nil
	c.write("cli.tfrc", "provider_installation {\n  filesystem_mirror {\n    path = \""+mirror+"\"\n  }\n}\n")
	c.env = append(c.env, "TF_CLI_CONFIG_FILE="+filepath.Join(c.dir, "cli.tfrc"))
}

// prepareCLI returns an empty directory.
func prepareCLI(t *testing.T, env ...string) *cli {
	t.Helper()
	if _, err := exec.LookPath(cliPath()); err != nil {
		t.Fatalf("these tests need Terraform or OpenTofu: run them with make test, which finds or builds one: %v", err)
	}
	environment := append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	return &cli{t: t, dir: t.TempDir(), env: append(environment, env...)}
}

func (c *cli) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// run returns the output of a command, and whether it succeeded.
func (c *cli) run(args ...string) (string, bool) {
	c.t.Helper()
	return c.runIn(c.t.Context(), args...)
}

// runIn is run with a context whose end interrupts the command.
func (c *cli) runIn(ctx context.Context, args ...string) (string, bool) {
	c.t.Helper()
	command := exec.CommandContext(ctx, cliPath(), args...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.Dir = c.dir
	variable, stop := c.attach()
	defer stop()
	command.Env = append(slices.Clone(c.env), variable)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	return out.String(), err == nil
}

// startBeside starts a command in the directory, with the environment of the commands. It
// returns what the command writes to a pipe, and a function that interrupts the command
// and returns the rest of that.
func (c *cli) startBeside(command *exec.Cmd, pipe func(*exec.Cmd) (io.ReadCloser, error)) (output *bufio.Reader, stop func() (rest string, err error)) {
	c.t.Helper()
	command.Dir, command.Env = c.dir, c.env
	piped, err := pipe(command)
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	output = bufio.NewReader(piped)
	return output, func() (string, error) {
		_ = command.Process.Signal(os.Interrupt)
		rest, _ := io.ReadAll(output)
		return string(rest), command.Wait()
	}
}

// succeeds runs a command that must succeed, and returns its output.
func (c *cli) succeeds(args ...string) string {
	c.t.Helper()
	out, ok := c.run(args...)
	if !ok {
		c.t.Fatalf("%v fails:\n%s", args, out)
	}
	return out
}

// fails runs a command that must fail, and returns its output.
func (c *cli) fails(args ...string) string {
	c.t.Helper()
	out, ok := c.run(args...)
	if ok {
		c.t.Fatalf("%v succeeds, want an error:\n%s", args, out)
	}
	return out
}

// rewrite replaces a text in the configuration, which must contain it.
func (c *cli) rewrite(from, to string) {
	c.t.Helper()
	path := filepath.Join(c.dir, "main.tf")
	config, err := os.ReadFile(path)
	if err != nil {
		c.t.Fatal(err)
	}
	if !strings.Contains(string(config), from) {
		c.t.Fatalf("the configuration does not contain %q:\n%s", from, config)
	}
	c.write("main.tf", strings.ReplaceAll(string(config), from, to))
}

// mirror makes Terraform use a mirror that also has the provider under another name, for
// configurations that name a provider that they no longer use.
func (c *cli) mirror(namespace, name string) {
	c.t.Helper()
	original, err := binary()
	if err != nil {
		c.t.Fatal(err)
	}
	mirror := filepath.Join(c.dir, "mirror")
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		alias := filepath.Join(mirror, host, namespace, name, "0.1.0", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-"+name+"_v0.1.0")
		for _, path := range []string{alias, providerIn(mirror, host)} {
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				c.t.Fatal(err)
			}
			if err := os.Symlink(providerIn(original, host), path); err != nil {
				c.t.Fatal(err)
			}
		}
	}
	c.install(mirror)
}

// needs skips a test if the CLI is older than a version.
func needs(t *testing.T, least string) {
	t.Helper()
	if !newer(t, least) {
		t.Skipf("needs version %s of Terraform or OpenTofu", least)
	}
}

// newer reports whether the CLI has at least the given version.
func newer(t *testing.T, least string) bool {
	t.Helper()
	installed, err := cliVersion()
	if err != nil {
		t.Fatal(err)
	}
	return installed.GreaterThanOrEqual(version.Must(version.NewVersion(least)))
}

var cliVersion = sync.OnceValues(func() (*version.Version, error) {
	command := exec.Command(cliPath(), "version", "-json")
	command.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull)
	out, err := command.Output()
	if err != nil {
		return nil, err
	}
	var installed struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(out, &installed); err != nil {
		return nil, err
	}
	return version.NewVersion(installed.Version)
})
