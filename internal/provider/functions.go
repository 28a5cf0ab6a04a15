// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// providerFunction is a function of the provider.
type providerFunction struct {
	name       string
	definition function.Definition
	run        func(ctx context.Context, arguments function.ArgumentsData) (result any, err *function.FuncError)
}

var _ function.Function = providerFunction{}

func (f providerFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

func (f providerFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = f.definition
}

func (f providerFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	result, err := f.run(ctx, req.Arguments)
	if err != nil {
		resp.Error = err
		return
	}
	resp.Error = resp.Result.Set(ctx, result)
}

// argumentError is the error of one argument of a function. Terraform and
// OpenTofu append a full stop, so the text must not end in one.
func argumentError(argument int64, text string) *function.FuncError {
	return function.NewArgumentFuncError(argument, strings.TrimSuffix(text, "."))
}

// violationText joins violations for a function, whose errors have no attribute
// paths.
func violationText(violations validation.Violations) string {
	texts := make([]string, len(violations))
	for i, v := range violations {
		texts[i] = fmt.Sprintf("%s: %s", v.Summary, v.Detail)
	}
	return strings.Join(texts, "\n\n")
}

func newCosineSimilarityFunction() function.Function {
	return providerFunction{name: "cosine_similarity", run: cosineSimilarity, definition: function.Definition{
		Summary: "Cosine similarity of two embeddings",
		MarkdownDescription: "Returns the cosine of the angle between two vectors: `1` if they have the same direction, `0` if they are orthogonal, `-1` if they are opposite. " +
			"In a `check` block it verifies that a model still ranks texts as expected.",
		Parameters: []function.Parameter{
			function.ListParameter{Name: "a", ElementType: types.NumberType, MarkdownDescription: "First embedding."},
			function.ListParameter{Name: "b", ElementType: types.NumberType, MarkdownDescription: "Second embedding, by the same model."},
		},
		Return: function.Float64Return{},
	}}
}

func cosineSimilarity(ctx context.Context, arguments function.ArgumentsData) (any, *function.FuncError) {
	var numbers [2][]types.Number
	if err := arguments.Get(ctx, &numbers[0], &numbers[1]); err != nil {
		return nil, err
	}
	var vectors [2][]float64
	for i := range vectors {
		vector, problem := vectorArgument(numbers[i])
		if problem != "" {
			return nil, argumentError(int64(i), problem)
		}
		vectors[i] = vector
	}
	cosine, err := inference.CosineSimilarity(vectors[0], vectors[1])
	if err != nil {
		return nil, cosineError(vectors, err)
	}
	return cosine, nil
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

// modelFunction is a function that returns an object of strings about a model. Its
// attributes are those that describe returns; empty strings are null.
func modelFunction(
	name, summary, description, example string, describe func(inference.ModelID) map[string]string,
) function.Function {
	attributes := map[string]attr.Type{}
	for attribute := range describe(inference.ModelID{}) {
		attributes[attribute] = types.StringType
	}
	run := func(ctx context.Context, arguments function.ArgumentsData) (any, *function.FuncError) {
		var model string
		if err := arguments.Get(ctx, &model); err != nil {
			return nil, err
		}
		id, ok := inference.ParseModelID(model)
		if !ok {
			return nil, argumentError(0, modelIDProblem(model))
		}
		values := map[string]attr.Value{}
		for attribute, text := range describe(id) {
			values[attribute] = stringOrNull(text)
		}
		return types.ObjectValueMust(attributes, values), nil
	}
	return providerFunction{name: name, run: run, definition: function.Definition{
		Summary: summary, MarkdownDescription: description,
		Parameters: []function.Parameter{
			function.StringParameter{Name: "model", MarkdownDescription: "Model id, inference profile id or ARN, such as `" + example + "`."},
		},
		Return: function.ObjectReturn{AttributeTypes: attributes},
	}}
}

// modelIDProblem is the detail of the rule for the model setting.
func modelIDProblem(model string) string {
	setting := inference.Config{ServiceSettings: inference.ServiceConfig{Model: validation.Given(model)}}
	var details []string
	for _, violation := range setting.Validate() {
		details = append(details, violation.Detail)
	}
	return strings.Join(details, "\n")
}

func newParseModelIDFunction() function.Function {
	return modelFunction("parse_model_id", "Parts of a model id",
		"Parses the id of a model, the id of an inference profile, or an ARN of Amazon Bedrock. Returns an object; parts that the id does not have are null:\n\n"+
			"- `kind`: what the id names, as ARNs call it: `foundation-model`, `inference-profile`, `application-inference-profile`, `provisioned-model` and others\n"+
			"- `provider`: what `service_settings.provider` takes for the model, such as `amazontitan` for all models of Amazon; null if the service does not support the vendor\n"+
			"- `vendor`: vendor of the model, the first part of its id, such as `amazon`\n"+
			"- `model`: id of the base model, without geography and ARN\n"+
			"- `region`, `partition`, `account_id`: parts of an ARN\n"+
			"- `geography`: prefix of an inference profile, such as `us` or `global`",
		"us.anthropic.claude-sonnet-4-5-20250929-v1:0", modelIDParts)
}

func modelIDParts(id inference.ModelID) map[string]string {
	return map[string]string{
		"kind":       string(id.Kind),
		"provider":   string(id.Provider),
		"vendor":     id.Vendor,
		"model":      id.Model,
		"region":     id.Region,
		"partition":  id.Partition,
		"account_id": id.AccountID,
		"geography":  id.Geography,
	}
}

func newModelLifecycleFunction() function.Function {
	return modelFunction("model_lifecycle", "What AWS has published about the retirement of a model",
		"Returns the lifecycle of a model on Amazon Bedrock, from data that is part of this provider version. The result does not depend on the current date. Dates are in the form `2006-01-02`, differ by region, and AWS moves them. Returns an object; values that are not known are null:\n\n"+
			"- `model`: id of the base model\n"+
			"- `state`: `active`, `legacy` or `eol` (end of life) on the date `as_of`; null if nothing is known about the model\n"+
			"- `legacy_date`: date from which accounts that do not use the model are refused\n"+
			"- `end_of_life_date`: date from which calls of the model fail\n"+
			"- `end_of_life_not_before`: earliest end of life that AWS promises\n"+
			"- `replacement`: id of the base model that AWS recommends instead; null if AWS names none, several, or one that is itself legacy\n"+
			"- `replacement_note`: AWS's recommendation as text, which may name several models\n"+
			"- `confidence`: `aws` for data of AWS's own pages, `aws-derived` for data made from them, `third-party` for other sources\n"+
			"- `as_of`: date of the data",
		"us.anthropic.claude-sonnet-5", modelLifecycle)
}

func modelLifecycle(id inference.ModelID) map[string]string {
	lifecycle, _ := inference.ModelLifecycle(id.Model)
	return map[string]string{
		"model":                  id.Model,
		"state":                  lifecycle.State,
		"legacy_date":            lifecycle.LegacyDate,
		"end_of_life_date":       lifecycle.EndOfLifeDate,
		"end_of_life_not_before": lifecycle.EndOfLifeNotBefore,
		"replacement":            lifecycle.Replacement,
		"replacement_note":       lifecycle.ReplacementNote,
		"confidence":             lifecycle.Confidence,
		"as_of":                  inference.LifecycleDate,
	}
}
