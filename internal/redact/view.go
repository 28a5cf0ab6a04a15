// SPDX-License-Identifier: MPL-2.0

package redact

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// view is a text after some of its escapes were decoded, and where each of its
// bytes stands in the original text. at has one more element than the text has
// bytes, for its end.
type view struct {
	text string
	at   []int
}

// decoder decodes the escape at the beginning of a text. length is the number of
// bytes that it occupies, or 0 if the text does not begin with an escape.
type decoder func(text string) (decoded string, length int)

// decoders are tried alone and together: a secret that contains what looks like an
// escape of one kind is found only if that kind is not decoded.
var decoders = []decoder{decodeJSON, decodePercent, decodeQuery, decodeEntity, decodeAny}

// views returns the text and every distinct text that decoding it yields.
func views(text string) []view {
	original := view{text, make([]int, len(text)+1)}
	for i := range original.at {
		original.at[i] = i
	}
	all, known := []view{original}, map[string]bool{text: true}
	for first, depth := 0, 0; depth < maxDepth; depth++ {
		last := len(all)
		for _, v := range all[first:last] {
			for _, decode := range decoders {
				if decoded := v.decode(decode); !known[decoded.text] {
					known[decoded.text] = true
					all = append(all, decoded)
				}
			}
		}
		first = last
	}
	return all
}

func (v view) decode(decode decoder) view {
	var decoded strings.Builder
	at := make([]int, 0, len(v.at))
	for i := 0; i < len(v.text); {
		text, length := decode(v.text[i:])
		if length == 0 {
			text, length = v.text[i:i+1], 1
		}
		decoded.WriteString(text)
		for range len(text) {
			at = append(at, v.at[i])
		}
		i += length
	}
	return view{decoded.String(), append(at, v.at[len(v.text)])}
}

func decodeAny(text string) (decoded string, length int) {
	for _, decode := range []decoder{decodeJSON, decodePercent, decodeEntity} {
		if decoded, length = decode(text); length > 0 {
			return decoded, length
		}
	}
	return "", 0
}

// decodePercent decodes an escape of a URL.
func decodePercent(text string) (decoded string, length int) {
	const escape = len("%2F")
	if len(text) < escape || text[0] != '%' {
		return "", 0
	}
	b, err := strconv.ParseUint(text[1:escape], 16, 8)
	if err != nil {
		return "", 0
	}
	return string([]byte{byte(b)}), escape
}

// decodeQuery decodes an escape of a URL's query, in which a plus is a blank.
func decodeQuery(text string) (decoded string, length int) {
	if text[0] == '+' {
		return " ", 1
	}
	return decodePercent(text)
}

var simpleEscapes = map[byte]string{
	'"': `"`, '\'': `'`, '\\': `\`, '/': `/`, 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t",
}

// decodeJSON decodes an escape of a JSON string, and those that programming
// languages have besides.
func decodeJSON(text string) (decoded string, length int) {
	const unicodeEscape, byteEscape = len(`\u002f`), len(`\x2f`)
	if len(text) < 2 || text[0] != '\\' {
		return "", 0
	}
	switch first, ok := hexEscape(text, 'u', unicodeEscape); {
	case ok && utf16.IsSurrogate(first):
		second, ok := hexEscape(text[unicodeEscape:], 'u', unicodeEscape)
		if r := utf16.DecodeRune(first, second); ok && r != utf8.RuneError {
			return string(r), 2 * unicodeEscape
		}
		return "", 0
	case ok:
		return string(first), unicodeEscape
	}
	if b, ok := hexEscape(text, 'x', byteEscape); ok {
		return string([]byte{byte(b)}), byteEscape //nolint:gosec // two hex digits
	}
	if simple, ok := simpleEscapes[text[1]]; ok {
		return simple, 2
	}
	return "", 0
}

// hexEscape reads an escape such as \u002f, of the given letter and length.
func hexEscape(text string, letter byte, length int) (rune, bool) {
	const prefix = len(`\u`)
	if len(text) < length || text[0] != '\\' || text[1] != letter {
		return 0, false
	}
	r, err := strconv.ParseUint(text[prefix:length], 16, 16)
	return rune(r), err == nil
}

var entity = regexp.MustCompile(`^&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?`)

// decodeEntity decodes a character reference of HTML.
func decodeEntity(text string) (decoded string, length int) {
	if text[0] != '&' {
		return "", 0
	}
	reference := entity.FindString(text)
	if decoded = html.UnescapeString(reference); decoded == reference {
		return "", 0
	}
	return decoded, len(reference)
}
