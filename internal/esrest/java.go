// SPDX-License-Identifier: MPL-2.0

package esrest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// JavaOrder sorts the keys of a Java HashMap in the order in which it is iterated.
// Keys of the same bucket keep their order.
func JavaOrder(keys []string) []string {
	size := 16
	for len(keys) > size*3/4 {
		size *= 2
	}
	bucket := func(key string) int {
		var hash int32
		for _, unit := range utf16.Encode([]rune(key)) {
			hash = 31*hash + int32(unit)
		}
		return int((uint32(hash) ^ uint32(hash)>>16) & uint32(size-1)) //nolint:gosec // as in Java
	}
	sorted := slices.Clone(keys)
	slices.SortStableFunc(sorted, func(a, b string) int { return cmp.Compare(bucket(a), bucket(b)) })
	return sorted
}

// JavaText returns the text in which Java prints a value of JSON. Objects are
// printed in the order of a HashMap.
func JavaText(value any) string {
	switch value := value.(type) {
	case map[string]any:
		pairs := make([]string, 0, len(value))
		for _, key := range JavaKeys(value) {
			pairs = append(pairs, key+"="+JavaText(value[key]))
		}
		return "{" + strings.Join(pairs, ", ") + "}"
	case []any:
		items := make([]string, len(value))
		for i, item := range value {
			items[i] = JavaText(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case json.Number:
		if number, err := value.Float64(); IsDouble(value) && (err == nil || math.IsInf(number, 0)) {
			return JavaDouble(number)
		}
		if value == "-0" {
			return "0"
		}
	case nil:
		return "null"
	}
	return fmt.Sprint(value)
}

// JavaDouble returns the text in which Java prints a double: with a decimal
// point, and with an exponent below 1e-3 and from 1e7 on.
func JavaDouble(value float64) string { return javaFloat(value, 64) }

func javaFloat(value float64, bits int) string {
	switch magnitude := math.Abs(value); {
	case math.IsNaN(value):
		return "NaN"
	case math.IsInf(value, 1):
		return "Infinity"
	case math.IsInf(value, -1):
		return "-Infinity"
	case magnitude != 0 && (magnitude < 1e-3 || magnitude >= 1e7):
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(value, 'E', -1, bits), "E")
		if !strings.Contains(mantissa, ".") { // Java prints the nearest number of two digits
			mantissa, exponent, _ = strings.Cut(strconv.FormatFloat(value, 'E', 1, bits), "E")
		}
		power, _ := strconv.Atoi(exponent)
		return mantissa + "E" + strconv.Itoa(power)
	}
	text := strconv.FormatFloat(value, 'f', -1, bits)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// Floats are encoded as JSON in the form in which Java prints floats.
type Floats []float32

// MarshalJSON encodes the list.
func (f Floats) MarshalJSON() ([]byte, error) {
	encoded := []byte{'['}
	for i, value := range f {
		if i > 0 {
			encoded = append(encoded, ',')
		}
		text := javaFloat(float64(value), 32)
		if math.IsNaN(float64(value)) || math.IsInf(float64(value), 0) {
			text = `"` + text + `"`
		}
		encoded = append(encoded, text...)
	}
	return append(encoded, ']'), nil
}

// IsDouble reports whether Java reads a number as a Double.
func IsDouble(number json.Number) bool { return strings.ContainsAny(number.String(), ".eE") }

// Encode encodes a body as JSON as Jackson does: it does not escape <, > and &, and
// it escapes characters beyond 16 bits.
func Encode(body any) ([]byte, error) {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(body)
	return likeJackson(bytes.TrimSuffix(encoded.Bytes(), []byte("\n"))), err
}

func likeJackson(encoded []byte) []byte {
	if bytes.IndexByte(encoded, '\\') < 0 && bytes.IndexFunc(encoded, isSupplementary) < 0 {
		return encoded
	}
	out := make([]byte, 0, len(encoded)+16)
	for i := 0; i < len(encoded); {
		char, size := utf8.DecodeRune(encoded[i:])
		switch {
		case char == '\\' && i+1 < len(encoded):
			size = 2
			escape := encoded[i : i+2]
			if encoded[i+1] == 'u' && i+6 <= len(encoded) {
				size = 6
				escape = encoded[i : i+6]
				if code := string(escape[2:]); code == "2028" || code == "2029" {
					number, _ := strconv.ParseUint(code, 16, 16)
					escape = []byte(string(rune(number)))
				} else {
					escape = []byte(`\u` + strings.ToUpper(code))
				}
			}
			out = append(out, escape...)
		case isSupplementary(char):
			high, low := utf16.EncodeRune(char)
			out = fmt.Appendf(out, `\u%04X\u%04X`, high, low)
		default:
			out = append(out, encoded[i:i+size]...)
		}
		i += size
	}
	return out
}

func isSupplementary(char rune) bool { return char > 0xffff }

// Pretty indents JSON as Elasticsearch does for the parameter pretty.
func Pretty(encoded []byte) []byte {
	var out []byte
	depth, inString := 0, false
	newLine := func() {
		out = append(out, '\n')
		for range depth {
			out = append(out, "  "...)
		}
	}
	for i := 0; i < len(encoded); i++ {
		char := encoded[i]
		switch {
		case inString:
			out = append(out, char)
			if char == '\\' && i+1 < len(encoded) {
				i++
				out = append(out, encoded[i])
			}
			inString = char != '"'
		case char == '{' || char == '[':
			out = append(out, char)
			if i+1 < len(encoded) && (encoded[i+1] == '}' || encoded[i+1] == ']') {
				i++
				out = append(out, ' ', encoded[i])
				continue
			}
			depth++
			newLine()
		case char == '}' || char == ']':
			depth--
			newLine()
			out = append(out, char)
		case char == ',':
			out = append(out, char)
			newLine()
		case char == ':':
			out = append(out, " : "...)
		default:
			out = append(out, char)
			inString = char == '"'
		}
	}
	return append(out, '\n')
}

// JavaKeys returns the names of an object in the order of JavaOrder.
func JavaKeys(object map[string]any) []string {
	return JavaOrder(slices.Sorted(maps.Keys(object)))
}
