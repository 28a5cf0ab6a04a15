// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func providerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Manages Amazon Bedrock inference endpoints, on Elasticsearch or on an embedded target that needs no server, and runs their models. " +
			"Settings that the configuration leaves out are read from the environment.",
		Attributes: map[string]schema.Attribute{
			"elasticsearch": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Elasticsearch cluster that holds the endpoints. `{}` requires a cluster and reads its settings from the environment. If the block is left out and none of `ELASTICSEARCH_ENDPOINTS`, `ELASTICSEARCH_URL` and `ELASTICSEARCH_CLOUD_ID` is set, the embedded target holds the endpoints. Excludes `embedded`.",
				Attributes:          elasticsearchAttributes(),
			},
			"embedded": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Embedded target: a file on this machine that holds the endpoints. `{}` chooses it explicitly, with the default path. Excludes `elasticsearch`.",
				Attributes: map[string]schema.Attribute{
					"path": optionalString("Path of the file that holds the endpoints. The file and its directory are created if needed. The file contains the AWS keys of the endpoints, encrypted if `INFERENCE_EMBEDDED_PASSPHRASE` is set, and only its owner can read it. Default `.inference/endpoints.db`. Environment `INFERENCE_EMBEDDED_PATH`."),
				},
			},
			"bedrock": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Connection to Amazon Bedrock of the embedded target, of runs without an endpoint, and of `preflight`. Elasticsearch connects to Amazon Bedrock by itself.",
				Attributes:          bedrockAttributes(),
			},
			"moved_from": optionalStrings("Targets from which the endpoints in the state have moved to the configured one, each as in the attribute `target` of an endpoint: `embedded`, or `elasticsearch:` and the UUID of the cluster. " +
				"An endpoint of the same id on the configured target is taken over: differences show as changes, and the configured keys are sent once. A missing one is created. The former target is neither read nor changed. " +
				"Remove it after the apply."),
			"preflight": optionalBool("Tests the keys, the region and the model of an endpoint with one short model call from this machine while a plan creates or replaces the endpoint or changes its keys. If the call fails, the plan fails, and nothing is deleted or changed. " +
				"AWS bills each call: about two input tokens, and one output token for a completion. There is one call per command for each combination of keys, region, model and task, and none while one of them is unknown. Default `false`. Environment `INFERENCE_PREFLIGHT`."),
		},
	}
}

func elasticsearchAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"endpoints":      optionalStrings("URLs of the cluster, such as `https://es:9200`. If one cannot be reached, the next is tried. Environment `ELASTICSEARCH_ENDPOINTS` (comma-separated) or `ELASTICSEARCH_URL`."),
		"cloud_id":       optionalString("Cloud ID of a deployment of Elastic Cloud, instead of `endpoints`. Environment `ELASTICSEARCH_CLOUD_ID`."),
		"api_key":        optionalSecret("API key in its encoded form. Excludes `username`, `password` and `bearer_token`. Environment `ELASTICSEARCH_API_KEY`."),
		"username":       optionalString("User name for basic authentication, together with `password`. Environment `ELASTICSEARCH_USERNAME`."),
		"password":       optionalSecret("Password for basic authentication, together with `username`. Environment `ELASTICSEARCH_PASSWORD`."),
		"bearer_token":   optionalSecret("Bearer token, such as the token of a service account. Excludes `api_key`, `username` and `password`. Environment `ELASTICSEARCH_BEARER_TOKEN`."),
		"ca_file":        optionalString("PEM file of the certificate authorities that may have signed the server's certificate. Environment `ELASTICSEARCH_CA_FILE`."),
		"ca_data":        optionalString("PEM text of the certificate authorities that may have signed the server's certificate. Excludes `ca_file`. Environment `ELASTICSEARCH_CA_DATA`."),
		"ca_fingerprint": optionalString("SHA-256 fingerprint, in hex, of a certificate that the server must present. It replaces every other check of the certificate. Environment `ELASTICSEARCH_CA_FINGERPRINT`."),
		"cert_file":      optionalString("PEM file of the client certificate, together with `key_file` or `key_data`. Environment `ELASTICSEARCH_CERT_FILE`."),
		"cert_data":      optionalString("PEM text of the client certificate, together with `key_file` or `key_data`. Excludes `cert_file`. Environment `ELASTICSEARCH_CERT_DATA`."),
		"key_file":       optionalString("PEM file of the client certificate's private key. Environment `ELASTICSEARCH_KEY_FILE`."),
		"key_data":       optionalSecret("PEM text of the client certificate's private key. Excludes `key_file`. Environment `ELASTICSEARCH_KEY_DATA`."),
		"insecure":       optionalBool("Accepts any server certificate. For tests only: anybody between this machine and the server can read the keys. Default `false`. Environment `ELASTICSEARCH_INSECURE`."),
		"headers": schema.MapAttribute{
			Optional: true, Sensitive: true, ElementType: types.StringType,
			MarkdownDescription: "HTTP headers to add to every request, for example for a proxy. Messages never contain their values.",
		},
		"version":         optionalString("Version of the cluster, such as `8.18.0`, or `serverless`. Needed only by users that may not read `GET /`; otherwise the version is read once per run. Environment `ELASTICSEARCH_VERSION`."),
		"max_retries":     optionalNumber("Number of times that a request which may be repeated is retried, from `0` to `1000`. Default `4`."),
		"retry_wait_min":  optionalString("Longest wait before the first retry; the wait is random, and its bound doubles with every retry. Default `1s`, or `retry_wait_max` if that is shorter."),
		"retry_wait_max":  optionalString("Longest wait between two tries. If the server asks for a certain wait, the provider waits that long, up to a minute. Default `30s`, or `retry_wait_min` if that is longer."),
		"request_timeout": optionalString("Longest duration of one attempt of a request. Requests that wait for a model may take longer, up to `timeouts`. Default `60s`."),
	}
}

func bedrockAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"region":        optionalString("AWS region of calls that have no region of their own, such as assuming a role. Environment `AWS_REGION`."),
		"profile":       optionalString("Profile of the shared AWS configuration. Environment `AWS_PROFILE`."),
		"access_key":    optionalSecret("AWS access key, together with `secret_key`. If it is left out, AWS's default credential chain is used: environment, profile, SSO, web identity, container and instance roles."),
		"secret_key":    optionalSecret("AWS secret key that belongs to `access_key`."),
		"session_token": optionalSecret("AWS session token, if `access_key` is a temporary key."),
		"assume_role": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "IAM role to assume with the configured or default credentials.",
			Attributes: map[string]schema.Attribute{
				"role_arn":     schema.StringAttribute{Required: true, MarkdownDescription: "ARN of the role to assume."},
				"external_id":  optionalString("External id that the role's trust policy requires."),
				"session_name": optionalString("Session name of the assumed role, which audit logs show. Default `terraform-provider-inference`."),
			},
		},
		"endpoint":         optionalString("URL of Bedrock Runtime, if it is not AWS's own: a VPC endpoint or a proxy. Environment `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`."),
		"simulate":         optionalBool("Uses a simulator inside the provider instead of Amazon Bedrock. Plans and applies that store or test simulated results warn about it. For tests, demonstrations and reviews without an AWS account. Default `false`. Environment `INFERENCE_BEDROCK_SIMULATE`."),
		"max_attempts":     optionalNumber("Number of times that a call to Amazon Bedrock is sent, at most, if it fails for a reason that may pass, such as a lost connection or an error 500; from `1` to `1000`. Throttled attempts do not count: `throttle_timeout` bounds them. `1` sends every call once, even if it is throttled. Default `3`."),
		"throttle_timeout": optionalString("Longest time for which a call that Amazon Bedrock throttles is sent again, within `timeouts`. A call that exceeds a daily quota is not sent again. Default `5m`."),
		"max_concurrency":  optionalNumber("Number of calls that one run sends concurrently, from `1` to `1000`. Default `8`."),
		"request_timeout":  optionalString("Longest duration of one attempt of a call to Amazon Bedrock. A call that takes longer is not repeated, because AWS would bill it again. Default `60s`."),
	}
}

// The provider, data sources, ephemeral resources and actions share the attributes below:
// those of the framework differ only in the type of the map that has them.

func optionalString(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}

func optionalSecret(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: description}
}

func optionalStrings(description string) schema.Attribute {
	return schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
}

func optionalNumber(description string) schema.Attribute {
	return schema.NumberAttribute{Optional: true, MarkdownDescription: description}
}

func optionalBool(description string) schema.Attribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
}
