package tfvalue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// Decode reads an object from MessagePack. A null object is nil without error.
// The error is for what is not of the form, and for an unknown object.
func (f *Form) Decode(ctx context.Context, data []byte) (map[string]attr.Value, error) {
	in := bytes.NewReader(data)
	decoder := msgpack.GetDecoder()
	defer msgpack.PutDecoder(decoder)
	decoder.Reset(in)
	if code, err := decoder.PeekCode(); err != nil || msgpcode.IsExt(code) {
		return nil, errors.Join(err, errors.New("there is no object that is known"))
	}
	values, err := f.decode(ctx, decoder)
	if err == nil && in.Len() > 0 {
		return nil, fmt.Errorf("%d bytes are left over", in.Len())
	}
	return values, err
}

func (f *Form) decode(ctx context.Context, decoder *msgpack.Decoder) (map[string]attr.Value, error) {
	count, err := decoder.DecodeMapLen()
	if err != nil || count < 0 {
		return nil, err
	}
	if count != len(f.names) {
		return nil, fmt.Errorf("there are %d attributes, not %d", count, len(f.names))
	}
	values := make(map[string]attr.Value, count)
	for range count {
		name, err := decoder.DecodeString()
		if err != nil {
			return nil, err
		}
		of, ok := f.fields[name]
		if !ok {
			return nil, fmt.Errorf("there is no attribute %s", name)
		}
		if values[name], err = of.decode(ctx, decoder); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(values) != count {
		return nil, errors.New("an attribute is there twice")
	}
	return values, nil
}

func (f field) decode(ctx context.Context, decoder *msgpack.Decoder) (attr.Value, error) {
	code, err := decoder.PeekCode()
	switch {
	case err != nil:
		return nil, err
	case code == msgpcode.Nil:
		return f.null(), decoder.Skip()
	case msgpcode.IsExt(code): // with or without bounds, which nobody here reads
		return f.unknown(), decoder.Skip()
	}
	switch f.kind {
	case boolean:
		value, err := decoder.DecodeBool()
		return types.BoolValue(value), err
	case whole:
		value, err := decodeWhole(decoder, code)
		return types.Int64Value(value), err
	case number:
		return decodeNumber(ctx, decoder, code)
	case texts:
		return decodeTexts(ctx, decoder)
	case object:
		values, err := f.nested.decode(ctx, decoder)
		if err != nil {
			return nil, err
		}
		return f.nested.Object(values)
	case text:
	}
	value, err := decoder.DecodeString()
	return types.StringValue(value), err
}

func isInteger(code byte) bool {
	return msgpcode.IsFixedNum(code) || code >= msgpcode.Uint8 && code <= msgpcode.Int64
}

func decodeWhole(decoder *msgpack.Decoder, code byte) (int64, error) {
	switch {
	case !isInteger(code):
		return 0, errors.New("the number is not whole, or too large")
	case code != msgpcode.Uint64:
		return decoder.DecodeInt64()
	}
	value, err := decoder.DecodeUint64()
	if err == nil && value > math.MaxInt64 {
		err = errors.New("the number is too large")
	}
	return int64(value), err //nolint:gosec // it is not used when it is too large
}

// decodeNumber reads the three ways in which Terraform writes a number: as an
// integer, as a float64 where that is exact, and as its digits.
func decodeNumber(ctx context.Context, decoder *msgpack.Decoder, code byte) (attr.Value, error) {
	switch {
	case isInteger(code):
		n, err := decodeWhole(decoder, code)
		if err != nil {
			return nil, err
		}
		return numberValue(ctx, new(big.Float).SetInt64(n))
	case code == msgpcode.Float || code == msgpcode.Double:
		n, err := decoder.DecodeFloat64()
		if err != nil {
			return nil, err
		}
		if math.IsNaN(n) {
			return nil, errors.New("it is no number")
		}
		return numberValue(ctx, big.NewFloat(n))
	}
	digits, err := decoder.DecodeString()
	if err != nil {
		return nil, err
	}
	return parseNumber(ctx, digits)
}

func decodeTexts(ctx context.Context, decoder *msgpack.Decoder) (attr.Value, error) {
	count, err := decoder.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	elements := []attr.Value{}
	for range count {
		element, err := field{kind: text}.decode(ctx, decoder)
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	return types.ListValueMust(types.StringType, elements), nil
}
