# Finds misspelled names inside nested attributes, such as chunking_settings = { max_chunksize = 20 }. Terraform and OpenTofu
# drop them before a provider sees them, and "terraform validate" does not report them. It works for every provider:
#
#   terraform providers schema -json >schema.json
#   conftest test --policy names --data schema.json --parser hcl2 *.tf
#
# It reads objects that are written in the file, and not those that expressions such as merge() return.
package main

import rego.v1

# The kinds of blocks, and where the schema has them.
kinds := {
	"resource": "resource_schemas",
	"data": "data_source_schemas",
	"ephemeral": "ephemeral_resource_schemas",
}

# Blocks of the file: where they are, their content, and the attributes of their schema.
blocks contains block if {
	some kind, schemas in kinds
	some type, labels in input[kind]
	some name, bodies in labels
	some body in bodies
	some provider in data.provider_schemas
	block := {"at": sprintf("%s.%s", [type, name]), "body": body, "attributes": provider[schemas][type].block.attributes}
}

blocks contains block if {
	some name, bodies in input.provider
	some body in bodies
	some source, provider in data.provider_schemas
	endswith(source, sprintf("/%s", [name]))
	block := {"at": sprintf("provider.%s", [name]), "body": body, "attributes": provider.provider.block.attributes}
}

deny contains message if {
	some block in blocks
	walk(block.body, [path, value])
	is_object(value)
	names := [name | some name in path; is_string(name)] # without the indices of lists
	count(names) > 0
	steps := [step | some name in names; some step in ["attributes", name, "nested_type"]]
	nested := object.get(block, steps, {})
	nested.nesting_mode != "map" # whose keys are free
	some name, _ in value
	not nested.attributes[name]
	not startswith(name, "${") # a computed name
	message := sprintf("%s: %s has no attribute %q, and Terraform ignores it; write one of %s", [block.at, concat(".", names), name, concat(", ", sort(object.keys(nested.attributes)))])
}
