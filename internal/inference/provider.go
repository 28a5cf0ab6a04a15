// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"slices"
	"strings"
)

// Provider is the vendor of a model, as the service names it.
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

// ability is what the models of a provider support (Elasticsearch:
// AmazonBedrockProviderCapabilities).
type ability struct {
	vendor string // first part of the provider's model ids
	embeds bool
	topK   string // the models' own name for top_k; empty if they have none
	// maxTopK is the largest top_k that the models take; 0 if it is not known.
	maxTopK int
	batch   int // texts per embedding call
}

var abilities = map[Provider]ability{
	AmazonTitan: {vendor: "amazon", embeds: true, batch: 1},
	Anthropic:   {vendor: "anthropic", topK: "top_k", maxTopK: 500},
	AI21Labs:    {vendor: "ai21"},
	Cohere:      {vendor: "cohere", embeds: true, topK: "k", maxTopK: 500, batch: 96},
	Meta:        {vendor: "meta"},
	Mistral:     {vendor: "mistral", topK: "top_k", maxTopK: 200},
}

// Providers returns all providers.
func Providers() []Provider {
	return []Provider{AmazonTitan, Anthropic, AI21Labs, Cohere, Meta, Mistral}
}

// ParseProvider parses a provider in upper or lower case: the API accepts
// "amazontitan" and shows "AMAZONTITAN".
func ParseProvider(s string) (Provider, bool) {
	p := Provider(strings.ToLower(strings.TrimSpace(s)))
	return p, slices.Contains(Providers(), p)
}

// Supports reports whether the provider has models for the task.
func (p Provider) Supports(task TaskType) bool {
	known, ok := abilities[p]
	return ok && (known.embeds || task.Generates())
}

// MaxTopK returns the largest top_k that the provider's models take, or 0 if there
// is no known bound.
func (p Provider) MaxTopK() int { return abilities[p].maxTopK }

// TopKName returns the name of top_k in requests of the provider's models; it is
// empty if they do not support it.
func (p Provider) TopKName() string { return abilities[p].topK }

// EmbeddingBatch returns how many texts one embedding call takes.
func (p Provider) EmbeddingBatch() int { return abilities[p].batch }

// providersThat lists the providers for which able is true, for messages.
func providersThat(able func(Provider) bool) string {
	var names []string
	for _, p := range Providers() {
		if able(p) {
			names = append(names, string(p))
		}
	}
	return oneOf(names)
}
