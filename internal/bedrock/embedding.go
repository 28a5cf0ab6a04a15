package bedrock

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	smithymiddleware "github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

const jsonType = "application/json"

// embeddingBody is what one provider's models are asked and how they answer.
type embeddingBody struct {
	request func(*run, []string) any
	// response reads one vector for each text. tokens is nil where the model
	// does not count.
	response func(body []byte, header http.Header) (vectors [][]float32, tokens *int64, err error)
}

var embeddingBodies = map[inference.Provider]embeddingBody{
	inference.AmazonTitan: {titanRequest, titanResponse},
	inference.Cohere:      {cohereRequest, cohereResponse},
}

func (r *run) embed(ctx context.Context) (inference.Result, error) {
	provider := r.endpoint.ServiceSettings.Provider
	vectors, err := inOrder(ctx, r.input, provider.EmbeddingBatch(), r.config.MaxConcurrency, r.embedBatch)
	if err != nil {
		return inference.Result{}, err
	}
	return inference.Result{Embeddings: vectors, Usage: r.usage.total()}, nil
}

// embedBatch asks for the vectors of as many texts as one call takes.
func (r *run) embedBatch(ctx context.Context, texts []string) ([][]float32, error) {
	body := embeddingBodies[r.endpoint.ServiceSettings.Provider]
	request, err := json.Marshal(body.request(r, texts))
	if err != nil {
		return nil, err
	}
	var vectors [][]float32
	err = r.attempts(ctx, func(ctx context.Context) error {
		answer, header, err := r.invoke(ctx, request)
		if err != nil {
			return err
		}
		got, tokens, err := body.response(answer, header)
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

func checkVectors(vectors [][]float32, texts int) error {
	if len(vectors) != texts {
		return badResponse(fmt.Sprintf("%d texts were sent and %d embeddings came back", texts, len(vectors)), nil)
	}
	for i, vector := range vectors {
		if len(vector) == 0 {
			return badResponse(fmt.Sprintf("embedding %d is empty", i), nil)
		}
	}
	return nil
}

// invoke sends one native body and returns the native answer.
func (r *run) invoke(ctx context.Context, body []byte) ([]byte, http.Header, error) {
	out, err := r.client.InvokeModel(ctx, &bedrockruntime.InvokeModelInput{
		ModelId:     aws.String(r.endpoint.ServiceSettings.Model),
		Body:        body,
		ContentType: aws.String(jsonType), // the SDK's own is application/octet-stream
		Accept:      aws.String(jsonType),
	})
	if err != nil {
		return nil, nil, err
	}
	if kind, _, err := mime.ParseMediaType(aws.ToString(out.ContentType)); err == nil && kind != jsonType {
		return nil, nil, badResponse("it is "+kind+" instead of JSON", nil)
	}
	return out.Body, responseHeader(out.ResultMetadata), nil
}

func responseHeader(metadata smithymiddleware.Metadata) http.Header {
	if response, ok := awsmiddleware.GetRawResponse(metadata).(*smithyhttp.Response); ok {
		return response.Header
	}
	return nil
}
