package bedrocksim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The bodies of the embedding models (Bedrock user guide, "Inference request
// parameters and response fields for foundation models").
var bodies = map[family]schema{
	titanV1: {
		"inputText": {true, text(50_000)},
	},
	titanV2: {
		"inputText":      {true, text(50_000)},
		"dimensions":     {false, enum("256", "512", "1024")},
		"normalize":      {false, boolean},
		"embeddingTypes": {false, list(2, enum("float", "binary"))},
	},
	cohereV3: {
		"texts":           {true, list(96, text(2_048))},
		"input_type":      {true, cohereInputTypes},
		"truncate":        {false, enum("NONE", "START", "END")},
		"embedding_types": {false, list(5, cohereEmbeddingTypes)},
	},
	cohereV4: {
		"texts":            {true, list(96, text(0))},
		"input_type":       {true, cohereInputTypes},
		"truncate":         {false, enum("NONE", "LEFT", "RIGHT")},
		"embedding_types":  {false, list(5, cohereEmbeddingTypes)},
		"output_dimension": {false, enum("256", "512", "1024", "1536")},
		"max_tokens":       {false, integer(1, 128_000)},
	},
}

var (
	cohereInputTypes     = enum("search_document", "search_query", "classification", "clustering")
	cohereEmbeddingTypes = enum("float", "int8", "uint8", "binary", "ubinary")
)

// dimensions of the vectors where the body does not say.
var dimensions = map[family]int{titanV1: 1536, titanV2: 1024, cohereV3: 1024, cohereV4: 1536}

func invoke(r *http.Request, asked string, body []byte) (*answer, error) {
	if kind := r.Header.Get("Content-Type"); !isJSONType(kind, "application/octet-stream", "binary/octet-stream") {
		return nil, invalid("The provided Content-Type header is not supported: %q. Use application/json.", kind)
	}
	if kind := strings.Join(r.Header.Values("Accept"), ","); !isJSONType(kind, "*/*", "application/*") {
		return nil, invalid("The provided Accept header is not supported: %q. Use application/json.", kind)
	}
	model, err := findModel(asked)
	if err != nil {
		return nil, err
	}
	if model.family == opaque {
		model.family = familyOf(body)
	}
	switch model.family {
	case titanV1, titanV2:
		return invokeTitan(model.family, body)
	case cohereV3, cohereV4:
		return invokeCohere(model.family, body)
	default:
		return nil, invalid("The simulator answers InvokeModel for embedding models only, and %s makes text: use Converse.", model.name())
	}
}

// isJSONType reports whether one of the media types is JSON or listed. Without a
// media type, as in requests of boto3, Bedrock assumes JSON.
func isJSONType(header string, others ...string) bool {
	if strings.TrimSpace(header) == "" {
		return true
	}
	for part := range strings.SplitSeq(header, ",") {
		kind, _, _ := strings.Cut(part, ";")
		if kind = strings.ToLower(strings.TrimSpace(kind)); kind == "application/json" || slices.Contains(others, kind) {
			return true
		}
	}
	return false
}

// familyOf guesses what is behind an ARN that names no model by what it is sent.
func familyOf(body []byte) family {
	switch {
	case strings.Contains(string(body), `"inputText"`):
		return titanV2
	case strings.Contains(string(body), `"texts"`):
		return cohereV3
	}
	return unknownFamily
}

func invokeTitan(f family, body []byte) (*answer, error) {
	request, err := bodies[f].object(body)
	if err != nil {
		return nil, err
	}
	text, _ := request["inputText"].(string)
	return reply(map[string]any{
		"embedding":           vector(text, size(f, request["dimensions"])),
		"inputTextTokenCount": countTokens(text),
	}), nil
}

func invokeCohere(f family, asked []byte) (*answer, error) {
	request, err := bodies[f].object(asked)
	if err != nil {
		return nil, err
	}
	texts, _ := request["texts"].([]any)
	vectors, tokens := make([][]float32, len(texts)), 0
	for i, one := range texts {
		text, _ := one.(string)
		vectors[i] = vector(text, size(f, request["output_dimension"]))
		tokens += countTokens(text)
	}
	body := map[string]any{
		"id": requestID(), "texts": texts,
		"embeddings": vectors, "response_type": "embeddings_floats",
	}
	if f == cohereV4 {
		body["embeddings"], body["response_type"] = map[string]any{"float": vectors}, "embeddings_by_type"
	}
	good := reply(body)
	good.header = map[string]string{"X-Amzn-Bedrock-Input-Token-Count": strconv.Itoa(tokens)}
	return good, nil
}

func size(f family, asked any) int {
	if number, ok := asked.(interface{ Int64() (int64, error) }); ok {
		if n, err := number.Int64(); err == nil {
			return int(n)
		}
	}
	return dimensions[f]
}

// countTokens takes every word for a token; a text has at least one.
func countTokens(text string) int { return max(1, len(strings.Fields(text))) }
