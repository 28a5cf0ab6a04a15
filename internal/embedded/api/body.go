// SPDX-License-Identifier: MPL-2.0

package api

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

// body reads the JSON of the request. It returns nil if there is none. The
// deadline for reading ends with the body, so that it does not end the run.
func (r *request) body() (*esrest.Value, error) {
	content, err := r.read(r.Body, r.incomplete)
	if err != nil || len(content) == 0 {
		return nil, err
	}
	_ = r.controller.SetReadDeadline(time.Time{})
	if content, err = r.decompressed(content); err != nil {
		return nil, err
	}
	// Each of these characters may begin a value. Decoding is refused before it
	// takes more memory than is left.
	values := int64(1)
	for _, char := range content {
		if char == '{' || char == '[' || char == ',' || char == ':' {
			values++
		}
	}
	if !r.reserve(min(values, maxValues)*valueSize + int64(len(content))) {
		return nil, outOfMemory()
	}
	value, problem := esrest.ParseValue(content, maxValues)
	if problem != nil {
		return nil, problem
	}
	return &value, nil
}

// object reads the JSON object of the request. It returns nil if there is no body.
func (r *request) object() (*esrest.Value, error) {
	value, err := r.body()
	if err == nil && value != nil && value.Kind != esrest.KindObject {
		return nil, esrest.ParseError("%s Expected an object but found [%s]", value.Start, value.Kind)
	}
	return value, err
}

const (
	// maxValues is how many values a body may contain.
	maxValues = 50_000
	// valueSize is how many bytes a decoded value takes, with its share of a map.
	valueSize = 384
)

// incomplete returns the answer to a body that cannot be read to its end.
func (r *request) incomplete(err error) *esrest.Error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return esrest.StatusError("The request body did not arrive within [%s]", esrest.JavaTime(r.handler.config.BodyTime)).
			WithStatus(http.StatusRequestTimeout)
	}
	return esrest.StatusError("The request body cannot be read: %v", err)
}

// decompressed returns a body without the compression that its header names.
// Compressions that Elasticsearch does not know are ignored, as there.
func (r *request) decompressed(content []byte) ([]byte, error) {
	encoding := strings.ToLower(r.Header.Get("Content-Encoding"))
	notCompressed := esrest.StatusError("The request body is not compressed with %s, although the header Content-Encoding says so. Compress it, or omit the header.", encoding)
	source := bytes.NewReader(content)
	var plain io.ReadCloser
	var err error
	raw := false // deflate without the header of zlib
	switch encoding {
	case "gzip", "x-gzip":
		if !bytes.HasPrefix(content, gzipMagic) { // a short text would only seem to be cut off
			return nil, notCompressed
		}
		plain, err = gzip.NewReader(source)
	case "deflate", "x-deflate":
		plain, err = zlib.NewReader(source)
		if raw = errors.Is(err, zlib.ErrHeader); raw { // Elasticsearch accepts both formats
			source.Reset(content)
			plain, err = flate.NewReader(source), nil
		}
	default:
		return content, nil
	}
	if errors.Is(err, gzip.ErrHeader) {
		return nil, notCompressed
	}
	corrupt := func(err error) *esrest.Error {
		switch {
		case raw && (errors.As(err, new(flate.CorruptInputError)) || looksLikeJSON(content)):
			return notCompressed
		case errors.Is(err, gzip.ErrHeader) || hasTrailer(content):
			return esrest.StatusError("The request body has other data after the data that is compressed with %s. Send only the compressed data.", encoding)
		case errors.Is(err, io.ErrUnexpectedEOF):
			return esrest.StatusError("The request body is compressed with %s, but its end is missing. Send the whole body.", encoding)
		}
		return esrest.StatusError("The request body cannot be decompressed: %v. Compress it again with %s.", err, encoding)
	}
	if err != nil {
		return nil, corrupt(err)
	}
	return r.read(http.MaxBytesReader(nil, plain, r.handler.config.MaxBody), corrupt)
}

// gzipMagic is the beginning of all data that is compressed with gzip.
var gzipMagic = []byte{0x1f, 0x8b}

// hasTrailer reports whether content is compressed with gzip and followed by data
// that is not.
func hasTrailer(content []byte) bool {
	source := bytes.NewReader(content) // gzip reads no byte too many from it
	plain, err := gzip.NewReader(source)
	if err != nil {
		return false
	}
	plain.Multistream(false)
	if _, err := io.Copy(io.Discard, plain); err != nil { //nolint:gosec // called after the content was decompressed up to the limit
		return false
	}
	rest := content[len(content)-source.Len():]
	return len(rest) > 0 && !bytes.HasPrefix(rest, gzipMagic) && !bytes.HasPrefix(gzipMagic, rest)
}

// looksLikeJSON reports whether content begins as an object or a list.
func looksLikeJSON(content []byte) bool {
	trimmed := bytes.TrimSpace(content)
	return len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[')
}

// bodyPart is the size in bytes of the parts in which a body is read.
const bodyPart = 64 << 10

// bodyParts holds up to 8 MiB of unused buffers for parts of bodies. They are not counted
// in the memory that is reserved for bodies. A buffer that grows with a body would take up
// to three times the memory that is reserved for it.
var bodyParts = make(chan *[bodyPart]byte, 128)

func takePart() *[bodyPart]byte {
	select {
	case part := <-bodyParts:
		return part
	default:
		return new([bodyPart]byte)
	}
}

// releasePart keeps a buffer for the next body, or drops it if enough are kept.
func releasePart(part *[bodyPart]byte) {
	clear(part[:]) // bodies contain keys
	select {
	case bodyParts <- part:
	default:
	}
}

// read reads a body and reserves memory as it grows. Errors of the reader, except
// for a body that is too large, are passed to failed.
func (r *request) read(body io.Reader, failed func(error) *esrest.Error) ([]byte, error) {
	var filled []*[bodyPart]byte
	defer func() {
		for _, part := range filled {
			releasePart(part)
		}
	}()
	var size int64
	for {
		if !r.reserve(bodyPart) {
			return nil, outOfMemory()
		}
		part := takePart()
		filled = append(filled, part)
		read, err := fill(part[:], body)
		size += int64(read)
		tooLarge, isTooLarge := errors.AsType[*http.MaxBytesError](err)
		switch {
		case isTooLarge:
			return nil, esrest.StatusError("The request body has more than %d bytes, which is the limit. Send fewer inputs at a time.", tooLarge.Limit).
				WithStatus(http.StatusRequestEntityTooLarge)
		case errors.Is(err, io.EOF):
			if !r.reserve(size) {
				return nil, outOfMemory()
			}
			content := make([]byte, 0, size)
			for _, part := range filled {
				content = append(content, part[:min(bodyPart, size-int64(len(content)))]...)
			}
			r.reserve(-bodyPart * int64(len(filled)))
			return content, nil
		case err != nil:
			return nil, failed(err)
		}
	}
}

// fill reads until the buffer is full, or until the first error, which is io.EOF at the
// end.
func fill(buffer []byte, from io.Reader) (read int, err error) {
	for read < len(buffer) && err == nil {
		var n int
		n, err = from.Read(buffer[read:])
		read += n
	}
	return read, err
}

func (r *request) reserve(bytes int64) bool {
	if !r.handler.reserve(bytes) {
		return false
	}
	r.reserved += bytes
	return true
}

// requiredBody is body for operations that need one.
func (r *request) requiredBody() (*esrest.Value, error) {
	body, err := r.body()
	if err == nil && body == nil {
		return nil, bodyRequired()
	}
	return body, err
}

func bodyRequired() *esrest.Error { return esrest.New(esrest.TypeParse, "request body is required") }
