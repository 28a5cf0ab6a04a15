package api

import (
	"bytes"
	"encoding/json"
	"io"
)

// deepest bounds how far objects and lists may lie in each other.
const deepest = 100

// parseObject reads a JSON object. Numbers stay as they are written, for the
// API tells 1 from 1.0; a name that comes twice is refused, for one of its
// values would be lost.
func parseObject(content []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	value, err := parseValue(decoder, 0)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, unparsable("Expected an object but found [%s]", javaText(value))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, unparsable("There is more behind the end of the object")
	}
	return object, nil
}

func parseValue(decoder *json.Decoder, depth int) (any, error) {
	if depth > deepest {
		return nil, unparsable("Objects and lists lie more than %d deep in each other", deepest)
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, unparsable("The body is not JSON: %v", err)
	}
	switch token {
	case json.Delim('{'):
		return parseMembers(decoder, depth)
	case json.Delim('['):
		return parseItems(decoder, depth)
	}
	return token, nil
}

func parseMembers(decoder *json.Decoder, depth int) (any, error) {
	object := map[string]any{}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, unparsable("The body is not JSON: %v", err)
		}
		if _, twice := object[name]; twice {
			return nil, unparsable("Duplicate field '%s'", name)
		}
		if object[name], err = parseValue(decoder, depth+1); err != nil {
			return nil, err
		}
	}
	return object, parseEnd(decoder)
}

func parseItems(decoder *json.Decoder, depth int) (any, error) {
	items := []any{}
	for decoder.More() {
		item, err := parseValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, parseEnd(decoder)
}

func parseEnd(decoder *json.Decoder) error {
	if _, err := decoder.Token(); err != nil {
		return unparsable("The body is not JSON: %v", err)
	}
	return nil
}
