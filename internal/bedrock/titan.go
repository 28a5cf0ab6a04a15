package bedrock

import (
	"encoding/json"
	"errors"
	"net/http"
)

// titanRequest takes one text. dimensions and normalize are never sent, as
// Elasticsearch never sends them: the models' defaults hold.
func titanRequest(_ *run, texts []string) any {
	return struct {
		InputText string `json:"inputText"`
	}{texts[0]}
}

// titanResponse reads "embedding", which v2 leaves out in answers by type.
func titanResponse(body []byte, _ http.Header) ([][]float32, *int64, error) {
	var answer struct {
		Embedding           []float32 `json:"embedding"`
		InputTextTokenCount *int64    `json:"inputTextTokenCount"`
		EmbeddingsByType    struct {
			Float []float32 `json:"float"`
		} `json:"embeddingsByType"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, nil, err
	}
	vector := answer.Embedding
	if vector == nil {
		vector = answer.EmbeddingsByType.Float
	}
	if vector == nil {
		return nil, nil, errors.New(`it has no "embedding"`)
	}
	return [][]float32{vector}, answer.InputTextTokenCount, nil
}
