// Package api serves the embedded target over HTTP, as Elasticsearch serves its
// _inference API: the same routes, status codes, bodies and texts, so that
// Elastic's own clients cannot tell the difference.
//
// Texts are those of Elasticsearch 9.1, which is the version that it shows; an
// update takes what 9.5 takes, for that of 9.1 forgets chunking settings and
// passes over what it does not know. Where the embedded target departs from
// Elasticsearch on purpose, the package's contract test names it with its reason.
package api

import (
	"context"
	"net/http"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
)

// Config limits what callers may do. The zero value lets everybody do
// everything, within the default limits.
type Config struct {
	// Credentials are what a caller has to show; the zero value demands none.
	Credentials Credentials
	// MaxConcurrent bounds the requests that are served at once; 0 is 256.
	MaxConcurrent int
	// MaxBody bounds a request's body in bytes; 0 is 8 MiB.
	MaxBody int64
	// BodyTime is how long a caller may take to send a body, and to receive a
	// part of an answer; 0 is 30 seconds.
	BodyTime time.Duration
}

const defaultBodyTime = 30 * time.Second

// Handler is the API. It is safe for concurrent use.
type Handler struct {
	target *embedded.Target
	config Config
	places places
}

// New returns the API of a target.
func New(target *embedded.Target, config Config) *Handler {
	if config.MaxConcurrent <= 0 {
		config.MaxConcurrent = 256
	}
	if config.MaxBody <= 0 {
		config.MaxBody = 8 << 20
	}
	if config.BodyTime <= 0 {
		config.BodyTime = defaultBodyTime
	}
	return &Handler{target: target, config: config, places: make(places, config.MaxConcurrent)}
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	writer := h.begin(w, r)
	if fault := h.config.Credentials.check(r); fault != nil {
		writer.fail(fault)
		return
	}
	if !h.places.take() {
		writer.fail(busy())
		return
	}
	defer h.places.leave()
	route, call, fault := find(r)
	if fault != nil {
		writer.fail(fault)
		return
	}
	call.controller, call.maxBody = writer.controller, h.config.MaxBody
	h.serve(r.Context(), writer, route, call)
}

// Open serves next to callers without credentials. They take places as all
// others do, but so few at once that they cannot keep the others out.
func (h *Handler) Open(next http.Handler) http.Handler {
	few := make(places, max(1, cap(h.places)/openShare))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writer := h.begin(w, r)
		if !few.take() {
			writer.fail(busy())
			return
		}
		defer few.leave()
		if !h.places.take() {
			writer.fail(busy())
			return
		}
		defer h.places.leave()
		next.ServeHTTP(w, r)
	})
}

// openShare is which part of the places callers without credentials get: one in
// so many.
const openShare = 16

// begin bounds what a request may send.
func (h *Handler) begin(w http.ResponseWriter, r *http.Request) *writer {
	writer := newWriter(w, r, h.config.BodyTime)
	if r.ContentLength != 0 { // also where nobody reads the body: net/http then does
		_ = writer.controller.SetReadDeadline(time.Now().Add(h.config.BodyTime))
		r.Body = http.MaxBytesReader(w, r.Body, h.config.MaxBody)
	}
	return writer
}

func (h *Handler) serve(ctx context.Context, writer *writer, route route, call *call) {
	if fault := route.checkParameters(call); fault != nil {
		writer.fail(fault)
		return
	}
	if route.stream != nil {
		writer.stream(route.stream(h, ctx, call))
		return
	}
	answer, err := route.answer(h, ctx, call)
	if err != nil {
		writer.fail(failureOf(err))
		return
	}
	writer.write(http.StatusOK, answer)
}

// places has one token for each request that is served.
type places chan struct{}

func (p places) take() bool {
	select {
	case p <- struct{}{}:
		return true
	default:
		return false
	}
}

func (p places) leave() { <-p }

func busy() *failure {
	return &failure{
		status: http.StatusTooManyRequests, kind: "es_rejected_execution_exception",
		reason: "rejected execution of request: as many as are allowed at once are under way already; try again later",
	}
}
