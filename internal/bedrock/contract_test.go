// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// contractCase is one entry of testdata/bedrock-cases.json: settings and input,
// the expected request, a response and the expected result.
type contractCase struct {
	Name     string
	Provider inference.Provider
	Model    string
	Task     inference.TaskType
	Settings struct {
		Temperature  *float64
		TopP         *float64 `json:"top_p"`
		TopK         *float64 `json:"top_k"`
		MaxNewTokens *int64   `json:"max_new_tokens"`
		InputType    string   `json:"input_type"`
		Truncation   string
	}
	Input    any
	Request  *contractRequest `json:"expected_request_body_or_converse"`
	Response map[string]any   `json:"response_body"`
	Result   *contractResult  `json:"expected_result"`
}

type contractRequest struct {
	API     string
	Body    any
	Calls   any
	Request struct {
		Path string
		Body map[string]any
	}
}

type contractResult struct {
	Provider     inference.Provider
	Embeddings   [][]float32
	Tokens       *int64
	ByType       any `json:"embeddings_by_type"`
	Text         *string
	Texts        []string
	TextEndsWith *string `json:"text_ends_with"`
	StopReason   *string `json:"stop_reason"`
	InputTokens  *int64  `json:"input_tokens"`
	OutputTokens *int64  `json:"output_tokens"`
	Batches      []int
	Error        string
	ErrorCode    string `json:"error_code"`
	Hint         string
	Warning      string
	Attempts     int
}

const (
	throughConverse  = "completions use Converse, which is the same for all providers, instead of native bodies"
	notSent          = "dimensions are not a setting of the service; the response determines them"
	retriesThrottled = "a throttled call is sent again until the deadline"
	noNova           = "the service has no provider for Nova's embeddings"
	refused          = "values out of range are rejected and not changed silently"
)

// deviations are the cases from which this package deviates on purpose.
var deviations = map[string]string{
	"titan_v2_by_type_response":               "the service has no setting for types of embeddings: vectors are of float",
	"titan_v2_two_documents_two_calls":        notSent,
	"titan_v2_dimensions_256":                 notSent,
	"es_titan_embed_two_inputs_rejected":      "several texts for Titan are several calls, not an error",
	"error_model_not_ready_not_retried":       retriesThrottled,
	"error_429_without_type_not_retried":      retriesThrottled,
	"error_throttling_default_retryer":        retriesThrottled,
	"client_side_normalise":                   noNova,
	"nova_embed_default_1024":                 noNova,
	"converse_temperature_below_zero_clamped": refused,
	"converse_temperature_above_one_clamped":  refused,
	"native_cohere_command_r":                 throughConverse,
	"native_cohere_command_default":           throughConverse,
	"native_cohere_command_all":               throughConverse,
	"native_claude_messages_all":              throughConverse,
	"native_claude_messages_default":          throughConverse,
	"native_claude_text_completions":          throughConverse,
	"native_mistral_all":                      throughConverse,
	"native_j2_default":                       throughConverse,
	"native_j2_all":                           throughConverse,
	"native_j2_two_completions":               throughConverse,
	"native_jamba_messages":                   throughConverse,
	"native_llama_all":                        throughConverse,
	"native_llama_default":                    throughConverse,
}

// longInputs are the inputs that a case describes in words.
var longInputs = map[string][]string{
	"cohere_batch_97_texts":      slices.Repeat([]string{strings.Repeat("x", 2048)}, 97),
	"cohere_v3_text_2049_chars":  {strings.Repeat("x", 2049)},
	"cohere_v4_text_10000_chars": {strings.Repeat("x", 10_000)},
}

func TestContract(t *testing.T) {
	raw, err := os.ReadFile("testdata/bedrock-cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []contractCase
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	deviated := 0
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			mismatch := c.run(t)
			why, deviates := deviations[c.Name]
			if deviates {
				deviated++
			}
			switch {
			case deviates && mismatch == nil:
				t.Errorf("no longer deviates (%s): remove it from the list", why)
			case !deviates && mismatch != nil:
				t.Error(mismatch)
			}
		})
	}
	if deviated != len(deviations) {
		t.Errorf("%d deviations were met, %d are listed", deviated, len(deviations))
	}
}

// run runs one case and returns the difference from the expected result.
func (c contractCase) run(t *testing.T) error {
	t.Helper()
	if c.Task == "derive_provider" {
		id, _ := inference.ParseModelID(c.Model)
		if id.Provider != c.Result.Provider {
			return fmt.Errorf("provider %q, want %q", id.Provider, c.Result.Provider)
		}
		return nil
	}
	server := newRecorder(t, c.respond)
	runner := New(Config{Endpoint: server.URL, AccessKey: "key", SecretKey: "secret"})
	runner.backoff = exceedAfter(5)
	result, err := runner.Run(t.Context(), c.endpoint(), inference.Keys{}, inference.Request{Input: c.input(), InputType: c.inputType()})
	if mismatch := c.checkRequests(server.requests()); mismatch != nil {
		return mismatch
	}
	if c.Result == nil {
		return nil
	}
	return errors.Join(c.Result.checkError(err, len(server.requests())), c.Result.checkBatches(server.requests()), c.Result.checkAnswer(result))
}

// exceedAfter returns no delay for some attempts, and then a delay that exceeds
// every deadline.
func exceedAfter(attempts int) func(int) time.Duration {
	return func(attempt int) time.Duration {
		if attempt < attempts {
			return 0
		}
		return 24 * time.Hour
	}
}

func (c contractCase) endpoint() inference.Endpoint {
	return inference.Endpoint{
		TaskType: c.Task,
		ServiceSettings: inference.ServiceSettings{
			Region: "us-east-1", Provider: c.Provider, Model: c.Model, RequestsPerMinute: 1_000_000,
		},
		TaskSettings: inference.TaskSettings{
			Temperature: c.Settings.Temperature, TopP: c.Settings.TopP, TopK: c.Settings.TopK,
			MaxNewTokens: c.Settings.MaxNewTokens, Truncate: c.Settings.Truncation,
		},
	}
}

func (c contractCase) input() []string {
	if texts, ok := longInputs[c.Name]; ok {
		return texts
	}
	if text, ok := c.Input.(string); ok {
		return []string{text}
	}
	var texts []string
	for _, text := range c.Input.([]any) {
		texts = append(texts, text.(string))
	}
	return texts
}

// inputType translates the values of Cohere, which some cases use.
func (c contractCase) inputType() inference.InputType {
	switch c.Settings.InputType {
	case "search_query":
		return inference.Search
	case "search_document":
		return inference.Ingest
	}
	return inference.InputType(c.Settings.InputType)
}

// respond sends the response of the case, or a minimal valid one.
func (c contractCase) respond(w http.ResponseWriter, r recorded) {
	response := c.Response
	if status, ok := response["status"].(float64); ok {
		for name, value := range response["headers"].(map[string]any) {
			w.Header().Set(name, value.(string))
		}
		w.WriteHeader(int(status))
		response = response["body"].(map[string]any)
	} else if response == nil {
		response = plainAnswer(r)
	}
	if c.Provider == inference.Cohere && c.Result != nil && c.Result.Tokens != nil {
		w.Header().Set("X-Amzn-Bedrock-Input-Token-Count", fmt.Sprint(*c.Result.Tokens))
	}
	writeJSON(w, response)
}

func (c contractCase) checkRequests(sent []recorded) error {
	if c.Request == nil {
		return nil
	}
	if len(sent) == 0 {
		return errors.New("no request was sent")
	}
	if path := c.Request.Request.Path; path != "" && sent[0].path != path {
		return fmt.Errorf("path %s, want %s", sent[0].path, path)
	}
	for name, want := range c.Request.Request.Body {
		if !reflect.DeepEqual(sent[0].body[name], want) {
			return fmt.Errorf("%s of the requests %v is not %v", name, sent, want)
		}
	}
	want, listed := c.Request.Calls.([]any)
	if c.Request.Body != nil {
		want, listed = []any{c.Request.Body}, true
	}
	if !listed {
		return nil
	}
	var got []any
	for _, request := range sent {
		got = append(got, any(request.body))
	}
	byText := func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
	slices.SortFunc(got, byText)
	slices.SortFunc(want, byText)
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("requests %v, want %v", got, want)
	}
	return nil
}

// checkError expects a violation before any call for an error without code, and
// an error of Bedrock otherwise.
func (e contractResult) checkError(err error, sent int) error {
	var fault *Error
	var violations validation.Violations
	switch {
	case e.Error != "":
		if !errors.As(err, &violations) || sent > 0 {
			return fmt.Errorf("error %w after %d calls, want a violation before any", err, sent)
		}
	case e.ErrorCode != "":
		if !errors.As(err, &fault) || fault.Code != e.ErrorCode {
			return fmt.Errorf("error %w, want code %s", err, e.ErrorCode)
		}
		if fault.Remedy == "" || (e.Hint != "" && !strings.Contains(fault.Remedy, "inference profile")) {
			return fmt.Errorf("remedy %q, want %q", fault.Remedy, e.Hint)
		}
	case err != nil:
		return err
	}
	if e.Attempts != 0 && sent != e.Attempts {
		return fmt.Errorf("%d attempts, want %d", sent, e.Attempts)
	}
	return nil
}

func (e contractResult) checkBatches(sent []recorded) error {
	if e.Batches == nil {
		return nil
	}
	var got []int
	for _, request := range sent {
		got = append(got, len(request.body["texts"].([]any)))
	}
	slices.Sort(got)
	slices.Reverse(got)
	if !slices.Equal(got, e.Batches) {
		return fmt.Errorf("batches %v, want %v", got, e.Batches)
	}
	return nil
}

func (e contractResult) checkAnswer(got inference.Result) error {
	texts, stop := "", ""
	for _, answer := range got.Completions {
		texts, stop = texts+answer.Text, answer.StopReason
	}
	switch {
	case e.ByType != nil || e.Texts != nil || e.Warning != "":
		return errors.New("the result has no such field")
	case e.Embeddings != nil && !reflect.DeepEqual(got.Embeddings, e.Embeddings):
		return fmt.Errorf("embeddings %v, want %v", got.Embeddings, e.Embeddings)
	case e.Text != nil && texts != *e.Text, e.TextEndsWith != nil && !strings.HasSuffix(texts, *e.TextEndsWith):
		return fmt.Errorf("text %q", texts)
	case e.StopReason != nil && stop != *e.StopReason:
		return fmt.Errorf("stop reason %q, want %q", stop, *e.StopReason)
	}
	for _, count := range []struct{ want, got *int64 }{
		{e.Tokens, got.Usage.InputTokens}, {e.InputTokens, got.Usage.InputTokens}, {e.OutputTokens, got.Usage.OutputTokens},
	} {
		if count.want != nil && (count.got == nil || *count.got != *count.want) {
			return fmt.Errorf("usage %v, want %d", count.got, *count.want)
		}
	}
	return nil
}
