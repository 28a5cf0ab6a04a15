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

// slain is a run of Terraform whose provider is killed at a moment: while a
// request is under way, before or after the server has acted.
type slain struct {
	request func(*http.Request) bool
	acted   bool
	inPlace bool // rotates so
	// from and to are the change that the run is to make; without them it
	// creates.
	from, to string
	command  []string
	// plans is what the next plan says.
	plans string
	// imports tells that the next apply needs the import that it asks for: the
	// only case in which an endpoint is there that no state could be told of.
	imports bool
}

const (
	toAdd     = `Plan: 1 to add, 0 to change, 0 to destroy`
	toChange  = `Plan: 0 to add, 1 to change, 0 to destroy`
	toReplace = `Plan: 1 to add, 0 to change, 1 to destroy`
	toDestroy = `Plan: 0 to add, 0 to change, 1 to destroy`
	toNothing = `No changes`
	keysAgain = `credentials_revision = 1 -> 2(?s:.*)` + toChange + `(?s:.*)AWS keys will be sent once`
	existing  = `already exists(?s:.*)terraform import inference_endpoint.NAME e`
)

var (
	apply   = []string{"apply", "-no-color", "-auto-approve"}
	destroy = []string{"destroy", "-no-color", "-auto-approve"}

	limited = []string{"requests_per_minute = 240", "requests_per_minute = 9"}
	renewed = []string{"secret-one", "secret-two"}
)

func slains() map[string]slain {
	put, remove := toPath(http.MethodPut, "/text_embedding/e"), method(http.MethodDelete, "/text_embedding/e")
	update, read := toPath(http.MethodPut, "/_update"), toPath(http.MethodGet, "/_inference/e")
	return map[string]slain{
		"create, not acted":                     {request: put, command: apply, plans: toAdd},
		"create, acted":                         {request: put, acted: true, command: apply, plans: existing, imports: true},
		"read":                                  {request: read, from: limited[0], to: limited[1], command: apply, plans: toChange},
		"update, not acted":                     {request: update, from: limited[0], to: limited[1], command: apply, plans: toChange},
		"update, acted":                         {request: update, acted: true, from: limited[0], to: limited[1], command: apply, plans: keysAgain},
		"rotation, old one not deleted":         {request: remove, from: renewed[0], to: renewed[1], command: apply, plans: toReplace},
		"rotation, old one deleted":             {request: remove, acted: true, from: renewed[0], to: renewed[1], command: apply, plans: toAdd},
		"rotation, old one deleted, none made":  {request: put, from: renewed[0], to: renewed[1], command: apply, plans: toAdd},
		"rotation, old one deleted, a new made": {request: put, acted: true, from: renewed[0], to: renewed[1], command: apply, plans: existing, imports: true},
		"rotation in place, not acted":          {request: update, inPlace: true, from: renewed[0], to: renewed[1], command: apply, plans: toChange},
		"rotation in place, acted":              {request: update, inPlace: true, acted: true, from: renewed[0], to: renewed[1], command: apply, plans: toChange},
		"delete, not acted":                     {request: remove, command: destroy, plans: toDestroy},
		"delete, acted":                         {request: remove, acted: true, command: destroy, plans: toNothing},
	}
}

// TestKilledProvider: a provider that is killed amid an operation leaves nothing
// behind of which the next plan says anything wrong.
func TestKilledProvider(t *testing.T) {
	t.Parallel()
	cases := slains()
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
			terraform.recordProviders()
			if run.from != "" || run.command[0] == "destroy" {
				terraform.succeeds(apply...)
			}
			if run.from != "" {
				terraform.rewrite(run.from, run.to)
			}
			proxy.Arm(run.request, func(x *faultproxy.Exchange) {
				if run.acted {
					x.Act()
				}
				terraform.killProvider()
				x.Wait()
			}, 1)
			terraform.fails(run.command...)
			proxy.Lift()
			terraform.recovers(run)
			checkRecovered(t, server, run)
		})
	}
	t.Logf("counted: %d moments at which the provider is killed", len(cases))
}

// recovers plans and applies after the kill, and finds nothing left to do.
func (c *cli) recovers(run slain) {
	c.t.Helper()
	again := []string{run.command[0], "-no-color", "-auto-approve"}
	planning := []string{"plan", "-no-color"}
	if run.command[0] == "destroy" {
		planning = append(planning, "-destroy")
	}
	plan := c.succeeds(planning...)
	if !regexp.MustCompile(run.plans).MatchString(strings.ReplaceAll(plan, "│ ", "")) {
		c.t.Errorf("the next plan is not %q:\n%s", run.plans, plan)
	}
	if run.imports {
		c.succeeds("import", "-no-color", endpoint, "e")
	}
	c.succeeds(again...)
	c.succeeds(append(planning, "-detailed-exitcode")...)
}

func checkRecovered(t *testing.T, server *elasticsearchtest.Server, run slain) {
	t.Helper()
	want := "e"
	if run.command[0] == "destroy" {
		want = ""
	}
	if got := strings.Join(server.IDs(), " "); got != want {
		t.Errorf("the server holds %q, want %q", got, want)
	}
	if run.to == limited[1] && !strings.Contains(server.Endpoint("e"), `"requests_per_minute":9`) {
		t.Errorf("the server holds %s", server.Endpoint("e"))
	}
	if _, secret := server.Keys("e"); run.to == renewed[1] && secret != renewed[1] {
		t.Errorf("the server holds the key %q", secret)
	}
}

const providerIDs = "providers.txt"

// recordProviders has each process of the provider write down its id, in a
// mirror of this directory's own.
func (c *cli) recordProviders() {
	c.t.Helper()
	ours, err := binary()
	if err != nil {
		c.t.Fatal(err)
	}
	own := filepath.Join(c.dir, "mirror")
	// Who is killed leaves its socket behind. Its path has to be short.
	sockets, err := os.MkdirTemp("", "")
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = os.RemoveAll(sockets) })
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		place := providerIn(own, host)
		if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
			c.t.Fatal(err)
		}
		script := "#!/bin/sh\necho $$ >>'" + filepath.Join(c.dir, providerIDs) + "'\nPLUGIN_UNIX_SOCKET_DIR='" + sockets + "' exec '" + providerIn(ours, host) + "' \"$@\"\n"
		if err := os.WriteFile(place, []byte(script), 0o700); err != nil {
			c.t.Fatal(err)
		}
	}
	c.write("cli.tfrc", "provider_installation {\n  filesystem_mirror {\n    path = \""+own+"\"\n  }\n}\n")
	for _, old := range []string{".terraform", ".terraform.lock.hcl"} {
		if err := os.RemoveAll(filepath.Join(c.dir, old)); err != nil {
			c.t.Fatal(err)
		}
	}
	c.succeeds("init", "-no-color")
}

// killProvider kills the process that was started last: the one that works.
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
