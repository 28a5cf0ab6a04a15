package tfvalue

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/vmihailenco/msgpack/v5"
)

// unknownValue stands for a value that is not known: an extension without
// meaning, of which Terraform looks at the type alone.
var unknownValue = msgpack.RawMessage{0xd4, 0, 0}

// Encode writes an object as MessagePack; nil is null. The error is for values
// that are not of the form.
func (f *Form) Encode(ctx context.Context, values map[string]attr.Value) ([]byte, error) {
	var out bytes.Buffer
	encoder := msgpack.GetEncoder()
	defer msgpack.PutEncoder(encoder)
	encoder.Reset(&out)
	if values == nil {
		err := encoder.EncodeNil()
		return out.Bytes(), err
	}
	err := f.encode(ctx, encoder, values)
	return out.Bytes(), err
}

func (f *Form) encode(ctx context.Context, encoder *msgpack.Encoder, values map[string]attr.Value) error {
	if err := encoder.EncodeMapLen(len(f.names)); err != nil {
		return err
	}
	for _, name := range f.names {
		if err := encoder.EncodeString(name); err != nil {
			return err
		}
		if err := f.fields[name].encode(ctx, encoder, values[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (f field) encode(ctx context.Context, encoder *msgpack.Encoder, value attr.Value) error {
	switch {
	case value == nil:
		return errors.New("it is missing")
	case value.IsUnknown():
		return unknownValue.EncodeMsgpack(encoder)
	case value.IsNull():
		return encoder.EncodeNil()
	}
	switch value := value.(type) {
	case types.String:
		if f.kind == text {
			return encoder.EncodeString(value.ValueString())
		}
	case types.Bool:
		if f.kind == boolean {
			return encoder.EncodeBool(value.ValueBool())
		}
	case types.Int64:
		if f.kind == whole {
			return encoder.EncodeInt(value.ValueInt64())
		}
	case types.Float64:
		if f.kind == number {
			return encodeNumber(ctx, encoder, value)
		}
	case types.List:
		if f.kind == texts {
			return encodeTexts(ctx, encoder, value.Elements())
		}
	case types.Object:
		if f.kind == object {
			return f.nested.encode(ctx, encoder, value.Attributes())
		}
	}
	return fmt.Errorf("%T is not of its form", value)
}

func encodeTexts(ctx context.Context, encoder *msgpack.Encoder, elements []attr.Value) error {
	if err := encoder.EncodeArrayLen(len(elements)); err != nil {
		return err
	}
	for _, element := range elements {
		if err := (field{kind: text}).encode(ctx, encoder, element); err != nil {
			return err
		}
	}
	return nil
}
