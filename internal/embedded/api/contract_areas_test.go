// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
)

const unknownToken = "The security token included in the request is invalid"

// realistic replaces the placeholders of a body.
func realistic(body map[string]any, task string) map[string]any {
	body = maps.Clone(body)
	settings, ok := body["service_settings"].(map[string]any)
	if !ok {
		return body
	}
	settings = maps.Clone(settings)
	if settings["region"] == "region" {
		settings["region"] = "us-east-1"
	}
	if settings["model"] == "model" {
		settings["model"] = "amazon.titan-text-premier-v1:0"
		if task == "text_embedding" {
			settings["model"] = "amazon.titan-embed-text-v2:0"
		}
	}
	body["service_settings"] = settings
	return body
}

// endpointBody is the body of a valid endpoint.
func endpointBody(task string) map[string]any {
	provider, model := "anthropic", "anthropic.claude-3-haiku-20240307-v1:0"
	if task == "text_embedding" {
		provider, model = "amazontitan", "amazon.titan-embed-text-v2:0"
	}
	return map[string]any{"service": "amazonbedrock", "service_settings": map[string]any{
		"region": "us-east-1", "provider": provider, "model": model, "access_key": "access", "secret_key": "secret",
	}}
}

// unlimited gives an endpoint a rate that no test reaches.
func unlimited(body map[string]any) map[string]any {
	object(body["service_settings"])["rate_limit"] = map[string]any{"requests_per_minute": 600_000}
	return body
}

func with(body map[string]any, block string, settings any) map[string]any {
	body[block] = settings
	return body
}

func object(value any) map[string]any {
	found, _ := value.(map[string]any)
	return found
}

func putCase(t *testing.T, c contractCase) exchange {
	t.Helper()
	input := object(c.Input)
	task := input["task_type"].(string)
	return simulated(t).send(http.MethodPut, "/_inference/"+task+"/c", realistic(object(input["body"]), task))
}

// serviceCase also covers what is stored and shown again.
func serviceCase(t *testing.T, c contractCase) exchange {
	t.Helper()
	input := object(c.Input)
	if input["body"] != nil {
		return putCase(t, c)
	}
	settings := maps.Clone(input)
	if stored := object(input["settings"]); stored != nil {
		settings = maps.Clone(stored)
	}
	if limit := settings["rate_limit"]; limit != nil {
		settings["rate_limit"] = map[string]any{"requests_per_minute": limit}
	}
	return showStored(t, map[string]any{"inference_id": "c", "task_type": "text_embedding", "service": "amazonbedrock", "service_settings": settings})
}

func persistedCase(t *testing.T, c contractCase) exchange {
	t.Helper()
	config := with(endpointBody("completion"), "inference_id", "c")
	config["task_type"] = "completion"
	maps.Copy(config, object(object(c.Input)["config"]))
	return showStored(t, config)
}

// showStored writes an endpoint to the file, in the format without checksums, and
// gets it.
func showStored(t *testing.T, endpoint map[string]any) exchange {
	t.Helper()
	s := simulated(t)
	record, err := json.Marshal(map[string]any{"endpoint": endpoint})
	if err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(s.file, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		meta := tx.Bucket([]byte("meta"))
		return errors.Join(meta.Put([]byte("format"), []byte("1")), meta.Delete([]byte("checksum")), meta.Delete([]byte("endpoints")),
			tx.Bucket([]byte("endpoints")).Put([]byte("c"), record))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return s.send(http.MethodGet, "/_inference/c", nil)
}

// secretsCase updates the keys and compares the stored ones.
func secretsCase(t *testing.T, c contractCase) exchange {
	t.Helper()
	update := object(c.Input)["update"]
	if update == nil {
		return putCase(t, c)
	}
	s := simulated(t)
	s.make("completion", "c", endpointBody("completion"))
	answer := s.send(http.MethodPut, "/_inference/completion/c/_update", update)
	if answer.status != http.StatusOK {
		return answer
	}
	return observed(answer, "secrets", storedKeys(t, s.file, "c"))
}

func storedKeys(t *testing.T, file, id string) []any {
	t.Helper()
	db, err := bbolt.Open(file, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // only read
	var record map[string]any
	err = db.View(func(tx *bbolt.Tx) error {
		return json.Unmarshal(tx.Bucket([]byte("endpoints")).Get([]byte(id)), &record)
	})
	if err != nil {
		t.Fatal(err)
	}
	return []any{record["access_key"], record["secret_key"]}
}

// observed adds a value that a test observed to an answer.
func observed(answer exchange, name string, value any) exchange {
	body := answer.json()
	body[name] = value
	encoded, _ := json.Marshal(body)
	answer.text = string(encoded)
	return answer
}

func taskCase(t *testing.T, c contractCase) exchange {
	t.Helper()
	if object(c.Input)["body"] != nil {
		return putCase(t, c)
	}
	return simulated(t).send(http.MethodPut, "/_inference/completion/c", with(endpointBody("completion"), "task_settings", c.Input))
}

func mergeCase(t *testing.T, c contractCase) exchange {
	t.Helper()
	s, bedrock := modelled(t)
	answer := s.send(http.MethodPut, "/_inference/completion/c", with(endpointBody("completion"), "task_settings", object(c.Input)["stored"]))
	if answer.status != http.StatusOK {
		return answer
	}
	bedrock.set(func(*model) {})
	answer = s.send(http.MethodPost, "/_inference/completion/c", map[string]any{"input": "a", "task_settings": object(c.Input)["request"]})
	sent := bedrock.asked()[0]
	for name, as := range map[string]string{"temperature": "temperature", "top_p": "topP", "max_new_tokens": "maxTokens"} {
		answer = observed(answer, name, at(sent, "inferenceConfig", as))
	}
	return observed(answer, "top_k", at(sent, "additionalModelRequestFields", "top_k"))
}

func chunkingCase(t *testing.T, c contractCase) exchange {
	t.Helper()
	return simulated(t).send(http.MethodPut, "/_inference/text_embedding/c", with(endpointBody("text_embedding"), "chunking_settings", c.Input))
}

func verifyCase(t *testing.T, c contractCase) exchange {
	t.Helper()
	s, bedrock := modelled(t)
	input, body := object(c.Input), endpointBody("text_embedding")
	settings := object(body["service_settings"])
	for _, name := range []string{"similarity", "dimensions"} {
		if input[name] != nil {
			settings[name] = input[name]
		}
	}
	bedrock.set(func(m *model) {
		if size, ok := input["embedding_size"].(json.Number); ok {
			length, _ := size.Int64()
			m.vector = slices.Repeat([]float64{0.5}, int(length))
		}
		m.refusal, _ = input["aws_error"].(string)
	})
	return s.send(http.MethodPut, "/_inference/text_embedding/id", body)
}

func inferCase(t *testing.T, c contractCase) exchange {
	t.Helper()
	s, bedrock := modelled(t)
	s.make("text_embedding", "c", endpointBody("text_embedding"))
	bedrock.set(func(m *model) { m.refusal = object(c.Input)["aws_error"].(string) })
	return s.send(http.MethodPost, "/_inference/text_embedding/c", map[string]any{"input": object(c.Input)["input"]})
}

// streamingCase also streams without a task type in the URL.
func streamingCase(t *testing.T, c contractCase) exchange {
	t.Helper()
	s, _ := modelled(t)
	s.make("completion", "c", endpointBody("completion"))
	task := object(c.Input)["task"].(string)
	if open := s.send(http.MethodPost, "/_inference/any/c/_stream", map[string]any{"input": "a"}); open.status != http.StatusOK {
		return open
	}
	return s.send(http.MethodPost, "/_inference/"+task+"/c/_stream", map[string]any{"input": "a"})
}

func streamCase(t *testing.T, c contractCase) exchange {
	t.Helper()
	s, _ := modelled(t)
	s.make("completion", "c", endpointBody("completion"))
	answer := s.send(http.MethodPost, "/_inference/completion/c/_stream", map[string]any{"input": object(c.Input)["input"]})
	events, _ := json.Marshal(map[string]any{"events": answer.events()})
	answer.text = string(events)
	return answer
}

func mapCase(t *testing.T, c contractCase) exchange {
	t.Helper()
	s, bedrock := modelled(t)
	input := object(c.Input)
	task, body := "text_embedding", endpointBody("text_embedding")
	settings := object(body["service_settings"])
	switch {
	case strings.HasPrefix(c.Name, "converse"):
		task, body = "completion", endpointBody("completion")
	case strings.HasPrefix(c.Name, "cohere"):
		settings["provider"], settings["model"] = "cohere", "cohere.embed-english-v3"
	}
	if tokens := input["max_input_tokens"]; tokens != nil {
		settings["max_input_tokens"] = tokens
	}
	s.make(task, "c", body)
	bedrock.set(func(m *model) {
		if input["body"] != nil {
			m.answer, _ = json.Marshal(input["body"])
		}
	})
	texts := input["input"]
	if response := object(input["body"]); texts == nil {
		texts = []any{"a"}
		if response["texts"] != nil {
			texts = response["texts"]
		}
	}
	answer := s.send(http.MethodPost, "/_inference/"+task+"/c", map[string]any{"input": texts})
	if answer.status != http.StatusOK {
		return answer
	}
	sent := bedrock.asked()
	for name, value := range map[string]any{
		"calls": float64(len(sent)), "invoke_body": any(sent[0]), "sent": sent[0]["inputText"],
		"messages": sent[0]["messages"], "inferenceConfig": sent[0]["inferenceConfig"],
	} {
		answer = observed(answer, name, value)
	}
	return answer
}

// restCase creates the endpoints that the path names and sends the request. A task
// that Bedrock does not have is replaced by completion.
func restCase(t *testing.T, c contractCase) exchange {
	t.Helper()
	s := simulated(t)
	input := object(c.Input)
	for name, text := range c.Expect {
		if text, ok := text.(string); ok {
			c.Expect[name] = strings.ReplaceAll(text, "sparse_embedding", "completion")
		}
	}
	method, path := methodOf(c), pathOf(c)
	task := "completion"
	if strings.Contains(path, "/text_embedding/e1") {
		task = "text_embedding"
	}
	if method != http.MethodPut || strings.HasSuffix(path, "/_update") || c.Name == "PUT existing id" {
		for _, id := range []string{"e1", "sparse_embedding_model"} {
			if strings.Contains(path, "/"+id) {
				s.make(task, id, endpointBody(task))
			}
		}
	}
	body := input["body"]
	switch {
	case body == nil && strings.HasSuffix(path, "/_update"):
		body = map[string]any{"task_settings": map[string]any{"max_new_tokens": 5}}
	case body == nil && method == http.MethodPut:
		body = endpointBody(task)
	case object(body)["task_type"] == "<t>":
		body = with(endpointBody("completion"), "task_type", "completion")
	}
	at, query, _ := strings.Cut(path, "?")
	return s.send(method, (&url.URL{Path: at, RawQuery: query}).String(), body)
}

func methodOf(c contractCase) string {
	if method, ok := object(c.Input)["method"].(string); ok {
		return method
	}
	method, _, _ := strings.Cut(c.Name, " ")
	return method
}

func pathOf(c contractCase) string {
	switch path, ok := object(c.Input)["path"].(string); {
	case ok:
		return path
	case methodOf(c) == http.MethodPut:
		return "/_inference/completion/new"
	}
	return "/_inference/completion/e1"
}
