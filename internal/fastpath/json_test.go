// SPDX-License-Identifier: MPL-2.0

package fastpath_test

import (
	"bytes"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestDecodeJSON checks that states are decoded to the same values as by the protocol library.
func TestDecodeJSON(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]string{
		"everything":    `{"text":"x","truth":true,"whole":240,"number":0.3,"texts":["a",null],"nested":{"text":"y","whole":-5}}`,
		"nulls":         `{"text":null,"truth":null,"whole":null,"number":null,"texts":null,"nested":null}`,
		"whole numbers": `{"text":"","truth":false,"whole":9223372036854775807,"number":1e400,"texts":[],"nested":{"text":null,"whole":null}}`,
		"older version": `{"text":"x","nested":{"text":"y"}}`,
	} {
		codec := newCodec(t)
		values, err := codec.DecodeJSON([]byte(state))
		if err != nil {
			t.Errorf("%s: DecodeJSON: %v", name, err)
			continue
		}
		got, err := codec.Encode(values)
		if err != nil {
			t.Errorf("%s: Encode: %v", name, err)
			continue
		}
		raw, err := tfprotov6.RawState{JSON: []byte(state)}.Unmarshal(terraformType)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, err := tfprotov6.NewDynamicValue(terraformType, raw)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want.MsgPack) {
			t.Errorf("%s: got %x, want %x", name, got, want.MsgPack)
		}
	}
}

// TestDecodeJSONErrors checks that data of another type is an error.
func TestDecodeJSONErrors(t *testing.T) {
	t.Parallel()
	for _, state := range []string{
		``, `null`, `[]`, `{`, `{} {}`, `{"other":1}`, `{"text":1}`, `{"text":true}`, `{"text":[]}`, `{"text":{}}`, `{"truth":"x"}`,
		`{"number":"1"}`, `{"texts":[1]}`, `{"nested":{"other":1}}`, `{"nested":"x"}`,
	} {
		if values, err := newCodec(t).DecodeJSON([]byte(state)); err == nil {
			t.Errorf("%s: got %v, want an error", state, values)
		}
	}
}
