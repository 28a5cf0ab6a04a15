package elasticsearchtest

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// block is one object of a request from which settings are taken one by one;
// what is left over is unknown.
type block struct {
	scope  string
	values map[string]any
	faults *invalid
	newly  bool // in the newer words
}

// take removes a setting; JSON null counts as absent.
func (b block) take(name string) (any, bool) {
	value, ok := b.values[name]
	delete(b.values, name)
	return value, ok && value != nil
}

func (b block) wrongType(name string, value any, want string) {
	b.faults.add("field [%s] is not of the expected type. The value [%s] cannot be converted to a [%s]", name, javaMap(value), want)
}

func (b block) requiredText(name string) string {
	value, ok := b.take(name)
	if !ok {
		b.faults.add("[%s] does not contain the required setting [%s]", b.scope, name)
		return ""
	}
	text, isText := value.(string)
	switch {
	case !isText:
		b.wrongType(name, value, "String")
	case text == "":
		b.faults.add("[%s] Invalid value empty string. [%s] must be a non-empty string", b.scope, name)
	}
	return text
}

func (b block) choice(name string, required bool, choices ...string) string {
	value, ok := b.take(name)
	if !ok {
		if required {
			b.faults.add("[%s] does not contain the required setting [%s]", b.scope, name)
		}
		return ""
	}
	text, isText := value.(string)
	if !isText {
		b.wrongType(name, value, "String")
		return ""
	}
	found := strings.ToLower(strings.TrimSpace(text))
	if !slices.Contains(choices, found) {
		slices.Sort(choices)
		b.faults.add("[%s] Invalid value [%s] received. [%s] must be one of [%s]", b.scope, text, name, strings.Join(choices, ", "))
		return ""
	}
	return found
}

// isDouble reports whether Java reads the number as a Double.
func isDouble(number json.Number) bool { return strings.ContainsAny(number.String(), ".eE") }

// integer is a JSON integer that fits an int; nil if it is absent or wrong.
func (b block) integer(name string) any {
	value, ok := b.take(name)
	if !ok {
		return nil
	}
	number, isNumber := value.(json.Number)
	if !isNumber || isDouble(number) {
		b.wrongType(name, value, "Integer")
		return nil
	}
	parsed, err := number.Int64()
	if err != nil || parsed > math.MaxInt32 || parsed < math.MinInt32 {
		b.wrongType(name, value, "Integer")
		return nil
	}
	return parsed
}

func (b block) positive(name string) any {
	value, ok := b.integer(name).(int64)
	if !ok {
		return nil
	}
	if value <= 0 {
		b.faults.add("[%s] Invalid value [%d]. [%s] must be a positive integer", b.scope, value, name)
		return nil
	}
	return value
}

// double demands a decimal point or an exponent, within bounds.
func (b block) double(name string, least, most float64) any {
	value, ok := b.take(name)
	if !ok {
		return nil
	}
	number, isNumber := value.(json.Number)
	if !isNumber || !isDouble(number) {
		b.wrongType(name, value, "Double")
		return nil
	}
	parsed, err := number.Float64()
	if err != nil || !b.within(name, parsed, least, most) {
		return nil
	}
	return json.RawMessage(javaDouble(parsed))
}

func (b block) within(name string, value, least, most float64) bool {
	filler := "a "
	if b.newly {
		filler = ""
	}
	switch {
	case value < least:
		b.faults.add("[%s] Invalid value [%s]. [%s] must be %sgreater than or equal to [%s]", b.scope, javaDouble(value), name, filler, javaDouble(least))
	case value > most:
		b.faults.add("[%s] Invalid value [%s]. [%s] must be %sless than or equal to [%s]", b.scope, javaDouble(value), name, filler, javaDouble(most))
	default:
		return true
	}
	return false
}

// javaDouble always has a decimal point.
func javaDouble(value float64) string {
	text := strconv.FormatFloat(value, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

func (b block) forbid(name string) {
	if _, ok := b.values[name]; ok {
		delete(b.values, name)
		b.faults.add("[%s] does not allow the setting [%s]", b.scope, name)
	}
}

// leftover is the problem of settings that nobody took.
func leftover(values map[string]any) *problem {
	if len(values) == 0 {
		return nil
	}
	return refuse("Model configuration contains settings [%s] unknown to the [%s] service", javaMap(values), service)
}

// object is a member that has to be an object; absent is empty.
func object(body map[string]any, name string) (map[string]any, *problem) {
	value := body[name]
	delete(body, name)
	switch typed := value.(type) {
	case nil:
		return map[string]any{}, nil
	case map[string]any:
		return typed, nil
	}
	return nil, &problem{status: 500, kind: "class_cast_exception", reason: fmt.Sprintf("[%s] is not an object", name)}
}
