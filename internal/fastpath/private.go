// SPDX-License-Identifier: MPL-2.0

package fastpath

import (
	"context"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

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
