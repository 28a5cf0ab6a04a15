package main_test

import rego.v1

import data.main

good_settings := {
	"region": "eu-central-1",
	"provider": "amazontitan",
	"model": "amazon.titan-embed-text-v2:0",
	"rate_limit": {"requests_per_minute": 240},
}

good := {"task_type": "text_embedding", "force_destroy": false, "service_settings": good_settings, "task_settings": null}

# Returns a plan with one change of an endpoint.
plan(actions, before, after) := {
	"resource_changes": [{
		"address": "inference_endpoint.this",
		"type": "inference_endpoint",
		"change": {"actions": actions, "before": before, "after": after},
	}],
	"configuration": {"provider_config": {"inference": {
		"full_name": "registry.terraform.io/terraform-provider-inference/inference",
		"expressions": {"preflight": {"constant_value": true}},
	}}},
}

create(changes) := plan(["create"], null, object.union(good, changes))

says(messages, text) if {
	count(messages) == 1
	some message in messages
	contains(message, text)
}

test_allowed if count(main.deny) == 0 with input as create({})

test_no_change if count(main.deny) == 0 with input as plan(["no-op"], good, good)

test_region if says(main.deny, "us-east-1") with input as create({"service_settings": {"region": "us-east-1"}})

test_model if says(main.deny, "amazon.titan-embed-text-v1") with input as create({"service_settings": {"model": "amazon.titan-embed-text-v1"}})

test_address if says(main.deny, "https://es-staging.example.com:9200") with input as create({"target": "elasticsearch:uuid", "target_address": "https://es-staging.example.com:9200"})

test_allowed_address if count(main.deny) == 0 with input as create({"target": "elasticsearch:uuid", "target_address": "https://es.example.com:9200"})

test_file if count(main.deny) == 0 with input as create({"target": "embedded", "target_address": ".inference/endpoints.db"})

test_default_chain if says(main.warn, "access_key") with input as create({"credentials_source": "default_chain"})

test_own_keys if count(main.warn) == 0 with input as create({"credentials_source": "endpoint"})

test_rate_limit if says(main.deny, "1001") with input as create({"service_settings": {"rate_limit": {"requests_per_minute": 1001}}})

test_rate_limit_bound if count(main.deny) == 0 with input as create({"service_settings": {"rate_limit": {"requests_per_minute": 1000}}})

test_temperature if says(main.deny, "0.9") with input as create({"task_settings": {"temperature": 0.9}})

test_force_destroy if says(main.deny, "force_destroy") with input as create({"force_destroy": true})

test_update if says(main.deny, "0.9") with input as plan(["update"], good, object.union(good, {"task_settings": {"temperature": 0.9}}))

test_destroyed if says(main.deny, "index again") with input as plan(["delete"], good, null)

test_completion_destroyed if count(main.deny) == 0 with input as plan(["delete"], object.union(good, {"task_type": "completion"}), null)

test_replaced_for_keys if {
	patched := json.patch(plan(["delete", "create"], good, good), [{
		"op": "add",
		"path": "/resource_changes/0/change/replace_paths",
		"value": [["credentials_revision"], ["service_settings", "secret_key"]],
	}])
	count(main.deny) == 0 with input as patched
}

test_replaced_for_model if {
	patched := json.patch(plan(["delete", "create"], good, good), [{
		"op": "add",
		"path": "/resource_changes/0/change/replace_paths",
		"value": [["service_settings", "model"]],
	}])
	says(main.deny, "index again") with input as patched
}

test_without_preflight if {
	patched := json.patch(create({}), [{"op": "remove", "path": "/configuration/provider_config/inference/expressions/preflight"}])
	says(main.deny, "preflight = true") with input as patched
}

test_in_use if {
	log := [
		{"type": "version"},
		{"diagnostic": {"summary": "Endpoint in use is replaced", "address": "inference_endpoint.this", "detail": "It is used by the indices docs."}},
	]
	says(main.deny, "indices docs") with input as log
}
