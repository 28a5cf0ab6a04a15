// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"reflect"
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

// List yields all endpoints of the service, from one request. Each of them is parsed when
// it is yielded, so that the memory for all of them is that of their JSON. Entries of
// other services are dropped as they arrive.
func (c *Client) List(ctx context.Context) iter.Seq2[backend.Listed, error] {
	return func(yield func(backend.Listed, error) bool) {
		found, err := c.list(ctx, inference.Service)
		if err != nil {
			yield(backend.Listed{}, err)
			return
		}
		ids := slices.AppendSeq(make([]string, 0, len(found)), maps.Keys(found))
		slices.Sort(ids)
		for _, id := range ids {
			endpoint, err := found[id].parse(id)
			if err != nil {
				endpoint.InferenceID = id
			}
			if !yield(backend.Listed{Endpoint: endpoint, HasKeys: true}, err) {
				return
			}
		}
	}
}

// entry is the JSON of one endpoint of a listing, of any service. It is parsed when
// its endpoint is read, because JSON takes less memory than what it describes.
type entry string

// listing holds entries by id.
type listing map[string]entry

// pick returns the result of the read of one id.
func (l listing) pick(inferenceID string) (inference.Endpoint, error) {
	found, ok := l[inferenceID]
	if !ok {
		return inference.Endpoint{}, notFound(inferenceID)
	}
	return found.parse(inferenceID)
}

func notFound(inferenceID string) error {
	fault := backend.NoEndpoint(inferenceID, "Elasticsearch", "elasticsearch.endpoints")
	fault.Status = http.StatusNotFound
	return fault
}

// list reads the entries of a service in one request, while the response arrives; those
// of all services if service is empty.
func (c *Client) list(ctx context.Context, service string) (listing, error) {
	var found listing
	get := &call{doing: "list the inference endpoints", method: http.MethodGet, path: []string{"_inference", "_all"}, idempotent: true}
	get.decode = func(ctx context.Context, body io.Reader) (err error) {
		found, err = parseListing(ctx, body, service)
		return err
	}
	if _, err := c.do(ctx, get); err != nil {
		return nil, err
	}
	if get.decodeError != nil {
		return nil, c.malformedResponse(get, get.decodeError)
	}
	if found == nil { // an empty listing would say that no endpoint exists
		return nil, c.malformedResponse(get, errNoEndpoints)
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
	body, err := c.do(ctx, get)
	if backend.Is(err, backend.NotFound) {
		return inference.Endpoint{}, notFound(inferenceID)
	}
	if err != nil {
		return inference.Endpoint{}, err
	}
	found, err := parseListing(ctx, bytes.NewReader(body), "")
	if err != nil {
		return inference.Endpoint{}, c.malformedResponse(get, err)
	}
	return found.pick(inferenceID)
}

// isName reports whether an id has no other meaning in a path.
func isName(inferenceID string) bool {
	return !slices.Contains([]string{"", ".", "..", "*", "_all"}, inferenceID) && !strings.Contains(inferenceID, "/")
}

var (
	errNoEndpoints   = errors.New("it has no endpoints")
	errEntryTooLarge = fmt.Errorf("one of its values is larger than %d MB", maxEntryBytes>>20)
)

// maxEntryBytes bounds one endpoint of a listing, which has some hundred bytes, so that
// the buffer for it does not grow to the size of the response.
const maxEntryBytes = 1 << 20

// parseListing decodes a listing as it arrives. Besides the entries, its memory is that
// of one of them. It stops when ctx ends. Endpoints of other services may have settings
// of any form. If service is not empty, only the entries of that service are kept.
func parseListing(ctx context.Context, body io.Reader, service string) (listing, error) {
	bounded := &entryReader{from: body, upTo: maxEntryBytes}
	decoder := json.NewDecoder(bounded)
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
			bounded.upTo = decoder.InputOffset() + maxEntryBytes
			continue
		}
		if found, err = parseEntries(ctx, decoder, bounded, service); err != nil {
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

func parseEntries(ctx context.Context, decoder *json.Decoder, bounded *entryReader, service string) (listing, error) {
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
		if err := found.add(raw, service); err != nil {
			return nil, err
		}
		bounded.upTo = decoder.InputOffset() + maxEntryBytes
	}
	return found, expectDelim(decoder, ']')
}

// add adds an entry if it is of the service, or if service is empty. The key is a part of
// the entry, so that it takes no memory.
func (l listing) add(raw []byte, service string) error {
	var head struct {
		InferenceID string `json:"inference_id"`
		Service     string `json:"service"`
	}
	if err := json.Unmarshal(raw, &head); err != nil || head.InferenceID == "" || service != "" && head.Service != service {
		return err
	}
	text, id := string(raw), head.InferenceID
	if at := strings.Index(text, id); at >= 0 {
		id = text[at : at+len(id)]
	}
	l[id] = entry(text)
	return nil
}

// entryReader returns an error instead of more than upTo bytes of the response.
type entryReader struct {
	from       io.Reader
	read, upTo int64
}

// Read reads at most up to the bound.
func (r *entryReader) Read(into []byte) (int, error) {
	if r.read >= r.upTo {
		return 0, errEntryTooLarge
	}
	n, err := r.from.Read(into[:min(int64(len(into)), r.upTo-r.read)])
	r.read += int64(n)
	return n, err
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

// parse returns the endpoint, or the error with which its read fails.
func (e entry) parse(inferenceID string) (inference.Endpoint, error) {
	endpoint, err := inference.ParseEndpoint([]byte(e))
	if err == nil && endpoint.Service == inference.Service {
		return endpoint, nil
	}
	var head struct {
		Service string `json:"service"`
	}
	_ = json.Unmarshal([]byte(e), &head) // listing.add has checked it
	if head.Service != inference.Service {
		return inference.Endpoint{}, &backend.Error{
			Kind:    backend.Refused,
			Summary: fmt.Sprintf("Inference endpoint %q is of another service", inferenceID),
			Detail:  fmt.Sprintf("Its service is %q; only endpoints of %q can be managed here.", head.Service, inference.Service),
		}
	}
	return inference.Endpoint{}, &backend.Error{
		Kind:    backend.Unreachable,
		Summary: fmt.Sprintf("Cannot read inference endpoint %q", inferenceID),
		Detail: fmt.Sprintf("Elasticsearch returned %s. Check the endpoint with GET _inference/%s, and create it again if its settings are wrong; "+
			"if they are right, upgrade the provider, or report this.", unexpectedSetting(err), inferenceID),
	}
}

// unexpectedSetting says which setting of an endpoint cannot be decoded.
func unexpectedSetting(err error) string {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return "settings that cannot be decoded"
	}
	found, isNumber := strings.CutPrefix(wrong.Value, "number ")
	if isNumber {
		found = "the number " + found
	} else {
		found = map[string]string{"number": "a number", "string": "a string", "bool": "a boolean", "array": "a list", "object": "an object"}[found]
	}
	expected := "an object"
	switch wrong.Type.Kind() { //nolint:exhaustive // the settings have no other types
	case reflect.Int64:
		expected = "a whole number"
	case reflect.Float64:
		expected = "a number"
	case reflect.String:
		expected = "a string"
	case reflect.Slice:
		expected = "a list"
	}
	return fmt.Sprintf("%s as %s, where %s is expected", cmp.Or(wrong.Field, "the endpoint"), found, expected)
}
