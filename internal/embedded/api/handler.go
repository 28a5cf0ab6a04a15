// SPDX-License-Identifier: MPL-2.0

// Package api serves the embedded target over HTTP, as Elasticsearch serves its
// _inference API: with the same routes, status codes, bodies and messages, so
// that Elastic's own clients work with it. The common REST layer follows
// Elasticsearch 9.5.3. The package's contract test lists the differences that
// are intended, with the reason for each.
package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// Config limits what callers may do. The zero value lets everybody call the API,
// within the default limits.
type Config struct {
	// Credentials are required of callers; the zero value requires none.
	Credentials Credentials
	// MaxConcurrent bounds the requests that are served at once; 0 is 256.
	MaxConcurrent int
	// MaxBody bounds the body of a request in bytes, also after it was
	// decompressed; 0 is 8 MiB.
	MaxBody int64
	// MaxBodies bounds the memory in bytes that the bodies of all requests may
	// take at once, including their decoded values; 0 is 128 MiB.
	MaxBodies int64
	// BodyTime is how long a caller may take to send a body; 0 is 10 seconds.
	BodyTime time.Duration
	// WriteTime is how long a caller may take to receive 32 KiB of an answer; 0 is
	// 30 seconds.
	WriteTime time.Duration
	// Logger receives why a request was answered with a status of 500 or above;
	// nil discards it.
	Logger *slog.Logger
}

// Credentials are what a caller must send: either of both if both are set. The
// zero value requires nothing.
type Credentials struct {
	// APIKey is the key as clients send it: the base64 of "id:key".
	APIKey redact.Secret
	// User and Password are for basic authentication.
	User     string
	Password redact.Secret
}

// Handler is the API. It is safe for concurrent use.
type Handler struct {
	target *embedded.Target
	config Config
	slots  slots
	bodies atomic.Int64 // bytes that are reserved for bodies
}

// New returns the API of a target.
func New(target *embedded.Target, config Config) *Handler {
	config.MaxConcurrent = cmp.Or(config.MaxConcurrent, 256)
	config.MaxBody = cmp.Or(config.MaxBody, 8<<20)
	config.MaxBodies = cmp.Or(config.MaxBodies, 128<<20)
	config.BodyTime = cmp.Or(config.BodyTime, 10*time.Second)
	config.WriteTime = cmp.Or(config.WriteTime, defaultWriteTime)
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	return &Handler{target: target, config: config, slots: make(slots, config.MaxConcurrent)}
}

// ServeHTTP answers one request. Credentials, route and parameters are checked
// before the body is read.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	writer := h.begin(w, r)
	if problem := h.config.Credentials.check(r); problem != nil {
		writer.fail(problem)
		return
	}
	if !h.slots.take() {
		writer.fail(tooManyRequests())
		return
	}
	defer h.slots.release()
	request := &request{Request: r, handler: h, controller: writer.controller}
	defer request.release()
	route, problem := request.prepare(writer)
	if problem != nil {
		writer.fail(problem)
		return
	}
	if route == nil { // OPTIONS
		writer.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		writer.WriteHeader(http.StatusOK)
		return
	}
	if route.stream != nil {
		events, err := route.stream(h, r.Context(), request)
		if err != nil {
			writer.fail(err)
			return
		}
		writer.stream(events)
		return
	}
	answer, err := route.answer(h, r.Context(), request)
	if err != nil {
		writer.fail(err)
		return
	}
	writer.write(http.StatusOK, answer)
}

// WithoutCredentials serves next to callers without credentials. It has a few
// slots of its own, so that neither kind of caller can take those of the other.
func (h *Handler) WithoutCredentials(next http.Handler) http.Handler {
	own := make(slots, max(1, h.config.MaxConcurrent/16))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writer := h.begin(w, r)
		if !own.take() {
			writer.fail(tooManyRequests())
			return
		}
		defer own.release()
		next.ServeHTTP(w, r)
	})
}

// begin bounds what a request may send.
func (h *Handler) begin(w http.ResponseWriter, r *http.Request) *writer {
	writer := newWriter(w, r, h.config.WriteTime, h.config.Logger)
	if r.ContentLength != 0 { // net/http reads bodies that the handler leaves
		_ = writer.controller.SetReadDeadline(time.Now().Add(h.config.BodyTime))
		r.Body = http.MaxBytesReader(w, r.Body, h.config.MaxBody)
	}
	return writer
}

// reserve takes bytes from the memory for bodies.
func (h *Handler) reserve(bytes int64) bool {
	if h.bodies.Add(bytes) <= h.config.MaxBodies {
		return true
	}
	h.bodies.Add(-bytes)
	return false
}

// slots bounds how many requests are served at once.
type slots chan struct{}

func (s slots) take() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s slots) release() { <-s }

func tooManyRequests() *esrest.Error { return rejected("the limit of concurrent requests is reached") }

func outOfMemory() *esrest.Error { return rejected("the memory for request bodies is in use") }

// rejected returns the error of a request for which there is no capacity now.
func rejected(reason string) *esrest.Error {
	return esrest.New(esrest.TypeRejected, "rejected execution of request: %s; try again later", reason).
		WithStatus(http.StatusTooManyRequests)
}

// IsZero reports whether no credentials are required.
func (c Credentials) IsZero() bool { return c == Credentials{} }

func (c Credentials) check(r *http.Request) *esrest.Error {
	if c.IsZero() {
		return nil
	}
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	user, password, isBasic := r.BasicAuth()
	switch {
	case scheme == "":
		return unauthenticated("missing authentication credentials for REST request [" + r.URL.Path + "]")
	case strings.EqualFold(scheme, "ApiKey") && c.APIKey != "" && equalSecrets(given, c.APIKey.Reveal()):
		return nil
	case isBasic && c.User != "" && equalSecrets(user+":"+password, c.User+":"+c.Password.Reveal()):
		return nil
	case isBasic:
		return unauthenticated("unable to authenticate user [" + user + "] for REST request [" + r.URL.Path + "]")
	}
	return unauthenticated("unable to authenticate with provided credentials and anonymous access is not allowed for this request")
}

// equalSecrets takes the same time for every text that differs. It compares
// hashes, because comparing the texts would reveal the length.
func equalSecrets(given, want string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

func unauthenticated(reason string) *esrest.Error {
	return &esrest.Error{
		Status: http.StatusUnauthorized, Type: esrest.TypeSecurity, Reason: reason,
		BodyHeader: http.Header{"WWW-Authenticate": {`Basic realm="security", charset="UTF-8"`, "ApiKey"}},
	}
}

// Forbid answers a request that may not reach the API, as Elasticsearch would.
func Forbid(w http.ResponseWriter, r *http.Request, reason string) {
	newWriter(w, r, defaultWriteTime, slog.New(slog.DiscardHandler)).fail(
		esrest.New(esrest.TypeSecurity, "%s", reason).WithStatus(http.StatusForbidden))
}

// asError returns the answer to any error.
func asError(err error) *esrest.Error {
	if problem, ok := errors.AsType[*esrest.Error](err); ok {
		return problem
	}
	if errors.Is(err, context.Canceled) {
		return &esrest.Error{Status: statusClientClosedRequest, Type: "task_cancelled_exception", Reason: "The caller closed the connection before the answer"}
	}
	return &esrest.Error{Status: http.StatusInternalServerError, Type: esrest.TypeException, Reason: err.Error()}
}
