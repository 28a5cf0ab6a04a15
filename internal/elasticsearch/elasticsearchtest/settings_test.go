// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/vectors"
)

// settingsRow is a result of Elasticsearch's own classes: what they made of the
// settings of a request.
type settingsRow struct {
	What     string          `json:"what"`
	Versions []string        `json:"versions"`
	Input    json.RawMessage `json:"input"`
	Output   json.RawMessage `json:"output"`
	Error    *settingsError  `json:"error"`
	Status   int             `json:"status"`
	Note     string          `json:"note"`
}

type settingsError struct {
	Type     string         `json:"type"`
	Reason   string         `json:"reason"`
	CausedBy *settingsError `json:"caused_by"`
}

// mentions reports whether an error of the chain has a type.
func (e *settingsError) mentions(exception string) bool {
	return e != nil && (e.Type == exception || e.CausedBy.mentions(exception))
}

type settingsInput struct {
	Op       string `json:"op"`
	Task     string `json:"task"`
	Body     string `json:"body"`
	Existing string `json:"existing"`
}

// settingsDepartures lists the rows that the double does not follow, by what they
// are about, with the reason.
var settingsDepartures = []struct {
	reason string
	is     func(row settingsRow, input settingsInput) bool
}{
	{"the double has no document of a stored endpoint", func(_ settingsRow, input settingsInput) bool { return input.Op == "persisted" }},
	{"the double sends nothing to models", func(_ settingsRow, input settingsInput) bool { return input.Op == "" }},
	{"the parser's copy of a task is not a request; the same settings are tested in creates", func(_ settingsRow, input settingsInput) bool {
		return input.Op == "task" || input.Op == "task_update" || input.Op == "secret"
	}},
	{"the REST layer refuses the body of the update before the classes that were run", func(row settingsRow, input settingsInput) bool {
		older := slices.Contains(row.Versions, "9.1.0")
		return input.Op == "update" && (input.Body == "{}" || older && strings.Contains(input.Body, "chunking_settings"))
	}},
	{"chunking settings of 9.1 were left out of the run", func(row settingsRow, _ settingsInput) bool {
		return row.What == "error order: chunking bad and region missing" && slices.Contains(row.Versions, "9.1.0")
	}},
	{"the text of a number out of range quotes the parser's copy of the request", func(row settingsRow, _ settingsInput) bool {
		return row.Error.mentions("input_coercion_exception")
	}},
}

func TestSettings(t *testing.T) {
	t.Parallel()
	rows := vectors.Rows[settingsRow](t, "bedrock-settings.json.gz")
	ran := 0
	for _, row := range rows {
		var input settingsInput
		_ = json.Unmarshal(row.Input, &input) // the input of a model is no object
		if departs(row, input) != "" {
			continue
		}
		for _, version := range row.Versions {
			version, _, _ = strings.Cut(version, "-") // 9.5.0-9.5.2
			ran++
			server := settingsServer(t, version)
			if problem := server.check(row, input, version); problem != "" {
				t.Errorf("%s on %s: %s %s %s after %s:\n%s", row.What, version, input.Op, input.Task, input.Body, input.Existing, problem)
			}
		}
	}
	if ran < 1000 {
		t.Errorf("only %d rows were run", ran)
	}
	for _, departure := range settingsDepartures {
		used := false
		for _, row := range rows {
			var input settingsInput
			_ = json.Unmarshal(row.Input, &input)
			used = used || departure.is(row, input)
		}
		if !used {
			t.Errorf("no row departs because %s", departure.reason)
		}
	}
}

func departs(row settingsRow, input settingsInput) string {
	for _, departure := range settingsDepartures {
		if departure.is(row, input) {
			return departure.reason
		}
	}
	return ""
}

// settingsDouble sends requests to a double without a connection.
type settingsDouble struct {
	t *testing.T
	*elasticsearchtest.Server
}

func settingsServer(t *testing.T, version string) settingsDouble {
	t.Helper()
	server, err := elasticsearchtest.NewHandler(elasticsearchtest.Version(version))
	if err != nil {
		t.Fatal(err)
	}
	return settingsDouble{t, server}
}

func (d settingsDouble) send(method, path, body string) (int, []byte) {
	request, err := http.NewRequestWithContext(d.t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	recorder := &recorder{header: http.Header{}}
	d.ServeHTTP(recorder, request)
	return recorder.status, recorder.body.Bytes()
}

type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// withService adds the service to the body of a create.
func withService(body string) string {
	rest := strings.TrimPrefix(strings.TrimSpace(body), "{")
	if strings.TrimSpace(rest) != "}" {
		rest = "," + rest
	}
	return `{"service":"amazonbedrock"` + rest
}

// check runs a row, and returns how the double differs.
func (d settingsDouble) check(row settingsRow, input settingsInput, version string) string {
	if input.Op != "create_embedded" {
		d.send(http.MethodPut, "/_cluster/settings", `{"persistent":{"xpack.inference.skip_validate_and_start":true}}`)
	}
	path := "/_inference/" + input.Task + "/x"
	status, body := 0, []byte(nil)
	if input.Op == "update" {
		if status, body := d.send(http.MethodPut, path, withService(input.Existing)); status != http.StatusOK {
			return "cannot create the endpoint: " + string(body)
		}
		status, body = d.send(http.MethodPut, path+"/_update", input.Body)
	} else {
		status, body = d.send(http.MethodPut, path, withService(input.Body))
	}
	if row.Error == nil {
		return compareShown(row, body, status, version)
	}
	var got struct {
		Error settingsError `json:"error"`
	}
	_ = json.Unmarshal(body, &got)
	want := row.Status
	if status != want || !sameError(&got.Error, row.Error) {
		expected, _ := json.Marshal(row.Error)
		return " got " + http.StatusText(status) + " " + string(body) + "\nwant " + http.StatusText(want) + " " + string(expected)
	}
	return ""
}

var position = regexp.MustCompile(`^\[\d+:\d+\] `)

func sameError(got, want *settingsError) bool {
	if got == nil || want == nil {
		return got == nil && want == nil
	}
	return got.Type == want.Type && position.ReplaceAllString(got.Reason, "") == position.ReplaceAllString(want.Reason, "") && sameError(got.CausedBy, want.CausedBy)
}

// compareShown compares the endpoint that is shown. The rows of 9.1 leave out the
// chunking settings.
func compareShown(row settingsRow, body []byte, status int, version string) string {
	var output struct {
		Shown string `json:"shown"`
	}
	if json.Unmarshal(row.Output, &output) != nil {
		_ = json.Unmarshal(row.Output, &output.Shown)
	}
	var got, want map[string]any
	if status != http.StatusOK || decode(body, &got) != nil || decode([]byte(output.Shown), &want) != nil {
		return " got " + http.StatusText(status) + " " + string(body) + "\nwant " + output.Shown
	}
	if version == "9.1.0" {
		delete(got, "chunking_settings")
		delete(want, "chunking_settings")
	}
	if !reflect.DeepEqual(got, want) {
		return " got " + string(body) + "\nwant " + output.Shown
	}
	return ""
}

func decode(content []byte, value any) error {
	decoder := json.NewDecoder(io.NopCloser(bytes.NewReader(content)))
	decoder.UseNumber()
	return decoder.Decode(value)
}
