// SPDX-License-Identifier: MPL-2.0

package bedrocksim

import (
	"encoding/json"
	"hash/fnv"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// bodies are the request bodies of the embedding models (Bedrock user guide, "Inference request
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

// dimensions are the default lengths of the vectors.
var dimensions = map[family]int{titanV1: 1536, titanV2: 1024, cohereV3: 1024, cohereV4: 1536}

func invoke(r *http.Request, modelID string, body []byte) (*answer, error) {
	if kind := r.Header.Get("Content-Type"); !isJSONType(kind, "application/octet-stream", "binary/octet-stream") {
		return nil, invalid("The provided Content-Type header is not supported: %q. Use application/json.", kind)
	}
	if kind := strings.Join(r.Header.Values("Accept"), ","); !isJSONType(kind, "*/*", "application/*") {
		return nil, invalid("The provided Accept header is not supported: %q. Use application/json.", kind)
	}
	model, err := findModel(modelID)
	if err != nil {
		return nil, err
	}
	if slices.Contains([]inference.ModelKind{"prompt", "prompt-router", "default-prompt-router"}, model.Kind) {
		return nil, invalid("A resource of kind %s generates text, and InvokeModel does not embed with it. Use Converse.", model.Kind)
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
		return nil, invalid("The simulator answers InvokeModel for embedding models only, and %s generates text. Use Converse.", model.name())
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

// familyOf derives the family of an ARN without model id from the request body.
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

func invokeCohere(f family, requestBody []byte) (*answer, error) {
	request, err := bodies[f].object(requestBody)
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

func size(f family, requested any) int {
	number, _ := requested.(json.Number)
	if n, err := number.Int64(); err == nil {
		return int(n)
	}
	return dimensions[f]
}

// countTokens counts words; a text has at least one token.
func countTokens(text string) int { return max(1, len(strings.Fields(text))) }

// placesPerWord is how many dimensions a word changes. Two words that have one of
// several dimensions in common still differ in the others.
const placesPerWord = 8

// vector returns the embedding of a text, of length 1: the sum of its words, each
// of which adds 1 to, or subtracts 1 from, pseudorandom dimensions. Without
// collisions, the cosine similarity of two texts is that of their word counts.
func vector(text string, dimensions int) []float32 {
	sums := make([]float64, dimensions)
	for _, word := range words(text) {
		place(sums, word)
	}
	length := norm(sums)
	if length == 0 { // no words, or words whose sum is zero
		place(sums, text)
		length = norm(sums)
	}
	unit := make([]float32, dimensions)
	for i, sum := range sums {
		unit[i] = float32(sum / length)
	}
	return unit
}

func place(sums []float64, word string) {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(word))
	state := hash.Sum64()
	taken := map[uint64]bool{}
	for len(taken) < placesPerWord {
		state = scramble(state)
		at := state >> 1 % uint64(len(sums))
		if taken[at] { // otherwise a word could cancel itself
			continue
		}
		taken[at] = true
		sums[at] += float64(state&1)*2 - 1
	}
}

// scramble is the finalizer of SplitMix64, a permutation of the 64-bit integers.
func scramble(state uint64) uint64 {
	state += 0x9e3779b97f4a7c15
	state = (state ^ state>>30) * 0xbf58476d1ce4e5b9
	state = (state ^ state>>27) * 0x94d049bb133111eb
	return state ^ state>>31
}

func norm(vector []float64) float64 {
	var sum float64
	for _, x := range vector {
		sum += x * x
	}
	return math.Sqrt(sum)
}

// words returns the sequences of letters and digits in lower case.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
}
