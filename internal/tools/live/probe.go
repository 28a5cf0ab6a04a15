// SPDX-License-Identifier: MPL-2.0

// Package live compares what this project assumes about Elasticsearch with what a
// server does. A fact names one behavior that code depends on; the probe asks the
// server for each fact and reports the differences.
package live

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
)

// Prefix begins the names of everything that the probe creates.
const Prefix = "tf-inference-live-"

// Keys are the AWS keys that the probe gives to endpoints. Without them, endpoints
// are created while Elasticsearch skips the call of the model.
type Keys struct{ AccessKey, SecretKey string }

// invalidKeys are those of no account. They have the form of real ones.
var invalidKeys = Keys{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}

// Probe asks one server. It is used by one goroutine.
type Probe struct {
	http  *http.Client
	base  *url.URL
	keys  Keys
	run   string // begins the names of this run
	open  bool   // the configuration has no credentials
	wrong http.RoundTripper
	log   func(format string, args ...any)

	release elasticsearch.Release
	version string
	flavor  string
}

// Result is what the probe found out about one fact.
type Result struct {
	// Fact is the name of the fact.
	Fact string `json:"fact"`
	// Assumed and Observed are equal if the fact holds. Observed is empty if the
	// fact was not asked for.
	Assumed  string `json:"assumed"`
	Observed string `json:"observed,omitempty"`
	// Skipped is why the server was not asked.
	Skipped string `json:"skipped,omitempty"`
	Basis   string `json:"basis"`
}

// OK reports whether the server does what is assumed, or was not asked.
func (r Result) OK() bool { return r.Skipped != "" || r.Assumed == r.Observed }

// Report is the result of a run.
type Report struct {
	Version     string   `json:"version"`
	BuildFlavor string   `json:"build_flavor"`
	Results     []Result `json:"facts"`
}

// Differences returns the names of the facts that do not hold.
func (r Report) Differences() []string {
	var names []string
	for _, result := range r.Results {
		if !result.OK() {
			names = append(names, result.Fact)
		}
	}
	return names
}

// WriteTable writes one line per fact.
func (r Report) WriteTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "Elasticsearch %s (%s)\n\tfact\tassumed\tobserved\tbasis\n", r.Version, r.BuildFlavor)
	for _, result := range r.Results {
		mark, observed := "ok", result.Observed
		switch {
		case result.Skipped != "":
			mark, observed = "-", "not asked: "+result.Skipped
		case !result.OK():
			mark = "DIFFERS"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", mark, result.Fact, result.Assumed, observed, result.Basis)
	}
	return table.Flush()
}

// WriteFile writes the report as JSON into a directory, named after the version.
func (r Report) WriteFile(directory string) error {
	content, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	name := r.Version
	if r.BuildFlavor == "serverless" {
		name = r.BuildFlavor
	}
	return os.WriteFile(filepath.Join(directory, name+".json"), append(content, '\n'), 0o600)
}

// New returns a probe for the cluster of a configuration. The log function
// receives what could not be cleaned up.
func New(config elasticsearch.Config, keys Keys, log func(format string, args ...any)) (*Probe, error) {
	next, base, err := config.RoundTripper()
	if err != nil {
		return nil, err
	}
	open := config.APIKey == "" && config.BearerToken == "" && config.Username == ""
	config.APIKey, config.BearerToken, config.Username, config.Password = "", "", "tf-inference-live", "wrong-password"
	wrong, _, err := config.RoundTripper()
	if err != nil {
		return nil, err
	}
	random := make([]byte, 4)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	return &Probe{
		http: &http.Client{Transport: next, Timeout: 3 * time.Minute}, wrong: wrong, open: open,
		base: base, keys: keys, run: Prefix + hex.EncodeToString(random) + "-", log: log,
	}, nil
}

// Run asks for all facts, and removes what it created.
func (p *Probe) Run(ctx context.Context) (Report, error) {
	if err := p.readVersion(ctx); err != nil {
		return Report{}, err
	}
	report := Report{Version: p.version, BuildFlavor: p.flavor}
	defer func() { p.logError("clean up", p.remove(context.WithoutCancel(ctx), p.run)) }()
	early, late := []Fact{}, []Fact{}
	for _, fact := range Facts() {
		if fact.CallsModel {
			early = append(early, fact)
		} else {
			late = append(late, fact)
		}
	}
	report.Results = p.ask(ctx, early)
	if p.keys == (Keys{}) {
		restore, err := p.SkipModelCalls(ctx)
		if err != nil {
			return Report{}, err
		}
		defer restore()
	}
	report.Results = append(report.Results, p.ask(ctx, late)...)
	slices.SortStableFunc(report.Results, func(a, b Result) int { return strings.Compare(a.Fact, b.Fact) })
	return report, ctx.Err()
}

// NewID returns an id for an endpoint that Sweep would remove.
func (p *Probe) NewID(suffix string) string { return p.run + suffix }

// Sweep removes what earlier runs left behind.
func (p *Probe) Sweep(ctx context.Context) error { return p.remove(ctx, Prefix) }

func (p *Probe) readVersion(ctx context.Context) error {
	var root struct {
		Version struct {
			Number      string `json:"number"`
			BuildFlavor string `json:"build_flavor"`
		} `json:"version"`
	}
	answer, err := p.send(ctx, http.MethodGet, "/", "")
	if err != nil {
		return err
	}
	if answer.status != http.StatusOK || json.Unmarshal(answer.body, &root) != nil || root.Version.Number == "" {
		return fmt.Errorf("GET / answered %s", answer)
	}
	p.version, p.flavor = root.Version.Number, root.Version.BuildFlavor
	p.release = elasticsearch.ReleaseOf(p.version, p.flavor)
	return nil
}

func (p *Probe) ask(ctx context.Context, facts []Fact) []Result {
	var results []Result
	for _, fact := range facts {
		session := &Session{Probe: p, fact: fact.Name, ctx: ctx}
		result := Result{Fact: fact.Name, Basis: fact.Basis, Assumed: fact.Assumed(session)}
		if fact.Skip != nil {
			result.Skipped = fact.Skip(session)
		}
		if result.Skipped == "" {
			result.Observed, result.Skipped = session.observe(fact)
		}
		results = append(results, result)
	}
	return results
}

const settingSkip = "xpack.inference.skip_validate_and_start"

// SkipModelCalls makes Elasticsearch create endpoints without calling their model,
// by a cluster setting. It returns a function that restores the former value.
func (p *Probe) SkipModelCalls(ctx context.Context) (restore func(), err error) {
	before, err := p.send(ctx, http.MethodGet, "/_cluster/settings?flat_settings=true", "")
	if err != nil {
		return nil, err
	}
	var settings struct {
		Persistent map[string]any `json:"persistent"`
	}
	if before.status != http.StatusOK || json.Unmarshal(before.body, &settings) != nil {
		return nil, fmt.Errorf("GET /_cluster/settings answered %s; without AWS keys, the probe needs the privilege to change %s", before, settingSkip)
	}
	set := func(ctx context.Context, value any) error {
		body, err := json.Marshal(map[string]any{"persistent": map[string]any{settingSkip: value}})
		if err != nil {
			return err
		}
		answer, err := p.send(ctx, http.MethodPut, "/_cluster/settings", string(body))
		if err == nil && answer.status != http.StatusOK {
			err = fmt.Errorf("PUT /_cluster/settings answered %s", answer)
		}
		return err
	}
	if err := set(ctx, true); err != nil {
		return nil, err
	}
	return func() {
		p.logError("restore "+settingSkip, set(context.WithoutCancel(ctx), settings.Persistent[settingSkip]))
	}, nil
}

// remove deletes the indices, pipelines and endpoints whose names begin with the
// prefix. Wildcards in destructive requests may be forbidden, so each is named.
func (p *Probe) remove(ctx context.Context, prefix string) error {
	var failures []error
	for _, kind := range []struct {
		list, remove string
		names        func(body []byte) []string
	}{
		{"/_ingest/pipeline/" + prefix + "*", "/_ingest/pipeline/%s", namesOfObject},
		{"/" + prefix + "*/_settings?expand_wildcards=all", "/%s", namesOfObject},
		{"/_inference/_all", "/_inference/%s?force=true", namesOfEndpoints},
	} {
		listed, err := p.send(ctx, http.MethodGet, kind.list, "")
		if err != nil {
			return err
		}
		if listed.status != http.StatusOK {
			continue // There is none, or the API does not exist.
		}
		for _, name := range kind.names(listed.body) {
			if !strings.HasPrefix(name, prefix) {
				continue
			}
			answer, err := p.send(ctx, http.MethodDelete, fmt.Sprintf(kind.remove, name), "")
			if err == nil && answer.status != http.StatusOK && answer.status != http.StatusNotFound {
				err = fmt.Errorf("DELETE of %s answered %s", name, answer)
			}
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

func namesOfObject(body []byte) []string {
	var object map[string]any
	_ = json.Unmarshal(body, &object)
	return slices.Sorted(maps.Keys(object))
}

func namesOfEndpoints(body []byte) []string {
	var listing struct {
		Endpoints []struct {
			InferenceID string `json:"inference_id"`
		} `json:"endpoints"`
	}
	_ = json.Unmarshal(body, &listing)
	var names []string
	for _, endpoint := range listing.Endpoints {
		names = append(names, endpoint.InferenceID)
	}
	return names
}

func (p *Probe) logError(doing string, err error) {
	if err != nil {
		p.log("cannot %s: %v", doing, err)
	}
}

func (p *Probe) send(ctx context.Context, method, path, body string) (answer, error) {
	return send(ctx, p.http, p.base, method, path, body)
}

// maxBody bounds what is read of an answer in bytes.
const maxBody = 32 << 20

func send(ctx context.Context, client *http.Client, base *url.URL, method, path, body string) (answer, error) {
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(base.String(), "/")+path, content)
	if err != nil {
		return answer{}, err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	return answer{response.StatusCode, response.Header, read}, err
}

// answer is the answer to one request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// String returns the status and the beginning of the body.
func (a answer) String() string {
	text := strings.Join(strings.Fields(string(a.body)), " ")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + " ..."
	}
	return fmt.Sprintf("%d: %s", a.status, text)
}

func (a answer) ok() bool { return a.status == http.StatusOK }

// object returns the body as an object, or nil.
func (a answer) object() map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.UseNumber()
	var object map[string]any
	_ = decoder.Decode(&object)
	return object
}

// at returns the value at a path of names, or nil.
func (a answer) at(names ...string) any {
	var value any = a.object()
	for _, name := range names {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return value
}

// kind returns the status and the type of an error, or "200" and the like.
func (a answer) kind() string {
	if kind, ok := a.at("error", "type").(string); ok {
		return fmt.Sprintf("%d %s", a.status, kind)
	}
	return fmt.Sprint(a.status)
}

// names returns the sorted paths of all members of an object.
func names(prefix string, value any) []string {
	object, ok := value.(map[string]any)
	if !ok {
		return []string{prefix}
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		path := name
		if prefix != "" {
			path = prefix + "." + name
		}
		all = append(all, names(path, object[name])...)
	}
	if len(all) == 0 {
		return []string{prefix + ".{}"}
	}
	return all
}

var slug = regexp.MustCompile(`[^a-z0-9]+`)

// nameIn returns a name of this run for a fact, which servers accept as the name of
// an endpoint, an index or a pipeline.
func (p *Probe) nameIn(fact, suffix string) string {
	return p.run + slug.ReplaceAllString(fact, "-") + "-" + suffix
}
