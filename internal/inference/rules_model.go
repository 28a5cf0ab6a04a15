package inference

import "github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

// modelRule: the model setting is well formed and agrees with the region, the
// provider and the task. Unknown models pass: AWS adds some every week.
func modelRule(c Config) validation.Violations {
	model, ok := c.ServiceSettings.Model.Known()
	if !ok {
		return nil
	}
	id, ok := ParseModelID(model)
	if !ok {
		return validation.Violations{validation.Errorf(pathModel, "Not a model id",
			"%q is neither a model id such as \"amazon.titan-embed-text-v2:0\", nor an inference profile such as \"us.anthropic.claude-sonnet-4-5-20250929-v1:0\", nor the ARN of something that Amazon Bedrock runs. Copy the id or ARN from the Bedrock console.", model)}
	}
	var found validation.Violations
	for _, rule := range []func(Config, ModelID) validation.Violations{modelRegionRule, modelProviderRule, modelTaskRule} {
		found = append(found, rule(c, id)...)
	}
	return found
}

func modelRegionRule(c Config, id ModelID) validation.Violations {
	region, ok := c.ServiceSettings.Region.Known()
	switch {
	case !ok:
		return nil
	case id.Region != "" && id.Region != region:
		return validation.Violations{validation.Errorf(pathModel, "Model of another region",
			"The ARN names region %q, region is %q. A model runs only in its own region: write region = %q, or the ARN of the model in %s.", id.Region, region, id.Region, region)}
	case id.Geography != "" && !geographyHolds(id.Geography, region):
		return validation.Violations{validation.Errorf(pathModel, "Inference profile of another geography",
			"The profile's prefix %q does not cover region %q. Write a region of that geography, or the profile for %s.", id.Geography+".", region, region)}
	}
	return nil
}

// modelProviderRule compares vendors only where both sides have one that the
// service knows: an ARN with a random id names none.
func modelProviderRule(c Config, id ModelID) validation.Violations {
	provider, ok := c.knownProvider()
	if !ok {
		return nil
	}
	for _, maker := range Providers() {
		if abilities[maker].vendor == id.Vendor && maker != provider {
			return validation.Violations{validation.Errorf(pathModel, "Model of another provider",
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
	serves, known := id.KnownTask()
	switch {
	case !known:
		return nil
	case serves == TextEmbedding && task.Generates():
		return validation.Violations{validation.Errorf(pathModel, "Embedding model for a completion",
			"%s makes embeddings, which is not %s. Write a model that makes text, or text_embedding in place of %s.", id.Model, task, task)}
	case serves == Completion && task == TextEmbedding:
		return validation.Violations{validation.Errorf(pathModel, "Text model for an embedding",
			"%s makes text, which is not text_embedding. Write an embedding model such as \"amazon.titan-embed-text-v2:0\", or completion in place of text_embedding.", id.Model)}
	case task == TextEmbedding && id.isNova():
		return validation.Violations{validation.Errorf(pathModel, "Nova model for an embedding",
			"%s takes requests that the %s service does not make: its Amazon embeddings are Titan's. Write for example \"amazon.titan-embed-text-v2:0\".", id.Model, Service)}
	}
	return nil
}
