package provider

import (
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

var (
	vectorType = types.ListType{ElemType: types.Float64Type}
	usageTypes = map[string]attr.Type{"input_tokens": types.Int64Type, "output_tokens": types.Int64Type}
)

func usageValue(usage inference.Usage) types.Object {
	return types.ObjectValueMust(usageTypes, map[string]attr.Value{
		"input_tokens":  types.Int64PointerValue(usage.InputTokens),
		"output_tokens": types.Int64PointerValue(usage.OutputTokens),
	})
}

func vectorsValue(vectors [][]float32) types.List {
	rows := make([]attr.Value, len(vectors))
	for i, vector := range vectors {
		numbers := make([]attr.Value, len(vector))
		for j, number := range vector {
			numbers[j] = exact(number)
		}
		rows[i] = types.ListValueMust(types.Float64Type, numbers)
	}
	return types.ListValueMust(vectorType, rows)
}

// exact is a float32 as the shortest decimal that reads back to it. Converted
// directly, 0.1 would show as 0.10000000149011612.
func exact(f float32) types.Float64 {
	decimal, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil {
		return types.Float64Null()
	}
	return types.Float64Value(decimal)
}
