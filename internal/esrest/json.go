// SPDX-License-Identifier: MPL-2.0

package esrest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Kind is the kind of a value. Its text is the name of the value's first token in
// the messages of Elasticsearch's parser.
type Kind string

// The kinds of values.
const (
	KindString Kind = "VALUE_STRING"
	KindNumber Kind = "VALUE_NUMBER"
	KindBool   Kind = "VALUE_BOOLEAN"
	KindNull   Kind = "VALUE_NULL"
	KindObject Kind = "START_OBJECT"
	KindArray  Kind = "START_ARRAY"
)

// Location is a place in a body. Lines and columns are counted from 1, columns in
// bytes, as Jackson counts them.
type Location struct{ Line, Column int32 }

// String returns the location as it begins the messages of Elasticsearch's parser.
func (l Location) String() string { return fmt.Sprintf("[%d:%d]", l.Line, l.Column) }

// Value is a JSON value with its place in the body.
type Value struct {
	Kind Kind
	// Start is where the first token begins, End where the last token begins: the
	// closing bracket of an object or list, otherwise the same as Start.
	Start, End Location
	// Text is a string, or a number or boolean as it is written.
	Text   string
	Fields []Field
	Items  []Value
}

// Field is a member of an object, in the order of the body.
type Field struct {
	Name  string
	Start Location // of the name
	Value Value
}

// Field returns the member of an object with the given name.
func (v Value) Field(name string) (Value, bool) {
	for _, field := range v.Fields {
		if field.Name == name {
			return field.Value, true
		}
	}
	return Value{}, false
}

// Any returns the value as encoding/json decodes it, with numbers as json.Number,
// because the API distinguishes 1 from 1.0.
func (v Value) Any() any {
	switch v.Kind {
	case KindString:
		return v.Text
	case KindNumber:
		return json.Number(v.Text)
	case KindBool:
		return v.Text == "true"
	case KindObject:
		object := make(map[string]any, len(v.Fields))
		for _, field := range v.Fields {
			object[field.Name] = field.Value.Any()
		}
		return object
	case KindArray:
		items := make([]any, len(v.Items))
		for i, item := range v.Items {
			items[i] = item.Any()
		}
		return items
	default:
		return nil
	}
}

// maxDepth is how deep objects and lists may be nested.
const maxDepth = 100

// ParseObject reads a body like ParseValue and returns its object as
// encoding/json decodes it.
func ParseObject(content []byte, maxValues int) (map[string]any, *Error) {
	value, problem := ParseValue(content, maxValues)
	if problem != nil {
		return nil, problem
	}
	object, ok := value.Any().(map[string]any)
	if !ok {
		return nil, ParseError("%s Expected an object but found [%s]", value.Start, JavaText(value.Any()))
	}
	return object, nil
}

// ParseValue reads a JSON body and refuses it with the messages of Jackson, the
// parser of Elasticsearch, except that they do not repeat the body, which may
// contain keys. A byte order mark is skipped. Comments, text after the value, other
// encodings than UTF-8, and more than maxValues values are refused although
// Elasticsearch accepts them.
func ParseValue(content []byte, maxValues int) (Value, *Error) {
	p := &parser{content: content, maxValues: maxValues, line: 1}
	if strings.HasPrefix(string(content[:min(3, len(content))]), "\ufeff") {
		p.at = 3
	}
	if problem := p.skipSpace(); problem != nil {
		return Value{}, problem
	}
	if p.at == len(content) { // Jackson has no token then
		return Value{Kind: "null", Start: Location{1, 0}}, nil
	}
	value, problem := p.value(0, false)
	if problem != nil {
		return Value{}, problem
	}
	if problem := p.skipSpace(); problem != nil {
		return Value{}, problem
	}
	if p.at < len(content) {
		return Value{}, p.fail(p.at, "There is text after the end of the value")
	}
	return value, nil
}

// parser reads a body in one pass. at is the next byte.
type parser struct {
	content   []byte
	maxValues int
	values    int // read so far
	at        int
	line      int
	row       int // where the line begins
}

func (p *parser) location(at int) Location {
	return Location{int32(p.line), int32(at - p.row + 1)} //nolint:gosec // bodies are far below 2 GiB
}

// fail returns Jackson's error about a place in the body, as Elasticsearch wraps it.
func (p *parser) fail(at int, format string, args ...any) *Error {
	problem := jsonError("json_parse_exception", format, args...)
	problem.Reason = p.location(at).String() + " " + problem.Reason
	return problem
}

// jsonError returns an error of Jackson that names no place.
func jsonError(exception, format string, args ...any) *Error {
	problem := ParseError(format, args...)
	return problem.WithCause(exception, problem.Reason)
}

func (p *parser) endOfFile(reason string) *Error {
	return New("x_content_e_o_f_exception", "%s Unexpected end of file", p.location(len(p.content))).
		WithCause("json_e_o_f_exception", reason)
}

const validValue = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

func (p *parser) unexpected(at int, expected string) *Error {
	char, _ := utf8.DecodeRune(p.content[at:])
	if char == utf8.RuneError {
		char = rune(p.content[at])
	}
	code := fmt.Sprintf("%d", char)
	if char > 255 {
		code += fmt.Sprintf(" / 0x%x", char)
	}
	return p.fail(at, "Unexpected character ('%c' (code %s))%s", char, code, expected)
}

// skipSpace moves to the next token.
func (p *parser) skipSpace() *Error {
	for ; p.at < len(p.content); p.at++ {
		switch char := p.content[p.at]; {
		case char == '\n':
			p.line++
			p.row = p.at + 1
		case char == ' ' || char == '\t' || char == '\r':
		case char < ' ':
			return p.fail(p.at+1, "Illegal character ((CTRL-CHAR, code %d)): only regular white space (\\r, \\n, \\t) is allowed between tokens", char)
		default:
			return nil
		}
	}
	return nil
}

func (p *parser) value(depth int, inArray bool) (Value, *Error) {
	if p.values++; p.values > p.maxValues {
		return Value{}, StatusError("The request body has more than %d values, which is the limit. Send fewer inputs at a time.", p.maxValues).
			WithStatus(http.StatusRequestEntityTooLarge)
	}
	start := p.location(p.at)
	value := Value{Start: start, End: start}
	var problem *Error
	switch char := p.content[p.at]; {
	case char == '{' || char == '[':
		if depth >= maxDepth {
			return value, jsonError("stream_constraints_exception", "Document nesting depth (%d) exceeds the maximum allowed (%d)", depth+1, maxDepth)
		}
		if char == '{' {
			problem = p.object(&value, depth)
		} else {
			problem = p.array(&value, depth)
		}
	case char == '"':
		value.Kind = KindString
		value.Text, problem = p.text("VALUE_STRING")
	case char == '-' || (char >= '0' && char <= '9'):
		value.Kind = KindNumber
		value.Text, problem = p.number()
	case char == '+':
		problem = p.unexpectedAfter(p.at, " in numeric value: JSON spec does not allow numbers to have plus signs: enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow")
	case inArray && (char == ',' || char == ']'):
		problem = p.unexpected(p.at, ": expected a value")
	case isWord(char):
		problem = p.literal(&value)
	default:
		problem = p.unexpected(p.at, ": expected a valid value "+validValue)
	}
	return value, problem
}

// unexpectedAfter is unexpected for the errors that Jackson reports after it has
// read the next character as well.
func (p *parser) unexpectedAfter(at int, expected string) *Error {
	problem := p.unexpected(at, expected)
	problem.Reason = p.location(at+1).String() + " " + problem.Cause.Reason
	return problem
}

func (p *parser) object(value *Value, depth int) *Error {
	value.Kind = KindObject
	names := map[string]bool{}
	closed := false
	for p.at++; !closed; {
		if problem := p.next(value, "Object"); problem != nil {
			return problem
		}
		if p.content[p.at] == '}' && len(value.Fields) == 0 {
			break
		}
		if p.content[p.at] != '"' {
			return p.unexpected(p.at, ": was expecting double-quote to start field name")
		}
		field := Field{Start: p.location(p.at)}
		var problem *Error
		if field.Name, problem = p.text("field name"); problem != nil {
			return problem
		}
		if names[field.Name] {
			return p.fail(p.at, "Duplicate field '%s'", field.Name)
		}
		names[field.Name] = true
		if problem := p.next(value, "Object"); problem != nil {
			return problem
		}
		if p.content[p.at] != ':' {
			return p.unexpected(p.at, ": was expecting a colon to separate field name and value")
		}
		p.at++
		if problem := p.next(value, "Object"); problem != nil {
			return problem
		}
		if field.Value, problem = p.value(depth+1, false); problem != nil {
			return problem
		}
		value.Fields = append(value.Fields, field)
		if closed, problem = p.separator(value, "Object", '}', ']'); problem != nil {
			return problem
		}
	}
	value.End = p.location(p.at)
	p.at++
	return nil
}

func (p *parser) array(value *Value, depth int) *Error {
	value.Kind = KindArray
	closed := false
	for p.at++; !closed; {
		if problem := p.next(value, "Array"); problem != nil {
			return problem
		}
		if p.content[p.at] == ']' && len(value.Items) == 0 {
			break
		}
		item, problem := p.value(depth+1, true)
		if problem != nil {
			return problem
		}
		value.Items = append(value.Items, item)
		if closed, problem = p.separator(value, "Array", ']', '}'); problem != nil {
			return problem
		}
	}
	value.End = p.location(p.at)
	p.at++
	return nil
}

// next moves to the next token of an object or list.
func (p *parser) next(value *Value, kind string) *Error {
	if problem := p.skipSpace(); problem != nil {
		return problem
	}
	if p.at == len(p.content) {
		return p.endOfFile(fmt.Sprintf("Unexpected end-of-input: expected close marker for %s (start marker at line: %d, column: %d)", kind, value.Start.Line, value.Start.Column))
	}
	return nil
}

// separator reads the comma after a value, or stops at the closing bracket.
func (p *parser) separator(value *Value, kind string, closing, other byte) (closed bool, problem *Error) {
	if problem := p.next(value, kind); problem != nil {
		return false, problem
	}
	switch p.content[p.at] {
	case closing:
		return true, nil
	case ',':
		p.at++
		return false, nil
	case other:
		return false, p.fail(p.at, "Unexpected close marker '%c': expected '%c' (for %s starting at line: %d, column: %d)", other, closing, kind, value.Start.Line, value.Start.Column)
	}
	return false, p.unexpected(p.at, ": was expecting comma to separate "+kind+" entries")
}

// text reads a string.
func (p *parser) text(what string) (string, *Error) {
	begin := p.at
	escaped := false
	for p.at++; p.at < len(p.content); {
		switch char := p.content[p.at]; {
		case char == '"':
			p.at++
			if !escaped {
				return string(p.content[begin+1 : p.at-1]), nil
			}
			var text string
			if err := json.Unmarshal(p.content[begin:p.at], &text); err != nil {
				return "", p.fail(begin, "%v", err)
			}
			return text, nil
		case char < ' ':
			return "", p.fail(p.at, "Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in string value", char)
		case char == '\\':
			escaped = true
			if problem := p.escape(what); problem != nil {
				return "", problem
			}
		case char < utf8.RuneSelf:
			p.at++
		default:
			decoded, size := utf8.DecodeRune(p.content[p.at:])
			if decoded == utf8.RuneError && size == 1 {
				return "", p.invalidUTF8()
			}
			p.at += size
		}
	}
	return "", p.endOfFile("Unexpected end-of-input in " + what)
}

func (p *parser) escape(what string) *Error {
	p.at++
	if p.at == len(p.content) {
		return p.endOfFile("Unexpected end-of-input in " + what)
	}
	switch char := p.content[p.at]; {
	case strings.IndexByte(`"\/bfnrt`, char) >= 0:
		p.at++
		return nil
	case char != 'u':
		return p.fail(p.at, "Unrecognized character escape '%c' (code %d)", char, char)
	}
	for range 4 {
		p.at++
		if p.at == len(p.content) {
			return p.endOfFile("Unexpected end-of-input in character escape sequence")
		}
		if strings.IndexByte("0123456789abcdefABCDEF", p.content[p.at]) < 0 {
			return p.unexpected(p.at, ": expected a hex-digit for character escape sequence")
		}
	}
	p.at++
	return nil
}

// invalidUTF8 names the byte that is wrong: the first one of a character, or the
// first one that does not continue it.
func (p *parser) invalidUTF8() *Error {
	char, length := p.content[p.at], 0
	switch {
	case char>>5 == 0b110:
		length = 2
	case char>>4 == 0b1110:
		length = 3
	case char>>3 == 0b11110:
		length = 4
	}
	for i := 1; i < length; i++ {
		if p.at+i == len(p.content) {
			return p.endOfFile("Unexpected end-of-input in VALUE_STRING")
		}
		if middle := p.content[p.at+i]; middle>>6 != 0b10 {
			return p.fail(p.at+i+1, "Invalid UTF-8 middle byte 0x%02x", middle)
		}
	}
	return p.fail(p.at+1, "Invalid UTF-8 start byte 0x%02x", char)
}

func (p *parser) number() (string, *Error) {
	begin := p.at
	digits := func() (count int) {
		for p.at < len(p.content) && p.content[p.at] >= '0' && p.content[p.at] <= '9' {
			p.at++
			count++
		}
		return count
	}
	if p.content[p.at] == '-' {
		p.at++
		if strings.HasPrefix(string(p.content[p.at:min(p.at+8, len(p.content))]), "Infinity") {
			p.at += len("Infinity")
			return "", p.nonStandard("-Infinity")
		}
	}
	whole := p.at
	switch count := digits(); {
	case count == 0:
		return "", p.numberEnd(": expected digit (0-9) to follow minus sign, for valid numeric value")
	case count > 1 && p.content[whole] == '0':
		return "", p.fail(whole+1, "Invalid numeric value: Leading zeroes not allowed")
	}
	if p.at < len(p.content) && p.content[p.at] == '.' {
		if p.at++; digits() == 0 {
			return "", p.numberEnd(": Decimal point not followed by a digit")
		}
	}
	if p.at < len(p.content) && (p.content[p.at] == 'e' || p.content[p.at] == 'E') {
		p.at++
		if p.at < len(p.content) && (p.content[p.at] == '+' || p.content[p.at] == '-') {
			p.at++
		}
		if digits() == 0 {
			return "", p.numberEnd(": Exponent indicator not followed by a digit")
		}
	}
	if length := p.at - begin; length > 1000 {
		return "", jsonError("stream_constraints_exception", "Number value length (%d) exceeds the maximum allowed (1000, from `StreamReadConstraints.getMaxNumberLength()`)", length)
	}
	return string(p.content[begin:p.at]), nil
}

func (p *parser) numberEnd(reason string) *Error {
	if p.at == len(p.content) {
		return p.endOfFile("Unexpected end-of-input in VALUE_NUMBER_INT")
	}
	return p.unexpected(p.at, " in numeric value"+reason)
}

func (p *parser) nonStandard(token string) *Error {
	return p.fail(p.at, "Non-standard token '%s': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow", token)
}

func isWord(char byte) bool {
	return char >= 'a' && char <= 'z' || char >= 'A' && char <= 'Z' || char >= '0' && char <= '9' || char == '_' || char == '$'
}

func (p *parser) literal(value *Value) *Error {
	begin := p.at
	for p.at < len(p.content) && isWord(p.content[p.at]) {
		p.at++
	}
	value.Text = string(p.content[begin:p.at])
	switch value.Text {
	case "true", "false":
		value.Kind = KindBool
	case "null":
		value.Kind, value.Text = KindNull, ""
	case "Infinity", "NaN", "INF":
		return p.nonStandard(value.Text)
	default: // Jackson has read the character after the token too
		return p.fail(min(p.at+1, len(p.content)), "Unrecognized token '%.256s': was expecting %s", value.Text, validValue)
	}
	return nil
}
