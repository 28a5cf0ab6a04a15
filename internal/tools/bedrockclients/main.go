// SPDX-License-Identifier: MPL-2.0

// Command bedrockclients serves the simulator of Amazon Bedrock for clients in other
// languages. It sends the requests of this provider to the same server, writes each
// of them to the file of -requests, prints one line of JSON with the URL and the
// keys, and serves until standard input ends.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// faultHeader chooses the error that the simulator answers a request with.
const faultHeader = "X-Simulate-Fault"

var faults = map[string]func() *bedrocksim.Fault{
	"ThrottlingException":         bedrocksim.Throttled,
	"ModelNotReadyException":      bedrocksim.ModelNotReady,
	"ServiceUnavailableException": bedrocksim.Unavailable,
	"AccessDeniedException":       bedrocksim.AccessDenied,
	"ExpiredTokenException":       bedrocksim.ExpiredToken,
}

func main() {
	requests := flag.String("requests", "", "file to write the requests of the provider to, as lines of JSON")
	flag.Parse()
	if err := serve(*requests); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(file string) error {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	simulator := bedrocksim.New(bedrocksim.WithFault(func(r *http.Request, _ int) *bedrocksim.Fault {
		if fault, ok := faults[r.Header.Get(faultHeader)]; ok {
			return fault()
		}
		return nil
	}))
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	recorder := &recorder{next: simulator}
	server := &http.Server{Handler: recorder, ReadHeaderTimeout: time.Minute}
	defer func() { _ = server.Close() }()
	go func() { _ = server.Serve(listener) }()

	url := "http://" + listener.Addr().String()
	if err := sendAll(url); err != nil {
		return err
	}
	if err := os.WriteFile(file, recorder.lines.Bytes(), 0o600); err != nil {
		return err
	}
	accessKey, secretKey := simulator.Keys()
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"url": url, "access_key": accessKey, "secret_key": secretKey}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// recorder records requests before it passes them on. The provider's requests are
// sent one after the other, so that it needs no lock.
type recorder struct {
	next  http.Handler
	lines bytes.Buffer
}

// ServeHTTP implements http.Handler.
func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if strings.HasPrefix(request.UserAgent(), "aws-sdk-go") {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
		_ = json.NewEncoder(&r.lines).Encode(map[string]any{
			"path": request.URL.EscapedPath(), "body": string(body),
			"content_type": request.Header.Get("Content-Type"), "accept": request.Header.Get("Accept"),
		})
	}
	r.next.ServeHTTP(w, request)
}

// sendAll sends requests of every operation with every setting.
func sendAll(url string) error {
	runner := bedrock.New(bedrock.Config{Endpoint: url, AccessKey: bedrocksim.AccessKey, SecretKey: bedrocksim.SecretKey, MaxConcurrency: 1})
	var failed []error
	for provider, models := range map[inference.Provider][]string{
		inference.AmazonTitan: {"amazon.titan-embed-text-v1", "amazon.titan-embed-text-v2:0"},
		inference.Cohere:      {"cohere.embed-english-v3", "us.cohere.embed-v4:0"},
	} {
		for _, model := range models {
			for _, truncate := range append(inference.Truncations(), "") {
				settings := inference.TaskSettings{}
				if provider == inference.Cohere {
					settings.Truncate = truncate
				}
				_, err := runner.Run(context.Background(), endpoint(inference.TextEmbedding, provider, model, settings), inference.Keys{}, inference.Request{Input: []string{"one", "two"}})
				failed = append(failed, err)
			}
		}
	}
	for provider, model := range map[inference.Provider]string{
		inference.AmazonTitan: "amazon.nova-lite-v1:0",
		inference.Anthropic:   "anthropic.claude-3-haiku-20240307-v1:0",
		inference.AI21Labs:    "ai21.jamba-1-5-mini-v1:0",
		inference.Cohere:      "cohere.command-r-v1:0",
		inference.Meta:        "meta.llama3-8b-instruct-v1:0",
		inference.Mistral:     "mistral.mistral-7b-instruct-v0:2",
	} {
		for _, settings := range settingsOf(provider) {
			request := inference.Request{Input: []string{"Good morning.", "Good night."}}
			_, err := runner.Run(context.Background(), endpoint(inference.Completion, provider, model, settings), inference.Keys{}, request)
			failed = append(failed, err)
			for _, err := range runner.Stream(context.Background(), endpoint(inference.Completion, provider, model, settings), inference.Keys{}, inference.Request{Input: request.Input[:1]}) {
				failed = append(failed, err)
			}
		}
	}
	for _, err := range runner.Chat(context.Background(), endpoint(inference.ChatCompletion, inference.Anthropic, "anthropic.claude-3-haiku-20240307-v1:0", inference.TaskSettings{}), inference.Keys{}, conversation()) {
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

func endpoint(task inference.TaskType, provider inference.Provider, model string, settings inference.TaskSettings) inference.Endpoint {
	return inference.Endpoint{
		TaskType:        task,
		ServiceSettings: inference.ServiceSettings{Region: "us-east-1", Provider: provider, Model: model, RequestsPerMinute: 1_000_000},
		TaskSettings:    settings,
	}
}

// settingsOf returns no settings, and the least and the greatest values.
func settingsOf(provider inference.Provider) []inference.TaskSettings {
	least, greatest := inference.TaskSettings{}, inference.TaskSettings{}
	for settings, value := range map[*inference.TaskSettings]float64{&least: 0, &greatest: 1} {
		tokens := int64(1 + 100*value)
		settings.Temperature, settings.TopP, settings.MaxNewTokens = &value, &value, &tokens
		if highest := provider.MaxTopK(); highest > 0 {
			topK := max(1, value*float64(highest))
			settings.TopK = &topK
		}
	}
	return []inference.TaskSettings{{}, least, greatest}
}

// conversation has messages of all roles, a tool and stop sequences.
func conversation() inference.ChatRequest {
	text := func(text string) []inference.ChatPart { return []inference.ChatPart{{Text: text}} }
	return inference.ChatRequest{
		Messages: []inference.ChatMessage{
			{Role: inference.RoleSystem, Parts: text("Be brief.")},
			{Role: inference.RoleUser, Parts: text("What is the weather in Paris?")},
			{Role: inference.RoleAssistant, ToolCalls: []inference.ChatToolCall{{ID: "call-1", Name: "weather", Arguments: `{"city":"Paris"}`}}},
			{Role: inference.RoleTool, ToolCallID: "call-1", Parts: text("sunny")},
			{Role: inference.RoleUser, Parts: text("And in Rome?")},
		},
		Tools: []inference.ChatTool{{Type: "function", Name: "weather", Description: "The weather of a city.", Parameters: json.RawMessage(`{"type":"object","properties":{"city":{"type":"string"}}}`)}},
		Stop:  []string{"END"},
	}
}
