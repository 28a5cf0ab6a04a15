// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/vectors"
)

// exception is an error as the vectors have it.
type exception struct {
	Type     string     `json:"type"`
	Reason   string     `json:"reason"`
	CausedBy *exception `json:"caused_by"`
}

func (e *exception) String() string {
	if e == nil {
		return "no error"
	}
	text := e.Type + ": " + withoutSource(e.Reason)
	if e.CausedBy != nil {
		text += " <- " + e.CausedBy.String()
	}
	return text
}

// source is the copy of the body in the messages of Jackson. The API never repeats
// it, because bodies contain keys.
var source = regexp.MustCompile(`(?s)( at)? \[Source: .*?"; (line: \d+, column: \d+)\]`)

func withoutSource(reason string) string {
	reason = source.ReplaceAllString(reason, "$1 $2")
	return regexp.MustCompile(`\n at line: \d+, column: \d+`).ReplaceAllString(strings.ReplaceAll(reason, "\n at  line", "\n at line"), "")
}

// problem returns the error of an answer, nil if there is none.
func (e exchange) problem() *exception {
	var body struct{ Error *exception }
	_ = json.Unmarshal([]byte(e.text), &body)
	return body.Error
}

// vectorDeparture is what the API does otherwise than Elasticsearch on purpose.
type vectorDeparture struct {
	name, reason string
	// rows are those that depart, by their label.
	rows *regexp.Regexp
	// status is what the API answers; 0 is any status.
	status int
}

// comparison counts rows that agree and depart. A row that departs without being
// listed is an error, and so is one that is listed and agrees.
type comparison struct {
	*testing.T
	departures []vectorDeparture

	mu      sync.Mutex
	agree   int
	departs map[string]int
}

func compareVectors(t *testing.T, departures []vectorDeparture) *comparison {
	t.Helper()
	return &comparison{T: t, departures: departures, departs: map[string]int{}}
}

// row records one row; difference is empty if it agrees.
func (c *comparison) row(label, difference string, answer exchange) {
	c.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	index := slices.IndexFunc(c.departures, func(d vectorDeparture) bool { return d.rows.MatchString(label) })
	switch {
	case index < 0 && difference == "":
		c.agree++
	case index < 0:
		c.Errorf("%s\n\t%s", label, difference)
	case difference == "":
		c.Errorf("%s\n\tagrees, although departure %q names it", label, c.departures[index].name)
	case c.departures[index].status != 0 && c.departures[index].status != answer.status:
		c.Errorf("%s\n\tdeparture %q: status %d, want %d: %s", label, c.departures[index].name, answer.status, c.departures[index].status, answer.text)
	default:
		c.departs[c.departures[index].name]++
	}
}

func (c *comparison) done() {
	c.Helper()
	total := 0
	for _, departure := range c.departures {
		total += c.departs[departure.name]
		if c.departs[departure.name] == 0 {
			c.Errorf("no row departs as %q", departure.name)
		}
	}
	c.Logf("%d rows agree, %d depart: %v", c.agree, total, c.departs)
}

// expect compares the answer with a status, an error or a body.
func expect(answer exchange, status int, problem *exception, body string) string {
	switch {
	case problem != nil && (answer.status != status || answer.problem().String() != problem.String()):
		return fmt.Sprintf("got %d %s, want %d %s", answer.status, answer.problem(), status, problem)
	case problem == nil && answer.status != http.StatusOK:
		return fmt.Sprintf("got %d %s, want success", answer.status, answer.problem())
	case problem == nil && body != "" && !sameEndpoint(answer.text, body):
		return fmt.Sprintf("got %s, want %s", answer.text, body)
	}
	return ""
}

// sameEndpoint compares endpoints. What the test call of the model finds out is
// compared only if it is expected.
func sameEndpoint(got, want string) bool {
	var found, wanted map[string]any
	if json.Unmarshal([]byte(got), &found) != nil || json.Unmarshal([]byte(want), &wanted) != nil {
		return false
	}
	delete(found, "inference_id")
	delete(wanted, "inference_id")
	settings := object(found["service_settings"])
	for _, name := range []string{"dimensions", "similarity"} {
		if _, wants := object(wanted["service_settings"])[name]; !wants {
			delete(settings, name)
		}
	}
	return reflect.DeepEqual(found, wanted)
}

type settingsRow struct {
	What     string
	Versions []string
	Input    json.RawMessage
	Status   int
	Error    *exception
	Output   json.RawMessage
	Note     string
}

type settingsInput struct{ Op, Task, Body, Existing string }

var settingsDepartures = []vectorDeparture{
	{
		"no object", "A block that is not an object is an error of the request. Elasticsearch answers 500.",
		regexp.MustCompile(`not an object`), http.StatusBadRequest,
	},
	{
		"keys of AWS's default chain", "Keys may be left out; the credentials of the server's environment are used then.",
		regexp.MustCompile(`keys missing|secret completion \| (\{\}|.*null.*null)`), http.StatusBadRequest,
	},
	{
		"top_k", "top_k is a whole number up to the bound of the provider, because it reaches the model.",
		regexp.MustCompile(`top_k \| task .*"top_k":(0\.[1-9]|1\.0001|1e-3|5e-324|1e400|[0-9]+\})|(anthropic|cohere|mistral)"\},"task_settings":\{"top_k":0\.5|"top_k":5\.0|"top_k":0\.3,"max_new_tokens":9|all four|min and type|^_update \(anthropic\)`), 0,
	},
	{
		"sampling", "temperature is refused together with top_p or top_k, because newer models accept only one of them.",
		regexp.MustCompile(`"temperature":0.1,"top_p"`), http.StatusBadRequest,
	},
	{
		"characters of keys", "Keys with blanks are refused, because no key of AWS has one.",
		regexp.MustCompile(`update \w+ \| .*"access_key":" "|secret completion \| .*(" "|a.n")`), http.StatusBadRequest,
	},
	{
		"chunking of completions", "Completions have no chunking settings. Elasticsearch stores and shows them after an _update, and forgets them when it reads the endpoint again.",
		regexp.MustCompile(`update completion \| \{"chunking_settings":\{(\}|"strategy":"none|"strategy":"word)`), http.StatusOK,
	},
	{
		"regions and models", "Regions without Amazon Bedrock, blank models and blank keys are refused before the model is called.",
		regexp.MustCompile(`value \| create .*"(region|model|access_key|secret_key)":" +(x )?"[,}]`), http.StatusBadRequest,
	},
}

// TestSettings compares all rows about the settings of the service that a request
// can reach. Each of several servers takes a part, because every write waits for
// the disk.
func TestSettings(t *testing.T) {
	t.Parallel()
	compared := compareVectors(t, settingsDepartures)
	var rows []settingsRow
	unreachable := 0
	for _, row := range vectors.Rows[settingsRow](t, "bedrock-settings.json.gz") {
		var input settingsInput
		switch {
		case !slices.Contains(row.Versions, "9.5.3") || json.Unmarshal(row.Input, &input) != nil || input.Op == "": // see TestModelRequests
		case strings.Contains(row.Note, "Request body is empty"), input.Op == "persisted",
			input.Op == "secret" && regexp.MustCompile(`"x":1|: ?(5|true|null|\[)`).MatchString(input.Body):
			unreachable++ // the vector is about a class behind the API
		default:
			rows = append(rows, row)
		}
	}
	t.Run("rows", func(t *testing.T) {
		for part := range slices.Chunk(rows, len(rows)/16) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				s, bedrock := modelled(t)
				bedrock.set(func(m *model) { m.vector = slices.Repeat([]float64{0.5}, 1024) })
				for i, row := range part {
					s.compareSettings(compared, bedrock, fmt.Sprintf("row-%d", i), row)
				}
			})
		}
	})
	compared.done()
	t.Logf("%d rows cannot be reached by requests", unreachable)
}

func (s *server) compareSettings(compared *comparison, bedrock *model, id string, row settingsRow) {
	s.Helper()
	var input settingsInput
	_ = json.Unmarshal(row.Input, &input)
	label := fmt.Sprintf("%s | %s %s | %s", row.What, input.Op, input.Task, input.Body)
	var output struct{ Shown, Settings, Left string }
	_ = json.Unmarshal(row.Output, &output)
	if row.Error == nil || input.Op == "update" {
		input, output.Shown = withModel(input, output.Shown)
	}
	path := "/_inference/" + input.Task + "/" + id
	var answer exchange
	var difference string
	switch input.Op {
	case "update":
		if answer = s.send(http.MethodPut, path, withService(input.Existing)); answer.status != http.StatusOK {
			difference = "cannot be created"
			break
		}
		answer = s.send(http.MethodPut, path+"/_update", input.Body)
		difference = expect(answer, row.Status, row.Error, output.Shown)
	case "task":
		answer = s.send(http.MethodPut, path, vectorEndpoint(input.Task, "task_settings", input.Body))
		difference = expectTask(answer, row, output.Settings, output.Left)
	case "task_update":
		label += " on " + input.Existing
		difference, answer = s.overrideTask(bedrock, id, input, row)
	case "secret":
		body := `{"service":"amazonbedrock","service_settings":{"region":"us-east-1","model":"amazon.titan-text-premier-v1:0","provider":"amazontitan",` + strings.TrimPrefix(input.Body, "{") + "}"
		answer = s.send(http.MethodPut, path, strings.Replace(body, ",}}", "}}", 1))
		difference = expect(answer, row.Status, row.Error, "")
	default:
		answer = s.send(http.MethodPut, path, withService(input.Body))
		difference = expect(answer, row.Status, row.Error, output.Shown)
	}
	compared.row(label, difference, answer)
}

// vectorEndpoint is the body of an endpoint that has all task settings of its task.
func vectorEndpoint(task, block, settings string) string {
	provider, model := "anthropic", "anthropic.claude-3-haiku-20240307-v1:0"
	if task == "text_embedding" {
		provider, model = "cohere", "cohere.embed-english-v3"
	}
	return fmt.Sprintf(`{"service":"amazonbedrock","service_settings":{"access_key":"AK","secret_key":"SK","region":"us-east-1","model":%q,"provider":%q,"rate_limit":{"requests_per_minute":600000}},%q:%s}`,
		model, provider, block, settings)
}

// expectTask compares the task settings of a new endpoint.
func expectTask(answer exchange, row settingsRow, settings, left string) string {
	if row.Error == nil && left != "{}" {
		row.Status, row.Error = http.StatusBadRequest, &exception{Type: "status_exception", Reason: "Model configuration contains settings [" + left + "] unknown to the [amazonbedrock] service"}
	}
	if difference := expect(answer, row.Status, row.Error, ""); difference != "" || row.Error != nil {
		return difference
	}
	shown, _ := json.Marshal(at(answer.json(), "task_settings"))
	if string(shown) == "null" {
		shown = []byte("{}")
	}
	if !sameEndpoint(string(shown), settings) {
		return fmt.Sprintf("got %s, want %s", shown, settings)
	}
	return ""
}

// overrideTask runs an endpoint with other task settings, and compares what the
// model is sent.
func (s *server) overrideTask(bedrock *model, id string, input settingsInput, row settingsRow) (string, exchange) {
	s.Helper()
	created := s.send(http.MethodPut, "/_inference/"+input.Task+"/"+id, vectorEndpoint(input.Task, "task_settings", input.Existing))
	if created.status != http.StatusOK {
		return "cannot be created", created
	}
	bedrock.set(func(*model) {})
	answer := s.send(http.MethodPost, "/_inference/"+input.Task+"/"+id, `{"input":"x","task_settings":`+input.Body+`}`)
	if difference := expect(answer, row.Status, row.Error, ""); difference != "" || row.Error != nil {
		return difference, answer
	}
	var merged map[string]any
	var text string
	_ = json.Unmarshal(row.Output, &text)
	_ = json.Unmarshal([]byte(text), &merged)
	sent := bedrock.asked()[0]
	truncate, _ := sent["truncate"].(string)
	for name, got := range map[string]any{
		"truncate": strings.ToLower(truncate), "temperature": at(sent, "inferenceConfig", "temperature"), "top_p": at(sent, "inferenceConfig", "topP"),
		"max_new_tokens": at(sent, "inferenceConfig", "maxTokens"), "top_k": at(sent, "additionalModelRequestFields", "top_k"),
	} {
		if got == "" {
			got = nil
		}
		if !reflect.DeepEqual(got, merged[name]) {
			return fmt.Sprintf("sent %s %v, want %v", name, got, merged[name]), answer
		}
	}
	return "", answer
}

// withModel puts a model that the provider has in place of m1.
func withModel(input settingsInput, shown string) (settingsInput, string) {
	for provider, models := range map[string][2]string{
		"amazontitan": {"amazon.titan-embed-text-v2:0", "amazon.titan-text-premier-v1:0"},
		"anthropic":   {"", "anthropic.claude-3-haiku-20240307-v1:0"},
		"ai21labs":    {"", "ai21.jamba-1-5-mini-v1:0"},
		"cohere":      {"cohere.embed-english-v3", "cohere.command-r-v1:0"},
		"meta":        {"", "meta.llama3-8b-instruct-v1:0"},
		"mistral":     {"", "mistral.mistral-7b-instruct-v0:2"},
	} {
		if strings.Contains(strings.ToLower(cmp.Or(input.Existing, input.Body)), provider) {
			name := models[1]
			if input.Task == "text_embedding" {
				name = models[0]
			}
			for _, text := range []*string{&input.Body, &input.Existing, &shown} {
				*text = strings.ReplaceAll(*text, `"m1"`, `"`+name+`"`)
			}
			break
		}
	}
	return input, shown
}

// withService adds the service to the body of a PUT.
func withService(body string) string {
	if body == "{}" {
		return `{"service":"amazonbedrock"}`
	}
	return `{"service":"amazonbedrock",` + strings.TrimPrefix(body, "{")
}
