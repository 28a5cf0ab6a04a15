package tfvalue

import (
	"context"
	"errors"
	"math"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
)

// parseNumber is as precise as Terraform is.
func parseNumber(ctx context.Context, digits string) (attr.Value, error) {
	exact, _, err := big.ParseFloat(digits, 10, 512, big.ToNearestEven)
	if err != nil {
		return nil, err
	}
	return numberValue(ctx, exact)
}

// numberValue keeps all digits, of which a number may have more than a float64
// does: what a configuration says has to come back as it was.
func numberValue(ctx context.Context, exact *big.Float) (attr.Value, error) {
	if near, accuracy := exact.Float64(); math.IsInf(near, 0) || near == 0 && accuracy != big.Exact {
		return nil, errors.New("the number is beyond a float64")
	}
	return types.Float64Type.ValueFromTerraform(ctx, tftypes.NewValue(tftypes.Number, exact))
}

// encodeNumber writes a number as Terraform does: a fraction that a float64 holds
// as such, and as digits what no 64 bits hold or what is whole and beyond an int64.
func encodeNumber(ctx context.Context, encoder *msgpack.Encoder, value types.Float64) error {
	raw, err := value.ToTerraformValue(ctx)
	if err != nil {
		return err
	}
	var exact big.Float
	if err := raw.As(&exact); err != nil {
		return err
	}
	if n, accuracy := exact.Int64(); accuracy == big.Exact {
		return encoder.EncodeInt(n)
	}
	if n, accuracy := exact.Float64(); accuracy == big.Exact && !exact.IsInt() {
		return encoder.EncodeFloat64(n)
	}
	return encoder.EncodeString(exact.Text('f', -1))
}
