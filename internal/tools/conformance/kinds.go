// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

// kind is one thing that is compared.
type kind struct {
	name, driverKind string
	// share is the part of the cases that this kind gets, in percent. Cases of
	// settings write a file each.
	share    int
	generate func(*rand.Rand) row
	ours     func(row) answer
	same     func(want, got answer) bool
	// departs returns the reason of a difference that is kept on purpose, or "".
	departs func(r row, want, got answer) string
}

// newKinds returns all kinds. The settings are those that serve accepts, which
// needs an embedded target.
func newKinds() (kinds []kind, closeKinds func(), err error) {
	directory, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return nil, nil, err
	}
	target := embedded.New(filepath.Join(directory, "endpoints.db"), bedrock.New(bedrock.Config{Simulator: bedrocksim.New()}))
	handler := api.New(target, api.Config{})
	return []kind{
		{"chunks", "chunk", 100, randomChunking, ourChunks, sameResult, departingChunks},
		{"separators", "chunk", 100, randomSeparator, ourChunks, sameResult, departingSeparators},
		{"settings", "settings", 2, randomSettings, func(r row) answer { return ourSettings(handler, r) }, sameRefusal, departingSettings},
		{"filter_path", "filter_path", 100, randomFilterPath, ourFilterPath, sameText, noDeparture},
		{"json", "json", 100, randomBody, ourBody, sameText, departingBody},
		{"chat", "chat", 50, randomChat, func(r row) answer { return ourChat(handler, r) }, sameResult, departingChat},
		{"time", "time", 20, randomTime, ourTime, sameResult, departingTime},
		{"media", "media", 50, randomMedia, ourMedia, sameResult, noDeparture},
	}, func() { _ = os.RemoveAll(directory) }, nil
}

// sameResult compares results; two refusals are the same whatever they say.
func sameResult(want, got answer) bool {
	if want.Error != "" || got.Error != "" {
		return want.Error != "" && got.Error != ""
	}
	return bytes.Equal(want.Result, got.Result)
}

// sameText compares results that are the text of a JSON value.
func sameText(want, got answer) bool {
	if want.Error != "" || got.Error != "" {
		return want.Error != "" && got.Error != ""
	}
	var texts [2]string
	var values [2]any
	for i, a := range []answer{want, got} {
		if json.Unmarshal(a.Result, &texts[i]) != nil {
			return false
		}
		decoder := json.NewDecoder(strings.NewReader(texts[i]))
		decoder.UseNumber()
		if err := decoder.Decode(&values[i]); err != nil {
			return texts[0] == texts[1]
		}
	}
	return reflect.DeepEqual(javaNumbers(values[0]), javaNumbers(values[1]))
}

// javaNumbers replaces numbers with a fraction or an exponent by their double,
// which Java prints in another form.
func javaNumbers(value any) any {
	switch value := value.(type) {
	case json.Number:
		switch {
		case esrest.IsDouble(value):
			number, _ := value.Float64()
			return number
		case value == "-0":
			return json.Number("0")
		}
	case []any:
		for i := range value {
			value[i] = javaNumbers(value[i])
		}
	case map[string]any:
		for name := range value {
			value[name] = javaNumbers(value[name])
		}
	}
	return value
}

// sameRefusal compares whether the case is refused, and with which message.
func sameRefusal(want, got answer) bool {
	if want.Error == "" || got.Error == "" {
		return want.Error == got.Error
	}
	return want.Message == got.Message
}

func noDeparture(row, answer, answer) string { return "" }

// ourChunks returns the chunks of this project as the driver does.
func ourChunks(r row) answer {
	chunker, err := ourChunker(r)
	if err != nil {
		return refusal(err.Error())
	}
	chunks, err := chunker.Chunks(r.Text)
	if err != nil {
		return refusal(err.Error())
	}
	offsets := []int{}
	for _, chunk := range chunks {
		offsets = append(offsets, chunk.Start, chunk.End)
	}
	return result(offsets)
}

func ourChunker(r row) (*chunking.Chunker, error) {
	settings := chunking.Settings{SentenceOverlap: 1}
	settings.Strategy, _ = r.Settings["strategy"].(string)
	settings.MaxChunkSize, _ = r.Settings["max_chunk_size"].(int)
	settings.Overlap, _ = r.Settings["overlap"].(int)
	if overlap, ok := r.Settings["sentence_overlap"].(int); ok {
		settings.SentenceOverlap = overlap
	}
	settings.Separators, _ = r.Settings["separators"].([]string)
	settings.SeparatorGroup, _ = r.Settings["separator_group"].(string)
	return chunking.New(settings)
}

func departingChunks(r row, want, _ answer) string {
	if strings.ContainsAny(r.Text, "\u30fc\uff70") {
		return "what ICU4J makes of a run that begins with U+30FC or U+FF70 depends on the texts before it"
	}
	if splitsCharacter(r.Text, want) {
		return "a match between the two halves of a character, which UTF-8 cannot express"
	}
	return ""
}

func departingSeparators(r row, want, got answer) string {
	separators, _ := r.Settings["separators"].([]string)
	separator := strings.Join(separators, "")
	switch {
	case got.Error != "" && strings.Contains(got.Message, "too"):
		return "the time of a separator is limited"
	case want.Error == "StackOverflowError":
		return "Java's stack overflows"
	case lookBehind.MatchString(separator) && (reluctant.MatchString(separator) || strings.ContainsFunc(r.Text, isSupplementary)):
		return "look-behinds with possessive or lazy parts, \\G, or characters outside the Basic Multilingual Plane"
	case strings.Contains(separator, "(?>") && strings.Contains(separator, `\1`):
		return "references to groups within repeated atomic groups"
	case strings.ContainsFunc(r.Text, isSupplementary):
		return "a match between the two halves of a character, which UTF-8 cannot express"
	case strings.Contains(separator, `\b{g}`) && movesEdge.MatchString(separator):
		return "\\b{g} beside look-arounds and repetitions, which move its beginning in Java"
	}
	return departingChunks(r, want, got)
}

var (
	lookBehind = regexp.MustCompile(`\(\?<[=!]`)
	movesEdge  = regexp.MustCompile(`[?*+]|\{[0-9]`)
	reluctant  = regexp.MustCompile(`[?*+}][?+]|\\G`)
)

func isSupplementary(r rune) bool { return r > 0xffff }

// splitsCharacter reports whether an offset lies within a surrogate pair.
func splitsCharacter(text string, a answer) bool {
	var offsets []int
	if json.Unmarshal(a.Result, &offsets) != nil {
		return false
	}
	inside, at := map[int]bool{}, 0
	for _, r := range text {
		if r > 0xffff {
			inside[at+1] = true
			at++
		}
		at++
	}
	for _, offset := range offsets {
		if inside[offset] {
			return true
		}
	}
	return false
}

// ourSettings creates an endpoint with the settings on serve.
func ourSettings(handler http.Handler, r row) answer {
	body, err := json.Marshal(map[string]any{
		"service":           "amazonbedrock",
		"service_settings":  map[string]any{"access_key": "AKIATEST", "secret_key": "secret", "region": "us-east-1", "provider": "amazontitan", "model": "amazon.titan-embed-text-v2:0"},
		"chunking_settings": r.Settings,
	})
	if err != nil {
		return refusal(err.Error())
	}
	call := func(method string, body []byte) *httptest.ResponseRecorder {
		request := httptest.NewRequest(method, "/_inference/text_embedding/conformance", bytes.NewReader(body)) //nolint:noctx // in memory
		if body != nil {
			request.Header.Set("Content-Type", "application/json")
		}
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		return recorder
	}
	response := call(http.MethodPut, body)
	if response.Code == http.StatusOK {
		call(http.MethodDelete, nil)
		return answer{}
	}
	var refused struct {
		Error struct {
			Reason string `json:"reason"`
		} `json:"error"`
	}
	if err := json.Unmarshal(response.Body.Bytes(), &refused); err != nil {
		return refusal(err.Error())
	}
	return refusal(refused.Error.Reason)
}

func departingSettings(_ row, want, got answer) string {
	switch {
	case strings.Contains(got.Message, "must be less than or equal to [300.0]"):
		return "the embedded target accepts at most 300 words"
	case want.Error == "" && strings.Contains(got.Message, "regular expression"):
		return "separators that are not valid are refused at once"
	case want.Error == "NullPointerException" || want.Error == "ClassCastException":
		return "an error of Elasticsearch itself, answered with 400 here"
	}
	return ""
}

func ourFilterPath(r row) answer {
	body, _ := r.Body.(string)
	filtered, err := esrest.ParseFilterPath(r.FilterPath).Apply([]byte(body))
	if err != nil {
		return refusal(err.Error())
	}
	return result(string(filtered))
}

func ourBody(r row) answer {
	body, _ := r.Body.([]byte)
	value, problem := esrest.ParseObject(body, 100_000)
	if problem != nil {
		return refusal(problem.Reason)
	}
	encoded, err := esrest.Encode(value)
	if err != nil {
		return refusal(err.Error())
	}
	return result(string(encoded))
}

func departingBody(r row, want, got answer) string {
	body, _ := r.Body.([]byte)
	switch {
	case want.Error != "":
		return ""
	case string(want.Result) == `"{}"` && !bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff"))), []byte("{")):
		return "a body that is no object is refused by its parser, not by its reader"
	case got.Error == "" || !utf8.Valid(body):
		return ifTrue(got.Error != "", "bodies are UTF-8")
	case bytes.Contains(body, []byte("/*")) || bytes.Contains(body, []byte("//")):
		return "comments are refused"
	case !json.Valid(bytes.TrimPrefix(body, []byte("\ufeff"))):
		return "text after the object is refused"
	}
	return ""
}

func ifTrue(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

// ourChat sends the body of a chat to an endpoint that does not exist, which serve
// reports as an event, and only if it can read the body.
func ourChat(handler http.Handler, r row) answer {
	body, _ := r.Body.(string)
	request := httptest.NewRequest(http.MethodPost, "/_inference/chat_completion/missing/_stream", strings.NewReader(body)) //nolint:noctx // in memory
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	if strings.Contains(recorder.Body.String(), "not_found") {
		return result("accepted")
	}
	return refusal(recorder.Body.String())
}

func departingChat(r row, want, got answer) string {
	body, _ := r.Body.(string)
	return ifTrue(want.Error == "" && got.Error != "" && !json.Valid([]byte(body)), "text after the object is refused")
}

func ourTime(r row) answer {
	value, problem := esrest.ParseTime("timeout", r.Time)
	if problem != nil {
		return refusal(problem.Reason)
	}
	return result(value.Milliseconds())
}

func departingTime(_ row, _, got answer) string {
	return ifTrue(got.String() == result(time.Duration(math.MaxInt64).Milliseconds()).String(), "times above 292 years are cut")
}

func ourMedia(r row) answer {
	header := http.Header{}
	for name, value := range r.Headers {
		header.Set(name, value)
	}
	media, problem := esrest.Media(header, r.HasBody)
	if problem != nil {
		return refusal(problem.Reason)
	}
	return result(media)
}

// vectorsOfKind is the number of cases of each kind that the test reads, before its
// share is taken.
const vectorsOfKind = 400

// vector is a case with the answer of Elasticsearch.
type vector struct {
	Row    row    `json:"row"`
	Answer answer `json:"answer"`
}

// writeVectors writes cases with the answers of Elasticsearch.
func (k kind) writeVectors(d *driver, directory string) error {
	random := rand.New(rand.NewPCG(1, 1))
	rows := make([]row, max(1, vectorsOfKind*k.share/100))
	for i := range rows {
		rows[i] = k.generate(random)
		rows[i].Kind = k.driverKind
	}
	answers, err := d.ask(rows)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	for i, r := range rows {
		if got := k.ours(r); !k.same(answers[i], got) {
			continue // a departure
		}
		line, err := json.Marshal(vector{r, answers[i]})
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "%s\n", line)
	}
	return os.WriteFile(filepath.Join(directory, k.name+".jsonl"), out.Bytes(), 0o600)
}
