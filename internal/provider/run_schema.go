package provider

import (
	"context"

	datatimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	ephemeraltimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/ephemeral/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// What becomes of a run, and that it costs money, stands first in the
// documentation of each shape.
const (
	completionRun    = "Answers prompts with an endpoint of the target, or with a model directly. "
	textEmbeddingRun = "Embeds texts with an endpoint of the target, or with a model directly. "

	storedRun    = "A data source runs at every plan and apply, and every run is billed. Its inputs and answers are kept in the state and in plan files; to keep them nowhere, use the ephemeral resource of the same name."
	ephemeralRun = "An ephemeral resource runs at every plan and apply, and every run is billed. Nothing of it is kept, neither in the state nor in plan files. Where the plan is to make the endpoint, it runs only once that is there."
)

const runTimeoutDescription = "How long the run may take, retries and waiting for the rate limit included, such as `90s`. Default `5m`."

// forEphemeral lets the attributes of a run be written once, as those of a data
// source. Ephemeral resources take them as they are: only the maps that hold them
// differ in type.
func forEphemeral(attributes map[string]schema.Attribute) map[string]ephemeralschema.Attribute {
	same := make(map[string]ephemeralschema.Attribute, len(attributes))
	for name, attribute := range attributes {
		same[name] = attribute
	}
	return same
}

// runAttributes are those of every run, with the service settings and task
// settings that its task has.
func runAttributes(service, task map[string]schema.Attribute) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"inference_id": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Endpoint of the target to run. Excludes `service_settings`.",
		},
		"service_settings": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Model to run without an endpoint, straight on Amazon Bedrock. Excludes `inference_id`.",
			Attributes:          service,
		},
		"task_settings": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Settings of this run; they go before those of the endpoint. What is left out is not sent.",
			Attributes:          task,
		},
		"usage": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Tokens over all inputs, by which the run is billed. Each number is null where the model or the target does not report it.",
			Attributes: map[string]schema.Attribute{
				"input_tokens":  schema.Int64Attribute{Computed: true, MarkdownDescription: "Tokens that the model read."},
				"output_tokens": schema.Int64Attribute{Computed: true, MarkdownDescription: "Tokens that the model wrote; null for embeddings."},
			},
		},
	}
}

func runService(provider string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"region":   schema.StringAttribute{Required: true, MarkdownDescription: "AWS region of the model, such as `us-east-1`."},
		"provider": schema.StringAttribute{Required: true, MarkdownDescription: provider},
		"model":    schema.StringAttribute{Required: true, MarkdownDescription: "Model id, inference profile id or ARN. It has to agree with `provider` and `region`."},
		"rate_limit": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How often the model may be asked; runs of one model with one limit share it.",
			Attributes: map[string]schema.Attribute{
				"requests_per_minute": schema.Int64Attribute{Optional: true, MarkdownDescription: "Requests per minute, above 0. Default `240`."},
			},
		},
	}
}

// withKeys adds AWS keys, which only a shape that stores nothing may have.
func withKeys(service map[string]schema.Attribute) map[string]schema.Attribute {
	service["access_key"] = schema.StringAttribute{
		Optional: true, Sensitive: true,
		MarkdownDescription: "AWS access key for this run, with `secret_key`. Left out, the credentials of the provider's `bedrock` block are used.",
	}
	service["secret_key"] = schema.StringAttribute{
		Optional: true, Sensitive: true,
		MarkdownDescription: "AWS secret key that belongs to `access_key`.",
	}
	return service
}

func inputAttribute(description string) schema.Attribute {
	return schema.ListAttribute{Required: true, ElementType: types.StringType, MarkdownDescription: description}
}

func readTimeouts(ctx context.Context) schema.Attribute {
	attribute := datatimeouts.AttributesWithOpts(ctx, datatimeouts.Opts{ReadDescription: runTimeoutDescription})
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

func openTimeouts(ctx context.Context) ephemeralschema.Attribute {
	attribute := ephemeraltimeouts.AttributesWithOpts(ctx, ephemeraltimeouts.Opts{OpenDescription: runTimeoutDescription})
	if nested, ok := attribute.(ephemeralschema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = timeoutsDescription
		for name, inner := range nested.Attributes {
			if text, ok := inner.(ephemeralschema.StringAttribute); ok {
				text.Validators = []validator.String{duration{}}
				nested.Attributes[name] = text
			}
		}
		return nested
	}
	return attribute
}
