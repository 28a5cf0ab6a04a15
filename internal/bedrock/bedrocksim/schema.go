// SPDX-License-Identifier: MPL-2.0

package bedrocksim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// schema describes a JSON object. Bedrock validates native request bodies against
// JSON schemas; its messages are those of the library org.everit.json.schema.
type schema map[string]property

// property is a member of an object. check returns the violations of a value.
type property struct {
	required bool
	check    func(path string, value any) []string
}

// object decodes and validates a request body.
func (s schema) object(body []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var read any
	if err := decoder.Decode(&read); err != nil || decoder.More() {
		return nil, invalid("Malformed input request, please reformat your input and try again.")
	}
	object, ok := read.(map[string]any)
	if !ok {
		return nil, malformed([]string{wrongType("#", "JSONObject", read)})
	}
	var wrong []string
	for _, key := range slices.Sorted(maps.Keys(s)) {
		if _, given := object[key]; s[key].required && !given {
			wrong = append(wrong, fmt.Sprintf("#: required key [%s] not found", key))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		allowed, ok := s[key]
		if !ok {
			wrong = append(wrong, fmt.Sprintf("#: extraneous key [%s] is not permitted", key))
			continue
		}
		wrong = append(wrong, allowed.check("#/"+key, object[key])...)
	}
	return object, malformed(wrong)
}

// malformed returns nil if there are no violations.
func malformed(wrong []string) error {
	switch len(wrong) {
	case 0:
		return nil
	case 1:
		return invalid("Malformed input request: %s, please reformat your input and try again.", wrong[0])
	}
	return invalid("Malformed input request: %d schema violations found, please reformat your input and try again.", len(wrong))
}

// text checks a string of 1 to most characters; 0 is no limit.
func text(most int) func(string, any) []string {
	return func(path string, value any) []string {
		written, ok := value.(string)
		length := utf8.RuneCountInString(written)
		switch {
		case !ok:
			return []string{wrongType(path, "String", value)}
		case length == 0:
			return []string{path + ": expected minLength: 1, actual: 0"}
		case most > 0 && length > most:
			return []string{fmt.Sprintf("%s: expected maxLength: %d, actual: %d", path, most, length)}
		}
		return nil
	}
}

// list checks an array of 1 to most items.
func list(most int, item func(string, any) []string) func(string, any) []string {
	return func(path string, value any) []string {
		items, ok := value.([]any)
		switch {
		case !ok:
			return []string{wrongType(path, "JSONArray", value)}
		case len(items) == 0:
			return []string{path + ": expected minimum item count: 1, found: 0"}
		case len(items) > most:
			return []string{fmt.Sprintf("%s: expected maximum item count: %d, found: %d", path, most, len(items))}
		}
		var wrong []string
		for i, one := range items {
			wrong = append(wrong, item(path+"/"+strconv.Itoa(i), one)...)
		}
		return wrong
	}
}

// enum checks that a string or number, as written in JSON, is one of the values.
func enum(values ...string) func(string, any) []string {
	return func(path string, value any) []string {
		written := fmt.Sprint(value)
		if slices.Contains(values, written) {
			return nil
		}
		return []string{path + ": " + written + " is not a valid enum value"}
	}
}

func boolean(path string, value any) []string {
	if _, ok := value.(bool); !ok {
		return []string{wrongType(path, "Boolean", value)}
	}
	return nil
}

// integer checks a whole number from least to most.
func integer(least, most int64) func(string, any) []string {
	return func(path string, value any) []string {
		number, _ := value.(json.Number)
		n, err := number.Int64()
		switch {
		case err != nil:
			return []string{wrongType(path, "Integer", value)}
		case n < least:
			return []string{fmt.Sprintf("%s: %d is not greater or equal to %d", path, n, least)}
		case n > most:
			return []string{fmt.Sprintf("%s: %d is not less or equal to %d", path, n, most)}
		}
		return nil
	}
}

func anything(string, any) []string { return nil }

func wrongType(path, expected string, value any) string {
	found := "JSONObject"
	switch value := value.(type) {
	case nil:
		found = "Null"
	case bool:
		found = "Boolean"
	case string:
		found = "String"
	case []any:
		found = "JSONArray"
	case json.Number:
		found = "Integer"
		if strings.ContainsAny(value.String(), ".eE") {
			found = "BigDecimal"
		}
	}
	return fmt.Sprintf("%s: expected type: %s, found: %s", path, expected, found)
}
