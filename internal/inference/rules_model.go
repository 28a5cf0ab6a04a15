// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// modelRule checks the syntax of the model, and that it agrees with the region,
// the provider, the task and the task settings. Unknown models pass, because AWS
// adds some every week; one that resembles a known id gets a warning.
func modelRule(c Config) validation.Violations {
	model, ok := c.ServiceSettings.Model.Known()
	if !ok {
		return nil
	}
	id, ok := ParseModelID(model)
	if !ok {
		return validation.Violations{validation.Errorf(PathModel, "Not a model id",
			"%s is neither a model id such as \"amazon.titan-embed-text-v2:0\", nor an inference profile such as \"us.anthropic.claude-sonnet-4-5-20250929-v1:0\", nor the ARN of a resource that Amazon Bedrock can call. Copy the id or ARN from the Bedrock console.%s", validation.Quote(model), suggestModel(model))}
	}
	return slices.Concat(modelAccountRule(c, id), modelRegionRule(c, id), modelProviderRule(c, id), modelTaskRule(c, id),
		promptRule(c, id), samplingModelRule(c, id), modelNameRule(c, id))
}

// suggestModel suggests a known model id, or the id that a value is without blanks,
// invisible and look-alike characters.
func suggestModel(model string) string {
	if hint := validation.Suggest(model, knownModelIDs()); hint != "" {
		return hint
	}
	plain := validation.Plain(model)
	for _, known := range knownModelIDs() {
		if _, name, _ := strings.Cut(known, "."); name == plain {
			return fmt.Sprintf(" Did you mean %q? The vendor at the beginning of the id is missing.", known)
		}
	}
	if _, ok := ParseModelID(plain); !ok {
		return ""
	}
	return validation.Suggest(model, []string{plain})
}

// modelAccountRule: every ARN but that of a foundation model belongs to an account.
func modelAccountRule(c Config, id ModelID) validation.Violations {
	if id.Partition == "" || id.AccountID != "" || id.Kind == FoundationModel {
		return nil
	}
	return validation.Violations{validation.Errorf(PathModel, "ARN without an account",
		"%s has no account id, and a resource of kind %s belongs to an account. Copy the whole ARN from the Bedrock console; the account id is 12 digits after the region.",
		validation.Quote(c.ServiceSettings.Model.Or("")), id.Kind)}
}

// modelNameRule warns of an id that AWS probably refuses.
func modelNameRule(_ Config, id ModelID) validation.Violations {
	found, _ := id.mistake()
	return found
}

// IsMistaken reports whether the id is certainly not one of AWS: it lacks its version,
// names an inference profile that cannot exist, or has the date of a known id and
// resembles it. Other unknown ids may be those of new models.
func (m ModelID) IsMistaken() bool {
	_, certain := m.mistake()
	return certain
}

// missingVersion matches what is left out of an id without its version.
var missingVersion = regexp.MustCompile(`^(-v[0-9]+(:[0-9]+)?|:[0-9]+)$`)

// releaseDate matches the date in an id. No two models have the same date and similar
// names, so that an unknown id with the date of a similar known one is a typing error.
var releaseDate = regexp.MustCompile(`[0-9]{8}`)

// mistake returns a warning about an id that AWS probably or certainly refuses, or nil.
func (m ModelID) mistake() (found validation.Violations, certain bool) {
	if m.Model == "" {
		return nil, false
	}
	warn := func(certain bool, summary, format string, args ...any) (validation.Violations, bool) {
		return validation.Violations{validation.Warningf(PathModel, summary, format, args...)}, certain
	}
	if m.Geography != "" {
		isKnown := isKnownGeography(m.Geography)
		near, resembles := validation.Nearest(m.Geography, mapped(geographies, func(g geography) string { return g.prefix }))
		switch {
		case !isKnown && !geographyForm.MatchString(m.Geography) && resembles:
			return warn(true, "Inference profile is not known",
				"The prefix %q is not a geography that this version of the provider knows, and resembles %q. Write %q if it is a typing error.", m.Geography+".", near+".", near+"."+m.Model)
		case slices.ContainsFunc(withoutProfiles, func(prefix string) bool { return strings.HasPrefix(m.Model, prefix) }):
			return warn(true, "Inference profile is not known",
				"%s has no inference profiles. Write the id of the model itself, %q.", m.Model, m.Model)
		}
	}
	if _, known := m.known(); known {
		return nil, false
	}
	if _, known := ModelLifecycle(m.Model); known {
		return nil, false
	}
	for _, known := range knownModels {
		if rest, ok := strings.CutPrefix(known.id, m.Model); ok && missingVersion.MatchString(rest) {
			return warn(true, "Model id is not known",
				"%q is incomplete: the version at its end is missing. Write %q.", m.Model, known.id)
		}
	}
	near, ok := validation.Nearest(m.Model, knownModelIDs())
	if !ok || withoutDigits(near) == withoutDigits(m.Model) { // a newer version
		return nil, false
	}
	date := releaseDate.FindString(near)
	return warn(date != "" && date == releaseDate.FindString(m.Model), "Model id is not known",
		"%q is not among the models that this version of the provider knows, but resembles %q. Write that id if this is a typing error. The id of a new model needs no change.", m.Model, near)
}

// ProfileWarnings returns a warning about a model that needs an inference profile,
// for endpoints that are created or get the model. Those that exist prove that
// their account may call it.
func ProfileWarnings(model, region string) validation.Violations {
	id, ok := ParseModelID(model)
	if !ok || !id.NeedsProfile() || id.IsMistaken() {
		return nil
	}
	advice := "Write the id or ARN of an inference profile of the model; the Bedrock console lists them under \"Cross-region inference\"."
	if profiles := id.Profiles(region); len(profiles) > 0 {
		advice = "Write " + oneOf(profiles) + "."
	}
	return validation.Violations{validation.Warningf(PathModel, "Model needs an inference profile",
		"Amazon Bedrock refuses calls to %s by the model's own id. %s", id.Model, advice)}
}

func withoutDigits(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, id)
}

// besidePrompt is the message about what Converse refuses beside a prompt.
const besidePrompt = "The model is a prompt of Bedrock's Prompt management, which has its own inference settings; Bedrock refuses %s beside it. Remove %s and set it in the prompt."

// promptRule: Converse refuses inferenceConfig and additional fields beside a
// prompt of Prompt management, which has settings of its own.
func promptRule(c Config, id ModelID) validation.Violations {
	if id.Kind != "prompt" {
		return nil
	}
	var found validation.Violations
	for _, setting := range c.TaskSettings.completionSettings() {
		found = append(found, validation.Errorf(setting, "Setting of a prompt", besidePrompt, setting.Name(), setting.Name()))
	}
	return found
}

// samplingModelRule warns of sampling settings that the model refuses in every
// call (refusesSampling in known_models.go).
func samplingModelRule(c Config, id ModelID) validation.Violations {
	if !id.RefusesSampling() {
		return nil
	}
	var found validation.Violations
	for _, setting := range c.TaskSettings.samplingSettings() {
		found = append(found, validation.Warningf(setting, "Sampling setting that the model refuses",
			"%s takes no sampling settings: Bedrock refuses calls with %s. Remove %s.", id.Model, setting.Name(), setting.Name()))
	}
	return found
}

func modelRegionRule(c Config, id ModelID) validation.Violations {
	region, ok := c.ServiceSettings.Region.Known()
	switch {
	case !ok:
		return nil
	case id.Partition != "" && partitionOf(region) != "" && id.Partition != partitionOf(region):
		return validation.Violations{validation.Errorf(PathModel, "Model of another partition",
			"The ARN is of partition %q, region %q is of partition %q. Accounts and models of one AWS partition cannot be used in another: write a region of the ARN's partition, or the ARN of a model in %s.", id.Partition, region, partitionOf(region), region)}
	case id.Region != "" && id.Region != region:
		return validation.Violations{validation.Errorf(PathModel, "Model of another region",
			"The ARN names region %q, region is %q. A model runs only in its own region: write region = %q, or the ARN of the model in %s.", id.Region, region, id.Region, region)}
	case id.Geography != "" && !geographyHolds(id.Geography, region):
		return validation.Violations{validation.Errorf(PathModel, "Inference profile of another geography",
			"The profile's prefix %q does not cover region %q. Write a region of that geography, or %s.", id.Geography+".", region, profileAdvice(id, region))}
	}
	return nil
}

// profileAdvice names the profiles of the model that exist for a region.
func profileAdvice(id ModelID, region string) string {
	if profiles := id.Profiles(region); len(profiles) > 0 {
		return fmt.Sprintf("a profile for %s: %s", region, oneOf(profiles))
	}
	return "the profile for " + region
}

// modelProviderRule compares the provider with the vendor of the model, if the id
// names one that the service knows. An ARN with a random id does not.
func modelProviderRule(c Config, id ModelID) validation.Violations {
	provider, ok := c.knownProvider()
	if !ok || id.Provider == "" || id.Provider == provider {
		return nil
	}
	return validation.Violations{validation.Errorf(PathModel, "Model of another provider",
		"The model belongs to %s, but provider is %q. Write provider = %q, or a model of %s.", id.Provider, provider, id.Provider, provider)}
}

func modelTaskRule(c Config, id ModelID) validation.Violations {
	task := c.task()
	if task == TextEmbedding && (id.Kind == "prompt" || id.Kind == "prompt-router" || id.Kind == "default-prompt-router") {
		return validation.Violations{validation.Errorf(PathModel, "Text model for an embedding",
			"A resource of kind %s generates text, but the task is text_embedding. Write an embedding model such as \"amazon.titan-embed-text-v2:0\", or use completion instead.", id.Kind)}
	}
	known, isKnown := id.known()
	provider, given := c.knownProvider()
	switch {
	case !isKnown:
		return nil
	case given && !provider.Supports(task): // providerRule reports it
		return nil
	case known.task == TextEmbedding && task.Generates():
		return validation.Violations{validation.Errorf(PathModel, "Embedding model for a completion",
			"%s creates embeddings, but the task is %s. Write a model that generates text, or use text_embedding instead.", id.Model, task)}
	case known.task == Completion && task == TextEmbedding:
		return validation.Violations{validation.Errorf(PathModel, "Text model for an embedding",
			"%s generates text, but the task is text_embedding. Write an embedding model such as \"amazon.titan-embed-text-v2:0\", or use completion instead.", id.Model)}
	case task == TextEmbedding && id.isNova():
		return validation.Violations{validation.Errorf(PathModel, "Nova model for an embedding",
			"%s has a request format that the %s service does not support. Of Amazon's embedding models, it supports only Titan. Write for example \"amazon.titan-embed-text-v2:0\".", id.Model, Service)}
	}
	return nil
}
