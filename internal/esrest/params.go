// SPDX-License-Identifier: MPL-2.0

package esrest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Params are the parameters of a query. Reading one marks it as known.
type Params struct {
	values map[string]string
	read   map[string]bool
}

// ParseQuery reads the query of a URL. Of a parameter that is given twice, the
// last value counts.
func ParseQuery(query string) (*Params, *Error) {
	params := &Params{values: map[string]string{}, read: map[string]bool{}}
	for item := range strings.FieldsFuncSeq(query, func(char rune) bool { return char == '&' || char == ';' }) {
		name, value, _ := strings.Cut(item, "=")
		if name == "" {
			name, value = value, ""
		}
		for _, text := range []*string{&name, &value} {
			decoded, problem := unescape(*text, true)
			if problem != "" {
				return nil, New("bad_parameter_exception", "java.lang.IllegalArgumentException: %s", problem).
					WithCause(TypeIllegalArgument, problem)
			}
			*text = decoded
		}
		params.values[name] = value
	}
	return params, nil
}

// UnescapePath decodes a segment of a path.
func UnescapePath(segment string) (string, *Error) {
	decoded, problem := unescape(segment, false)
	if problem != "" {
		return "", IllegalArgument("%s", problem)
	}
	return decoded, nil
}

func unescape(text string, plusIsBlank bool) (decoded, problem string) {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '+' && plusIsBlank:
			out = append(out, ' ')
		case text[i] != '%':
			out = append(out, text[i])
		case i+2 >= len(text):
			return "", "unterminated escape sequence at end of string: " + text
		default:
			char, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
			if err != nil {
				return "", fmt.Sprintf("invalid escape sequence `%s' at index %d of: %s", text[i:i+3], i, text)
			}
			out = append(out, byte(char))
			i += 2
		}
	}
	return strings.ToValidUTF8(string(out), "\uFFFD"), ""
}

// Text returns the value of a parameter.
func (p *Params) Text(name string) (value string, given bool) {
	p.read[name] = true
	value, given = p.values[name]
	return value, given
}

// Flag reads a parameter that is true or false; empty, it is true.
func (p *Params) Flag(name string) (bool, *Error) {
	value, given := p.Text(name)
	switch {
	case !given || value == "false":
		return false, nil
	case value == "" || value == "true":
		return true, nil
	}
	return false, IllegalArgument("Failed to parse value [%s] as only [true] or [false] are allowed.", value)
}

// Unknown returns an error that names all parameters that were not read.
// candidates are the names to suggest in place of a similar one.
func (p *Params) Unknown(path string, candidates ...string) *Error {
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(p.values)) {
		if p.read[name] {
			continue
		}
		text := "[" + name + "]"
		if similar := suggestions(name, candidates); len(similar) > 0 {
			text += " -> did you mean [" + similar[0] + "]?"
		}
		unknown = append(unknown, text)
	}
	switch len(unknown) {
	case 0:
		return nil
	case 1:
		return IllegalArgument("request [%s] contains unrecognized parameter: %s", path, unknown[0])
	}
	return IllegalArgument("request [%s] contains unrecognized parameters: %s", path, strings.Join(unknown, ", "))
}

// DidYouMean returns the suggestion that the parser of Elasticsearch appends to
// its message about an unknown field, or nothing.
func DidYouMean(name string, candidates []string) string {
	switch similar := suggestions(name, candidates); len(similar) {
	case 0:
		return ""
	case 1:
		return " did you mean [" + similar[0] + "]?"
	default:
		return " did you mean any of [" + strings.Join(similar, ", ") + "]?"
	}
}

// suggestions returns the candidates that differ by few characters, the most
// similar one first.
func suggestions(name string, candidates []string) []string {
	similarity := map[string]float64{}
	var similar []string
	for _, candidate := range candidates {
		longest := max(len(name), len(candidate))
		if found := 1 - float64(distance(name, candidate))/float64(longest); found > 0.5 {
			similarity[candidate] = found
			similar = append(similar, candidate)
		}
	}
	slices.SortFunc(similar, func(a, b string) int {
		return cmp.Or(cmp.Compare(similarity[b], similarity[a]), strings.Compare(a, b))
	})
	return similar
}

// distance is the Levenshtein distance.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// units are in the order in which Elasticsearch looks for them.
var units = []struct {
	suffix string
	length time.Duration
}{
	{"nanos", time.Nanosecond},
	{"micros", time.Microsecond},
	{"ms", time.Millisecond},
	{"s", time.Second},
	{"m", time.Minute},
	{"h", time.Hour},
	{"d", 24 * time.Hour},
}

// ParseTime reads a time value such as 30s. -1 stands for no limit and is
// returned as -1 ms; times that are too long for a Duration are returned as the
// longest one. name is the parameter, for errors.
func ParseTime(name, text string) (time.Duration, *Error) {
	normalized := strings.TrimSpace(text)
	lower := strings.ToLower(normalized)
	switch lower {
	case "-1":
		return -time.Millisecond, nil
	case "0":
		return 0, nil
	}
	for _, unit := range units {
		number, found := strings.CutSuffix(lower, unit.suffix)
		if unit.suffix == "m" { // M is not a minute: it could be a month
			number, found = strings.CutSuffix(normalized, unit.suffix)
		}
		if !found {
			continue
		}
		number = strings.TrimSpace(number)
		count, err := parseLong(number)
		if err != nil {
			reason := "failed to parse [" + text + "]"
			if _, err := strconv.ParseFloat(number, 64); err == nil && number != "nan" && !strings.Contains(number, "inf") || strings.Trim(number, "+-0123456789") == "" && number != "" {
				reason += ", fractional time values are not supported"
			}
			return 0, IllegalArgument("%s", reason).WithCause(TypeNumberFormat, `For input string: "`+number+`"`)
		}
		switch {
		case count < -1:
			return 0, IllegalArgument("failed to parse setting [%s] with value [%s] as a time value: negative durations are not supported", name, text)
		case count > math.MaxInt64/int64(unit.length):
			return math.MaxInt64, nil
		}
		return time.Duration(count) * unit.length, nil
	}
	return 0, IllegalArgument("failed to parse setting [%s] with value [%s] as a time value: unit is missing or unrecognized", name, text)
}

// parseLong reads a number as Java's Long.parseLong does: with digits of any
// script.
func parseLong(text string) (int64, error) {
	var digits strings.Builder
	for _, char := range text {
		if char > unicode.MaxASCII && unicode.IsDigit(char) {
			zero := char
			for unicode.IsDigit(zero-1) && char-zero < 9 {
				zero--
			}
			char = '0' + (char - zero)
		}
		digits.WriteRune(char)
	}
	return strconv.ParseInt(digits.String(), 10, 64)
}

// JavaTime returns the text in which a TimeValue prints: in the largest unit in
// which it is a whole number.
func JavaTime(value time.Duration) string {
	for _, unit := range slices.Backward(units) {
		if value != 0 && value%unit.length == 0 {
			return strconv.FormatInt(int64(value/unit.length), 10) + unit.suffix
		}
	}
	return "0ms"
}
