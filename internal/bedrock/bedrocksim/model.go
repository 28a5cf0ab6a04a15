// SPDX-License-Identifier: MPL-2.0

package bedrocksim

import (
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// family is a group of models with the same requests.
type family int

const (
	unknownFamily family = iota
	titanV1
	titanV2
	cohereV3
	cohereV4
	chat   // generates text
	opaque // an ARN without model id: accepts all requests
)

// prefixes are prefixes of base model ids; the first match applies.
var prefixes = []struct {
	prefix string
	family family
}{
	{"amazon.titan-embed-text-v2", titanV2},
	{"amazon.titan-embed-text-v1", titanV1},
	{"amazon.titan-embed-g1-text", titanV1},
	{"amazon.titan-text-", chat},
	{"amazon.titan-tg1-", chat},
	{"amazon.nova-2-multimodal-embeddings", unknownFamily},
	{"amazon.nova-", chat},
	{"anthropic.claude-", chat},
	{"ai21.j2-", chat},
	{"ai21.jamba-", chat},
	{"cohere.embed-english-v3", cohereV3},
	{"cohere.embed-multilingual-v3", cohereV3},
	{"cohere.embed-v4", cohereV4},
	{"cohere.command-", chat},
	{"meta.llama", chat},
	{"mistral.", chat},
}

// model is the model of a request.
type model struct {
	inference.ModelID
	family family
	asked  string // the id or ARN in the request
}

func findModel(asked string) (model, error) {
	id, ok := inference.ParseModelID(asked)
	if !ok || id.IsMistaken() {
		return model{}, invalid("The provided model identifier is invalid.")
	}
	if id.Model == "" {
		return model{id, opaque, asked}, nil
	}
	for _, known := range prefixes {
		if !strings.HasPrefix(id.Model, known.prefix) {
			continue
		}
		if known.family == unknownFamily {
			break
		}
		if id.NeedsProfile() {
			return model{}, invalid("Invocation of model ID %s with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.", id.Model)
		}
		return model{id, known.family, asked}, nil
	}
	return model{}, invalid("The provided model identifier is invalid.")
}

// name returns the model id, or the ARN if it contains none.
func (m model) name() string {
	if m.Model != "" {
		return m.Model
	}
	return m.asked
}
