// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

func TestCompletionRequests(t *testing.T) {
	const message = `"messages":[{"role":"user","content":[{"text":"hi"}]}]`
	number := func(n float64) *float64 { return &n }
	tokens := int64(64)
	for name, c := range map[string]struct {
		provider inference.Provider
		own      inference.TaskSettings
		override inference.TaskSettings
		want     string
	}{
		"no settings": {inference.Anthropic, inference.TaskSettings{}, inference.TaskSettings{}, `{` + message + `}`},
		"temperature keeps its digits": {
			inference.Meta,
			inference.TaskSettings{Temperature: number(0.7)},
			inference.TaskSettings{},
			`{` + message + `,"inferenceConfig":{"temperature":0.7}}`,
		},
		"temperature 0": {
			inference.AmazonTitan,
			inference.TaskSettings{Temperature: number(0)},
			inference.TaskSettings{},
			`{` + message + `,"inferenceConfig":{"temperature":0}}`,
		},
		"top_p and max_new_tokens": {
			inference.AI21Labs,
			inference.TaskSettings{TopP: number(0.9), MaxNewTokens: &tokens},
			inference.TaskSettings{},
			`{` + message + `,"inferenceConfig":{"topP":0.9,"maxTokens":64}}`,
		},
		"settings of the request take precedence": {
			inference.Mistral,
			inference.TaskSettings{TopP: number(0.9), TopK: number(3)},
			inference.TaskSettings{TopP: number(0.5)},
			`{` + message + `,"inferenceConfig":{"topP":0.5},"additionalModelRequestFields":{"top_k":3}}`,
		},
		"top_k of anthropic": {
			inference.Anthropic,
			inference.TaskSettings{TopK: number(50)},
			inference.TaskSettings{},
			`{` + message + `,"additionalModelRequestFields":{"top_k":50}}`,
		},
		"top_k of cohere": {
			inference.Cohere,
			inference.TaskSettings{TopK: number(0)},
			inference.TaskSettings{},
			`{` + message + `,"additionalModelRequestFields":{"k":0}}`,
		},
		"fractional top_k": {
			inference.Mistral,
			inference.TaskSettings{TopK: number(0.5)},
			inference.TaskSettings{},
			`{` + message + `,"additionalModelRequestFields":{"top_k":0.5}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := newRecorder(t, answerPlainly)
			endpoint := completion(c.provider, "arn:aws:bedrock:us-east-1:123456789012:imported-model/abc123")
			endpoint.TaskSettings = c.own
			request := texts("hi")
			request.TaskSettings = c.override
			if _, err := New(Config{Endpoint: server.URL, AccessKey: "k", SecretKey: "s"}).Run(t.Context(), endpoint, noKeys, request); err != nil {
				t.Fatal(err)
			}
			sent := server.requests()
			if len(sent) != 1 || !strings.HasSuffix(sent[0].path, "/converse") || !sameJSON(t, sent[0].body, c.want) {
				t.Errorf("requests %v, want %s", sent, c.want)
			}
		})
	}
}

func TestCompletionAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		content, rest, want string
	}{
		"text blocks are joined": {
			`{"text":"one "},{"text":"two"}`, `,"stopReason":"end_turn","usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7}`,
			`"one two" end_turn 3 4`,
		},
		"reasoning is skipped": {
			`{"reasoningContent":{"reasoningText":{"text":"hm"}}},{"text":"two"}`, `,"stopReason":"max_tokens"`,
			`"two" max_tokens unknown unknown`,
		},
		"tool use is skipped": {
			`{"toolUse":{"toolUseId":"1","name":"n","input":{}}}`, `,"stopReason":"tool_use"`,
			`"" tool_use unknown unknown`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := newRecorder(t, func(w http.ResponseWriter, _ recorded) {
				_, _ = w.Write([]byte(`{"output":{"message":{"role":"assistant","content":[` + c.content + `]}}` + c.rest + `}`))
			})
			result, err := New(Config{Endpoint: server.URL, AccessKey: "k", SecretKey: "s"}).Run(t.Context(), claude(), noKeys, texts("hi"))
			if err != nil {
				t.Fatal(err)
			}
			answer := result.Completions[0]
			got := fmt.Sprintf("%q %s %s %s", answer.Text, answer.StopReason, count(result.Usage.InputTokens), count(result.Usage.OutputTokens))
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func count(n *int64) string {
	if n == nil {
		return "unknown"
	}
	return fmt.Sprint(*n)
}

func TestOneAnswerPerInput(t *testing.T) {
	simulator := newSimulator(t)
	endpoint := claude()
	endpoint.TaskType = inference.ChatCompletion
	result, err := New(Config{Simulator: simulator}).Run(t.Context(), endpoint, noKeys, texts("alpha", "beta gamma", "delta"))
	if err != nil {
		t.Fatal(err)
	}
	if simulator.Calls() != 3 || len(result.Completions) != 3 {
		t.Fatalf("%d calls, %d answers", simulator.Calls(), len(result.Completions))
	}
	for i, word := range []string{"alpha", "gamma", "delta"} {
		if answer := result.Completions[i]; !strings.HasSuffix(answer.Text, word) || answer.StopReason != "end_turn" {
			t.Errorf("answer %d is %+v", i, answer)
		}
	}
	if *result.Usage.InputTokens != 4 {
		t.Errorf("%d input tokens, want the sum, 4", *result.Usage.InputTokens)
	}
}

// TestEveryProviderCompletes runs each provider on the simulator with all its
// settings.
func TestEveryProviderCompletes(t *testing.T) {
	runner := New(Config{Simulator: newSimulator(t)})
	for provider, model := range map[inference.Provider]string{
		inference.AmazonTitan: "amazon.titan-text-express-v1",
		inference.Anthropic:   "anthropic.claude-3-haiku-20240307-v1:0",
		inference.AI21Labs:    "ai21.jamba-1-5-mini-v1:0",
		inference.Cohere:      "cohere.command-r-v1:0",
		inference.Meta:        "meta.llama3-8b-instruct-v1:0",
		inference.Mistral:     "mistral.mistral-large-2402-v1:0",
	} {
		endpoint := completion(provider, model)
		topP, topK, tokens := 0.5, 40.0, int64(2)
		endpoint.TaskSettings = inference.TaskSettings{TopP: &topP, MaxNewTokens: &tokens}
		if provider.TopKName() != "" {
			endpoint.TaskSettings.TopK = &topK
		}
		result, err := runner.Run(t.Context(), endpoint, noKeys, texts("hello"))
		if err != nil {
			t.Errorf("%s: %v", provider, err)
		} else if answer := result.Completions[0]; answer.StopReason != "max_tokens" || answer.Text != "[simulated answer" {
			t.Errorf("%s: %+v", provider, answer)
		}
	}
}
