// SPDX-License-Identifier: MPL-2.0

package provider_test

import "slices"

const (
	atModel    = "service_settings.model"
	atProvider = "service_settings.provider"
	atRegion   = "service_settings.region"
)

// textModels are the values of provider, each with a model that generates text.
var textModels = []struct{ provider, model string }{
	{"amazontitan", "amazon.titan-text-premier-v1:0"},
	{"anthropic", "anthropic.claude-3-haiku-20240307-v1:0"},
	{"ai21labs", "ai21.jamba-1-5-mini-v1:0"},
	{"cohere", "cohere.command-r-v1:0"},
	{"meta", "meta.llama3-8b-instruct-v1:0"},
	{"mistral", "mistral.mistral-large-2402-v1:0"},
}

// invalidModels are errors in the model and its provider.
func invalidModels() []invalidConfig {
	rows := invalidEndpointValues(validCompletion(), atProvider, `is not a model provider. Write "amazontitan", "anthropic"`,
		"", "openai", "amazon", "Anthropic", "ANTHROPIC", "bedrock", "titan", "ai21")
	rows = append(rows, invalidEndpointValues(validEndpoint(), atModel, `is neither a model id .* Copy the id or ARN`,
		"", "claude", "titan embed", "amazon/titan-embed-text-v2:0", "Amazon.Titan-embed-text-v2:0", "amazon.titan-embed-text-v2:0 ",
		"arn:aws:s3:::bucket/key", "arn:aws:bedrock:us-east-1::guardrail/x", "arn:aws:bedrock:us-east-1:1:provisioned-model/x",
		"arn:aws:bedrock:us-east-1", "https://bedrock.example/amazon.titan-embed-text-v2:0")...)
	for _, maker := range textModels {
		if !slices.Contains([]string{"amazontitan", "cohere"}, maker.provider) {
			rows = append(rows, invalidConfig{
				"embeddings of " + maker.provider, endpointResource,
				with(with(validEndpoint(), atProvider, maker.provider), atModel, maker.model[:4]+".model-x"), atProvider, `has no models for text_embedding. Write "amazontitan" or "cohere"`,
			})
		}
		for _, other := range textModels {
			if other.provider != maker.provider {
				rows = append(rows, invalidConfig{
					"model of " + maker.provider + " under " + other.provider, endpointResource,
					with(with(validCompletion(), atProvider, other.provider), atModel, maker.model),
					atModel, `The model belongs to ` + maker.provider + `, but provider is "` + other.provider + `". Write`,
				})
			}
		}
	}
	rows = append(rows, modelsOfAnotherRegion()...)
	return append(rows, modelsOfAnotherTask()...)
}

// modelsOfAnotherRegion are models that are not available in the region.
func modelsOfAnotherRegion() []invalidConfig {
	var rows []invalidConfig
	for _, arn := range []string{
		"arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-embed-text-v2:0",
		"arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.titan-embed-text-v2:0",
		"arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc",
		"arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abc",
		"arn:aws:bedrock:eu-west-1:123456789012:custom-model/amazon.titan-embed-text-v2:0/abc",
		"arn:aws:bedrock:eu-west-1:123456789012:custom-model-deployment/abc",
		"arn:aws:bedrock:eu-west-1:123456789012:imported-model/abc",
		"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/abc",
	} {
		rows = append(rows, invalidEndpointValues(validEndpoint(), atModel, `The ARN names region .*: write region = `, arn)...)
	}
	rows = append(rows, invalidEndpointValues(validEndpoint(), atModel, `is of partition "aws-us-gov", region .*write a region of`, "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.titan-embed-text-v2:0")...)
	rows = append(rows, invalidEndpointValues(validEndpoint(), atModel, `generates text, .*Write an embedding model`, "arn:aws:bedrock:us-east-1:123456789012:prompt-router/abc",
		"arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/abc", "arn:aws:bedrock:us-east-1:123456789012:prompt/abc")...)
	for geography, region := range map[string]string{
		"us": "eu-west-1", "us-gov": "us-east-1", "eu": "us-east-1", "apac": "eu-central-1", "jp": "ap-southeast-2",
		"au": "ap-northeast-1", "ca": "us-west-2", "sa": "us-east-2", "amer": "eu-west-3", "global": "us-gov-west-1",
	} {
		rows = append(rows, invalidConfig{
			"profile of " + geography + " in " + region, endpointResource,
			with(with(validCompletion(), atRegion, region), atModel, geography+".anthropic.claude-sonnet-4-5-20250929-v1:0"),
			atModel, `does not cover region "` + region + `". Write`,
		})
	}
	return rows
}

// modelsOfAnotherTask are models that do not support the task type.
func modelsOfAnotherTask() []invalidConfig {
	var rows []invalidConfig
	for model, provider := range map[string]string{
		"amazon.titan-embed-text-v1": "amazontitan", "amazon.titan-embed-text-v2:0": "amazontitan", "amazon.titan-embed-image-v1": "amazontitan",
		"cohere.embed-english-v3": "cohere", "cohere.embed-multilingual-v3": "cohere", "cohere.embed-v4:0": "cohere",
		"us.cohere.embed-v4:0": "cohere", "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v1": "amazontitan",
	} {
		for _, task := range []string{"completion", "chat_completion"} {
			config := with(with(validCompletion(), "task_type", task), atProvider, provider)
			rows = append(rows, invalidConfig{task + " by " + model, endpointResource, with(config, atModel, model), atModel, `creates embeddings, .*Write .*or use text_embedding instead`})
		}
	}
	for model, provider := range map[string]string{
		"amazon.titan-text-lite-v1": "amazontitan", "amazon.titan-text-express-v1": "amazontitan", "amazon.nova-pro-v1:0": "amazontitan",
		"cohere.command-r-v1:0": "cohere", "cohere.command-text-v14": "cohere",
	} {
		rows = append(rows, invalidConfig{"embeddings by " + model, endpointResource, with(with(validEndpoint(), atProvider, provider), atModel, model), atModel, `generates text, .*Write .*or use completion instead`})
	}
	return append(rows, invalidConfig{"embeddings by Nova", endpointResource, with(validEndpoint(), atModel, "amazon.nova-2-multimodal-embeddings-v1:0"), atModel, `Write for example "amazon.titan-embed-text-v2:0"`})
}
