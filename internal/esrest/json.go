package esrest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"
)

// Limits bound what ParseObject keeps in memory.
type Limits struct {
	// Depth is how deep objects and lists may be nested; 0 is 100.
	Depth int
	// Nodes is how many values a body may have; 0 is 100,000.
	Nodes int
}

// parser reads a value token by token, so that a hostile body is refused before
// it is held in memory as a whole.
type parser struct {
	decoder *json.Decoder
	content []byte
	limits  Limits
	nodes   int
}

// ParseObject reads a JSON object from a body. Numbers are kept as they are
// written, because the API distinguishes 1 from 1.0. A byte order mark is
// skipped. Duplicate names and invalid UTF-8 are refused, as Elasticsearch does;
// comments, text after the object and other encodings than UTF-8 are refused
// although it accepts them.
func ParseObject(content []byte, limits Limits) (map[string]any, *Error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	p := &parser{content: content, limits: limits, decoder: json.NewDecoder(bytes.NewReader(content))}
	if p.limits.Depth == 0 {
		p.limits.Depth = 100
	}
	if p.limits.Nodes == 0 {
		p.limits.Nodes = 100_000
	}
	p.decoder.UseNumber()
	for at := 0; at < len(content); {
		char, size := utf8.DecodeRune(content[at:])
		if char == utf8.RuneError && size == 1 {
			return nil, p.fail(at, "Invalid UTF-8 byte 0x%02x", content[at])
		}
		at += size
	}
	value, problem := p.value(0)
	if problem != nil {
		return nil, problem
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, p.fail(0, "Expected an object but found [%s]", JavaText(value))
	}
	if _, err := p.decoder.Token(); err != io.EOF {
		return nil, p.fail(int(p.decoder.InputOffset()), "There is text after the end of the object")
	}
	return object, nil
}

// fail returns a parse error with its line and column.
func (p *parser) fail(offset int, format string, args ...any) *Error {
	before := p.content[:min(offset, len(p.content))]
	line, column := bytes.Count(before, []byte("\n"))+1, len(before)-bytes.LastIndexByte(before, '\n')
	reason := fmt.Sprintf(format, args...)
	problem := ParseError("[%d:%d] %s", line, column, reason)
	problem.Cause = &Error{Type: "json_parse_exception", Reason: reason}
	return problem
}

func (p *parser) failJSON(err error) *Error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		problem := p.fail(len(p.content), "Unexpected end of file")
		problem.Type, problem.Cause.Type = "x_content_e_o_f_exception", "json_e_o_f_exception"
		return problem
	}
	return p.fail(int(p.decoder.InputOffset()), "The body is not JSON: %v", err)
}

func (p *parser) value(depth int) (any, *Error) {
	if p.nodes++; p.nodes > p.limits.Nodes {
		return nil, &Error{
			Status: http.StatusRequestEntityTooLarge, Type: TypeStatus,
			Reason: fmt.Sprintf("The request body has more than %d values, which is the limit. Send fewer inputs at a time.", p.limits.Nodes),
		}
	}
	if depth > p.limits.Depth {
		return nil, p.fail(int(p.decoder.InputOffset()), "Document nesting depth (%d) exceeds the maximum allowed (%d)", depth, p.limits.Depth)
	}
	token, err := p.decoder.Token()
	if err != nil {
		return nil, p.failJSON(err)
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return p.object(depth)
		}
		return p.list(depth)
	case json.Number:
		if len(token) > 1000 {
			problem := ParseError("Number value length (%d) exceeds the maximum allowed (1000, from `StreamReadConstraints.getMaxNumberLength()`)", len(token))
			problem.Cause = &Error{Type: "stream_constraints_exception", Reason: problem.Reason}
			return nil, problem
		}
	}
	return token, nil
}

func (p *parser) object(depth int) (any, *Error) {
	object := map[string]any{}
	for p.decoder.More() {
		token, err := p.decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, p.failJSON(err)
		}
		if _, duplicate := object[name]; duplicate {
			return nil, p.fail(int(p.decoder.InputOffset()), "Duplicate field '%s'", name)
		}
		value, problem := p.value(depth + 1)
		if problem != nil {
			return nil, problem
		}
		object[name] = value
	}
	return object, p.end()
}

func (p *parser) list(depth int) (any, *Error) {
	items := []any{}
	for p.decoder.More() {
		item, problem := p.value(depth + 1)
		if problem != nil {
			return nil, problem
		}
		items = append(items, item)
	}
	return items, p.end()
}

func (p *parser) end() *Error {
	if _, err := p.decoder.Token(); err != nil {
		return p.failJSON(err)
	}
	return nil
}

// TokenName returns the name of the first token of a value in the messages of
// Elasticsearch's parser.
func TokenName(value any) string {
	switch value.(type) {
	case string:
		return "VALUE_STRING"
	case json.Number:
		return "VALUE_NUMBER"
	case bool:
		return "VALUE_BOOLEAN"
	case map[string]any:
		return "START_OBJECT"
	case []any:
		return "START_ARRAY"
	}
	return "VALUE_NULL"
}
