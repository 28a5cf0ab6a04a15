package bedrock

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// cohereInputTypes are Cohere's words for what an embedding is for. It wants
// one always; search_document is Elasticsearch's default.
var cohereInputTypes = map[inference.InputType]string{
	"":                       "search_document",
	inference.Ingest:         "search_document",
	inference.Search:         "search_query",
	inference.Classification: "classification",
	inference.Clustering:     "clustering",
}

// v4Truncations are the v4 models' words for the values of truncate.
var v4Truncations = map[string]string{"NONE": "NONE", "START": "LEFT", "END": "RIGHT"}

func cohereRequest(r *run, texts []string) any {
	truncate := r.endpoint.TaskSettings.Truncate
	if isCohereV4(r.endpoint.ServiceSettings.Model) {
		truncate = v4Truncations[truncate]
	}
	return struct {
		Texts     []string `json:"texts"`
		InputType string   `json:"input_type"`
		Truncate  string   `json:"truncate,omitempty"`
	}{texts, cohereInputTypes[r.kind], truncate}
}

// isCohereV4 is false for an ARN that names no model: v3's words are those of
// the setting itself.
func isCohereV4(model string) bool {
	id, ok := inference.ParseModelID(model)
	return ok && strings.HasPrefix(id.Model, "cohere.embed-v4")
}

// cohereResponse reads both shapes: a list of vectors, and an object that holds
// one list for each type of number.
func cohereResponse(body []byte, header http.Header) ([][]float32, *int64, error) {
	var answer struct {
		Embeddings json.RawMessage `json:"embeddings"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, nil, err
	}
	if answer.Embeddings == nil {
		return nil, nil, errors.New(`it has no "embeddings"`)
	}
	var vectors [][]float32
	if json.Unmarshal(answer.Embeddings, &vectors) == nil {
		return vectors, cohereTokens(header), nil
	}
	var byType struct {
		Float [][]float32 `json:"float"`
	}
	if err := json.Unmarshal(answer.Embeddings, &byType); err != nil {
		return nil, nil, err
	}
	return byType.Float, cohereTokens(header), nil
}

// cohereTokens are counted in a header only.
func cohereTokens(header http.Header) *int64 {
	tokens, err := strconv.ParseInt(header.Get("X-Amzn-Bedrock-Input-Token-Count"), 10, 64)
	if err != nil {
		return nil
	}
	return &tokens
}
