// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/faultproxy"
)

// killCase is a run of Terraform during which the provider is killed while a request is
// under way, before or after the server has acted.
type killCase struct {
	request func(*http.Request) bool
	acted   bool
	inPlace bool // credentials_rotation = "in_place"
	// from and to are the change of the configuration; if they are empty, the run
	// creates the endpoint.
	from, to string
	command  []string
	// wantPlan is a pattern for the output of the next plan.
	wantPlan string
	// needsImport is set if the endpoint must be imported before the next apply, because
	// it was created and the state does not have it.
	needsImport bool
}

const (
	toAdd         = `Plan: 1 to add, 0 to change, 0 to destroy`
	toChange      = `Plan: 0 to add, 1 to change, 0 to destroy`
	toReplace     = `Plan: 1 to add, 0 to change, 1 to destroy`
	toDestroy     = `Plan: 0 to add, 0 to change, 1 to destroy`
	toNothing     = `No changes`
	resendsKeys   = `credentials_revision = 1 -> 2(?s:.*)` + toChange + `(?s:.*)AWS keys will be sent once`
	alreadyExists = `already exists(?s:.*)terraform import inference_endpoint.NAME e`
)

var (
	apply   = []string{"apply", "-no-color", "-auto-approve"}
	destroy = []string{"destroy", "-no-color", "-auto-approve"}

	limitChange  = []string{"requests_per_minute = 240", "requests_per_minute = 9"}
	secretChange = []string{"secret-one", "secret-two"}
)

func killCases() map[string]killCase {
	put, remove := toPath(http.MethodPut, "/text_embedding/e"), method(http.MethodDelete, "/text_embedding/e")
	update, read := toPath(http.MethodPut, "/_update"), toPath(http.MethodGet, "/_inference/e")
	return map[string]killCase{
		"create, not acted":            {request: put, command: apply, wantPlan: toAdd},
		"create, acted":                {request: put, acted: true, command: apply, wantPlan: alreadyExists, needsImport: true},
		"read":                         {request: read, from: limitChange[0], to: limitChange[1], command: apply, wantPlan: toChange},
		"update, not acted":            {request: update, from: limitChange[0], to: limitChange[1], command: apply, wantPlan: toChange},
		"update, acted":                {request: update, acted: true, from: limitChange[0], to: limitChange[1], command: apply, wantPlan: resendsKeys},
		"rotation, before delete":      {request: remove, from: secretChange[0], to: secretChange[1], command: apply, wantPlan: toReplace},
		"rotation, after delete":       {request: remove, acted: true, from: secretChange[0], to: secretChange[1], command: apply, wantPlan: toAdd},
		"rotation, before create":      {request: put, from: secretChange[0], to: secretChange[1], command: apply, wantPlan: toAdd},
		"rotation, after create":       {request: put, acted: true, from: secretChange[0], to: secretChange[1], command: apply, wantPlan: alreadyExists, needsImport: true},
		"rotation in place, not acted": {request: update, inPlace: true, from: secretChange[0], to: secretChange[1], command: apply, wantPlan: toChange},
		"rotation in place, acted":     {request: update, inPlace: true, acted: true, from: secretChange[0], to: secretChange[1], command: apply, wantPlan: toChange},
		"delete, not acted":            {request: remove, command: destroy, wantPlan: toDestroy},
		"delete, acted":                {request: remove, acted: true, command: destroy, wantPlan: toNothing},
	}
}

// TestKilledProvider checks that the next plan after a kill of the provider is correct,
// and that the next apply leads to the configured endpoint.
func TestKilledProvider(t *testing.T) {
	t.Parallel()
	cases := killCases()
	for name, run := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := elasticsearchtest.New(t)
			proxy := faultproxy.New(t, server.URL)
			config := strings.Replace(clusterBlock(server), server.URL, proxy.URL, 1) +
				endpointConfig("e", "text_embedding", titanEmbedding+"\n    rate_limit = { requests_per_minute = 240 }")
			if run.inPlace {
				config = strings.Replace(config, "task_type ", "credentials_rotation = \"in_place\"\n  task_type ", 1)
			}
			terraform := newCLI(t, config)
			if run.from != "" || run.command[0] == "destroy" {
				terraform.succeeds(apply...)
			}
			if run.from != "" {
				terraform.rewrite(run.from, run.to)
			}
			terraform.killedDuring(proxy, run.request, run.acted, run.command)
			terraform.checkNextApply(run)
			checkRecovered(t, server, run)
		})
	}
	t.Logf("counted: %d moments at which the provider is killed", len(cases))
}

// checkNextApply plans and applies after the kill, and checks that the plan after that is
// empty.
func (c *cli) checkNextApply(run killCase) {
	c.t.Helper()
	again := []string{run.command[0], "-no-color", "-auto-approve"}
	planCommand := []string{"plan", "-no-color"}
	if run.command[0] == "destroy" {
		planCommand = append(planCommand, "-destroy")
	}
	plan := c.succeeds(planCommand...)
	if !regexp.MustCompile(run.wantPlan).MatchString(strings.ReplaceAll(plan, "│ ", "")) {
		c.t.Errorf("next plan: want a match of %q, got:\n%s", run.wantPlan, plan)
	}
	if run.needsImport {
		c.succeeds("import", "-no-color", endpoint, "e")
	}
	c.succeeds(again...)
	c.succeeds(append(planCommand, "-detailed-exitcode")...)
}

// checkRecovered checks the endpoint on the server after the next apply.
func checkRecovered(t *testing.T, server *elasticsearchtest.Server, run killCase) {
	t.Helper()
	want := "e"
	if run.command[0] == "destroy" {
		want = ""
	}
	if got := strings.Join(server.IDs(), " "); got != want {
		t.Errorf("got endpoints %q, want %q", got, want)
	}
	if run.to == limitChange[1] && !strings.Contains(server.Endpoint("e"), `"requests_per_minute":9`) {
		t.Errorf("got the endpoint %s, want requests_per_minute 9", server.Endpoint("e"))
	}
	if _, secret := server.Keys("e"); run.to == secretChange[1] && secret != secretChange[1] {
		t.Errorf("got the secret key %q, want %q", secret, secretChange[1])
	}
}

// killedDuring runs a command that fails because its provider is killed during a request,
// before or after the server has acted.
func (c *cli) killedDuring(proxy *faultproxy.Proxy, request func(*http.Request) bool, acted bool, command []string) {
	c.t.Helper()
	proxy.Arm(request, func(x *faultproxy.Exchange) {
		if acted {
			x.Forward()
		}
		c.killProvider()
		x.Wait()
	}, 1)
	c.recordProviders()
	c.fails(command...)
	proxy.Lift()
	c.attached = []string{ownAddress}
}

const providerIDs = "providers.txt"

// recordProviders makes Terraform start the provider with a script from a mirror in its
// working directory, which records the process ID of each provider.
func (c *cli) recordProviders() {
	c.t.Helper()
	original, err := binary()
	if err != nil {
		c.t.Fatal(err)
	}
	mirror := filepath.Join(c.dir, "mirror")
	// A killed provider does not remove its socket. The path of a socket must be short.
	sockets, err := os.MkdirTemp("", "")
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = os.RemoveAll(sockets) })
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		path := providerIn(mirror, host)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			c.t.Fatal(err)
		}
		script := "#!/bin/sh\necho $$ >>'" + filepath.Join(c.dir, providerIDs) + "'\nPLUGIN_UNIX_SOCKET_DIR='" + sockets + "' exec '" + providerIn(original, host) + "' \"$@\"\n"
		if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
			c.t.Fatal(err)
		}
	}
	c.install(mirror)
	c.succeeds("init", "-no-color")
}

// killProvider kills the provider that was started last, which is the one at work.
func (c *cli) killProvider() {
	ids, err := os.ReadFile(filepath.Join(c.dir, providerIDs))
	if err != nil {
		c.t.Error(err)
		return
	}
	lines := strings.Fields(string(ids))
	id, err := strconv.Atoi(lines[len(lines)-1])
	if err != nil {
		c.t.Error(err)
		return
	}
	process, err := os.FindProcess(id)
	if err != nil {
		c.t.Error(err)
		return
	}
	if err := process.Kill(); err != nil {
		c.t.Errorf("the provider cannot be killed on %s: %v", runtime.GOOS, err)
	}
}
