# Rules for plans with inference endpoints, for OPA and conftest:
#
# conftest.sh runs them. plan.json is the plan. log.json is what the plan printed, which alone says what uses an endpoint. Adapt
# the limits to your organization.
package main

import rego.v1

allowed_models := {
	"amazon.titan-embed-text-v2:0",
	"cohere.embed-multilingual-v3",
	"eu.anthropic.claude-haiku-4-5-20251001-v1:0",
}

max_requests_per_minute := 1000

max_temperature := 0.8

region_prefix := "eu-"

# Clusters that may be changed. A plan with another address was made with the environment of another cluster.
allowed_addresses := {"https://es.example.com:9200"}

# Endpoints that the plan creates, updates or replaces.
written contains change if {
	some change in input.resource_changes
	change.type == "inference_endpoint"
	some action in change.change.actions
	action in {"create", "update"}
}

# Endpoints that the plan destroys or replaces.
deleted contains change if {
	some change in input.resource_changes
	change.type == "inference_endpoint"
	"delete" in change.change.actions
}

deny contains message if {
	some change in written
	region := change.change.after.service_settings.region
	not startswith(region, region_prefix)
	message := sprintf("%s: region is %q; write a region that begins with %s", [change.address, region, region_prefix])
}

deny contains message if {
	some change in written
	not change.change.after.target == "embedded"
	address := change.change.after.target_address
	not address in allowed_addresses
	message := sprintf("%s: the plan was made for %s; use one of %s", [change.address, address, concat(", ", sort(allowed_addresses))])
}

warn contains message if {
	some change in written
	change.change.after.credentials_source == "default_chain"
	message := sprintf("%s: the model is called with the credentials of the machine that runs the provider; write access_key and secret_key", [change.address])
}

deny contains message if {
	some change in written
	model := change.change.after.service_settings.model
	not model in allowed_models
	message := sprintf("%s: model %q is not allowed; write one of %s", [change.address, model, concat(", ", sort(allowed_models))])
}

deny contains message if {
	some change in written
	limit := change.change.after.service_settings.rate_limit.requests_per_minute
	limit > max_requests_per_minute
	message := sprintf("%s: requests_per_minute is %v; write at most %v", [change.address, limit, max_requests_per_minute])
}

deny contains message if {
	some change in written
	temperature := change.change.after.task_settings.temperature
	temperature > max_temperature
	message := sprintf("%s: temperature is %v; write at most %v", [change.address, temperature, max_temperature])
}

deny contains message if {
	some change in written
	change.change.after.force_destroy
	message := sprintf("%s: force_destroy is true; the endpoint could be deleted while indices use it", [change.address])
}

# Vectors of one model cannot be compared with those of another. New keys may replace an endpoint: its model stays the same.
deny contains message if {
	some change in deleted
	change.change.before.task_type == "text_embedding"
	not replaced_for_keys(change)
	message := sprintf("%s: an embedding endpoint is deleted; create a second endpoint, index again, and remove the first one then", [change.address])
}

replaced_for_keys(change) if {
	paths := object.get(change.change, "replace_paths", [])
	count(paths) > 0
	every path in paths {
		path in [["credentials_revision"], ["service_settings", "secret_key"]]
	}
}

# A replacement deletes the endpoint before wrong keys are found, unless the provider tests them in the plan.
deny contains message if {
	some change in written
	not preflight
	message := sprintf("%s: keys and model are not tested before the apply; set preflight = true in the provider block", [change.address])
}

preflight if {
	some name, config in input.configuration.provider_config
	endswith(config.full_name, "/inference")
	config.expressions.preflight.constant_value
}

# What uses an endpoint is in the warnings of the plan.
deny contains message if {
	is_array(input)
	some line in input
	startswith(line.diagnostic.summary, "Endpoint in use is ")
	message := sprintf("%s: %s", [object.get(line.diagnostic, "address", "endpoint"), line.diagnostic.detail])
}
