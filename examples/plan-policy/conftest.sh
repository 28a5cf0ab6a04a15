#!/bin/sh
# Checks a configuration and its plan with conftest: the names of nested attributes, then the policies. Run it in an initialized
# configuration.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

terraform providers schema -json >schema.json
conftest test --no-color --policy "$here/names" --data schema.json --parser hcl2 *.tf

terraform plan -input=false -json -out=plan.tfplan >plan.jsonl
terraform show -json plan.tfplan >plan.json
{ echo '['; paste -s -d , plan.jsonl; echo ']'; } >log.json # what uses an endpoint is in the warnings
conftest test --no-color --policy "$here/rego" plan.json log.json
