package bedrocksim

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody is what InvokeModel takes at most, in bytes.
const maxBody = 25_000_000

// answer is a good response, in pieces that are sent one after the other.
type answer struct {
	contentType string
	header      map[string]string
	pieces      [][]byte
}

// reply is an answer of one JSON value.
func reply(body any) *answer {
	return &answer{contentType: "application/json", pieces: [][]byte{encode(body)}}
}

// refusal is an error response, in AWS's words.
type refusal struct {
	status        int
	code, message string
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

func invalid(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, "ValidationException", fmt.Sprintf(format, args...)}
}

// ServeHTTP answers one call.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call, done := s.count()
	defer done()
	arrived := time.Now()
	w.Header().Set("X-Amzn-Requestid", requestID())

	result, err := s.respond(w, r)
	// After the body is read, for not before that does net/http notice a caller
	// who has gone, and a fault may wait for just that.
	fault := s.fault(r, call)
	if fault != nil && fault.Status != 0 {
		err = &refusal{fault.Status, fault.Code, fault.Message}
	}
	if !sleepUntil(r, arrived.Add(s.latency)) {
		return
	}
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		writeRefusal(w, refused)
	case err != nil:
		writeRefusal(w, &refusal{http.StatusBadRequest, "SerializationException", err.Error()})
	case fault != nil && fault.Damage != "":
		writeDamaged(w, result, fault.Damage)
	default:
		writeAnswer(w, result)
	}
}

// respond does what Bedrock does, in its order: who asks, what for, with what.
func (s *Simulator) respond(w http.ResponseWriter, r *http.Request) (*answer, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	if err := s.authenticate(r, body, time.Now()); err != nil {
		return nil, err
	}
	model, operation, err := route(r)
	if err != nil {
		return nil, err
	}
	switch operation {
	case "invoke":
		return invoke(r, model, body)
	case "converse":
		return converse(model, body)
	case "converse-stream":
		return converseStream(model, body)
	}
	return nil, &refusal{http.StatusNotFound, "UnknownOperationException", "The simulator does not have the operation " + operation + "."}
}

// route reads /model/{id}/{operation}; slashes and colons inside the id are
// escaped.
func route(r *http.Request) (model, operation string, err error) {
	parts := strings.Split(r.URL.EscapedPath(), "/")
	if r.Method != http.MethodPost || len(parts) != 4 || parts[0] != "" || parts[1] != "model" {
		return "", "", &refusal{http.StatusNotFound, "UnknownOperationException", "Not an operation of Bedrock Runtime: " + r.Method + " " + r.URL.Path}
	}
	model, err = url.PathUnescape(parts[2])
	return model, parts[3], err
}

func writeAnswer(w http.ResponseWriter, a *answer) {
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", a.contentType)
	for i, piece := range a.pieces {
		write(w, piece)
		if i+1 < len(a.pieces) {
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// encode writes a body as AWS does, without escaping for HTML.
func encode(body any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return nil
	}
	return bytes.TrimSpace(buffer.Bytes())
}

func writeRefusal(w http.ResponseWriter, r *refusal) {
	w.Header().Set("Content-Type", "application/json")
	if r.code != "" {
		w.Header().Set("X-Amzn-Errortype", r.code+":http://internal.amazon.com/coral/com.amazon.bedrock/")
	}
	w.WriteHeader(r.status)
	write(w, encode(map[string]string{"message": r.message}))
}

func write(w http.ResponseWriter, data []byte) {
	_, _ = w.Write(data)
}

func sleepUntil(r *http.Request, end time.Time) bool {
	timer := time.NewTimer(time.Until(end))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

func requestID() string {
	var id [16]byte
	_, _ = rand.Read(id[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
