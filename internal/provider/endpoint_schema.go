package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
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

var (
	rateLimitTypes = map[string]attr.Type{"requests_per_minute": types.Int64Type}

	serviceSettingsTypes = map[string]attr.Type{
		"access_key":       types.StringType,
		"secret_key":       types.StringType,
		"region":           types.StringType,
		"provider":         types.StringType,
		"model":            types.StringType,
		"rate_limit":       types.ObjectType{AttrTypes: rateLimitTypes},
		"similarity":       types.StringType,
		"max_input_tokens": types.Int64Type,
		"dimensions":       types.Int64Type,
	}

	taskSettingsTypes = map[string]attr.Type{
		"temperature":    types.Float64Type,
		"top_p":          types.Float64Type,
		"top_k":          types.Float64Type,
		"max_new_tokens": types.Int64Type,
		"truncate":       types.StringType,
	}

	chunkingSettingsTypes = map[string]attr.Type{
		"strategy":         types.StringType,
		"max_chunk_size":   types.Int64Type,
		"overlap":          types.Int64Type,
		"sentence_overlap": types.Int64Type,
		"separators":       types.ListType{ElemType: types.StringType},
		"separator_group":  types.StringType,
	}
)

// endpointVersion is that of the state's form. A new one needs an upgrade of
// states that have the old.
const endpointVersion = 0

// endpointSchema has no plan modifiers that replace: which change replaces an
// endpoint is the planner's to say, in ModifyPlan.
func endpointSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		Version: endpointVersion,
		MarkdownDescription: "An Amazon Bedrock inference endpoint: a model under an id of yours, with its rate limit and its way of cutting text. " +
			"It lives on Elasticsearch (the `_inference` API) or on the embedded target, whichever the provider is configured for.",
		Attributes: map[string]schema.Attribute{
			"inference_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The endpoint's id: `a-z`, `0-9`, `_`, `-` and `.`, beginning and ending with a letter or digit. A change replaces the endpoint.",
			},
			"task_type": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "What the endpoint does: `text_embedding`, `completion`, or `chat_completion` where the target has it. A change replaces the endpoint.",
			},
			"service": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Always `amazonbedrock`, which is also the default.",
				Default:             stringdefault.StaticString(inference.Service),
			},
			"service_settings":  serviceSettingsAttribute(),
			"task_settings":     taskSettingsAttribute(),
			"chunking_settings": chunkingSettingsAttribute(),
			"credentials_version": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "A number that you raise when the AWS keys change. Where it is set, it alone decides whether the keys are rotated; " +
					"set it when the keys come from something that makes new ones at every run. It needs `access_key` and `secret_key`.",
			},
			"credentials_rotation": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "How new keys get to the endpoint: `replace` (default) deletes it and makes it again, as the service documents it; " +
					"`in_place` updates it, which Elasticsearch can from 8.17 on, but not in 9.5.0 to 9.5.2.",
				Default: stringdefault.StaticString(rotateByReplacing),
			},
			"credentials_revision": schema.Int64Attribute{
				Computed:            true,
				MarkdownDescription: "Counts the rotations of the AWS keys, from 1. In a plan it shows that a replacement is due to new keys.",
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"target": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Where the endpoint lives: `embedded`, or `elasticsearch:` and the id of the cluster. Where the provider points elsewhere, it is left alone and a warning says so.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"force_destroy": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Deletes the endpoint even when pipelines or indices use it, which then stop working. Default `false`.",
				Default:             booldefault.StaticBool(false),
			},
			"timeouts": endpointTimeouts(ctx),
		},
	}
}

func endpointTimeouts(ctx context.Context) schema.Attribute {
	attribute := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, Read: true, Update: true, Delete: true,
		CreateDescription: "How long making the endpoint may take, the model's first answer included, such as `90s`. Default `5m`.",
		ReadDescription:   "How long reading the endpoint may take. Default `2m`.",
		UpdateDescription: "How long an update may take. Default `5m`.",
		DeleteDescription: "How long deleting may take. Default `2m`.",
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = timeoutsDescription
		for name, inner := range nested.Attributes {
			if text, ok := inner.(schema.StringAttribute); ok {
				text.Validators = []validator.String{duration{}}
				nested.Attributes[name] = text
			}
		}
		return nested
	}
	return attribute
}

// timeoutsDescription stands at the timeouts of every shape.
const timeoutsDescription = "How long operations may take, retries included; Elasticsearch is told how much of it is left."

func serviceSettingsAttribute() schema.Attribute {
	defaultRateLimit := types.ObjectValueMust(rateLimitTypes,
		map[string]attr.Value{"requests_per_minute": types.Int64Value(inference.DefaultRequestsPerMinute)})
	return schema.SingleNestedAttribute{
		Required:            true,
		MarkdownDescription: "Which model answers, where, and how often it may be asked.",
		Attributes: map[string]schema.Attribute{
			"access_key": schema.StringAttribute{
				Optional: true, Sensitive: true, WriteOnly: true,
				MarkdownDescription: "AWS access key that the endpoint uses. Write-only: it is sent to the target and stored nowhere else. " +
					"Elasticsearch needs it; on the embedded target AWS's default chain takes its place.",
			},
			"secret_key": schema.StringAttribute{
				Optional: true, Sensitive: true, WriteOnly: true,
				MarkdownDescription: "AWS secret key that belongs to `access_key`. Write-only. A changed key is noticed by a salted digest and replaces the endpoint; see `credentials_rotation`.",
			},
			"region": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "AWS region of the model, such as `us-east-1`. A change replaces the endpoint.",
			},
			"provider": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Maker of the model: `amazontitan` and `cohere` for embeddings; these, `anthropic`, `ai21labs`, `meta` and `mistral` for completions. " +
					"A change replaces the endpoint.",
			},
			"model": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Model id, inference profile id or ARN, such as `amazon.titan-embed-text-v2:0`. It has to agree with `provider`, `region` and `task_type`. " +
					"A change replaces the endpoint.",
			},
			"rate_limit": schema.SingleNestedAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "How often the model may be asked.",
				Default:             objectdefault.StaticValue(defaultRateLimit),
				Attributes: map[string]schema.Attribute{
					"requests_per_minute": schema.Int64Attribute{
						Optional: true, Computed: true,
						MarkdownDescription: "Requests per minute, above 0. Default `240`. Before Elasticsearch 9.5 a change replaces the endpoint.",
						Default:             int64default.StaticInt64(inference.DefaultRequestsPerMinute),
					},
				},
			},
			"similarity": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Measure by which vectors are compared: `cosine`, `dot_product` or `l2_norm`. Embeddings only; left out, the target chooses `cosine`. A change replaces the endpoint.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()},
			},
			"max_input_tokens": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Texts are cut to about this many tokens, 3 characters each, before they are embedded; from `1`. Embeddings only; left out, nothing is cut. Before Elasticsearch 9.5 a change replaces the endpoint.",
			},
			"dimensions": schema.Int64Attribute{
				Computed:            true,
				MarkdownDescription: "Length of the vectors, as the target learnt it from the model. Null for completions.",
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseNonNullStateForUnknown()},
			},
		},
	}
}

func taskSettingsAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "How answers are made. What is left out is not sent, so that the model's own default holds. Elasticsearch cannot take a setting back: removing one replaces the endpoint there.",
		Attributes: map[string]schema.Attribute{
			"temperature": schema.Float64Attribute{
				Optional:            true,
				MarkdownDescription: "Randomness of completions, from `0.0` to `1.0`. Excludes `top_p` and `top_k`.",
			},
			"top_p": schema.Float64Attribute{
				Optional:            true,
				MarkdownDescription: "Share of the most likely tokens that completions choose from, from `0.0` to `1.0`. Excludes `temperature`.",
			},
			"top_k": schema.Float64Attribute{
				Optional: true,
				MarkdownDescription: "Number of the most likely tokens that completions choose from; `anthropic`, `cohere` and `mistral` only. Excludes `temperature`. " +
					"The embedded target takes whole numbers up to `500`; Elasticsearch takes `0.0` to `1.0` and ignores it.",
			},
			"max_new_tokens": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Most tokens that a completion may have, above 0. Left out, the model's own limit holds.",
			},
			"truncate": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "What Cohere's embedding models do with texts that are too long: `NONE` refuses them, `START` and `END` cut there. Needs Elasticsearch 8.19, or 9.1.",
			},
		},
	}
}

func chunkingSettingsAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "How Elasticsearch cuts a long text before it is embedded; embeddings only. Left out: `sentence`, 250 words, 1 sentence of overlap. " +
			"What is left out of it gets the default of its strategy, and the plan shows it. A change holds for what is indexed from then on; before Elasticsearch 9.5 it replaces the endpoint.",
		Attributes: map[string]schema.Attribute{
			"strategy": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "`sentence` (default), `word`, `recursive` (from Elasticsearch 9.1) or `none` (from 8.19, or 9.1).",
			},
			"max_chunk_size": schema.Int64Attribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Most words in a chunk. Default `250`, at least `20` (`sentence`) or `10` (`word`, `recursive`), at most `300` on the embedded target and on Elasticsearch before 9.2.",
			},
			"overlap": schema.Int64Attribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Words that a chunk repeats from the one before; `word` only, from `0` (Elasticsearch: `1`) to half of `max_chunk_size`. Default `100`, or that half where it is smaller.",
			},
			"sentence_overlap": schema.Int64Attribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Sentences that a chunk repeats from the one before; `sentence` only, `0` or `1`. Default `1`.",
			},
			"separators": schema.ListAttribute{
				Optional: true, Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Java regular expressions at which the text is split, tried in order; `recursive` only. Excludes `separator_group`.",
			},
			"separator_group": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Ready-made separators: `plaintext` (default) or `markdown`; `recursive` only. Excludes `separators`.",
			},
		},
	}
}
