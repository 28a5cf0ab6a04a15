#!/bin/sh
# Creates a plan and checks it against the policy. What uses an endpoint is not in the plan but in its warnings, which are in
# the second file.
set -eu
here=$(dirname "$0")

terraform plan -input=false -json -out=plan.tfplan >plan.jsonl
terraform show -json plan.tfplan >plan.json
go run "$here/policy.go" plan.json plan.jsonl
