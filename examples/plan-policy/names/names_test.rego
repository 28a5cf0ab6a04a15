package main_test

import rego.v1

import data.main

text := {"type": "string", "optional": true}

settings := {
	"name": text,
	"limits": {"nested_type": {"nesting_mode": "single", "attributes": {"minute": text, "hour": text}}},
}

attributes := {
	"id": text,
	"settings": {"nested_type": {"nesting_mode": "single", "attributes": settings}},
	"rules": {"nested_type": {"nesting_mode": "list", "attributes": {"name": text}}},
	"tags": {"nested_type": {"nesting_mode": "map", "attributes": {"value": text}}},
	"labels": {"type": ["map", "string"]},
}

schema := {"block": {"attributes": attributes}}

schemas := {"registry.terraform.io/example/example": {
	"provider": schema,
	"resource_schemas": {"example_thing": schema},
	"data_source_schemas": {"example_thing": schema},
	"ephemeral_resource_schemas": {"example_thing": schema},
}}

messages(file) := found if {
	found := main.deny with input as file with data.provider_schemas as schemas
}

resource(body) := {"resource": {"example_thing": {"this": [body]}}}

says(found, expected) if {
	count(found) == 1
	some message in found
	contains(message, expected)
}

test_right if count(messages(resource({"id": "a", "settings": {"name": "a", "limits": {"minute": "1"}}, "rules": [{"name": "a"}]}))) == 0

test_misspelled if says(messages(resource({"settings": {"nam": "a"}})), "example_thing.this: settings has no attribute \"nam\", and Terraform ignores it; write one of limits, name")

test_deeper if says(messages(resource({"settings": {"limits": {"minutes": "1"}}})), "settings.limits has no attribute \"minutes\"")

test_in_a_list if says(messages(resource({"rules": [{"name": "a"}, {"nme": "b"}]})), "rules has no attribute \"nme\"")

test_two if count(messages(resource({"settings": {"nam": "a", "limit": {}}}))) == 2

test_keys_of_maps if count(messages(resource({"labels": {"any": "a"}, "tags": {"any": {"value": "a"}}}))) == 0

test_expression if count(messages(resource({"settings": "${merge(local.a, {nam = 1})}"}))) == 0

test_computed_name if count(messages(resource({"settings": {"${var.name}": "a"}}))) == 0

test_blocks if count(messages(resource({"lifecycle": {"ignore_changes": ["${settings}"]}, "provisioner": {"local-exec": {"command": "a"}}}))) == 0

test_other_provider if count(messages({"resource": {"other_thing": {"this": [{"settings": {"nam": "a"}}]}}})) == 0

test_data if says(messages({"data": {"example_thing": {"this": [{"settings": {"nam": "a"}}]}}}), "nam")

test_ephemeral if says(messages({"ephemeral": {"example_thing": {"this": [{"settings": {"nam": "a"}}]}}}), "nam")

test_provider if says(messages({"provider": {"example": [{"settings": {"nam": "a"}}]}}), "provider.example: settings has no attribute \"nam\"")
