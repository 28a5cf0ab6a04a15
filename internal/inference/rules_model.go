package inference

import (
	"fmt"
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
			"%s is neither a model id such as \"amazon.titan-embed-text-v2:0\", nor an inference profile such as \"us.anthropic.claude-sonnet-4-5-20250929-v1:0\", nor the ARN of something that Amazon Bedrock runs. Copy the id or ARN from the Bedrock console.%s", validation.Quote(model), validation.Suggest(model, knownModelIDs()))}
	}
	var found validation.Violations
	for _, rule := range []func(Config, ModelID) validation.Violations{
		modelAccountRule, modelRegionRule, modelProviderRule, modelTaskRule, promptRule, samplingModelRule, modelNameRule,
	} {
		found = append(found, rule(c, id)...)
	}
	return found
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

// modelNameRule warns of an unknown id that resembles a known one.
func modelNameRule(_ Config, id ModelID) validation.Violations {
	if _, known := id.known(); known || id.Model == "" {
		return nil
	}
	if _, known := ModelLifecycle(id.Model); known {
		return nil
	}
	near, ok := validation.Nearest(id.Model, knownModelIDs())
	if !ok || withoutDigits(near) == withoutDigits(id.Model) { // a newer version
		return nil
	}
	return validation.Violations{validation.Warningf(PathModel, "Model id is not known",
		"%q is not among the models that this version of the provider knows, and resembles %q. Use that id if it is a typing error; a new model needs no change.", id.Model, near)}
}

func withoutDigits(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, id)
}

// promptRule: Converse refuses inferenceConfig and additional fields beside a
// prompt of Prompt management, which has settings of its own.
func promptRule(c Config, id ModelID) validation.Violations {
	if id.Kind != "prompt" {
		return nil
	}
	t := c.TaskSettings
	var found validation.Violations
	for _, setting := range t.completionSettings() {
		found = append(found, validation.Errorf(setting, "Setting of a prompt",
			"The model is a prompt of Bedrock's Prompt management, which has its own inference settings; Bedrock refuses %s beside it. Remove %s and set it in the prompt.", setting.Name(), setting.Name()))
	}
	return found
}

// samplingModelRule warns of sampling settings that the model refuses in every
// call (bedrock-models.json: sampling_parameters_accepted).
func samplingModelRule(c Config, id ModelID) validation.Violations {
	if !id.RefusesSampling() {
		return nil
	}
	t := c.TaskSettings
	var found validation.Violations
	for _, setting := range t.samplingSettings() {
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
	if !ok {
		return nil
	}
	for _, maker := range Providers() {
		if abilities[maker].vendor == id.Vendor && maker != provider {
			return validation.Violations{validation.Errorf(PathModel, "Model of another provider",
				"The model is one of %s, provider is %q. Write provider = %q, or a model of %s.", maker, provider, maker, provider)}
		}
	}
	return nil
}

func modelTaskRule(c Config, id ModelID) validation.Violations {
	task, ok := c.knownTask()
	if !ok {
		return nil
	}
	if task == TextEmbedding && (id.Kind == "prompt" || id.Kind == "prompt-router" || id.Kind == "default-prompt-router") {
		return validation.Violations{validation.Errorf(PathModel, "Text model for an embedding",
			"A resource of kind %s makes text, which is not text_embedding. Write an embedding model such as \"amazon.titan-embed-text-v2:0\", or completion in place of text_embedding.", id.Kind)}
	}
	serves, known := id.KnownTask()
	switch {
	case !known:
		return nil
	case serves == TextEmbedding && task.Generates():
		return validation.Violations{validation.Errorf(PathModel, "Embedding model for a completion",
			"%s makes embeddings, which is not %s. Write a model that makes text, or text_embedding in place of %s.", id.Model, task, task)}
	case serves == Completion && task == TextEmbedding:
		return validation.Violations{validation.Errorf(PathModel, "Text model for an embedding",
			"%s makes text, which is not text_embedding. Write an embedding model such as \"amazon.titan-embed-text-v2:0\", or completion in place of text_embedding.", id.Model)}
	case task == TextEmbedding && id.isNova():
		return validation.Violations{validation.Errorf(PathModel, "Nova model for an embedding",
			"%s takes requests that the %s service does not make: its Amazon embeddings are Titan's. Write for example \"amazon.titan-embed-text-v2:0\".", id.Model, Service)}
	}
	return nil
}
