// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"math/big"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/numberdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/numberplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// The values of credentials_rotation.
const (
	rotateByReplacing = "replace"
	rotateInPlace     = "in_place"
)

// The values of credentials_source.
const (
	sourceEndpoint     = "endpoint"
	sourceProvider     = "provider"
	sourceDefaultChain = "default_chain"
)

var (
	rateLimitTypes        = map[string]attr.Type{"requests_per_minute": types.NumberType}
	serviceSettingsTypes  = nestedTypes(serviceSettingsAttribute())
	taskSettingsTypes     = nestedTypes(taskSettingsAttribute())
	chunkingSettingsTypes = nestedTypes(chunkingSettingsAttribute())
	endpointTimeoutTypes  = nestedTypes(endpointTimeouts())
)

// nestedTypes returns the types of the attributes inside a nested attribute.
func nestedTypes(nested interface{ GetType() attr.Type }) map[string]attr.Type {
	object, _ := nested.GetType().(types.ObjectType)
	return object.AttrTypes
}

// endpointVersion is the version of the state's schema. A new version needs an
// upgrade of states that have an older one; see also stateUpgrader.
const endpointVersion = 0

// endpointSchema has no plan modifiers that require replacement: the planner
// decides in ModifyPlan which change replaces an endpoint.
func endpointSchema(context.Context) schema.Schema {
	return schema.Schema{
		Version: endpointVersion,
		MarkdownDescription: "Manages an Amazon Bedrock inference endpoint: a model with its settings, under an id of your choice. " +
			"The target that the provider is configured for holds it: Elasticsearch (the `_inference` API) or the embedded target. " +
			"Terraform drops misspelled names inside nested attributes such as `chunking_settings` without a message; the guide \"Checking plans in CI\" has a check that finds them.",
		Attributes: map[string]schema.Attribute{
			"id": keptString("Equal to `inference_id`, but not known before the endpoint exists. Refer to it where something needs the endpoint itself, such as a data source that runs its model: " +
				"Terraform then waits for the endpoint to be created or replaced."),
			"inference_id": requiredString("Id of the endpoint: `a-z`, `0-9`, `_`, `-` and `.`, beginning and ending with a letter or digit. A change replaces the endpoint."),
			"task_type":    requiredString("Task type of the endpoint: `text_embedding`, `completion`, or `chat_completion` if the target supports it. A change replaces the endpoint."),
			"service": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Service of the endpoint. `amazonbedrock` is the only value, and the default.",
				Default:             stringdefault.StaticString(inference.Service),
			},
			"service_settings":  serviceSettingsAttribute(),
			"task_settings":     taskSettingsAttribute(),
			"chunking_settings": chunkingSettingsAttribute(),
			"credentials_version": settableNumber("Version number of the AWS keys. If it is set, the keys are rotated whenever it changes, and only then; " +
				"set it if the source of the keys returns new ones at every run. It requires `access_key` and `secret_key`."),
			"credentials_rotation": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "How changed AWS keys reach the endpoint: `replace` deletes and recreates the endpoint, as the service documents it; " +
					"`in_place` updates it, which Elasticsearch supports from 8.18 on, except in 9.5.0 to 9.5.2. " +
					"If it is left out, the endpoint is replaced, unless pipelines or indices use it, so that it could not be deleted, and the target can update it. " +
					"It is null if it is left out, or `replace` in states of provider versions that had this default.",
			},
			"credentials_revision": schema.NumberAttribute{
				Computed:            true,
				MarkdownDescription: "Number of times that the AWS keys were set, from 1. In a plan, a new value shows that the keys change.",
				PlanModifiers:       []planmodifier.Number{numberplanmodifier.UseStateForUnknown()},
			},
			"credentials_source": keptString("AWS credentials that call the model: `endpoint` for the endpoint's own keys; on the embedded target also `provider` for those of the provider's `bedrock` block, " +
				"and `default_chain` for AWS's default credential chain where the provider runs."),
			"target": keptString("Target that holds the endpoint: `embedded`, or `elasticsearch:` and the UUID of the cluster. If the provider is configured for another target, plans fail and the endpoint is left unchanged."),
			"target_address": keptString("Address at which the provider created, imported or last changed the endpoint: the URLs of the cluster, or the path of the embedded file. " +
				"Another address of the same target is no change."),
			"force_destroy": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Whether to delete the endpoint even if pipelines or indices use it, which then stop working. Default `false`.",
				Default:             booldefault.StaticBool(false),
			},
			"timeouts": endpointTimeouts(),
		},
	}
}

func requiredString(description string) schema.Attribute {
	return schema.StringAttribute{Required: true, MarkdownDescription: description}
}

func settableString(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}

func settableNumber(description string) schema.Attribute {
	return schema.NumberAttribute{Optional: true, MarkdownDescription: description}
}

// completedString is an attribute that the plan completes if the configuration leaves it out.
func completedString(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: description}
}

// completedNumber is an attribute that the plan completes if the configuration leaves it out.
func completedNumber(description string) schema.Attribute {
	return schema.NumberAttribute{Optional: true, Computed: true, MarkdownDescription: description}
}

// keptString is a computed attribute that keeps its value unless the planner plans another one.
func keptString(description string) schema.Attribute {
	return schema.StringAttribute{
		Computed: true, MarkdownDescription: description,
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

func endpointTimeouts() schema.Attribute {
	timeout := func(operation string, fallback time.Duration) schema.Attribute {
		return schema.StringAttribute{
			Optional: true, MarkdownDescription: timeoutDescription(operation, fallback), Validators: []validator.String{durationValidator{}},
		}
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: timeoutsDescription,
		Attributes: map[string]schema.Attribute{
			"create": timeout("creating the endpoint may take, including the first response of its model", defaultCreateTimeout),
			"read":   timeout("reading the endpoint may take", defaultReadTimeout),
			"update": timeout("updating the endpoint may take", defaultUpdateTimeout),
			"delete": timeout("deleting the endpoint may take", defaultDeleteTimeout),
		},
	}
}

func serviceSettingsAttribute() schema.Attribute {
	defaultRateLimit := types.ObjectValueMust(rateLimitTypes,
		map[string]attr.Value{"requests_per_minute": wholeNumber(inference.DefaultRequestsPerMinute)})
	return schema.SingleNestedAttribute{
		Required:            true,
		MarkdownDescription: "Model of the endpoint, its region, its AWS keys and its rate limit.",
		Attributes: map[string]schema.Attribute{
			"access_key": schema.StringAttribute{
				Optional: true, Sensitive: true, WriteOnly: true,
				MarkdownDescription: "AWS access key that the endpoint uses. Write-only: it is sent to the target and stored nowhere else. " +
					"Elasticsearch requires it; the embedded target uses AWS's default credential chain if it is left out.",
			},
			"secret_key": schema.StringAttribute{
				Optional: true, Sensitive: true, WriteOnly: true,
				MarkdownDescription: "AWS secret key that belongs to `access_key`. Write-only. The provider detects a changed key by a salted digest in its private state; `credentials_rotation` decides what happens then.",
			},
			"region": requiredString("AWS region of the model, such as `us-east-1`. A change replaces the endpoint."),
			"provider": requiredString("Provider of the model: `amazontitan` and `cohere` for embeddings; these, `anthropic`, `ai21labs`, `meta` and `mistral` for completions. " +
				"A change replaces the endpoint."),
			"model": requiredString("Model id, inference profile id or ARN, such as `amazon.titan-embed-text-v2:0`. It must agree with `provider`, `region` and `task_type`. " +
				"A change replaces the endpoint."),
			"rate_limit": schema.SingleNestedAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Rate limit of requests to the model.",
				Default:             objectdefault.StaticValue(defaultRateLimit),
				Attributes: map[string]schema.Attribute{
					"requests_per_minute": schema.NumberAttribute{
						Optional: true, Computed: true,
						MarkdownDescription: "Requests per minute, above 0. Default `240`. Before Elasticsearch 9.5 a change replaces the endpoint.",
						Default:             numberdefault.StaticBigFloat(big.NewFloat(inference.DefaultRequestsPerMinute)),
					},
				},
			},
			"similarity": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Measure that compares vectors: `cosine`, `dot_product` or `l2_norm`. Embeddings only; if it is left out, the target chooses `cosine`. A change replaces the endpoint.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()},
			},
			"max_input_tokens": settableNumber("Approximate number of tokens, of 3 characters each, to which texts are cut before they are embedded; from `1`. Embeddings only; if it is left out, texts are not cut. Before Elasticsearch 9.5 a change replaces the endpoint."),
			"dimensions": schema.NumberAttribute{
				Computed:            true,
				MarkdownDescription: "Number of dimensions of the vectors, as reported by the target. Null for completions.",
				PlanModifiers:       []planmodifier.Number{numberplanmodifier.UseNonNullStateForUnknown()},
			},
		},
	}
}

func taskSettingsAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Settings of the task. Settings that are left out are not sent, so that the model's own defaults apply. Elasticsearch cannot remove a task setting, so that removing one replaces the endpoint there.",
		Attributes: map[string]schema.Attribute{
			"temperature": settableNumber("Randomness of completions, from `0.0` to `1.0`. Excludes `top_p` and `top_k`."),
			"top_p":       settableNumber("Cumulative probability of the most likely tokens that the model samples from, from `0.0` to `1.0`. Completions only. Excludes `temperature`."),
			"top_k": settableNumber("Number of the most likely tokens that the model samples from; completions of `anthropic`, `cohere` and `mistral` only. Excludes `temperature`. " +
				"The embedded target accepts whole numbers up to `500`; Elasticsearch accepts `0.0` to `1.0` and ignores it."),
			"max_new_tokens": settableNumber("Largest number of tokens in a completion, above 0. If it is left out, the model's own limit applies."),
			"truncate":       settableString("What Cohere's embedding models do with a text that is too long: `NONE` refuses it, `START` and `END` cut it at that end. Requires Elasticsearch 8.19 or 9.1."),
		},
	}
}

func chunkingSettingsAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "How Elasticsearch splits a long text before it is embedded; embeddings only. Default: strategy `sentence`, 250 words, 1 sentence of overlap. " +
			"Attributes that are left out get the default of the strategy, and the plan shows them. A change applies to documents that are indexed afterwards; before Elasticsearch 9.5 it replaces the endpoint.",
		Attributes: map[string]schema.Attribute{
			"strategy":         completedString("Chunking strategy: `sentence` (default), `word`, `recursive` (from Elasticsearch 9.1) or `none` (from 8.19 or 9.1)."),
			"max_chunk_size":   completedNumber("Largest number of words in a chunk. Default `250`, at least `20` (`sentence`) or `10` (`word`, `recursive`), at most `300` on the embedded target and on Elasticsearch before 9.2."),
			"overlap":          completedNumber("Number of words that a chunk repeats from the previous one; `word` only, from `0` (Elasticsearch: `1`) to half of `max_chunk_size`. Default `100`, or that half if it is smaller."),
			"sentence_overlap": completedNumber("Number of sentences that a chunk repeats from the previous one; `sentence` only, `0` or `1`. Default `1`."),
			"separators": schema.ListAttribute{
				Optional: true, Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Java regular expressions at which the text is split, tried in order; `recursive` only. Excludes `separator_group`.",
			},
			"separator_group": completedString("Predefined separators: `plaintext` (default) or `markdown`; `recursive` only. Excludes `separators`."),
		},
	}
}
