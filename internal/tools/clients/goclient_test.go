// SPDX-License-Identifier: MPL-2.0

package clients_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/elastic/go-elasticsearch/v9"
	"github.com/elastic/go-elasticsearch/v9/esapi"
	"github.com/elastic/go-elasticsearch/v9/typedapi/types"
	"github.com/elastic/go-elasticsearch/v9/typedapi/types/enums/amazonbedrockservicetype"
)

const titanBody = `{"service":"amazonbedrock","service_settings":{"region":"us-east-1","provider":"amazontitan",
	"model":"amazon.titan-embed-text-v2:0","access_key":"access","secret_key":"secret"}}`

var chatBody = strings.NewReplacer("amazontitan", "anthropic", "amazon.titan-embed-text-v2:0", "anthropic.claude-3-haiku-20240307-v1:0").Replace(titanBody)

// TestGoClient tests the low-level calls of github.com/elastic/go-elasticsearch.
func TestGoClient(t *testing.T) {
	t.Parallel()
	client, err := elasticsearch.New(elasticsearch.WithAddresses(serveAPI(t, readDocument(t))), elasticsearch.WithAPIKey(apiKey))
	if err != nil {
		t.Fatal(err)
	}
	info, err := client.Info()
	succeeds(t, "info", info, err, `"number":"9.5.3"`)
	put, err := client.InferencePut(strings.NewReader(titanBody), "low", client.InferencePut.WithTaskType("text_embedding"))
	succeeds(t, "put", put, err, `"inference_id":"low"`)
	put, err = client.InferencePutAmazonbedrock(strings.NewReader(chatBody), "text", "completion")
	succeeds(t, "put text", put, err, `"provider":"ANTHROPIC"`)
	got, err := client.InferenceGet(client.InferenceGet.WithInferenceID("low"))
	succeeds(t, "get", got, err, `"dimensions":1024`)
	got, err = client.InferenceGet()
	succeeds(t, "get all", got, err, `"inference_id":"text"`)
	run, err := client.InferenceInference(strings.NewReader(`{"input":["one","two"]}`), "low")
	succeeds(t, "inference", run, err, `{"text_embedding":[{"embedding":[`)
	run, err = client.InferenceTextEmbedding(strings.NewReader(`{"input":"one"}`), "low")
	succeeds(t, "text embedding", run, err, `{"text_embedding":[{"embedding":[`)
	run, err = client.InferenceCompletion(strings.NewReader(`{"input":"one"}`), "text")
	succeeds(t, "completion", run, err, `{"completion":[{"result":"`)
	run, err = client.InferenceStreamCompletion(strings.NewReader(`{"input":"one"}`), "text")
	succeeds(t, "stream", run, err, "event: message\ndata: [DONE]\n\n")
	put, err = client.InferencePut(strings.NewReader(chatBody), "chat", client.InferencePut.WithTaskType("chat_completion"))
	succeeds(t, "put chat", put, err, `"task_type":"chat_completion"`)
	run, err = client.InferenceChatCompletionUnified(strings.NewReader(`{"messages":[{"role":"user","content":"one"}]}`), "chat")
	succeeds(t, "chat", run, err, `"object":"chat.completion.chunk"`)
	updated, err := client.InferenceUpdate(strings.NewReader(`{"task_settings":{"max_new_tokens":9}}`), "text", client.InferenceUpdate.WithTaskType("completion"))
	succeeds(t, "update", updated, err, `"max_new_tokens":9`)
	deleted, err := client.InferenceDelete("low", client.InferenceDelete.WithDryRun(true))
	succeeds(t, "dry run", deleted, err, `"acknowledged":false`)
	deleted, err = client.InferenceDelete("low", client.InferenceDelete.WithForce(true))
	succeeds(t, "delete", deleted, err, `"acknowledged":true`)
	got, err = client.InferenceGet(client.InferenceGet.WithInferenceID("low"))
	if err != nil || got.StatusCode != http.StatusNotFound {
		t.Errorf("it still exists: %v, %v", got, err)
	}
}

func succeeds(t *testing.T, call string, response *esapi.Response, err error, want string) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", call, err)
		return
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.IsError() || !strings.Contains(string(body), want) {
		t.Errorf("%s: %d %s, %v; want %s", call, response.StatusCode, body, err, want)
	}
}

// TestGoTypedClient tests the typed calls, which decode every answer into its type.
func TestGoTypedClient(t *testing.T) {
	t.Parallel()
	client, err := elasticsearch.NewTyped(elasticsearch.WithAddresses(serveAPI(t, readDocument(t))), elasticsearch.WithBasicAuth("elastic", "changeme"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, api := t.Context(), client.Inference

	info, err := client.Info().Do(ctx)
	if err != nil || info.Version.Int != "9.5.3" || len(info.ClusterUuid) != 22 {
		t.Errorf("info: %+v, %v", info, err)
	}
	provider, temperature := "anthropic", float32(0.5)
	put, err := api.PutAmazonbedrock("completion", "typed").
		Service(amazonbedrockservicetype.Amazonbedrock).
		ServiceSettings(&types.AmazonBedrockServiceSettings{
			AccessKey: "access", SecretKey: "secret", Region: "us-east-1",
			Provider: &provider, Model: "anthropic.claude-3-haiku-20240307-v1:0",
		}).
		TaskSettings(&types.AmazonBedrockTaskSettings{Temperature: &temperature}).
		Do(ctx)
	if err != nil || put.InferenceId != "typed" || put.TaskType.Name != "completion" || !strings.Contains(string(put.ServiceSettings), `"requests_per_minute":240`) {
		t.Errorf("put: %+v, %v", put, err)
	}
	if _, err := api.Put("titan").TaskType("text_embedding").Raw(strings.NewReader(titanBody)).Do(ctx); err != nil {
		t.Errorf("put titan: %v", err)
	}
	got, err := api.Get().InferenceId("titan").Do(ctx)
	if err != nil || len(got.Endpoints) != 1 || got.Endpoints[0].ChunkingSettings == nil || *got.Endpoints[0].ChunkingSettings.MaxChunkSize != 250 {
		t.Errorf("get: %+v, %v", got, err)
	}
	embedded, err := api.TextEmbedding("titan").Input("one", "two").InputType("search").Do(ctx)
	if err != nil || len(embedded.TextEmbedding) != 2 || len(embedded.TextEmbedding[0].Embedding) != 1024 {
		t.Errorf("text embedding: %v", err)
	}
	run, err := api.Inference("titan").Input("one").Do(ctx)
	if err != nil || len(run.TextEmbedding) != 1 {
		t.Errorf("inference: %v", err)
	}
	completed, err := api.Inference("typed").TaskType("completion").Input("one").TaskSettings(json.RawMessage(`{"max_new_tokens":5}`)).Do(ctx)
	if err != nil || len(completed.Completion) != 1 || completed.Completion[0].Result == "" {
		t.Errorf("completion: %+v, %v", completed, err)
	}
	// By itself this client sends Accept: text/event-stream beside a Content-Type
	// with a version, which Elasticsearch 9 refuses, and so does serve.
	stream, err := api.StreamCompletion("typed").Header("Accept", "application/vnd.elasticsearch+json;compatible-with=9").Input("one").Do(ctx)
	if err != nil || !strings.Contains(string(stream), `data: {"completion":[{"delta":"`) {
		t.Errorf("stream: %s, %v", stream, err)
	}
	updated, err := api.Update("typed").TaskType("completion").Service("amazonbedrock").
		ServiceSettings(json.RawMessage(`{"access_key":"n1","secret_key":"n2"}`)).TaskSettings(json.RawMessage(`{"max_new_tokens":9}`)).Do(ctx)
	if err != nil || string(updated.TaskSettings) != `{"temperature":0.5,"max_new_tokens":9}` {
		t.Errorf("update: %+v, %v", updated, err)
	}
	deleted, err := api.Delete("typed").TaskType("completion").Do(ctx)
	if err != nil || !deleted.Acknowledged {
		t.Errorf("delete: %+v, %v", deleted, err)
	}
	// The client decodes errors with their type.
	_, err = api.Get().InferenceId("typed").Do(ctx)
	var failure *types.ElasticsearchError
	if !errors.As(err, &failure) || failure.Status != http.StatusNotFound || failure.ErrorCause.Type != "resource_not_found_exception" || failure.ErrorCause.Reason == nil || *failure.ErrorCause.Reason != "Inference endpoint not found [typed]" {
		t.Errorf("get a deleted endpoint: %v", err)
	}
}
