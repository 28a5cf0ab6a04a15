package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func providerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Manages Amazon Bedrock inference endpoints, on Elasticsearch or on an embedded target that needs nothing else, and runs their models. " +
			"What the configuration leaves out is read from the environment.",
		Attributes: map[string]schema.Attribute{
			"elasticsearch": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "The Elasticsearch cluster on which endpoints live. Left out, and without `ELASTICSEARCH_ENDPOINTS` or `ELASTICSEARCH_URL` in the environment, they live on the embedded target. Excludes `embedded`.",
				Attributes:          elasticsearchAttributes(),
			},
			"embedded": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "The embedded target: endpoints in a file on this machine. Excludes `elasticsearch`.",
				Attributes: map[string]schema.Attribute{
					"path": text("File of the endpoints, made with its directory where there is none. It holds the AWS keys of the endpoints, sealed where `INFERENCE_EMBEDDED_PASSPHRASE` is set, and is readable by its owner only. Default `.inference/endpoints.db`; environment `INFERENCE_EMBEDDED_PATH`."),
				},
			},
			"bedrock": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "How the embedded target and runs without an endpoint reach Amazon Bedrock. Elasticsearch reaches it by itself.",
				Attributes:          bedrockAttributes(),
			},
		},
	}
}

func elasticsearchAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"endpoints": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Addresses of the cluster, such as `https://es:9200`; the next is tried where one cannot be reached. Environment `ELASTICSEARCH_ENDPOINTS` (comma-separated) or `ELASTICSEARCH_URL`.",
		},
		"api_key":        secretText("API key in its encoded form. Excludes the other ways to log in. Environment `ELASTICSEARCH_API_KEY`."),
		"username":       text("User name, with `password`. Environment `ELASTICSEARCH_USERNAME`."),
		"password":       secretText("Password of `username`. Environment `ELASTICSEARCH_PASSWORD`."),
		"bearer_token":   secretText("Bearer token, such as a service account's. Environment `ELASTICSEARCH_BEARER_TOKEN`."),
		"ca_file":        text("PEM file of the authorities that may have signed the server's certificate. Environment `ELASTICSEARCH_CA_FILE`."),
		"ca_data":        text("Those authorities as PEM text; excludes `ca_file`. Environment `ELASTICSEARCH_CA_DATA`."),
		"ca_fingerprint": text("SHA-256 fingerprint, in hex, of a certificate that the server must present; it takes the place of every other check. Environment `ELASTICSEARCH_CA_FINGERPRINT`."),
		"cert_file":      text("PEM file of the client's own certificate, with `key_file` or `key_data`. Environment `ELASTICSEARCH_CERT_FILE`."),
		"cert_data":      text("The client's own certificate as PEM text; excludes `cert_file`. Environment `ELASTICSEARCH_CERT_DATA`."),
		"key_file":       text("PEM file of the client certificate's key. Environment `ELASTICSEARCH_KEY_FILE`."),
		"key_data":       secretText("That key as PEM text; excludes `key_file`. Environment `ELASTICSEARCH_KEY_DATA`."),
		"insecure": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Accepts any server certificate. Default `false`. For tests only: anybody on the way can read the keys. Environment `ELASTICSEARCH_INSECURE`.",
		},
		"headers": schema.MapAttribute{
			Optional: true, Sensitive: true, ElementType: types.StringType,
			MarkdownDescription: "Headers to add to every request, for proxies that ask for them. Their values are kept out of messages.",
		},
		"version": text("Version of the cluster, such as `8.18.0`, or `serverless`, for a role that may not read `GET /`. Left out, the cluster is asked once in a run. Environment `ELASTICSEARCH_VERSION`."),
		"max_retries": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "How often a request that may be repeated is tried again, up to `1000` times. Default `4`; `0` for never.",
		},
		"retry_wait_min":  text("Bound of the first wait between two tries, which is random below it; the bound doubles with every try. Default `1s`, or `retry_wait_max` where that is shorter."),
		"retry_wait_max":  text("Where that bound stops growing. A server that asks for a wait of its own gets it, up to a minute. Default `30s`, or `retry_wait_min` where that is longer."),
		"request_timeout": text("How long one try may take. Default `60s`. Requests that wait for a model may take longer: `timeouts` bounds them."),
	}
}

func bedrockAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"region":        text("AWS region for what has none of its own, such as assuming a role. Environment `AWS_REGION`."),
		"profile":       text("Profile of the shared AWS configuration. Environment `AWS_PROFILE`."),
		"access_key":    secretText("AWS access key, with `secret_key`. Left out, AWS's default chain is used: environment, profile, SSO, web identity, container and instance roles."),
		"secret_key":    secretText("AWS secret key of `access_key`."),
		"session_token": secretText("Session token, where `access_key` is a temporary one."),
		"assume_role": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Role to assume with those credentials.",
			Attributes: map[string]schema.Attribute{
				"role_arn":     schema.StringAttribute{Required: true, MarkdownDescription: "ARN of the role."},
				"external_id":  text("External id that the role asks for."),
				"session_name": text("Name of the session, for the audit log. Default `terraform-provider-inference`."),
			},
		},
		"endpoint": text("Address of Bedrock Runtime, where it is not AWS's own: a VPC endpoint or a proxy. Environment `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`."),
		"simulate": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Answers come from a simulator in this process and not from a model; a warning says so. Default `false`. For tests, demonstrations and reviews without an AWS account. Environment `INFERENCE_BEDROCK_SIMULATE`.",
		},
		"max_attempts": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "How often a call to Bedrock is tried in all, from `1` to `1000`. Default `3`.",
		},
		"max_concurrency": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "How many calls of one run are under way at once, from `1` to `1000`. Default `8`.",
		},
		"request_timeout": text("How long one try of a call may take. Default `60s`. A model that was asked and takes longer is not asked again: AWS would bill it again."),
	}
}

func text(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}

func secretText(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: description}
}
