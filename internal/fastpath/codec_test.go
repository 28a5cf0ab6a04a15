// SPDX-License-Identifier: MPL-2.0

package fastpath_test

import (
	"bytes"
	"context"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/fastpath"
)

// attributes has an attribute of every type that a codec supports.
var attributes = map[string]attr.Type{
	"text": types.StringType, "truth": types.BoolType, "whole": types.NumberType, "number": types.NumberType,
	"texts":  types.ListType{ElemType: types.StringType},
	"nested": types.ObjectType{AttrTypes: map[string]attr.Type{"text": types.StringType, "whole": types.NumberType}},
}

// terraformType is the type of attributes in the protocol library.
var terraformType = types.ObjectType{AttrTypes: attributes}.TerraformType(context.Background())

// newCodec returns the codec of attributes.
func newCodec(tb testing.TB) *fastpath.Codec {
	tb.Helper()
	codec, err := fastpath.NewCodec(attributes)
	if err != nil {
		tb.Fatal(err)
	}
	return codec
}

// value returns an object with one attribute that is not null.
func value(name string, content any) tftypes.Value {
	typ, _ := terraformType.(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, typ := range typ.AttributeTypes {
		values[name] = tftypes.NewValue(typ, nil)
	}
	if name != "" {
		values[name] = tftypes.NewValue(typ.AttributeTypes[name], content)
	}
	return tftypes.NewValue(typ, values)
}

func text(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

// bigNumber parses a number with the precision of Terraform.
func bigNumber(digits string) *big.Float {
	number, _, err := big.ParseFloat(digits, 10, 512, big.ToNearestEven)
	if err != nil {
		panic(err)
	}
	return number
}

// TestRoundTrip checks that encodings of the protocol library are decoded, and encoded again
// to the same bytes.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	nested := map[string]tftypes.Value{"text": text("x"), "whole": tftypes.NewValue(tftypes.Number, tftypes.UnknownValue)}
	for name, value := range map[string]tftypes.Value{
		"all null":        value("", nil),
		"a null object":   tftypes.NewValue(terraformType, nil),
		"text":            value("text", "äöü \x00"),
		"empty text":      value("text", ""),
		"unknown text":    value("text", tftypes.UnknownValue),
		"truth":           value("truth", true),
		"unknown truth":   value("truth", tftypes.UnknownValue),
		"small":           value("whole", -1),
		"least":           value("whole", int64(-1<<63)),
		"greatest":        value("whole", int64(1<<63-1)),
		"unknown whole":   value("whole", tftypes.UnknownValue),
		"whole number":    value("number", 3),
		"half":            value("number", 0.5),
		"digits":          value("number", bigNumber("0.3")),
		"more digits":     value("number", bigNumber("0.30000000000000000000000000000000001")),
		"large":           value("number", bigNumber("1e300")),
		"beyond an int64": value("number", bigNumber("18446744073709551616")),
		"a whole float64": value("number", bigNumber("1e22")),
		"greatest uint64": value("number", bigNumber("18446744073709551615")),
		"huge":            value("number", bigNumber("1e400")),
		"tiny":            value("number", bigNumber("1e-400")),
		"unknown number":  value("number", tftypes.UnknownValue),
		"no texts":        value("texts", []tftypes.Value{}),
		"texts":           value("texts", []tftypes.Value{text("a"), tftypes.NewValue(tftypes.String, nil), tftypes.NewValue(tftypes.String, tftypes.UnknownValue)}),
		"unknown texts":   value("texts", tftypes.UnknownValue),
		"an object":       value("nested", nested),
		"unknown object":  value("nested", tftypes.UnknownValue),
		"nested and null": value("nested", map[string]tftypes.Value{"text": tftypes.NewValue(tftypes.String, nil), "whole": tftypes.NewValue(tftypes.Number, 1)}),
	} {
		wire, err := tfprotov6.NewDynamicValue(terraformType, value)
		if err != nil {
			t.Fatal(err)
		}
		codec := newCodec(t)
		read, err := codec.Decode(wire.MsgPack)
		if err != nil {
			t.Errorf("%s: Decode: %v", name, err)
			continue
		}
		again, err := codec.Encode(read)
		if err != nil {
			t.Errorf("%s: Encode: %v", name, err)
			continue
		}
		if !bytes.Equal(again, wire.MsgPack) {
			t.Errorf("%s: got %x, want %x", name, again, wire.MsgPack)
		}
	}
}

// TestRefinedUnknown checks that refinements of unknown values are ignored.
func TestRefinedUnknown(t *testing.T) {
	t.Parallel()
	wire, err := tfprotov6.NewDynamicValue(terraformType, value("text", tftypes.UnknownValue))
	if err != nil {
		t.Fatal(err)
	}
	refined := bytes.Replace(wire.MsgPack, []byte{0xd4, 0, 0}, []byte{0xc7, 3, 12, 0x81, 1, 0xc2}, 1)
	values, err := newCodec(t).Decode(refined)
	if err != nil || !values["text"].IsUnknown() {
		t.Errorf("got %v, error %v, want an unknown value", values["text"], err)
	}
}

// TestDecodeErrors checks that malformed data is an error and does not cause a panic.
func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	whole, _ := tfprotov6.NewDynamicValue(terraformType, value("", nil))
	replaced := func(name string, by ...byte) []byte {
		old := append(append([]byte{0xa0 | byte(len(name))}, name...), 0xc0)
		return bytes.Replace(whole.MsgPack, old, append(bytes.Clone(old[:len(old)-1]), by...), 1)
	}
	for name, data := range map[string][]byte{
		"no data":                  {},
		"an unknown object":        {0xd4, 0, 0},
		"an extension of any size": {0xc9, 0x30, 0x30, 0x30, 0x30, 0x30, 0xc0},
		"no object":                {0x01},
		"an unknown attribute":     {0x81, 0xa1, 'x', 0xc0},
		"too few attributes":       {0x80},
		"truncated data":           whole.MsgPack[:len(whole.MsgPack)-1],
		"trailing data":            append(bytes.Clone(whole.MsgPack), 0xc0),
		"an attribute twice":       bytes.Replace(whole.MsgPack, []byte("truth"), []byte("whole"), 1),
		"a number for a text":      replaced("text", 1),
		"a text for a truth":       replaced("truth", 0xa1, 'x'),
		"no digits":                replaced("number", 0xa1, 'x'),
		"not a number":             replaced("number", 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 1),
		"infinite":                 replaced("number", 0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0),
		"infinite digits":          replaced("number", 0xa3, 'I', 'n', 'f'),
		"a text for texts":         replaced("texts", 0xa1, 'x'),
		"a number among texts":     replaced("texts", 0x91, 1),
		"an object of other names": replaced("nested", 0x82, 0xa1, 'a', 0xc0, 0xa1, 'b', 0xc0),
	} {
		if values, err := newCodec(t).Decode(data); err == nil {
			t.Errorf("%s: got %v, want an error", name, values)
		}
	}
}

// TestUnsupportedType checks that NewCodec names the attribute with an unsupported type.
func TestUnsupportedType(t *testing.T) {
	t.Parallel()
	for _, typ := range []attr.Type{types.Int64Type, types.DynamicType, types.MapType{ElemType: types.StringType}, types.ListType{ElemType: types.Int64Type}} {
		nested := types.ObjectType{AttrTypes: map[string]attr.Type{"a": typ}}
		if _, err := fastpath.NewCodec(map[string]attr.Type{"nested": nested}); err == nil {
			t.Errorf("%s: got no error, want one", typ)
		}
	}
}

// TestEncodeErrors checks that values of another type are not encoded.
func TestEncodeErrors(t *testing.T) {
	t.Parallel()
	codec := newCodec(t)
	for name, invalid := range map[string]attr.Value{
		"text": types.Int64Value(1), "truth": types.StringValue(""), "whole": types.Float64Value(1), "number": types.Int64Value(1),
		"texts": types.ListValueMust(types.Int64Type, []attr.Value{types.Int64Value(1)}), "nested": types.StringValue("x"),
	} {
		values, err := codec.DecodeJSON([]byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		values[name] = invalid
		if data, err := codec.Encode(values); err == nil {
			t.Errorf("%s: got %x, want an error", name, data)
		}
		delete(values, name)
		if data, err := codec.Encode(values); err == nil {
			t.Errorf("without %s: got %x, want an error", name, data)
		}
	}
}

// FuzzDecode checks that the protocol library decodes everything that a codec
// decodes, to the same value.
func FuzzDecode(f *testing.F) {
	for _, seed := range []tftypes.Value{
		value("", nil), value("text", "x"), value("number", bigNumber("0.3")), value("whole", 300), value("texts", []tftypes.Value{text("a")}),
		value("nested", tftypes.UnknownValue), value("truth", false),
	} {
		wire, err := tfprotov6.NewDynamicValue(terraformType, seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire.MsgPack)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		codec := newCodec(t)
		read, err := codec.Decode(data)
		if err != nil {
			return
		}
		again, err := codec.Encode(read)
		if err != nil {
			t.Fatalf("%x: Encode of the decoded value: %v", data, err)
		}
		want, err := tfprotov6.DynamicValue{MsgPack: data}.Unmarshal(terraformType)
		if err != nil {
			t.Fatalf("%x: Decode succeeds, but the protocol library returns %v", data, err)
		}
		got, err := tfprotov6.DynamicValue{MsgPack: again}.Unmarshal(terraformType)
		if err != nil || !got.Equal(want) {
			t.Errorf("%x: got %v (%v), want %v", data, got, err, want)
		}
	})
}
