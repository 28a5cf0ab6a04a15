// SPDX-License-Identifier: MPL-2.0

package bedrocksim

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// maxBody is the size of the largest request body of InvokeModel, in bytes.
const maxBody = 25_000_000

// answer is a successful response, in chunks that are sent one after the other.
type answer struct {
	contentType string
	header      map[string]string
	chunks      [][]byte
}

// reply returns an answer with a JSON body.
func reply(body any) *answer {
	return &answer{contentType: "application/json", chunks: [][]byte{encode(body)}}
}

// refusal is an error response of AWS.
type refusal struct {
	status        int
	code, message string
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

func invalid(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, "ValidationException", fmt.Sprintf(format, args...)}
}

// ServeHTTP serves the API of Bedrock Runtime.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := int(s.calls.Add(1))
	arrived := time.Now()
	w.Header().Set("X-Amzn-Requestid", requestID())

	result, err := s.respond(w, r)
	// The fault is injected after the body was read: only then does net/http detect a
	// closed connection, which a fault may wait for.
	fault := s.fault(r, call)
	if fault != nil && fault.Status != 0 {
		err = &refusal{fault.Status, fault.Code, fault.Message}
	}
	select {
	case <-time.After(time.Until(arrived.Add(s.latency))):
	case <-r.Context().Done():
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

// respond checks a request in the order of Bedrock: signature, model, body.
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

// route parses /model/{id}/{operation}. Slashes and colons in the id are escaped.
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
	for i, chunk := range a.chunks {
		_, _ = w.Write(chunk)
		if i+1 < len(a.chunks) {
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// encode returns JSON without escapes for HTML, as AWS does.
func encode(body any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body)
	return bytes.TrimSpace(buffer.Bytes())
}

func writeRefusal(w http.ResponseWriter, r *refusal) {
	w.Header().Set("Content-Type", "application/json")
	if r.code != "" {
		w.Header().Set("X-Amzn-Errortype", r.code+":http://internal.amazon.com/coral/com.amazon.bedrock/")
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(encode(map[string]string{"message": r.message}))
}

func requestID() string {
	var id [16]byte
	_, _ = rand.Read(id[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// Fault is an error to inject into one call: a refusal, or a damaged answer.
type Fault struct {
	// Status refuses the call with a message and a code, which is optional.
	Status        int
	Code, Message string
	// Damage damages the answer.
	Damage Damage
}

// Damage is a kind of damage to an answer.
type Damage string

// The kinds of damage. CutOff closes the connection in the middle of the body,
// Reset before it.
const (
	CutOff    Damage = "cut off"
	Malformed Damage = "malformed"
	HTML      Damage = "html"
	Reset     Damage = "reset"
)

// Throttled returns the error of too many requests.
func Throttled() *Fault {
	return &Fault{Status: http.StatusTooManyRequests, Code: "ThrottlingException", Message: "Too many requests, please wait before trying again."}
}

// ModelNotReady returns the error of a model that is being loaded.
func ModelNotReady() *Fault {
	return &Fault{Status: http.StatusTooManyRequests, Code: "ModelNotReadyException", Message: "Model is not ready for inference. Wait and try your request again."}
}

// Unavailable returns a temporary error of the service.
func Unavailable() *Fault {
	return &Fault{Status: http.StatusServiceUnavailable, Code: "ServiceUnavailableException", Message: "Service unavailable."}
}

// AccessDenied returns the error of an account without access to the model.
func AccessDenied() *Fault {
	return &Fault{Status: http.StatusForbidden, Code: "AccessDeniedException", Message: "You don't have access to the model with the specified model ID."}
}

// ExpiredToken returns the error of expired temporary credentials.
func ExpiredToken() *Fault {
	return &Fault{Status: http.StatusForbidden, Code: "ExpiredTokenException", Message: "The security token included in the request is expired"}
}

// Damaged returns a fault that damages the answer.
func Damaged(damage Damage) *Fault { return &Fault{Damage: damage} }

func writeDamaged(w http.ResponseWriter, a *answer, damage Damage) {
	body := bytes.Join(a.chunks, nil)
	switch damage {
	case Malformed:
		w.Header().Set("Content-Type", a.contentType)
		_, _ = w.Write(append(body[:len(body)-1], ",,"...))
		return
	case HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<html><body>Sign in to the network</body></html>"))
		return
	case CutOff:
		w.Header().Set("Content-Type", a.contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
	case Reset:
	}
	panic(http.ErrAbortHandler) // makes net/http close the connection
}

// family is a group of models with the same requests.
type family int

const (
	unknownFamily family = iota
	titanV1
	titanV2
	cohereV3
	cohereV4
	chat   // generates text
	opaque // an ARN without model id: accepts all requests
)

// prefixes are prefixes of base model ids; the first match applies.
var prefixes = []struct {
	prefix string
	family family
}{
	{"amazon.titan-embed-text-v2", titanV2},
	{"amazon.titan-embed-text-v1", titanV1},
	{"amazon.titan-embed-g1-text", titanV1},
	{"amazon.titan-text-", chat},
	{"amazon.titan-tg1-", chat},
	{"amazon.nova-2-multimodal-embeddings", unknownFamily},
	{"amazon.nova-", chat},
	{"anthropic.claude-", chat},
	{"ai21.j2-", chat},
	{"ai21.jamba-", chat},
	{"cohere.embed-english-v3", cohereV3},
	{"cohere.embed-multilingual-v3", cohereV3},
	{"cohere.embed-v4", cohereV4},
	{"cohere.command-", chat},
	{"meta.llama", chat},
	{"mistral.", chat},
}

// model is the model of a request.
type model struct {
	inference.ModelID
	family family
	asked  string // the id or ARN in the request
}

func findModel(asked string) (model, error) {
	id, ok := inference.ParseModelID(asked)
	if !ok || id.IsMistaken() {
		return model{}, invalid("The provided model identifier is invalid.")
	}
	if id.Model == "" {
		return model{id, opaque, asked}, nil
	}
	for _, known := range prefixes {
		if !strings.HasPrefix(id.Model, known.prefix) {
			continue
		}
		if known.family == unknownFamily {
			break
		}
		if id.NeedsProfile() {
			return model{}, invalid("Invocation of model ID %s with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.", id.Model)
		}
		return model{id, known.family, asked}, nil
	}
	return model{}, invalid("The provided model identifier is invalid.")
}

// name returns the model id, or the ARN if it contains none.
func (m model) name() string { return cmp.Or(m.Model, m.asked) }
