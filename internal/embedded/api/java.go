package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// javaText prints a value of JSON as Java prints a map, a list or what is in
// them. Java's maps have no order either; this one sorts.
func javaText(value any) string {
	switch value := value.(type) {
	case map[string]any:
		pairs := make([]string, 0, len(value))
		for _, key := range slices.Sorted(maps.Keys(value)) {
			pairs = append(pairs, key+"="+javaText(value[key]))
		}
		return "{" + strings.Join(pairs, ", ") + "}"
	case []any:
		items := make([]string, len(value))
		for i, item := range value {
			items[i] = javaText(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case nil:
		return "null"
	}
	return fmt.Sprint(value)
}

// javaDouble always has a decimal point.
func javaDouble(value float64) string {
	text := strconv.FormatFloat(value, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// isDouble tells that Java reads the number as a Double.
func isDouble(number json.Number) bool { return strings.ContainsAny(number.String(), ".eE") }
