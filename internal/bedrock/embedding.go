// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

const jsonType = "application/json"

// embeddingFormat encodes requests for, and decodes responses of, the embedding
// models of one provider.
type embeddingFormat struct {
	encode func(*run, []string) any
	// decode returns one vector for each text. tokens is nil if the model does
	// not report them.
	decode func(body []byte, header http.Header) (vectors [][]float32, tokens *int64, err error)
}

var embeddingFormats = map[inference.Provider]embeddingFormat{
	inference.AmazonTitan: {encodeTitan, decodeTitan},
	inference.Cohere:      {encodeCohere, decodeCohere},
}

func (r *run) embed(ctx context.Context) (inference.Result, error) {
	provider := r.endpoint.ServiceSettings.Provider
	vectors, err := inOrder(ctx, r.input, provider.EmbeddingBatch(), r.config.MaxConcurrency, r.embedBatch)
	if err == nil {
		err = checkVectors(vectors, len(r.input))
	}
	if err != nil {
		return inference.Result{}, err
	}
	return inference.Result{Embeddings: vectors, Usage: r.usage.total}, nil
}

// embedBatch embeds the texts of one call, or of two where the body would be too
// large.
func (r *run) embedBatch(ctx context.Context, texts []string) ([][]float32, error) {
	format := embeddingFormats[r.endpoint.ServiceSettings.Provider]
	request, err := encodeJSON(format.encode(r, texts))
	if err != nil {
		return nil, err
	}
	if half := len(texts) / 2; len(request) > maxBody && half > 0 {
		first, err := r.embedBatch(ctx, texts[:half])
		if err != nil {
			return nil, err
		}
		second, err := r.embedBatch(ctx, texts[half:])
		return append(first, second...), err
	}
	var vectors [][]float32
	err = r.attempts(ctx, func(ctx context.Context) error {
		response, header, err := r.invoke(ctx, request)
		if err != nil {
			return err
		}
		got, tokens, err := format.decode(response, header)
		if err != nil {
			return badResponse(err.Error(), err)
		}
		if err := checkVectors(got, len(texts)); err != nil {
			return err
		}
		r.usage.add(tokens, nil)
		vectors = got
		return nil
	})
	return vectors, err
}

// checkVectors requires one vector for each text, all of the same length.
func checkVectors(vectors [][]float32, texts int) error {
	if len(vectors) != texts {
		return badResponse(fmt.Sprintf("%d texts were sent and %d embeddings were returned", texts, len(vectors)), nil)
	}
	for i, vector := range vectors {
		if len(vector) == 0 {
			return badResponse(fmt.Sprintf("embedding %d is empty", i), nil)
		}
		if len(vector) != len(vectors[0]) {
			return badResponse(fmt.Sprintf("embedding %d has %d dimensions, and embedding 0 has %d", i, len(vector), len(vectors[0])), nil)
		}
	}
	return nil
}

// invoke sends a native request body and returns the native response body.
func (r *run) invoke(ctx context.Context, body []byte) ([]byte, http.Header, error) {
	out, err := r.client.InvokeModel(ctx, &bedrockruntime.InvokeModelInput{
		ModelId:     aws.String(r.endpoint.ServiceSettings.Model),
		Body:        body,
		ContentType: aws.String(jsonType), // the default of the SDK is application/octet-stream
		Accept:      aws.String(jsonType),
	})
	if err != nil {
		return nil, nil, err
	}
	if kind, _, err := mime.ParseMediaType(aws.ToString(out.ContentType)); err == nil && kind != jsonType {
		return nil, nil, badResponse("it is "+kind+" instead of JSON", nil)
	}
	var header http.Header
	if response, ok := awsmiddleware.GetRawResponse(out.ResultMetadata).(*smithyhttp.Response); ok {
		header = response.Header
	}
	return out.Body, header, nil
}

// vector is a list of numbers. It decodes them itself, because the reflection of
// encoding/json takes most of the time of a large response.
type vector []float32

// UnmarshalJSON decodes a list of numbers. A null among them is an error, for which
// encoding/json would leave 0, and so is a number out of range of float32. raw must be
// JSON, as it is if encoding/json calls the method.
func (v *vector) UnmarshalJSON(raw []byte) error {
	list, isList := strings.CutPrefix(strings.TrimSuffix(string(raw), "]"), "[")
	if !isList {
		return v.unmarshalOther(raw)
	}
	numbers := make(vector, 0, strings.Count(list, ",")+1)
	for element := range strings.SplitSeq(list, ",") {
		number, err := strconv.ParseFloat(strings.Trim(element, " \t\r\n"), 32)
		if err != nil {
			return v.unmarshalOther(raw)
		}
		numbers = append(numbers, float32(number))
	}
	*v = numbers
	return nil
}

// unmarshalOther decodes an empty list, and returns the error for everything that is
// not a list of numbers.
func (v *vector) unmarshalOther(raw []byte) error {
	if err := json.Unmarshal(raw, (*[]float32)(v)); err != nil {
		return err
	}
	if bytes.Contains(raw, []byte("null")) { // numbers do not contain it
		return errors.New("an embedding contains null")
	}
	return nil
}

// encodeTitan takes one text. dimensions and normalize are not sent, as in
// Elasticsearch: the defaults of the models apply.
func encodeTitan(_ *run, texts []string) any {
	return map[string]string{"inputText": texts[0]}
}

// decodeTitan reads "embedding", which v2 omits in responses by type.
func decodeTitan(body []byte, _ http.Header) ([][]float32, *int64, error) {
	var response struct {
		Embedding           *vector `json:"embedding"`
		InputTextTokenCount *int64  `json:"inputTextTokenCount"`
		EmbeddingsByType    struct {
			Float *vector `json:"float"`
		} `json:"embeddingsByType"`
		Message *string `json:"message"` // of errors
	}
	if err := json.Unmarshal(body, &response); err != nil {
		return nil, nil, err
	}
	embedding := cmp.Or(response.Embedding, response.EmbeddingsByType.Float)
	if embedding == nil {
		if message := aws.ToString(response.Message); message != "" {
			return nil, nil, errors.New("it has no \"embedding\", but the message " + strconv.Quote(message))
		}
		return nil, nil, errors.New(`it has no "embedding"`)
	}
	return [][]float32{*embedding}, response.InputTextTokenCount, nil
}

// cohereInputTypes are the input types of Cohere, which requires one.
// search_document is the default of Elasticsearch.
var cohereInputTypes = map[inference.InputType]string{
	"":                       "search_document",
	inference.Ingest:         "search_document",
	inference.Search:         "search_query",
	inference.Classification: "classification",
	inference.Clustering:     "clustering",
}

// v4Truncations are the values of truncate in the v4 models.
var v4Truncations = map[string]string{"NONE": "NONE", "START": "LEFT", "END": "RIGHT"}

func encodeCohere(r *run, texts []string) any {
	truncate := r.endpoint.TaskSettings.Truncate
	if isCohereV4(r.endpoint.ServiceSettings.Model) {
		truncate = v4Truncations[truncate]
	}
	return struct {
		Texts     []string `json:"texts"`
		InputType string   `json:"input_type"`
		Truncate  string   `json:"truncate,omitempty"`
	}{texts, cohereInputTypes[r.inputType], truncate}
}

// isCohereV4 is false for an ARN without model id: the values of truncate in v3
// are those of the setting.
func isCohereV4(model string) bool {
	id, ok := inference.ParseModelID(model)
	return ok && strings.HasPrefix(id.Model, "cohere.embed-v4")
}

// decodeCohere reads both formats: a list of vectors, and an object with one
// list for each type of number. Tokens are reported in a header only.
func decodeCohere(body []byte, header http.Header) ([][]float32, *int64, error) {
	var response struct {
		Embeddings json.RawMessage `json:"embeddings"`
	}
	if err := json.Unmarshal(body, &response); err != nil {
		return nil, nil, err
	}
	if raw := response.Embeddings; len(raw) == 0 || string(raw) == "null" {
		return nil, nil, errors.New(`it has no "embeddings"`)
	}
	var embeddings []vector
	if bytes.HasPrefix(response.Embeddings, []byte("{")) {
		var byType struct {
			Float *[]vector `json:"float"`
		}
		if err := json.Unmarshal(response.Embeddings, &byType); err != nil {
			return nil, nil, err
		}
		if byType.Float == nil {
			return nil, nil, errors.New(`it has no "embeddings" of type "float"`)
		}
		embeddings = *byType.Float
	} else if err := json.Unmarshal(response.Embeddings, &embeddings); err != nil {
		return nil, nil, err
	}
	vectors := make([][]float32, len(embeddings))
	for i, embedding := range embeddings {
		vectors[i] = embedding
	}
	if tokens, err := strconv.ParseInt(header.Get("X-Amzn-Bedrock-Input-Token-Count"), 10, 64); err == nil {
		return vectors, &tokens, nil
	}
	return vectors, nil, nil
}
