package elasticsearch

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// Get reads one endpoint. Concurrent reads share requests, see readCoalescer.
func (c *Client) Get(ctx context.Context, inferenceID string) (inference.Endpoint, error) {
	return c.reads.get(ctx, inferenceID, toRead)
}

// Exists reports whether an id is taken, for a plan. See toPlan for the age of the
// result.
func (c *Client) Exists(ctx context.Context, inferenceID string) (bool, error) {
	_, err := c.reads.get(ctx, inferenceID, toPlan)
	return backend.Found(err)
}

// wrote is called at the end of every write, whether it succeeded or not.
func (c *Client) wrote(inferenceID string) { c.reads.wrote(inferenceID) }

// List reads all endpoints of the service.
func (c *Client) List(ctx context.Context) ([]inference.Endpoint, error) {
	found, err := c.list(ctx)
	if err != nil {
		return nil, err
	}
	endpoints := make([]inference.Endpoint, 0, len(found))
	for _, entry := range found {
		if entry.service != inference.Service {
			continue
		}
		if entry.err != nil {
			return nil, entry.err
		}
		endpoints = append(endpoints, entry.endpoint)
	}
	slices.SortFunc(endpoints, func(a, b inference.Endpoint) int { return cmp.Compare(a.InferenceID, b.InferenceID) })
	return endpoints, nil
}

// entry is one endpoint of a listing, of any service, or the error with which its
// read fails.
type entry struct {
	endpoint inference.Endpoint
	service  string
	err      error
}

// listing holds entries by id.
type listing map[string]entry

// pick returns the result of the read of one id.
func (l listing) pick(inferenceID string) (inference.Endpoint, error) {
	found, ok := l[inferenceID]
	switch {
	case !ok:
		return inference.Endpoint{}, notFound(inferenceID)
	case found.err != nil:
		return inference.Endpoint{}, found.err
	}
	return found.endpoint, nil
}

func notFound(inferenceID string) error {
	fault := backend.NoEndpoint(inferenceID, "Elasticsearch", "elasticsearch.endpoints")
	fault.Status = http.StatusNotFound
	return fault
}

// list reads all endpoints in one request.
func (c *Client) list(ctx context.Context) (listing, error) {
	get := &call{doing: "list the inference endpoints", method: http.MethodGet, path: []string{"_inference", "_all"}, idempotent: true}
	answer, err := c.do(ctx, get)
	if err != nil {
		return nil, err
	}
	found, err := parseListing(ctx, answer.body)
	if ctx.Err() != nil {
		return nil, abandoned(ctx, get.doing)
	}
	if err != nil {
		return nil, c.malformedResponse(get, err)
	}
	return found, nil
}

// get reads one endpoint in one request.
func (c *Client) get(ctx context.Context, inferenceID string) (inference.Endpoint, error) {
	if !isName(inferenceID) {
		return inference.Endpoint{}, notFound(inferenceID)
	}
	get := &call{
		doing:  fmt.Sprintf("read inference endpoint %q", inferenceID),
		method: http.MethodGet, path: []string{"_inference", inferenceID}, idempotent: true,
	}
	answer, err := c.do(ctx, get)
	if backend.Is(err, backend.NotFound) {
		return inference.Endpoint{}, notFound(inferenceID)
	}
	if err != nil {
		return inference.Endpoint{}, err
	}
	found, err := parseListing(ctx, answer.body)
	if err != nil {
		return inference.Endpoint{}, c.malformedResponse(get, err)
	}
	return found.pick(inferenceID)
}

// isName reports whether an id has no other meaning in a path.
func isName(inferenceID string) bool {
	return !slices.Contains([]string{"", ".", "..", "*", "_all"}, inferenceID) && !strings.Contains(inferenceID, "/")
}

var errNoEndpoints = errors.New("it has no endpoints")

// parseListing decodes a listing entry by entry, so that its memory stays in
// proportion to what is kept, and stops when ctx ends. Endpoints of other services
// may have settings of any form.
func parseListing(ctx context.Context, body []byte) (listing, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := expectDelim(decoder, '{'); err != nil {
		return nil, err
	}
	var found listing
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		if key != "endpoints" {
			var skipped json.RawMessage
			if err := decoder.Decode(&skipped); err != nil {
				return nil, err
			}
			continue
		}
		if found, err = parseEntries(ctx, decoder); err != nil {
			return nil, err
		}
	}
	if err := expectDelim(decoder, '}'); err != nil {
		return nil, err
	}
	if found == nil {
		return nil, errNoEndpoints
	}
	return found, nil
}

func parseEntries(ctx context.Context, decoder *json.Decoder) (listing, error) {
	if err := expectDelim(decoder, '['); err != nil {
		return nil, err
	}
	found := listing{}
	var raw json.RawMessage // one buffer for all entries
	for decoder.More() {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := decoder.Decode(&raw); err != nil {
			return nil, err
		}
		var head struct {
			InferenceID string `json:"inference_id"`
			Service     string `json:"service"`
		}
		if err := json.Unmarshal(raw, &head); err != nil {
			return nil, err
		}
		found[head.InferenceID] = parseEntry(raw, head.InferenceID, head.Service)
	}
	return found, expectDelim(decoder, ']')
}

func expectDelim(decoder *json.Decoder, want json.Delim) error {
	token, err := decoder.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err == nil && token != want {
		err = fmt.Errorf("%v where %v was expected", token, want)
		if token == nil {
			err = errNoEndpoints
		}
	}
	return err
}

func parseEntry(raw []byte, inferenceID, service string) entry {
	if service != inference.Service {
		return entry{service: service, err: &backend.Error{
			Kind:    backend.Refused,
			Summary: fmt.Sprintf("Inference endpoint %q is of another service", inferenceID),
			Detail:  fmt.Sprintf("Its service is %q; only endpoints of %q can be managed here.", service, inference.Service),
		}}
	}
	endpoint, err := inference.ParseEndpoint(raw)
	if err != nil {
		return entry{service: service, err: &backend.Error{
			Kind:    backend.Unreachable,
			Summary: fmt.Sprintf("Cannot read inference endpoint %q", inferenceID),
			Detail:  fmt.Sprintf("Elasticsearch returned settings that cannot be read: %s.", err),
		}}
	}
	return entry{endpoint: endpoint, service: service}
}
