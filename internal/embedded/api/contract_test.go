// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// contractCase is one case of testdata/elasticsearch-cases.json.
type contractCase struct {
	Area   string         `json:"area"`
	Name   string         `json:"name"`
	Input  any            `json:"input"`
	Expect map[string]any `json:"expect"`
}

// areas send the cases of each area and return the answer.
var areas = map[string]func(*testing.T, contractCase) exchange{
	"put":                 putCase,
	"service_settings":    serviceCase,
	"secrets":             secretsCase,
	"task_settings":       taskCase,
	"task_settings_merge": mergeCase,
	"chunking_settings":   chunkingCase,
	"put_verify":          verifyCase,
	"persisted":           persistedCase,
	"rest":                restCase,
	"infer":               inferCase,
	"streaming":           streamingCase,
	"stream":              streamCase,
	"bedrock_map":         mapCase,
}

// ofChunking are areas about chunking itself, which no request reaches. Package
// chunking tests them.
var ofChunking = []string{"word_chunker", "sentence_chunker", "recursive_chunker", "chunker_vectors", "word_count", "batcher"}

// TestContract sends every case over HTTP. A case that is listed in departures must
// depart in the listed way. Placeholders for regions and models are replaced; see
// realistic.
func TestContract(t *testing.T) {
	t.Parallel()
	var seen []string
	for _, c := range readCases(t) {
		if slices.Contains(ofChunking, c.Area) {
			continue
		}
		run, known := areas[c.Area]
		if !known {
			t.Errorf("unknown area %q", c.Area)
			continue
		}
		name := c.Area + "/" + c.Name
		seen = append(seen, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := run(t, c)
			wrong := differences(c.Expect, answer)
			departure, departs := departures[name]
			switch {
			case !departs && len(wrong) > 0:
				t.Errorf("%d %s\n%s", answer.status, answer.text, strings.Join(wrong, "\n"))
			case departs && len(wrong) == 0:
				t.Errorf("agrees; remove it from the departures (%s)", departure.reason)
			case departs && (answer.status != departure.status || !strings.Contains(answer.text, departure.says)):
				t.Errorf("departs in another way than listed: %d %s", answer.status, answer.text)
			}
		})
	}
	for name := range departures {
		if !slices.Contains(seen, name) {
			t.Errorf("no such case: %s", name)
		}
	}
}

func readCases(t *testing.T) []contractCase {
	t.Helper()
	content, err := os.ReadFile("testdata/elasticsearch-cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []contractCase
	if err := json.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}
	// Numbers of the inputs are sent as they are written.
	var inputs []struct{ Input json.RawMessage }
	if err := json.Unmarshal(content, &inputs); err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		decoder := json.NewDecoder(bytes.NewReader(inputs[i].Input))
		decoder.UseNumber()
		cases[i].Input = nil
		if err := decoder.Decode(&cases[i].Input); err != nil && len(inputs[i].Input) > 0 {
			t.Fatal(err)
		}
	}
	return cases
}

// differences compares an answer with everything that a case expects of it.
func differences(expect map[string]any, answer exchange) []string {
	var wrong []string
	for name, want := range expect {
		if text := difference(name, want, answer); text != "" {
			wrong = append(wrong, text)
		}
	}
	return wrong
}

func difference(name string, want any, answer exchange) string {
	body := answer.json()
	service := at(body, "service_settings")
	var got any
	switch name {
	case "note", "newer_wording", "also": // remarks
		return ""
	case "similarity_in_settings": // before the model was asked; put_verify has what comes of it
		return ""
	case "ok", "can_stream":
		got = answer.status == 200
	case "status":
		got = float64(answer.status)
	case "type":
		got = answer.kind()
	case "exception":
		want, got = "exception", answer.kind() // the class is ElasticsearchException
	case "reason":
		got = answer.reason()
	case "reason_contains", "message":
		return lacks(answer.text, want)
	case "caused_by": // "chain down to AWS message"
		return lacks(fmt.Sprint(at(body, "error", "caused_by")), unknownToken)
	case "cause_contains":
		return lacks(fmt.Sprint(at(body, "error", "caused_by")), want)
	case "body":
		got = any(body)
	case "endpoints", "text_embedding":
		got = at(body, name)
	case "get_provider":
		got = at(service, "provider")
	case "rate_limit", "similarity":
		got = at(service, name)
	case "dimensions":
		if got = at(service, name); want == nil {
			return "" // before the model was asked, as above
		}
	case "json":
		return differentText(want, answer.text)
	case "secrets", "sent", "invoke_body", "calls", "messages", "inferenceConfig", "events", "temperature", "top_p", "top_k", "max_new_tokens":
		got = body[name] // what the case's area has observed
	case "strategy", "max_chunk_size", "overlap", "sentence_overlap", "separators":
		got = at(body, "chunking_settings", name)
	default:
		return "the test does not know what " + name + " means"
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Sprintf("%s is %v, want %v", name, got, want)
	}
	return ""
}

func lacks(text string, want any) string {
	// A reason is JSON inside of the answer.
	encoded, _ := json.Marshal(want)
	if inner := strings.Trim(string(encoded), `"`); !strings.Contains(text, inner) && !strings.Contains(text, want.(string)) {
		return fmt.Sprintf("it lacks %q", want)
	}
	return ""
}

// differentText compares the settings with their order.
func differentText(want any, answer string) string {
	var shown struct {
		Endpoints []struct {
			ServiceSettings json.RawMessage `json:"service_settings"`
		} `json:"endpoints"`
	}
	if err := json.Unmarshal([]byte(answer), &shown); err != nil || len(shown.Endpoints) != 1 {
		return "there is not one endpoint"
	}
	if got := string(shown.Endpoints[0].ServiceSettings); got != want.(string) {
		return fmt.Sprintf("it is %s, want %s", got, want)
	}
	return ""
}
