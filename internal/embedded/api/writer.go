// SPDX-License-Identifier: MPL-2.0

package api

import (
	"iter"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

const (
	defaultWriteTime = 30 * time.Second
	// partSize is how many bytes a caller must receive in the time for a part.
	partSize = 32 << 10
	// statusClientClosedRequest is what nginx logs for a caller that did not wait.
	statusClientClosedRequest = 499
)

// writer writes the answer of a request, and gives up if the caller does not
// receive it.
type writer struct {
	http.ResponseWriter
	controller *http.ResponseController
	request    *http.Request
	logger     *slog.Logger
	writeTime  time.Duration
	media      string
	pretty     bool
	filter     esrest.FilterPath
	begun      bool
}

func newWriter(w http.ResponseWriter, r *http.Request, writeTime time.Duration, logger *slog.Logger) *writer {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	if id := r.Header.Get("X-Opaque-Id"); id != "" {
		w.Header().Set("X-Opaque-Id", id)
	}
	return &writer{
		ResponseWriter: w, controller: http.NewResponseController(w), request: r,
		logger: logger, writeTime: writeTime, media: esrest.MediaJSON,
	}
}

// write writes a body, filtered as the caller asked for. Errors are not filtered.
func (w *writer) write(status int, body any) {
	encoded, err := esrest.Encode(body)
	if err == nil && status == http.StatusOK {
		encoded, err = w.filter.Apply(encoded)
	}
	if err != nil {
		status, encoded = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be encoded as JSON","status":500}`)
	}
	if w.pretty {
		encoded = esrest.Pretty(encoded)
	}
	w.Header().Set("Content-Type", w.media)
	w.WriteHeader(status)
	_ = w.parts(encoded)
}

func (w *writer) fail(err error) {
	problem := asError(err)
	w.log(problem)
	problem.WriteHeader(w.Header())
	w.write(problem.Status, problem.Body())
}

// log records why the server failed. Reasons contain no keys and no bodies.
func (w *writer) log(problem *esrest.Error) {
	if problem.Status < http.StatusInternalServerError {
		return
	}
	w.logger.Error("request failed",
		slog.String("method", w.request.Method), slog.String("path", w.request.URL.Path), slog.Int("status", problem.Status),
		slog.String("type", problem.Type), slog.String("reason", problem.Reason),
		slog.String("opaque_id", w.request.Header.Get("X-Opaque-Id")))
}

// events are the data of server-sent events. An error is yielded last; problem
// returns its data.
type events struct {
	data    iter.Seq2[any, error]
	problem func(*esrest.Error) any
}

// stream sends server-sent events. An error is an event too, also if it is the
// first one: its status is then that of the answer.
func (w *writer) stream(events *events) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	for data, err := range events.data {
		if err != nil {
			problem := asError(err)
			w.log(problem)
			w.begin(problem.Status)
			w.event("error", events.problem(problem))
			return
		}
		w.begin(http.StatusOK)
		if !w.event("message", data) {
			return
		}
	}
	w.begin(http.StatusOK)
	w.send("event: message\ndata: [DONE]\n\n")
}

// begin writes the status of a stream, once.
func (w *writer) begin(status int) {
	if !w.begun {
		w.begun = true
		w.WriteHeader(status)
	}
}

func (w *writer) event(name string, data any) bool {
	encoded, err := esrest.Encode(data)
	return err == nil && w.send("event: "+name+"\ndata: "+string(encoded)+"\n\n")
}

func (w *writer) send(text string) bool {
	return w.parts([]byte(text)) == nil && w.controller.Flush() == nil
}

// parts bounds the time for each part instead of the whole, so that a slow
// caller can receive a long answer.
func (w *writer) parts(text []byte) error {
	for part := range slices.Chunk(text, partSize) {
		_ = w.controller.SetWriteDeadline(time.Now().Add(w.writeTime))
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}
