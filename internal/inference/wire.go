// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"encoding/json"
	"strconv"
	"strings"
)

// The types below are the JSON of an endpoint in Elasticsearch's _inference API,
// with the API's names and order of fields.

type wireEndpoint struct {
	InferenceID     string       `json:"inference_id,omitempty"`
	TaskType        TaskType     `json:"task_type,omitempty"`
	Service         string       `json:"service,omitempty"`
	ServiceSettings wireService  `json:"service_settings,omitzero"`
	TaskSettings    wireTask     `json:"task_settings,omitzero"`
	Chunking        wireChunking `json:"chunking_settings,omitzero"`
}

type wireService struct {
	AccessKey      string        `json:"access_key,omitempty"`
	SecretKey      string        `json:"secret_key,omitempty"`
	Region         string        `json:"region,omitempty"`
	Model          string        `json:"model,omitempty"`
	Provider       string        `json:"provider,omitempty"`
	RateLimit      wireRateLimit `json:"rate_limit,omitzero"`
	Dimensions     int64         `json:"dimensions,omitempty"`
	MaxInputTokens int64         `json:"max_input_tokens,omitempty"`
	Similarity     string        `json:"similarity,omitempty"`
}

type wireRateLimit struct {
	RequestsPerMinute int64 `json:"requests_per_minute"`
}

type wireTask struct {
	Temperature  *double `json:"temperature,omitempty"`
	TopP         *double `json:"top_p,omitempty"`
	TopK         *double `json:"top_k,omitempty"`
	MaxNewTokens *int64  `json:"max_new_tokens,omitempty"`
	Truncate     string  `json:"truncate,omitempty"`
}

type wireChunking struct {
	Strategy        string   `json:"strategy"`
	MaxChunkSize    int64    `json:"max_chunk_size,omitempty"`
	Overlap         *int64   `json:"overlap,omitempty"`
	SentenceOverlap *int64   `json:"sentence_overlap,omitempty"`
	Separators      []string `json:"separators,omitempty"`
	SeparatorGroup  string   `json:"separator_group,omitempty"`
}

// double is always encoded with a decimal point: the API refuses 1 for a double
// ("cannot be converted to a [Double]").
type double float64

// MarshalJSON writes the shortest decimal that reads back to the value.
func (d double) MarshalJSON() ([]byte, error) {
	text := strconv.FormatFloat(float64(d), 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return []byte(text), nil
}

// CreateBody is the body of PUT _inference/{task_type}/{inference_id}. It contains
// the keys in clear text: it must not be logged or stored.
func (e Endpoint) CreateBody(keys Keys) ([]byte, error) {
	body := e.wire()
	body.InferenceID, body.TaskType = "", "" // the path contains them
	body.ServiceSettings.Dimensions = 0      // the API refuses it in requests
	body.ServiceSettings.AccessKey, body.ServiceSettings.SecretKey = keys.AccessKey.Reveal(), keys.SecretKey.Reveal()
	return json.Marshal(body)
}

// UpdateBody is the body of PUT _inference/{task_type}/{inference_id}/_update.
// Like CreateBody it may contain the keys in clear text.
func (u Update) UpdateBody() ([]byte, error) {
	return json.Marshal(wireEndpoint{
		ServiceSettings: wireService{
			AccessKey:      u.Keys.AccessKey.Reveal(),
			SecretKey:      u.Keys.SecretKey.Reveal(),
			RateLimit:      wireRateLimit{u.RequestsPerMinute},
			MaxInputTokens: orZero(u.MaxInputTokens),
		},
		TaskSettings: u.TaskSettings.wire(),
		Chunking:     u.Chunking.wire(),
	})
}

// EndpointJSON encodes an endpoint as the API shows it: without keys, with the
// provider in upper case, truncate in lower case, and a separator group replaced
// by its separators.
func (e Endpoint) EndpointJSON() ([]byte, error) {
	shown := e.wire()
	shown.ServiceSettings.Provider = strings.ToUpper(shown.ServiceSettings.Provider)
	shown.TaskSettings.Truncate = strings.ToLower(shown.TaskSettings.Truncate)
	if shown.Chunking.SeparatorGroup != "" {
		shown.Chunking.Separators, shown.Chunking.SeparatorGroup = shownSeparators(e.Chunking.expandedSeparators()), ""
	}
	return json.Marshal(shown)
}

// shownSeparators returns the separators of a group as Elasticsearch shows them:
// those that begin a line begin with a line feed instead of its escape.
func shownSeparators(separators []string) []string {
	return mapped(separators, func(separator string) string {
		if rest, begins := strings.CutPrefix(separator, `\n`); begins {
			return "\n" + rest
		}
		return separator
	})
}

// ParseEndpoint decodes an endpoint as a server shows it. Unknown fields are
// ignored; the provider may be in upper or lower case.
func ParseEndpoint(data []byte) (Endpoint, error) {
	var wire wireEndpoint
	if err := json.Unmarshal(data, &wire); err != nil {
		return Endpoint{}, err
	}
	return wire.endpoint(), nil
}

func (wire wireEndpoint) endpoint() Endpoint {
	s, t, c := wire.ServiceSettings, wire.TaskSettings, wire.Chunking
	provider, known := ParseProvider(s.Provider)
	if !known {
		provider = Provider(s.Provider)
	}
	endpoint := Endpoint{
		InferenceID: wire.InferenceID, TaskType: wire.TaskType, Service: wire.Service,
		ServiceSettings: ServiceSettings{
			Region: s.Region, Provider: provider, Model: s.Model, RequestsPerMinute: s.RateLimit.RequestsPerMinute,
			Similarity: strings.ToLower(s.Similarity), MaxInputTokens: s.MaxInputTokens, Dimensions: s.Dimensions,
		},
		TaskSettings: TaskSettings{
			Temperature: (*float64)(t.Temperature), TopP: (*float64)(t.TopP), TopK: (*float64)(t.TopK),
			MaxNewTokens: t.MaxNewTokens, Truncate: strings.ToUpper(t.Truncate),
		},
	}
	if c.Strategy != "" {
		endpoint.Chunking = &ChunkingSettings{
			Strategy: c.Strategy, MaxChunkSize: c.MaxChunkSize, Overlap: orZero(c.Overlap),
			SentenceOverlap: orZero(c.SentenceOverlap), Separators: c.Separators, SeparatorGroup: c.SeparatorGroup,
		}
	}
	return endpoint
}

func (e Endpoint) wire() wireEndpoint {
	s := e.ServiceSettings
	return wireEndpoint{
		InferenceID: e.InferenceID, TaskType: e.TaskType, Service: e.Service,
		ServiceSettings: wireService{
			Region: s.Region, Model: s.Model, Provider: string(s.Provider), RateLimit: wireRateLimit{s.RequestsPerMinute},
			Similarity: s.Similarity, MaxInputTokens: s.MaxInputTokens, Dimensions: s.Dimensions,
		},
		TaskSettings: e.TaskSettings.wire(),
		Chunking:     e.Chunking.wire(),
	}
}

func (t TaskSettings) wire() wireTask {
	return wireTask{
		Temperature: (*double)(t.Temperature), TopP: (*double)(t.TopP), TopK: (*double)(t.TopK),
		MaxNewTokens: t.MaxNewTokens, Truncate: t.Truncate,
	}
}

func (c *ChunkingSettings) wire() wireChunking {
	if c == nil {
		return wireChunking{}
	}
	wire := wireChunking{
		Strategy: c.Strategy, MaxChunkSize: c.MaxChunkSize,
		Separators: c.Separators, SeparatorGroup: c.SeparatorGroup,
	}
	switch c.Strategy {
	case StrategyWord:
		wire.Overlap = &c.Overlap
	case StrategySentence:
		wire.SentenceOverlap = &c.SentenceOverlap
	}
	return wire
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
