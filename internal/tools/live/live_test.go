// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/tools/live"
)

// invalidKey is the key of the probe that no account has.
const invalidKey = "AKIAIOSFODNN7EXAMPLE"

// versions returns every version in which the table changes, and the newest one.
func versions() []string {
	found := []string{elasticsearchtest.Newest}
	for _, row := range elasticsearch.VersionTable() {
		found = append(found, row.Since...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// double starts a double that requires a password and refuses invalid AWS keys.
func double(t *testing.T, options ...elasticsearchtest.Option) *elasticsearchtest.Server {
	t.Helper()
	server := elasticsearchtest.New(t, append(options, elasticsearchtest.BasicAuth("elastic", "changeme"))...)
	server.Trial(func(_, _, accessKey, _ string) string {
		if accessKey == invalidKey {
			return "The security token included in the request is invalid."
		}
		return ""
	})
	return server
}

func probe(t *testing.T, url string, keys live.Keys) *live.Probe {
	t.Helper()
	p, err := live.New(elasticsearch.Config{Endpoints: []string{url}, Username: "elastic", Password: "changeme"}, keys, t.Errorf)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func run(t *testing.T, p *live.Probe) live.Report {
	t.Helper()
	report, err := p.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// failures returns the lines of the table that say that a fact does not hold.
func failures(t *testing.T, report live.Report) string {
	t.Helper()
	var table strings.Builder
	if err := report.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(table.String()) {
		if strings.HasPrefix(line, "DIFFERS") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// TestVersions: the double of each version does what is assumed, with and without
// AWS keys, and nothing of the probe remains.
func TestVersions(t *testing.T) {
	t.Parallel()
	for _, version := range versions() {
		for name, keys := range map[string]live.Keys{"skipped call": {}, "keys": {AccessKey: "AKIAREALLYVALIDKEY00", SecretKey: "secret"}} {
			t.Run(version+" "+name, func(t *testing.T) {
				t.Parallel()
				server := double(t, elasticsearchtest.Version(version))
				report := run(t, probe(t, server.URL, keys))
				if found := failures(t, report); found != "" {
					t.Errorf("version %s:\n%s", version, found)
				}
				if left := server.IDs(); len(left) > 0 {
					t.Errorf("endpoints remain: %q", left)
				}
				if server.SkipsModel() {
					t.Error("the cluster setting was not restored")
				}
			})
		}
	}
}

func TestServerless(t *testing.T) {
	t.Parallel()
	report := run(t, probe(t, double(t, elasticsearchtest.Serverless()).URL, live.Keys{}))
	if found := failures(t, report); found != "" {
		t.Errorf("serverless:\n%s", found)
	}
}

// TestRowsAreCovered: a fact shows every row of the version table, or a reason why
// none can is given.
func TestRowsAreCovered(t *testing.T) {
	t.Parallel()
	covered := live.Unobservable()
	for _, fact := range live.Facts() {
		if fact.Basis == "" {
			t.Errorf("%s has no basis", fact.Name)
		}
		for _, row := range fact.Rows {
			if reason, ok := live.Unobservable()[row]; ok {
				t.Errorf("%s shows %s, which is said to be unobservable: %s", fact.Name, row, reason)
			}
			covered[row] = fact.Name
		}
	}
	for _, row := range elasticsearch.VersionTable() {
		if covered[row.Name] == "" {
			t.Errorf("no fact shows the row %s", row.Name)
		}
		delete(covered, row.Name)
	}
	for row := range covered {
		t.Errorf("%s is not a row of the version table", row)
	}
}

// TestFalsified: if a server differs in one fact, the probe reports that fact and
// no other one.
func TestFalsified(t *testing.T) {
	t.Parallel()
	facts := live.Facts()
	if len(facts) != len(lies) {
		t.Errorf("%d facts, but %d lies", len(facts), len(lies))
	}
	for _, fact := range facts {
		t.Run(fact.Name, func(t *testing.T) {
			t.Parallel()
			lie, ok := lies[fact.Name]
			if !ok {
				t.Fatal("no lie falsifies this fact")
			}
			version := elasticsearchtest.Newest
			if lie.version != "" {
				version = lie.version
			}
			server := double(t, elasticsearchtest.Version(version))
			server.Intercept(lie.intercept(t, fact.Name))
			report := run(t, probe(t, server.URL, live.Keys{}))
			if got := report.Differences(); !slices.Equal(got, []string{fact.Name}) {
				t.Errorf("reported %q", got)
			}
		})
	}
}

// lie is a behavior that falsifies one fact. It is limited to the requests of that
// fact, which have its name in their path or body.
type lie struct {
	// version is the version of the server; empty is the newest.
	version string
	// as makes requests be answered as by a server of another version.
	as string
	// requests selects the requests whose answers are changed, as
	// "METHOD path"; everywhere does so without looking for the name of the fact.
	requests   string
	everywhere bool
	// status replaces the status, and old is replaced with new in the body.
	status   int
	old, new string
	header   map[string]string
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

func (l lie) intercept(t *testing.T, fact string) func(http.ResponseWriter, *http.Request, http.Handler) {
	t.Helper()
	mine := regexp.MustCompile(live.Prefix + "[0-9a-f]{8}-" + notInNames.ReplaceAllString(fact, "-") + `-(\d+|index|pipeline)-?(/|$)`)
	requests := regexp.MustCompile(l.requests)
	other := http.Handler(nil)
	if l.as != "" {
		server := double(t, elasticsearchtest.Version(l.as))
		other = server
	}
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		path := r.URL.Path
		switch {
		case r.Method == http.MethodPut && path == "/_cluster/settings" && other != nil:
			body := readAll(t, r)
			other.ServeHTTP(httptest.NewRecorder(), withBody(r, body))
			next.ServeHTTP(w, withBody(r, body))
			return
		case !l.everywhere && !mine.MatchString(path), r.URL.Query().Get("force") == "true" && !strings.Contains(l.requests, "force"):
			next.ServeHTTP(w, r)
			return
		case other != nil:
			other.ServeHTTP(w, r)
			return
		case !requests.MatchString(r.Method + " " + r.URL.RequestURI()):
			next.ServeHTTP(w, r)
			return
		}
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		for name, value := range l.header {
			w.Header().Set(name, value)
		}
		body := recorder.Body.String()
		if l.old != "" {
			body = strings.ReplaceAll(body, l.old, l.new)
		}
		status := recorder.Code
		if l.status != 0 {
			status = l.status
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func readAll(t *testing.T, r *http.Request) string {
	t.Helper()
	var body strings.Builder
	buffer := make([]byte, 1024)
	for {
		n, err := r.Body.Read(buffer)
		body.Write(buffer[:n])
		if err != nil {
			return body.String()
		}
	}
}

func withBody(r *http.Request, body string) *http.Request {
	request := httptest.NewRequest(r.Method, r.URL.String(), strings.NewReader(body)) //nolint:noctx // a recorder answers it
	request.Header = r.Header
	return request
}

const notFound = "resource_not_found_exception"

// lies holds one lie per fact.
var lies = map[string]lie{
	"root":                                    {requests: "^GET /$", everywhere: true, header: map[string]string{"X-Elastic-Product": "Opensearch"}},
	"unknown password":                        {requests: "^GET /_inference/_all$", everywhere: true, header: map[string]string{"X-Elastic-Product": ""}, status: 0, old: "security_exception", new: "other_exception"},
	"listing":                                 {requests: "^GET /_inference/_all$", everywhere: true, old: `"service":"amazonbedrock"`, new: `"x":1`},
	"read":                                    {requests: "^GET", old: `"endpoints":[`, new: `"models":[`},
	"read of a missing endpoint":              {requests: "^GET", old: notFound, new: "status_exception"},
	"read with another task type":             {requests: "^GET", status: 404},
	"unknown parameter":                       {requests: "^GET .*no_such_parameter", everywhere: true, status: 200, old: "illegal_argument_exception", new: "x"},
	"failed call of the model":                {requests: "^PUT", old: "validation call to service", new: "attempt"},
	"task types":                              {as: "9.3.0"},
	"members of an endpoint":                  {requests: "^PUT", old: `"region":`, new: `"location":`},
	"defaults":                                {requests: "^GET", old: `"requests_per_minute":240`, new: `"requests_per_minute":1`},
	"keys in answers":                         {requests: "^GET", old: `"region":`, new: `"secret_key":"x","region":`},
	"create of a taken id":                    {requests: "^PUT", status: 200},
	"invalid id":                              {requests: "^PUT", old: "action_request_validation_exception", new: "x"},
	"unknown setting":                         {as: "9.4.0"},
	"missing setting":                         {as: "9.4.0"},
	"create without keys":                     {requests: "^PUT", status: 200, old: "validation_exception", new: "x"},
	"integer for a task setting":              {requests: "^PUT", status: 200},
	"largest top_k":                           {requests: "^PUT", status: 200},
	"truncate":                                {as: "8.18.0"},
	"timeout of a create":                     {as: "8.18.0"},
	"create with other mappings":              {as: "9.2.0"},
	"strategies":                              {as: "8.18.0"},
	"separator group":                         {requests: "^GET", old: `"separators":`, new: `"separator_group":`},
	"chunks of 301 words":                     {as: "9.1.0"},
	"smallest overlap":                        {requests: "^PUT", status: 200},
	"separators":                              {as: "9.5.3"},
	"update of a task setting":                {requests: "^GET", old: `"max_new_tokens":8`, new: `"max_new_tokens":7`},
	"update of the keys":                      {as: "9.5.2"},
	"chunking after an update":                {as: "9.3.0"},
	"update of the rate limit with keys":      {as: "9.3.1"},
	"update of the rate limit without keys":   {as: "9.4.0"},
	"update of max_input_tokens with keys":    {as: "9.3.1"},
	"update of max_input_tokens without keys": {as: "9.4.0"},
	"update of the chunking settings":         {as: "9.4.0"},
	"update of the region":                    {requests: "^GET", old: "us-east-1", new: "us-west-2"},
	"removal of a task setting":               {requests: "^GET", old: `"temperature":0.5`, new: `"top_p":0.5`},
	"update with a null block":                {requests: "_update", status: 200},
	"update of a missing endpoint":            {requests: "_update", old: notFound, new: "status_exception"},
	"timeout of an update":                    {as: "9.4.0"},
	"delete":                                  {requests: "^DELETE", old: `"indexes":`, new: `"indices":`},
	"delete of a missing endpoint":            {requests: "^DELETE", status: 200},
	"delete with another task type":           {requests: "^DELETE", status: 404},
	"dry run of a delete":                     {requests: "dry_run", old: `"pipelines":[`, new: `"pipeline":[`},
	"delete of an endpoint in use":            {requests: "^DELETE", old: "in the mapping for indexes", new: "by the indices"},
	"input_type of a run":                     {as: "8.18.0"},
	"empty input of a run":                    {requests: "^POST", old: "action_request_validation_exception", new: "validation_exception"},
	"timeout of a run":                        {requests: "^POST", old: "cannot be an empty array", new: "has an unrecognized parameter"},
	"run of a missing endpoint":               {requests: "^POST", old: notFound, new: "x"},
	"stream of a missing endpoint":            {requests: "^POST", old: `"message":"`, new: `"reason":"`},
}

// serveDepartures lists the facts that do not hold for serve, with the reason.
var serveDepartures = map[string]string{
	"chunks of 301 words":          "serve limits chunks to 300 words",
	"create with other mappings":   "serve has no indices",
	"create without keys":          "serve can use the keys of its own environment",
	"delete of an endpoint in use": "serve has no pipelines and no indices",
	"dry run of a delete":          "serve has no pipelines and no indices",
	"failed call of the model":     "the simulator accepts all keys",
	"largest top_k":                "serve sends top_k to the model, which counts tokens",
}

// TestServe: serve does what is assumed about the version that it reports, except
// for the departures.
func TestServe(t *testing.T) {
	t.Parallel()
	simulator := bedrocksim.New()
	t.Cleanup(simulator.Close)
	target := embedded.New(filepath.Join(t.TempDir(), "endpoints.db"), bedrock.New(bedrock.Config{Simulator: simulator, MaxAttempts: 1}))
	if err := target.Touch(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api.New(target, api.Config{Credentials: api.Credentials{User: "elastic", Password: "changeme"}}))
	t.Cleanup(server.Close)
	p := probe(t, server.URL, live.Keys{AccessKey: "AKIAREALLYVALIDKEY00", SecretKey: "secret"})
	report := run(t, p)
	differences := report.Differences()
	for _, result := range report.Results {
		_, departs := serveDepartures[result.Fact]
		if differs := slices.Contains(differences, result.Fact); differs != departs {
			t.Errorf("%s: assumed %s, observed %s %s", result.Fact, result.Assumed, result.Observed, result.Skipped)
		}
	}
}

// TestSweep: what a run left behind is removed, and nothing else.
func TestSweep(t *testing.T) {
	t.Parallel()
	server := double(t)
	for _, id := range []string{live.Prefix + "1-x-1", "other"} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/_inference/completion/"+id, strings.NewReader(
			`{"service":"amazonbedrock","service_settings":{"region":"us-east-1","provider":"meta","model":"m","access_key":"a","secret_key":"s"}}`))
		request.Header.Set("Content-Type", "application/json")
		request.SetBasicAuth("elastic", "changeme")
		server.ServeHTTP(httptest.NewRecorder(), request)
	}
	if err := probe(t, server.URL, live.Keys{}).Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := server.IDs(); !slices.Equal(got, []string{"other"}) {
		t.Errorf("endpoints %q", got)
	}
}

// TestWriteFile: a report is stored under its version.
func TestWriteFile(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	report := live.Report{Version: "9.5.3", BuildFlavor: "default", Results: []live.Result{{Fact: "f", Assumed: "a", Observed: "b", Basis: "c"}}}
	if err := report.WriteFile(directory); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(directory, "9.5.3.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got live.Report
	if err := json.Unmarshal(content, &got); err != nil || !slices.Equal(got.Results, report.Results) || !slices.Equal(got.Differences(), []string{"f"}) {
		t.Errorf("got %s, %v", content, err)
	}
}
