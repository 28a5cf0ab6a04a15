// SPDX-License-Identifier: MPL-2.0

package esrest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/vectors"
)

func sameJSON(a, b string) bool {
	var left, right any
	return json.Unmarshal([]byte(a), &left) == nil && json.Unmarshal([]byte(b), &right) == nil && reflect.DeepEqual(left, right)
}

func TestFilterPath(t *testing.T) {
	t.Parallel()
	for _, row := range vectors.Rows[struct {
		FilterPath *string `json:"filter_path"`
		Request    string
		Input      string
		Status     int
		Output     string
	}](t, "filter-path.json") {
		var query string
		if row.FilterPath == nil || row.Input == "" {
			_, query, _ = strings.Cut(row.Request, "?")
			if !strings.HasPrefix(row.Request, "POST /_echo") {
				continue // errors are not filtered, see TestErrors
			}
		}
		text := ""
		if row.FilterPath != nil {
			text = *row.FilterPath
		} else {
			params, problem := esrest.ParseQuery(query)
			if problem != nil {
				t.Error(problem)
				continue
			}
			text, _ = params.Text("filter_path")
		}
		if row.Status != http.StatusOK {
			continue
		}
		got, err := esrest.ParseFilterPath(text).Apply([]byte(row.Input))
		if err != nil || !sameJSON(string(got), row.Output) {
			t.Errorf("filter_path %q of %s: got %s, %v; want %s", text, row.Input, got, err, row.Output)
		}
	}
}

// TestMedia compares all rows. Answers here are always JSON, so that rows with
// YAML, CBOR and SMILE differ on purpose.
func TestMedia(t *testing.T) {
	t.Parallel()
	agree, binary := 0, 0
	for _, row := range vectors.Rows[struct {
		Method      string
		Accept      *string
		ContentType *string `json:"content_type_sent"`
		Body        *string
		What        string
		Answer      struct {
			Status      *int
			ContentType string `json:"content_type"`
			Error       *struct {
				Type, Reason string
				CausedBy     *struct{ Type, Reason string } `json:"caused_by"`
			}
		}
	}](t, "media-types.json") {
		all := strings.ToLower(row.Answer.ContentType)
		for _, header := range []*string{row.Accept, row.ContentType} {
			if header != nil {
				all += " " + strings.ToLower(*header)
			}
		}
		if row.Answer.Status != nil && row.Body != nil && *row.Body == "" {
			row.Body = nil
		}
		if strings.Contains(row.What, "format") || strings.Contains(row.What, "twice") || strings.Contains(row.What, "two lines") || strings.ContainsAny(all, "\x00") ||
			strings.Contains(all, "yaml") || strings.Contains(all, "cbor") || strings.Contains(all, "smile") || strings.Contains(all, "ndjson") && row.Method != http.MethodGet {
			binary++
			continue
		}
		header := http.Header{}
		if row.Accept != nil {
			header["Accept"] = []string{strings.TrimSpace(*row.Accept)}
		}
		if row.ContentType != nil {
			header["Content-Type"] = []string{strings.TrimSpace(*row.ContentType)}
		}
		if cause := row.Answer.Error; cause != nil && cause.CausedBy != nil && strings.HasSuffix(cause.CausedBy.Reason, "Only one value should be provided") {
			for name := range header {
				header.Add(name, header.Get(name))
			}
		}
		answer, problem := esrest.Media(header, row.Body != nil)
		label := row.Method + " " + row.What + " Accept=" + header.Get("Accept") + " Content-Type=" + header.Get("Content-Type")
		if row.Answer.Status == nil { // the connection was closed
			if problem == nil || problem.Status != http.StatusBadRequest {
				t.Errorf("%s: got %v", label, problem)
			}
			continue
		}
		refused := row.Answer.Error != nil && (row.Answer.Error.Type == esrest.TypeMediaTypeHeader || strings.HasPrefix(row.Answer.Error.Reason, "Content-Type header"))
		switch {
		case !refused:
			if problem != nil || (answer != row.Answer.ContentType && row.Answer.ContentType != "") {
				t.Errorf("%s: got %s, %+v; want %s", label, answer, problem, row.Answer.ContentType)
			}
		case problem == nil || problem.Status != *row.Answer.Status || problem.Type != row.Answer.Error.Type || problem.Reason != row.Answer.Error.Reason,
			row.Answer.Error.CausedBy != nil && (problem.Cause == nil || problem.Cause.Type != row.Answer.Error.CausedBy.Type || problem.Cause.Reason != row.Answer.Error.CausedBy.Reason):
			t.Errorf("%s: got %+v; want %d %+v %+v", label, problem, *row.Answer.Status, row.Answer.Error, row.Answer.Error.CausedBy)
		}
		agree++
	}
	t.Logf("%d rows compared, %d rows of other formats", agree, binary)
}

// TestParams compares times, flags, unknown parameters and the syntax of queries.
func TestParams(t *testing.T) {
	t.Parallel()
	for _, row := range vectors.Rows[struct {
		Kind, Request string
		Value         any
		Status        *int
		Body          string
		Error         *struct {
			Type, Reason string
			CausedBy     *struct{ Type, Reason string } `json:"caused_by"`
		}
	}](t, "rest-params.json") {
		_, target, _ := strings.Cut(row.Request, " ")
		path, query, _ := strings.Cut(target, "?")
		if !strings.HasPrefix(path, "/_params") || row.Status == nil || strings.Contains(query, "format=") {
			continue
		}
		got := evaluate(path, query)
		switch {
		case row.Kind == "int" || row.Kind == "limits" || strings.Contains(query, "error_trace=x"):
		case row.Error == nil && got.problem != nil:
			t.Errorf("%s: got %v", row.Request, got.problem)
		case row.Error == nil:
			if row.Kind == "time" {
				var want struct{ Nanos int64 }
				_ = json.Unmarshal([]byte(row.Body), &want)
				if int64(got.timeout) != want.Nanos {
					t.Errorf("%s: got %d, want %d", row.Request, got.timeout, want.Nanos)
				}
			}
		case got.problem == nil || got.problem.Type != row.Error.Type || got.problem.Reason != row.Error.Reason,
			row.Error.CausedBy != nil && (got.problem.Cause == nil || got.problem.Cause.Reason != row.Error.CausedBy.Reason):
			t.Errorf("%s: got %+v, want %+v", row.Request, got.problem, row.Error)
		}
	}
}

type evaluated struct {
	timeout time.Duration
	problem *esrest.Error
}

// evaluate reads the parameters as the handler of the vectors did.
func evaluate(path, query string) (result evaluated) {
	params, problem := esrest.ParseQuery(query)
	if problem != nil {
		return evaluated{problem: problem}
	}
	params.Text("str")
	params.Text("int")
	params.Text("filter_path")
	for _, name := range []string{"pretty", "human", "error_trace", "bool"} {
		if _, problem := params.Flag(name); problem != nil {
			return evaluated{problem: problem}
		}
	}
	if text, given := params.Text("timeout"); given {
		if result.timeout, result.problem = esrest.ParseTime("timeout", text); result.problem != nil {
			return result
		}
	}
	result.problem = params.Unknown(path, "bool", "timeout", "int", "str")
	return result
}

// TestErrors compares bodies of errors, byte by byte.
func TestErrors(t *testing.T) {
	t.Parallel()
	exception := func(kind, reason string, cause *esrest.Error) *esrest.Error {
		return &esrest.Error{Status: http.StatusBadRequest, Type: kind, Reason: reason, Cause: cause}
	}
	built := map[string]*esrest.Error{
		"validation1": esrest.ValidationError(esrest.TypeValidation, "[service_settings] does not contain the required setting [model]"),
		"notfound":    {Status: http.StatusNotFound, Type: esrest.TypeNotFound, Reason: "Inference endpoint not found [x]"},
		"illegal_argument_cause": exception(esrest.TypeIllegalArgument, "outer",
			&esrest.Error{Type: "i_o_exception", Reason: "inner"}),
		"xcontent_parse":       exception(esrest.TypeXContentParse, "[3:7] [x] unknown field [y]", nil),
		"xcontent_parse_cause": exception(esrest.TypeXContentParse, "[3:7] [x] failed to parse field [y]", &esrest.Error{Type: esrest.TypeIllegalArgument, Reason: "inner"}),
		"parse_exception":      exception(esrest.TypeParse, "Failed to parse [x]", nil),
		"already_exists":       exception(esrest.TypeAlreadyExists, "Inference endpoint [x] already exists", nil),
		"plain":                {Status: http.StatusInternalServerError, Type: esrest.TypeException, Reason: "something broke"},
		"timeout":              {Status: http.StatusTooManyRequests, Type: "timeout_exception", Reason: "Request timed out after [30s]"},
		"auth401": {
			Status: http.StatusUnauthorized, Type: esrest.TypeSecurity, Reason: "missing authentication credentials for REST request [/_inference]",
			BodyHeader: http.Header{"WWW-Authenticate": {`Basic realm="security", charset="UTF-8"`, "ApiKey"}},
		},
	}
	found := 0
	for _, row := range vectors.Rows[struct {
		Name    string
		Body    string
		Headers map[string][]string
	}](t, "errors.json") {
		problem := built[row.Name]
		if problem == nil || row.Body == "" {
			continue
		}
		found++
		header := http.Header{}
		problem.WriteHeader(header)
		for name, values := range row.Headers {
			if !reflect.DeepEqual(header.Values(name), values) {
				t.Errorf("%s: header %s is %q, want %q", row.Name, name, header.Values(name), values)
			}
		}
		if body, err := esrest.Encode(problem.Body()); err != nil || string(body) != row.Body {
			t.Errorf("%s: got %s, want %s", row.Name, body, row.Body)
		}
	}
	if found < 9 {
		t.Errorf("only %d errors were compared", found)
	}
}

// TestPretty indents as the vectors of the parameter pretty show.
func TestPretty(t *testing.T) {
	t.Parallel()
	compared := 0
	for _, row := range vectors.Rows[struct{ Request, Body string }](t, "rest-params.json") {
		if !strings.HasPrefix(row.Body, "{\n") {
			continue
		}
		var compact strings.Builder
		if err := compactJSON(&compact, row.Body); err != nil {
			t.Fatal(err)
		}
		compared++
		if got := string(esrest.Pretty([]byte(compact.String()))); got != row.Body {
			t.Errorf("%s: got %s, want %s", row.Request, got, row.Body)
		}
	}
	if compared == 0 {
		t.Error("no row was compared")
	}
	if got, want := string(esrest.Pretty([]byte(`{"a":[],"b":{},"c":[1,2]}`))), "{\n  \"a\" : [ ],\n  \"b\" : { },\n  \"c\" : [\n    1,\n    2\n  ]\n}\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func compactJSON(out *strings.Builder, text string) error {
	var buffer bytes.Buffer
	err := json.Compact(&buffer, []byte(text))
	out.WriteString(buffer.String())
	return err
}

// parseDepartures are the rows that ParseValue answers otherwise on purpose.
var parseDepartures = map[string]string{
	"UTF-16LE with BOM": "bodies are UTF-8", "UTF-16BE without BOM": "bodies are UTF-8", "UTF-32LE with BOM": "bodies are UTF-8", "UTF-32BE without BOM": "bodies are UTF-8",
	"NUL before":                     "bodies are UTF-8, not detected as UTF-32",
	"no-break space before":          "the character is named instead of its second byte",
	"overlong slash c0 af":           "not UTF-8",
	"CESU-8 surrogate pair":          "not UTF-8",
	"latin-1 e9 in a name":           "the byte is named; Elasticsearch reads on to the end",
	"invalid UTF-8 outside of texts": "text after the value is refused",
	"line comment":                   "comments are refused", "block comment": "comments are refused", "comment before": "comments are refused",
	"extra closing brace": "text after the value is refused", "trailing object": "text after the value is refused",
	"trailing object on a new line": "text after the value is refused", "trailing comment": "text after the value is refused",
	"depth 500 of arrays in an object":  "at most 100 levels",
	"depth 1000 of arrays in an object": "at most 100 levels", "depth 1001 of arrays in an object": "at most 100 levels", "depth 1002 of arrays in an object": "at most 100 levels",
}

// TestParseValue compares the bodies of the vectors and the texts of the refusals.
func TestParseValue(t *testing.T) {
	t.Parallel()
	type cause struct {
		Type, Reason string
		CausedBy     *cause `json:"caused_by"`
	}
	agree, departed := 0, map[string]bool{}
	for _, row := range vectors.Rows[struct {
		Name, Request string
		Body          *string
		Base64        []byte `json:"body_base64"`
		Accepted      bool
		Error         *cause
	}](t, "json-leniency.json") {
		body := row.Base64
		if row.Body != nil {
			body = []byte(*row.Body)
		}
		if row.Request != "" || len(body) == 0 {
			continue
		}
		value, problem := esrest.ParseValue(body, 100_000)
		same := problem == nil
		if row.Error != nil && row.Error.CausedBy != nil {
			same = problem != nil && problem.Type == row.Error.Type && problem.Reason == withoutSource(row.Error.Reason) &&
				problem.Cause != nil && problem.Cause.Type == row.Error.CausedBy.Type && problem.Cause.Reason == withoutSource(row.Error.CausedBy.Reason)
		} else if row.Error != nil {
			same = problem != nil
		}
		departed[row.Name] = !same
		reason, departs := parseDepartures[row.Name]
		switch {
		case same && !departs:
			agree++
		case same:
			t.Errorf("%s agrees; remove it from the departures (%s)", row.Name, reason)
		case !departs:
			t.Errorf("%s: got %+v of %v, want %+v", row.Name, problem, value.Kind, row.Error)
		}
	}
	for name := range parseDepartures {
		if !departed[name] {
			t.Errorf("no row departs as %q", name)
		}
	}
	t.Logf("%d rows agree, %d depart", agree, len(parseDepartures))
}

// withoutSource removes the copy of the body that Jackson's messages contain.
func withoutSource(reason string) string {
	reason, _, _ = strings.Cut(reason, "\n at [Source")
	return regexp.MustCompile(`\[Source: .*?; (line: \d+, column: \d+)\]`).ReplaceAllString(reason, "$1")
}

// FuzzParseValue compares ParseValue with encoding/json.
func FuzzParseValue(f *testing.F) {
	for _, body := range []string{`{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",null,true,{}]}`, ` [ ] `, `"a\"`, `{"a":1,"a":2}`, `[1,]`, "{\n\t\"a\" : 01}"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		value, problem := esrest.ParseValue(body, 100_000)
		if problem != nil {
			if problem.Reason == "" || problem.Status < 400 {
				t.Errorf("refused with %+v", problem)
			}
			return
		}
		if value.Kind == "null" {
			return // blank
		}
		decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
		decoder.UseNumber()
		var want any
		if err := decoder.Decode(&want); err != nil || !reflect.DeepEqual(value.Any(), want) {
			t.Errorf("%q: got %v, want %v (%v)", body, value.Any(), want, err)
		}
	})
}

// TestParseObject verifies limits and roots.
func TestParseObject(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"{\"a\":1}", "\ufeff{\"a\":1}", " {\"a\":{\"b\":[1,\"x\",null,true]}} "} {
		if _, problem := esrest.ParseObject([]byte(body), 100_000); problem != nil {
			t.Errorf("%q: %v", body, problem)
		}
	}
	for body, want := range map[string]int{
		`{"a":[` + strings.Repeat("[],", 400) + `[]]}`:                      http.StatusRequestEntityTooLarge,
		`{"a":{` + strings.Repeat(`"`, 1):                                   http.StatusBadRequest,
		`{"a":` + strings.Repeat("[", 150) + strings.Repeat("]", 150) + "}": http.StatusBadRequest,
	} {
		if _, problem := esrest.ParseObject([]byte(body), 200); problem == nil || problem.Status != want {
			t.Errorf("%.40s: got %v, want %d", body, problem, want)
		}
	}
}
