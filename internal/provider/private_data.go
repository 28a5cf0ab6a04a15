package provider

import (
	"context"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privateData is a resource's private state as the framework writes it.
type privateData map[string][]byte

var _ privateReadWriter = privateData{}

// readPrivateData answers false for what is not as the provider writes it, and
// for what the framework has put there for itself.
func readPrivateData(held []byte) (privateData, bool) {
	data := privateData{}
	if len(held) == 0 {
		return data, true
	}
	// A null would leave no map.
	if json.Unmarshal(held, &data) != nil || data == nil {
		return nil, false
	}
	for key, value := range data {
		if strings.HasPrefix(key, ".") || !json.Valid(value) || !utf8.Valid(value) {
			return nil, false
		}
	}
	return data, true
}

func (p privateData) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return p[key], nil
}

func (p privateData) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	p[key] = value
	return nil
}

// bytes are nil where there is nothing to keep.
func (p privateData) bytes() ([]byte, error) {
	if len(p) == 0 {
		return nil, nil
	}
	return json.Marshal(p)
}
