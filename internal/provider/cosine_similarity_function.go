// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

var _ function.Function = cosineSimilarityFunction{}

type cosineSimilarityFunction struct{}

func newCosineSimilarityFunction() function.Function { return cosineSimilarityFunction{} }

func (cosineSimilarityFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "cosine_similarity"
}

func (cosineSimilarityFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Cosine similarity of two embeddings",
		MarkdownDescription: "Returns the cosine of the angle between two vectors: `1` if they have the same direction, `0` if they are orthogonal, `-1` if they are opposite. " +
			"In a `check` block it verifies that a model still ranks texts as expected.",
		Parameters: []function.Parameter{
			function.ListParameter{Name: "a", ElementType: types.NumberType, MarkdownDescription: "First embedding."},
			function.ListParameter{Name: "b", ElementType: types.NumberType, MarkdownDescription: "Second embedding, by the same model."},
		},
		Return: function.Float64Return{},
	}
}

func (cosineSimilarityFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var arguments [2][]types.Number
	if resp.Error = req.Arguments.Get(ctx, &arguments[0], &arguments[1]); resp.Error != nil {
		return
	}
	var vectors [2][]float64
	for i := range vectors {
		vector, problem := vectorArgument(arguments[i])
		if problem != "" {
			resp.Error = argumentError(int64(i), problem)
			return
		}
		vectors[i] = vector
	}
	cosine, err := inference.CosineSimilarity(vectors[0], vectors[1])
	if err != nil {
		resp.Error = cosineError(vectors, err)
		return
	}
	resp.Error = resp.Result.Set(ctx, cosine)
}

// vectorArgument reads a vector; problem says what is wrong with it.
func vectorArgument(numbers []types.Number) (vector []float64, problem string) {
	vector = make([]float64, len(numbers))
	for i, number := range numbers {
		if number.IsNull() {
			return nil, fmt.Sprintf("Element [%d] is null. Pass an embedding unchanged.", i)
		}
		setting := numberSetting(number, validation.Float)
		if malformed := validation.Malformed(validation.Path(fmt.Sprintf("Element [%d]", i)), setting, validation.AnyFloat); len(malformed) > 0 {
			return nil, malformed[0].Detail
		}
		vector[i], _ = setting.Known()
	}
	return vector, ""
}

// cosineError explains at the vector that is to blame why there is no similarity.
func cosineError(vectors [2][]float64, err error) *function.FuncError {
	if errors.Is(err, inference.ErrDimensions) {
		return argumentError(1, fmt.Sprintf(
			"The vectors have different lengths, %d and %d. Only embeddings by one model can be compared: pass two embeddings of the same model.", len(vectors[0]), len(vectors[1])))
	}
	problem := "The vector is all zeros, so it has no direction to compare. Give an embedding of a text."
	if errors.Is(err, inference.ErrEmptyVector) {
		problem = "The vector is empty. Give an embedding, such as data.inference_text_embedding.NAME.embeddings[0]."
	}
	if errors.Is(inference.CheckVector(vectors[0]), err) {
		return argumentError(0, problem)
	}
	return argumentError(1, problem)
}
