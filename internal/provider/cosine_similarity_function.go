package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

var _ function.Function = cosineSimilarityFunction{}

type cosineSimilarityFunction struct{}

func newCosineSimilarityFunction() function.Function { return cosineSimilarityFunction{} }

func (cosineSimilarityFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "cosine_similarity"
}

func (cosineSimilarityFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "How near two embeddings are to each other",
		MarkdownDescription: "Returns the cosine of the angle between two vectors: `1` where they point the same way, `0` where they have nothing in common, `-1` where they are opposite. " +
			"In a `check` block it shows whether a model still ranks texts the way it should.",
		Parameters: []function.Parameter{
			function.ListParameter{Name: "a", ElementType: types.Float64Type, MarkdownDescription: "An embedding."},
			function.ListParameter{Name: "b", ElementType: types.Float64Type, MarkdownDescription: "Another embedding by the same model."},
		},
		Return: function.Float64Return{},
	}
}

func (cosineSimilarityFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var written [2][]*float64
	if resp.Error = req.Arguments.Get(ctx, &written[0], &written[1]); resp.Error != nil {
		return
	}
	var vectors [2][]float64
	for i := range vectors {
		vector, fault := vectorArgument(written[i])
		if fault != "" {
			resp.Error = argumentFault(int64(i), fault)
			return
		}
		vectors[i] = vector
	}
	cosine, err := inference.CosineSimilarity(vectors[0], vectors[1])
	if err != nil {
		resp.Error = noCosine(vectors, err)
		return
	}
	resp.Error = resp.Result.Set(ctx, cosine)
}

// vectorArgument reads a vector; fault says what is wrong with it.
func vectorArgument(numbers []*float64) (vector []float64, fault string) {
	vector = make([]float64, len(numbers))
	for i, number := range numbers {
		if number == nil {
			return nil, fmt.Sprintf("Number %d of the vector is null. Give an embedding as it is.", i)
		}
		vector[i] = *number
	}
	return vector, ""
}

// noCosine says why two vectors have none, at the one that is at fault.
func noCosine(vectors [2][]float64, err error) *function.FuncError {
	if errors.Is(err, inference.ErrDimensions) {
		return argumentFault(1, fmt.Sprintf(
			"The vectors have different lengths, %d and %d. Only embeddings by one model can be compared: give two of the same one.", len(vectors[0]), len(vectors[1])))
	}
	fault := "The vector is all zeros, so it has no direction to compare. Give an embedding of a text."
	if errors.Is(err, inference.ErrEmptyVector) {
		fault = "The vector is empty. Give an embedding, such as data.inference_text_embedding.NAME.embeddings[0]."
	}
	if errors.Is(inference.CheckVector(vectors[0]), err) {
		return argumentFault(0, fault)
	}
	return argumentFault(1, fault)
}
