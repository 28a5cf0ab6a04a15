// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func fullEndpoint() Endpoint {
	return Endpoint{
		InferenceID: "my-completion", TaskType: Completion, Service: Service,
		ServiceSettings: ServiceSettings{Region: "us-east-1", Provider: Anthropic, Model: "anthropic.claude-v2", RequestsPerMinute: 60},
		TaskSettings:    TaskSettings{TopP: new(1.0), TopK: new(0.25), MaxNewTokens: new(int64(64))},
	}
}

// TestCreateBody: doubles carry a point, whole numbers do not, and what the API
// refuses in requests is not in them.
func TestCreateBody(t *testing.T) {
	t.Parallel()
	endpoint := fullEndpoint()
	endpoint.ServiceSettings.Dimensions = 1024
	got, err := endpoint.CreateBody(Keys{"AK", "SK"})
	want := `{"service":"amazonbedrock","service_settings":{"access_key":"AK","secret_key":"SK","region":"us-east-1","model":"anthropic.claude-v2",` +
		`"provider":"anthropic","rate_limit":{"requests_per_minute":60}},"task_settings":{"top_p":1.0,"top_k":0.25,"max_new_tokens":64}}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}

func TestCreateBodyChunking(t *testing.T) {
	t.Parallel()
	tests := map[string]ChunkingSettings{
		`{"strategy":"word","max_chunk_size":10,"overlap":0}`:              {Strategy: "word", MaxChunkSize: 10},
		`{"strategy":"sentence","max_chunk_size":20,"sentence_overlap":0}`: {Strategy: "sentence", MaxChunkSize: 20},
		`{"strategy":"none"}`: {Strategy: "none"},
		`{"strategy":"recursive","max_chunk_size":20,"separators":["#"]}`:           {Strategy: "recursive", MaxChunkSize: 20, Separators: []string{"#"}},
		`{"strategy":"recursive","max_chunk_size":20,"separator_group":"markdown"}`: {Strategy: "recursive", MaxChunkSize: 20, SeparatorGroup: "markdown"},
	}
	for want, chunking := range tests {
		body, err := Endpoint{Service: Service, Chunking: &chunking}.CreateBody(Keys{})
		if err != nil || !strings.Contains(string(body), `"chunking_settings":`+want) {
			t.Errorf("got %s, %v\nwant %s", body, err, want)
		}
	}
}

func TestDouble(t *testing.T) {
	t.Parallel()
	for value, want := range map[float64]string{0: "0.0", 1: "1.0", 0.7: "0.7", 1e-7: "1e-07", 500: "500.0"} {
		got, err := json.Marshal(double(value))
		if err != nil || string(got) != want {
			t.Errorf("%v: got %s, %v; want %s", value, got, err, want)
		}
	}
}

// TestUpdateBody: only what changes is sent.
func TestUpdateBody(t *testing.T) {
	t.Parallel()
	tests := map[string]Update{
		`{}`: {},
		`{"service_settings":{"access_key":"AK","secret_key":"SK"}}`:                              {Keys: Keys{"AK", "SK"}},
		`{"service_settings":{"rate_limit":{"requests_per_minute":9}}}`:                           {RequestsPerMinute: 9},
		`{"service_settings":{"max_input_tokens":9}}`:                                             {MaxInputTokens: new(int64(9))},
		`{"task_settings":{"temperature":0.0}}`:                                                   {TaskSettings: TaskSettings{Temperature: new(0.0)}},
		`{"chunking_settings":{"strategy":"sentence","max_chunk_size":250,"sentence_overlap":1}}`: {Chunking: new(DefaultChunking())},
	}
	for want, update := range tests {
		if got, err := update.UpdateBody(); err != nil || string(got) != want {
			t.Errorf("got %s, %v\nwant %s", got, err, want)
		}
	}
}

// TestParseEndpoint: the server's spelling is normalized, unknown fields pass.
func TestParseEndpoint(t *testing.T) {
	t.Parallel()
	got, err := ParseEndpoint([]byte(`{"inference_id":"x","task_type":"text_embedding","service":"amazonbedrock","new":1,
		"service_settings":{"region":"us-east-1","model":"cohere.embed-english-v3","provider":"COHERE","rate_limit":{"requests_per_minute":240},
		"dimensions":1024,"similarity":"COSINE","max_input_tokens":512,"dimensions_set_by_user":false},
		"task_settings":{"truncate":"end","temperature":1.0},
		"chunking_settings":{"strategy":"word","max_chunk_size":250,"overlap":100}}`))
	want := Endpoint{
		InferenceID: "x", TaskType: TextEmbedding, Service: Service,
		ServiceSettings: ServiceSettings{Region: "us-east-1", Provider: Cohere, Model: "cohere.embed-english-v3", RequestsPerMinute: 240, Similarity: "cosine", MaxInputTokens: 512, Dimensions: 1024},
		TaskSettings:    TaskSettings{Truncate: "END", Temperature: new(1.0)},
		Chunking:        new(LegacyChunking()),
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestEndpointSurvivesItsJSON(t *testing.T) {
	t.Parallel()
	endpoint := fullEndpoint()
	data, err := endpoint.EndpointJSON()
	if err != nil || !strings.Contains(string(data), `"provider":"ANTHROPIC"`) {
		t.Fatalf("got %s, %v", data, err)
	}
	back, err := ParseEndpoint(data)
	if err != nil || !reflect.DeepEqual(back, endpoint) {
		t.Errorf("got %+v, %v\nwant %+v", back, err, endpoint)
	}
}

func FuzzParseEndpoint(f *testing.F) {
	f.Add([]byte(`{"inference_id":"x","service_settings":{"provider":"COHERE","rate_limit":{}},"task_settings":{"top_p":1},"chunking_settings":{"strategy":"word"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		endpoint, err := ParseEndpoint(data)
		if err != nil {
			return
		}
		if _, err := endpoint.EndpointJSON(); err != nil {
			t.Errorf("%s: read, and not written: %v", data, err)
		}
	})
}

// TestSecretHides: no verb of fmt and no encoder shows a secret.
func TestSecretHides(t *testing.T) {
	t.Parallel()
	keys := Keys{AccessKey: "canary-access", SecretKey: "canary-secret"}
	encoded, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%v %+v %#v %s %q %x", keys, keys, keys, keys, keys.AccessKey, keys.SecretKey) + string(encoded)
	for _, secret := range []string{"canary", fmt.Sprintf("%x", "canary")} {
		if strings.Contains(shown, secret) {
			t.Errorf("secret shown: %s", shown)
		}
	}
	if keys.SecretKey.Reveal() != "canary-secret" {
		t.Error("the secret itself is lost")
	}
}

func TestTaskSettingsChange(t *testing.T) {
	t.Parallel()
	prior := TaskSettings{TopP: new(0.5), MaxNewTokens: new(int64(10)), Truncate: "END"}
	planned := TaskSettings{TopP: new(0.5), TopK: new(3.0), MaxNewTokens: new(int64(20)), Truncate: "START"}
	changed := planned.Changed(prior)
	if want := (TaskSettings{TopK: new(3.0), MaxNewTokens: new(int64(20)), Truncate: "START"}); !changed.Equal(want) {
		t.Errorf("got %+v, want %+v", changed, want)
	}
	if merged := prior.Merge(changed); !merged.Equal(planned) {
		t.Errorf("merged %+v, want %+v", merged, planned)
	}
}
