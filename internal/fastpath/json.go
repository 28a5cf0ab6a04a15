// SPDX-License-Identifier: MPL-2.0

package fastpath

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// DecodeJSON decodes an object from the JSON of a state file. Missing attributes
// are null, for instance those that a newer version of the provider added. It
// returns an error for attributes and types that the codec does not have.
func (c *Codec) DecodeJSON(data []byte) (map[string]attr.Value, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("data after the object")
	}
	if object == nil {
		return nil, errors.New("null instead of an object")
	}
	return c.fromJSON(object)
}

func (c *Codec) fromJSON(object map[string]any) (map[string]attr.Value, error) {
	values := make(map[string]attr.Value, len(c.names))
	known := 0
	for _, name := range c.names {
		member, ok := object[name]
		if ok {
			known++
		}
		value, err := c.fields[name].fromJSON(member)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		values[name] = value
	}
	if known != len(object) {
		return nil, errors.New("unexpected attribute")
	}
	return values, nil
}

func (f field) fromJSON(member any) (attr.Value, error) {
	switch member := member.(type) {
	case nil:
		return f.null, nil
	case string:
		if f.kind == kindString {
			return types.StringValue(member), nil
		}
	case bool:
		if f.kind == kindBool {
			return types.BoolValue(member), nil
		}
	case json.Number:
		if f.kind == kindNumber {
			return parseNumber(member.String())
		}
	case []any:
		if f.kind == kindStringList {
			return stringListFromJSON(member)
		}
	case map[string]any:
		if f.kind == kindObject {
			values, err := f.codec.fromJSON(member)
			if err != nil {
				return nil, err
			}
			return f.codec.Object(values)
		}
	}
	return nil, fmt.Errorf("unexpected type %T", member)
}

func stringListFromJSON(members []any) (attr.Value, error) {
	elements := []attr.Value{}
	for _, member := range members {
		element, err := stringField.fromJSON(member)
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	return types.ListValueMust(types.StringType, elements), nil
}

// PrivateState is the private state of a resource in the form that the framework
// stores it. It has the methods of the framework's own type, which has no
// exported name.
type PrivateState map[string][]byte

// decodePrivateState returns false for data that the provider did not write, and
// for data that contains keys of the framework itself.
func decodePrivateState(data []byte) (PrivateState, bool) {
	private := PrivateState{}
	if len(data) == 0 {
		return private, true
	}
	// JSON's null sets the map to nil.
	if json.Unmarshal(data, &private) != nil || private == nil {
		return nil, false
	}
	for key, value := range private {
		if strings.HasPrefix(key, ".") || !json.Valid(value) || !utf8.Valid(value) {
			return nil, false
		}
	}
	return private, true
}

// GetKey returns the value of a key, or nil if there is none.
func (p PrivateState) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return p[key], nil
}

// SetKey sets the value of a key.
func (p PrivateState) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	p[key] = value
	return nil
}

// encode returns nil for an empty state, as the framework does.
func (p PrivateState) encode() ([]byte, error) {
	if len(p) == 0 {
		return nil, nil
	}
	return json.Marshal(p)
}
