// SPDX-License-Identifier: MPL-2.0

package fastpath

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// unknownValue is how unknown values are encoded: as a MessagePack extension, of
// which Terraform reads the type only.
var unknownValue = msgpack.RawMessage{0xd4, 0, 0}

// Decode decodes an object from MessagePack. A null object is nil. It returns an
// error for an unknown object and for data of any other type.
func (c *Codec) Decode(data []byte) (map[string]attr.Value, error) {
	in := bytes.NewReader(data)
	decoder := msgpack.GetDecoder()
	defer msgpack.PutDecoder(decoder)
	decoder.Reset(in)
	if code, err := decoder.PeekCode(); err != nil || msgpcode.IsExt(code) {
		return nil, errors.Join(err, errors.New("not a known object"))
	}
	values, err := c.decode(decoder)
	if err == nil && in.Len() > 0 {
		return nil, fmt.Errorf("%d bytes after the object", in.Len())
	}
	return values, err
}

func (c *Codec) decode(decoder *msgpack.Decoder) (map[string]attr.Value, error) {
	count, err := decoder.DecodeMapLen()
	if err != nil || count < 0 {
		return nil, err
	}
	if count != len(c.names) {
		return nil, fmt.Errorf("%d attributes, want %d", count, len(c.names))
	}
	values := make(map[string]attr.Value, count)
	for range count {
		name, err := decoder.DecodeString()
		if err != nil {
			return nil, err
		}
		f, ok := c.fields[name]
		if !ok {
			return nil, fmt.Errorf("unexpected attribute %s", name)
		}
		if values[name], err = f.decode(decoder); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(values) != count {
		return nil, errors.New("duplicate attribute")
	}
	return values, nil
}

func (f field) decode(decoder *msgpack.Decoder) (attr.Value, error) {
	code, err := decoder.PeekCode()
	switch {
	case err != nil:
		return nil, err
	case code == msgpcode.Nil:
		return f.null, decoder.Skip()
	case msgpcode.IsExt(code): // refinements of unknown values are not used
		return f.unknown, decoder.Skip()
	}
	switch f.kind {
	case kindBool:
		value, err := decoder.DecodeBool()
		return types.BoolValue(value), err
	case kindNumber:
		return decodeNumber(decoder, code)
	case kindStringList:
		return decodeStringList(decoder)
	case kindObject:
		values, err := f.codec.decode(decoder)
		if err != nil {
			return nil, err
		}
		return f.codec.Object(values)
	case kindString:
	}
	value, err := decoder.DecodeString()
	return types.StringValue(value), err
}

func isInteger(code byte) bool {
	return msgpcode.IsFixedNum(code) || code >= msgpcode.Uint8 && code <= msgpcode.Int64
}

// decodeNumber decodes a number in the three encodings that Terraform uses: an
// integer, a float64 where that is exact, and a string of digits.
func decodeNumber(decoder *msgpack.Decoder, code byte) (attr.Value, error) {
	switch {
	case code == msgpcode.Uint64:
		n, err := decoder.DecodeUint64()
		return types.NumberValue(new(big.Float).SetUint64(n)), err
	case isInteger(code):
		n, err := decoder.DecodeInt64()
		return types.NumberValue(new(big.Float).SetInt64(n)), err
	case code == msgpcode.Float || code == msgpcode.Double:
		n, err := decoder.DecodeFloat64()
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, errors.Join(err, errors.New("not a number"))
		}
		return types.NumberValue(big.NewFloat(n)), nil
	}
	digits, err := decoder.DecodeString()
	if err != nil {
		return nil, err
	}
	return parseNumber(digits)
}

func decodeStringList(decoder *msgpack.Decoder) (attr.Value, error) {
	count, err := decoder.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	elements := []attr.Value{}
	for range count {
		element, err := stringField.decode(decoder)
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	return types.ListValueMust(types.StringType, elements), nil
}

// Encode encodes an object as MessagePack; nil is null. It returns an error if
// values do not have the types of the codec.
func (c *Codec) Encode(values map[string]attr.Value) ([]byte, error) {
	var out bytes.Buffer
	encoder := msgpack.GetEncoder()
	defer msgpack.PutEncoder(encoder)
	encoder.Reset(&out)
	if values == nil {
		err := encoder.EncodeNil()
		return out.Bytes(), err
	}
	err := c.encode(encoder, values)
	return out.Bytes(), err
}

func (c *Codec) encode(encoder *msgpack.Encoder, values map[string]attr.Value) error {
	if err := encoder.EncodeMapLen(len(c.names)); err != nil {
		return err
	}
	for _, name := range c.names {
		if err := encoder.EncodeString(name); err != nil {
			return err
		}
		if err := c.fields[name].encode(encoder, values[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (f field) encode(encoder *msgpack.Encoder, value attr.Value) error {
	switch {
	case value == nil:
		return errors.New("no value")
	case value.IsUnknown():
		return unknownValue.EncodeMsgpack(encoder)
	case value.IsNull():
		return encoder.EncodeNil()
	}
	switch value := value.(type) {
	case types.String:
		if f.kind == kindString {
			return encoder.EncodeString(value.ValueString())
		}
	case types.Bool:
		if f.kind == kindBool {
			return encoder.EncodeBool(value.ValueBool())
		}
	case types.Number:
		if f.kind == kindNumber {
			return encodeNumber(encoder, value.ValueBigFloat())
		}
	case types.List:
		if f.kind == kindStringList {
			return encodeStringList(encoder, value.Elements())
		}
	case types.Object:
		if f.kind == kindObject {
			return f.codec.encode(encoder, value.Attributes())
		}
	}
	return fmt.Errorf("unexpected type %T", value)
}

// encodeNumber encodes a number as Terraform does: as an integer or a float64
// where that is exact, otherwise as digits.
func encodeNumber(encoder *msgpack.Encoder, number *big.Float) error {
	if n, accuracy := number.Int64(); accuracy == big.Exact {
		return encoder.EncodeInt(n)
	}
	if n, accuracy := number.Float64(); accuracy == big.Exact && !number.IsInt() {
		return encoder.EncodeFloat64(n)
	}
	return encoder.EncodeString(number.Text('f', -1))
}

func encodeStringList(encoder *msgpack.Encoder, elements []attr.Value) error {
	if err := encoder.EncodeArrayLen(len(elements)); err != nil {
		return err
	}
	for _, element := range elements {
		if err := stringField.encode(encoder, element); err != nil {
			return err
		}
	}
	return nil
}
