package api

import (
	"bytes"
	"encoding/json"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	mediaJSON   = "application/json"
	mediaVendor = "application/vnd.elasticsearch+json"
	mediaStream = "text/event-stream"
)

// writer writes one answer, and gives up on a caller that does not take it.
type writer struct {
	http.ResponseWriter
	controller *http.ResponseController
	request    *http.Request
	patience   time.Duration
	begun      bool
}

func newWriter(w http.ResponseWriter, r *http.Request, patience time.Duration) *writer {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	return &writer{ResponseWriter: w, controller: http.NewResponseController(w), request: r, patience: patience}
}

// media is what the caller asked for: clients of one major version add it to
// the type, and want to read it in the answer.
func (w *writer) media() string {
	for accepted := range strings.SplitSeq(w.request.Header.Get("Accept"), ",") {
		if strings.HasPrefix(strings.TrimSpace(accepted), mediaVendor) {
			return mediaVendor + ";compatible-with=9"
		}
	}
	return mediaJSON
}

func (w *writer) write(status int, body any) {
	encoded, err := encode(body)
	if err != nil {
		status, encoded = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written as JSON","status":500}`)
	}
	if w.request.URL.Query().Has("pretty") {
		var indented bytes.Buffer
		if json.Indent(&indented, encoded, "", "  ") == nil {
			encoded = append(indented.Bytes(), '\n')
		}
	}
	w.Header().Set("Content-Type", w.media())
	w.WriteHeader(status)
	_ = w.parts(encoded)
}

func (w *writer) fail(fault *failure) {
	for name, values := range fault.header {
		w.Header()[name] = values
	}
	w.write(fault.status, fault.body())
}

// stream sends pieces of text as server-sent events. A failure is an event too,
// also where it comes first: its status is then that of the answer.
func (w *writer) stream(pieces iter.Seq2[string, error]) {
	w.Header().Set("Content-Type", mediaStream)
	w.Header().Set("Cache-Control", "no-cache")
	for piece, err := range pieces {
		if err != nil {
			fault := failureOf(err)
			w.begin(fault.status)
			w.event("error", fault.body())
			return
		}
		w.begin(http.StatusOK)
		if !w.event("message", completion{[]completionDelta{{piece}}}) {
			return
		}
	}
	w.begin(http.StatusOK)
	w.send("event: message\ndata: [DONE]\n\n")
}

type completion struct {
	Completion []completionDelta `json:"completion"`
}

type completionDelta struct {
	Delta string `json:"delta"`
}

// begin writes the status of a stream, once.
func (w *writer) begin(status int) {
	if !w.begun {
		w.begun = true
		w.WriteHeader(status)
	}
}

func (w *writer) event(name string, data any) bool {
	encoded, err := encode(data)
	return err == nil && w.send("event: "+name+"\ndata: "+string(encoded)+"\n\n")
}

func (w *writer) send(text string) bool {
	return w.parts([]byte(text)) == nil && w.controller.Flush() == nil
}

// partSize is how many bytes a caller has to take in the time for one part.
const partSize = 32 << 10

// parts bounds the time for each part, not for all: a long answer to a caller
// who takes it slowly comes to its end.
func (w *writer) parts(text []byte) error {
	for part := range slices.Chunk(text, partSize) {
		_ = w.controller.SetWriteDeadline(time.Now().Add(w.patience))
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// encode leaves <, > and & as they are, as Elasticsearch does.
func encode(body any) ([]byte, error) {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(body)
	return bytes.TrimSuffix(encoded.Bytes(), []byte("\n")), err
}
