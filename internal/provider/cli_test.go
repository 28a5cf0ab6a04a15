package provider_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-version"
)

// binary builds the provider once for all tests that need it as a process of
// its own, into a directory laid out as a filesystem mirror.
var binary = sync.OnceValues(func() (mirror string, err error) {
	mirror, err = os.MkdirTemp("", "inference-mirror-")
	if err != nil {
		return "", err
	}
	mirrorMade = mirror
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		build := exec.Command("go", "build", "-o", providerIn(mirror, host), "../..")
		if out, err := build.CombinedOutput(); err != nil {
			return "", errors.New(string(out))
		}
	}
	return mirror, nil
})

func providerIn(mirror, host string) string {
	return filepath.Join(mirror, host, "terraform-provider-inference", "inference", "0.1.0", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-inference_v0.1.0")
}

// mirrorMade is empty while no test has needed the binary.
var mirrorMade string

func TestMain(m *testing.M) {
	// Most of the time goes to short-lived processes of Terraform, which need no
	// garbage collection. The limit keeps the longer ones in bounds.
	if os.Getenv("GOGC") == "" {
		_ = os.Setenv("GOGC", "off")
		_ = os.Setenv("GOMEMLIMIT", "1GiB")
	}
	code := m.Run()
	if mirrorMade != "" {
		os.RemoveAll(mirrorMade) //nolint:errcheck // it is a temporary directory
	}
	os.Exit(code)
}

// cli is a directory in which Terraform works as it does for a user: its own
// processes, the provider from a mirror.
type cli struct {
	t   *testing.T
	dir string
	env []string
}

func cliPath() string {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	return "terraform"
}

// newCLI writes the configuration, with where the provider comes from before it,
// and runs init.
func newCLI(t *testing.T, config string, env ...string) *cli {
	t.Helper()
	return initCLI(t, "terraform {\n  required_providers {\n    inference = { source = \"terraform-provider-inference/inference\" }\n  }\n}\n"+config, env...)
}

// initCLI writes a configuration that is complete, and runs init.
func initCLI(t *testing.T, config string, env ...string) *cli {
	t.Helper()
	if _, err := exec.LookPath(cliPath()); err != nil {
		t.Fatalf("these tests need Terraform or OpenTofu: run them with make test, which finds or builds one: %v", err)
	}
	mirror, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	c := &cli{t: t, dir: t.TempDir()}
	c.write("cli.tfrc", "provider_installation {\n  filesystem_mirror {\n    path = \""+mirror+"\"\n  }\n}\n")
	c.write("main.tf", config)
	c.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(c.dir, "cli.tfrc"), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	c.env = append(c.env, env...)
	c.succeeds("init", "-no-color")
	return c
}

func (c *cli) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// run returns all that a command prints, and whether it succeeded.
func (c *cli) run(args ...string) (string, bool) {
	c.t.Helper()
	command := exec.CommandContext(c.t.Context(), cliPath(), args...)
	command.Dir = c.dir
	command.Env = c.env
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	return out.String(), err == nil
}

func (c *cli) succeeds(args ...string) string {
	c.t.Helper()
	out, ok := c.run(args...)
	if !ok {
		c.t.Fatalf("%v failed:\n%s", args, out)
	}
	return out
}

func (c *cli) fails(args ...string) string {
	c.t.Helper()
	out, ok := c.run(args...)
	if ok {
		c.t.Fatalf("%v succeeded:\n%s", args, out)
	}
	return out
}

// rewrite changes the configuration.
func (c *cli) rewrite(from, to string) {
	c.t.Helper()
	path := filepath.Join(c.dir, "main.tf")
	config, err := os.ReadFile(path)
	if err != nil {
		c.t.Fatal(err)
	}
	if !strings.Contains(string(config), from) {
		c.t.Fatalf("%q does not stand in the configuration:\n%s", from, config)
	}
	c.write("main.tf", strings.ReplaceAll(string(config), from, to))
}

// mirror puts the provider's binary under another name into a mirror of this
// directory's own, for configurations that name a provider which they no longer
// use.
func (c *cli) mirror(namespace, name string) {
	c.t.Helper()
	ours, err := binary()
	if err != nil {
		c.t.Fatal(err)
	}
	own := filepath.Join(c.dir, "mirror")
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		alias := filepath.Join(own, host, namespace, name, "0.1.0", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-"+name+"_v0.1.0")
		for _, place := range []string{alias, providerIn(own, host)} {
			if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
				c.t.Fatal(err)
			}
			if err := os.Symlink(providerIn(ours, host), place); err != nil {
				c.t.Fatal(err)
			}
		}
	}
	c.write("cli.tfrc", "provider_installation {\n  filesystem_mirror {\n    path = \""+own+"\"\n  }\n}\n")
}

// needs skips a test on a CLI that is too old for it.
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
