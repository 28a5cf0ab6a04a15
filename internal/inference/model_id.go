package inference

import (
	"regexp"
	"slices"
	"strings"
)

//go:generate go run ./gen

type knownModel struct {
	id   string
	task TaskType
}

// ModelKind says what a model setting points to, in the words of Bedrock's ARNs.
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

// ModelID is what can be read off a model setting. Empty fields are not named.
type ModelID struct {
	Kind ModelKind
	// Vendor is the first part of the base id: "amazon", "anthropic", ...
	Vendor string
	// Provider is the service's name for the vendor, where it has one. Amazon's
	// Nova models have none: only Titan is a provider.
	Provider Provider
	// Model is the base model id, without geography and without ARN.
	Model string
	// Geography is the prefix of an inference profile: "us", "eu", "global", ...
	Geography string
	// Partition, Region and AccountID stand in ARNs only.
	Partition, Region, AccountID string
}

var (
	baseIDForm = regexp.MustCompile(`^[a-z0-9-]{1,63}\.[a-z0-9-]{1,63}(?:[.:][a-z0-9-]{1,63})*$`)
	arnForm    = regexp.MustCompile(`^arn:(aws[a-z-]*):(bedrock|sagemaker):([a-z0-9-]{1,20}):([0-9]{12})?:([a-z-]+)/(.+)$`)
)

// ParseModelID reads a model setting: a base model id, an inference profile id
// or an ARN. It answers false for anything else.
func ParseModelID(model string) (ModelID, bool) {
	if strings.HasPrefix(model, "arn:") {
		return parseARN(model)
	}
	return parseID(model)
}

func parseID(model string) (ModelID, bool) {
	if !baseIDForm.MatchString(model) {
		return ModelID{}, false
	}
	id := ModelID{Kind: FoundationModel, Model: model}
	if prefix, rest, _ := strings.Cut(model, "."); isGeography(prefix) && strings.Contains(rest, ".") {
		id.Kind, id.Geography, id.Model = InferenceProfile, prefix, rest
	}
	id.readVendor()
	return id, true
}

func parseARN(arn string) (ModelID, bool) {
	part := arnForm.FindStringSubmatch(arn)
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
		if abilities[p].vendor == m.Vendor && !m.isNova() {
			m.Provider = p
		}
	}
}

// isNova tells Amazon's Nova models from Titan: they share the vendor, not the
// request bodies.
func (m ModelID) isNova() bool { return strings.HasPrefix(m.Model, "amazon.nova-") }

// KnownTask is the task that the base model serves: TextEmbedding or
// Completion; false for models that are not in the table.
func (m ModelID) KnownTask() (TaskType, bool) {
	i, found := slices.BinarySearchFunc(knownModels, m.Model, func(k knownModel, id string) int {
		return strings.Compare(k.id, id)
	})
	if !found {
		return "", false
	}
	return knownModels[i].task, true
}
