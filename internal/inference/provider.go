package inference

import (
	"slices"
	"strings"
)

// Provider is the maker of a model, under the name that the service has for it.
type Provider string

// The providers of the amazonbedrock service.
const (
	AmazonTitan Provider = "amazontitan"
	Anthropic   Provider = "anthropic"
	AI21Labs    Provider = "ai21labs"
	Cohere      Provider = "cohere"
	Meta        Provider = "meta"
	Mistral     Provider = "mistral"
)

// ability is one row of the matrix in AmazonBedrockProviderCapabilities of
// Elasticsearch.
type ability struct {
	vendor string // the first part of the provider's model ids
	embeds bool
	topK   string // the model's own name for top_k; empty where it has none
	batch  int    // texts in one embedding call
}

var abilities = map[Provider]ability{
	AmazonTitan: {vendor: "amazon", embeds: true, batch: 1},
	Anthropic:   {vendor: "anthropic", topK: "top_k"},
	AI21Labs:    {vendor: "ai21"},
	Cohere:      {vendor: "cohere", embeds: true, topK: "k", batch: 96},
	Meta:        {vendor: "meta"},
	Mistral:     {vendor: "mistral", topK: "top_k"},
}

// Providers are all providers, in the order in which people list them.
func Providers() []Provider {
	return []Provider{AmazonTitan, Anthropic, AI21Labs, Cohere, Meta, Mistral}
}

// ParseProvider reads a provider in any letter case, as the API does, which
// takes "amazontitan" and shows "AMAZONTITAN".
func ParseProvider(s string) (Provider, bool) {
	p := Provider(strings.ToLower(strings.TrimSpace(s)))
	return p, slices.Contains(Providers(), p)
}

// Does tells whether the provider has models for the task.
func (p Provider) Does(task TaskType) bool {
	known, ok := abilities[p]
	return ok && (known.embeds || task.Generates())
}

// TopKName is the request field by which the provider's models take top_k;
// empty where they have none.
func (p Provider) TopKName() string { return abilities[p].topK }

// EmbeddingBatch is how many texts one embedding call takes.
func (p Provider) EmbeddingBatch() int { return abilities[p].batch }

// providersThat lists the providers with an ability, for messages.
func providersThat(able func(Provider) bool) string {
	var names []string
	for _, p := range Providers() {
		if able(p) {
			names = append(names, string(p))
		}
	}
	return oneOf(names)
}
