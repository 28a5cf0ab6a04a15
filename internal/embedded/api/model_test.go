// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// model is an Amazon Bedrock whose answers the test sets, for what the simulator
// cannot do: vectors of any size, malformed answers, given refusals.
type model struct {
	*httptest.Server

	mu sync.Mutex
	// refusal is what AWS says to every call; empty lets it answer.
	refusal string
	// vector is the embedding of every text.
	vector []float64
	// answer is the body of every embedding; nil for one in the right form.
	answer   json.RawMessage
	requests []map[string]any
}

func newModel(t *testing.T) *model {
	t.Helper()
	m := &model{vector: []float64{0.1, 0.2}}
	m.Server = httptest.NewServer(http.HandlerFunc(m.serve))
	t.Cleanup(m.Close)
	return m
}

// asked returns the bodies of all calls so far.
func (m *model) asked() []map[string]any {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.requests)
}

func (m *model) set(change func(*model)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(m)
	m.requests = nil
}

func (m *model) serve(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	content, _ := io.ReadAll(r.Body)
	var body map[string]any
	_ = json.Unmarshal(content, &body)
	m.requests = append(m.requests, body)
	w.Header().Set("Content-Type", "application/json")
	switch {
	case m.refusal != "":
		w.Header().Set("X-Amzn-ErrorType", "UnrecognizedClientException")
		w.WriteHeader(http.StatusForbidden)
		writeJSON(w, map[string]any{"message": m.refusal})
	case strings.HasSuffix(r.URL.Path, "/invoke"):
		m.embed(w, body)
	case strings.HasSuffix(r.URL.Path, "/converse"):
		writeJSON(w, map[string]any{"output": map[string]any{"message": map[string]any{
			"role": "assistant", "content": []any{map[string]any{"text": shout(body)}},
		}}, "stopReason": "end_turn"})
	default:
		w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
		writeEvent(w, "contentBlockDelta", map[string]any{"contentBlockIndex": 0, "delta": map[string]any{"text": shout(body)}})
		writeEvent(w, "messageStop", map[string]any{"stopReason": "end_turn"})
	}
}

func (m *model) embed(w http.ResponseWriter, body map[string]any) {
	if m.answer != nil {
		_, _ = w.Write(m.answer)
		return
	}
	if texts, ok := body["texts"].([]any); ok {
		writeJSON(w, map[string]any{"embeddings": slices.Repeat([][]float64{m.vector}, len(texts))})
		return
	}
	writeJSON(w, map[string]any{"embedding": m.vector, "inputTextTokenCount": 1})
}

// shout answers a conversation in upper case.
func shout(body map[string]any) string {
	messages := body["messages"].([]any)
	content := messages[len(messages)-1].(map[string]any)["content"].([]any)
	return strings.ToUpper(content[0].(map[string]any)["text"].(string))
}

func writeJSON(w io.Writer, body any) { _ = json.NewEncoder(w).Encode(body) }

// writeEvent writes a message of an AWS event stream: lengths and their checksum,
// headers, payload, and the checksum of everything.
func writeEvent(w io.Writer, kind string, body any) {
	var headers []byte
	for _, header := range [][2]string{{":message-type", "event"}, {":event-type", kind}, {":content-type", "application/json"}} {
		headers = append(headers, byte(len(header[0])))
		headers = append(headers, header[0]...)
		headers = append(headers, 7) // a text
		headers = binary.BigEndian.AppendUint16(headers, uint16(len(header[1])))
		headers = append(headers, header[1]...)
	}
	payload, _ := json.Marshal(body)
	message := binary.BigEndian.AppendUint32(nil, uint32(16+len(headers)+len(payload)))
	message = binary.BigEndian.AppendUint32(message, uint32(len(headers)))
	message = binary.BigEndian.AppendUint32(message, crc32.ChecksumIEEE(message))
	message = append(append(message, headers...), payload...)
	_, _ = w.Write(binary.BigEndian.AppendUint32(message, crc32.ChecksumIEEE(message)))
}
