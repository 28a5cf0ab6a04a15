// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./gen

// knownModel is a base model of testdata/bedrock-models.json.
type knownModel struct {
	id   string
	task TaskType
	// refusesSampling is true for models that refuse temperature, top_p and top_k.
	refusesSampling bool
	// profiles are the geographies of its inference profiles.
	profiles []string
}

// ModelKind is what a model setting refers to, as the resource types of ARNs.
type ModelKind string

// The kinds that a model setting may name by id. Every other kind is named by
// ARN only; see arnKinds.
const (
	FoundationModel  ModelKind = "foundation-model"
	InferenceProfile ModelKind = "inference-profile"
)

// arnKinds are the resource types that Bedrock Runtime runs
// (docs.aws.amazon.com, Bedrock user guide and InvokeModel reference).
var arnKinds = []ModelKind{
	FoundationModel, InferenceProfile, "application-inference-profile", "provisioned-model",
	"custom-model", "custom-model-deployment", "imported-model",
	"prompt-router", "default-prompt-router", "prompt",
}

// marketplaceEndpoint is a SageMaker endpoint made by Bedrock Marketplace.
const marketplaceEndpoint ModelKind = "endpoint"

// ModelID holds the parts of a model setting. A part that it does not have is
// empty.
type ModelID struct {
	Kind ModelKind
	// Vendor is the first part of the base id: "amazon", "anthropic", ...
	Vendor string
	// Provider is what service_settings.provider has to be for the model: the
	// service's name for the vendor, if it has one. All of Amazon's models, Nova
	// among them, belong to amazontitan.
	Provider Provider
	// Model is the base model id, without geography and without ARN.
	Model string
	// Geography is the prefix of an inference profile: "us", "eu", "global", ...
	Geography string
	// Partition, Region and AccountID are set for ARNs only.
	Partition, Region, AccountID string
}

// Both are compiled at their first use: they are large, and a provider process often
// ends before it parses a model id.
var (
	baseIDForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[a-z0-9-]{1,63}\.[a-z0-9-]{1,63}(?:[.:][a-z0-9-]{1,63})*$`)
	})
	arnForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^arn:(aws[a-z-]*):(bedrock|sagemaker):([a-z0-9-]{1,20}):([0-9]{12})?:([a-z-]+)/(.+)$`)
	})
)

// ParseModelID parses a model setting: a base model id, an inference profile id
// or an ARN. It returns false for anything else.
func ParseModelID(model string) (ModelID, bool) {
	if strings.HasPrefix(model, "arn:") {
		return parseARN(model)
	}
	return parseID(model)
}

func parseID(model string) (ModelID, bool) {
	if !baseIDForm().MatchString(model) {
		return ModelID{}, false
	}
	id := ModelID{Kind: FoundationModel, Model: model}
	if prefix, rest, _ := strings.Cut(model, "."); isGeography(prefix, rest) {
		if second, _, _ := strings.Cut(rest, "."); isKnownGeography(second) {
			return ModelID{}, false // two prefixes
		}
		id.Kind, id.Geography, id.Model = InferenceProfile, prefix, rest
	}
	id.readVendor()
	return id, true
}

func parseARN(arn string) (ModelID, bool) {
	part := arnForm().FindStringSubmatch(arn)
	if part == nil {
		return ModelID{}, false
	}
	id := ModelID{Kind: ModelKind(part[5]), Partition: part[1], Region: part[3], AccountID: part[4]}
	resource := part[6]
	if part[2] == "sagemaker" {
		return id, id.Kind == marketplaceEndpoint
	}
	if !slices.Contains(arnKinds, id.Kind) {
		return ModelID{}, false
	}
	switch id.Kind {
	case FoundationModel, InferenceProfile:
		named, ok := parseID(resource)
		if !ok {
			return ModelID{}, false
		}
		id.Model, id.Geography, id.Vendor, id.Provider = named.Model, named.Geography, named.Vendor, named.Provider
	case "custom-model": // VENDOR.MODEL/ID
		if named, ok := parseID(resource[:max(strings.LastIndexByte(resource, '/'), 0)]); ok {
			id.Model, id.Vendor, id.Provider = named.Model, named.Vendor, named.Provider
		}
	default: // the other kinds end in an id that names nothing
	}
	return id, true
}

func (m *ModelID) readVendor() {
	m.Vendor, _, _ = strings.Cut(m.Model, ".")
	for _, p := range Providers() {
		if abilities[p].vendor == m.Vendor {
			m.Provider = p
		}
	}
}

// isNova reports whether this is one of Amazon's Nova models, whose embedding
// requests differ from those of Titan.
func (m ModelID) isNova() bool { return strings.HasPrefix(m.Model, "amazon.nova-") }

// withoutProfiles are prefixes of models that have no inference profiles.
var withoutProfiles = []string{"amazon.titan-", "ai21.j2-", "anthropic.claude-v", "anthropic.claude-instant-", "cohere.command-", "meta.llama2-"}

// profileOnly are prefixes of models that Bedrock runs through inference profiles
// only.
var profileOnly = []string{
	"cohere.embed-v4",
	"anthropic.claude-3-7-", "anthropic.claude-sonnet-", "anthropic.claude-opus-", "anthropic.claude-haiku-",
	"meta.llama3-2-", "meta.llama3-3-", "meta.llama4-",
}

// NeedsProfile reports whether the model is named by its own id, and is known to run
// through inference profiles only.
func (m ModelID) NeedsProfile() bool {
	return m.Kind == FoundationModel && slices.ContainsFunc(profileOnly, func(prefix string) bool { return strings.HasPrefix(m.Model, prefix) })
}

// RefusesSampling reports whether the model is known to refuse temperature, top_p
// and top_k.
func (m ModelID) RefusesSampling() bool {
	known, _ := m.known()
	return known.refusesSampling
}

// Profiles returns the ids of the known inference profiles of the base model that
// can be called from the region.
func (m ModelID) Profiles(region string) []string {
	known, _ := m.known()
	var ids []string
	for _, geography := range known.profiles {
		if geographyHolds(geography, region) {
			ids = append(ids, geography+"."+known.id)
		}
	}
	return ids
}

func (m ModelID) known() (knownModel, bool) {
	return searchModel(m.Model, knownModels, func(k knownModel) string { return k.id })
}

// throughputSuffix is what ids of provisioned throughput append to a base id:
// ":0:512", ":2:8k", ":0:mm".
var throughputSuffix = regexp.MustCompile(`:[0-9]+[km]?$|:mm$`)

// searchModel looks up a base model id in known, which is sorted by id, and then the
// id without its throughput suffix and without its version.
func searchModel[T any](id string, known []T, idOf func(T) string) (T, bool) {
	for range 3 {
		i, found := slices.BinarySearchFunc(known, id, func(k T, id string) int { return strings.Compare(idOf(k), id) })
		if found {
			return known[i], true
		}
		shorter := throughputSuffix.ReplaceAllString(id, "")
		if shorter == id {
			break
		}
		id = shorter
	}
	var none T
	return none, false
}

// knownModelIDs returns the ids of all known base models.
func knownModelIDs() []string {
	return mapped(knownModels, func(known knownModel) string { return known.id })
}

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
