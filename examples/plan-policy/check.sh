#!/bin/sh
# Plans, and asks the policy about the plan. What uses an endpoint is in no plan, but in the warnings beside it: the
# second file has them.
set -eu
here=$(dirname "$0")

terraform plan -input=false -json -out=plan.tfplan >plan.jsonl
terraform show -json plan.tfplan >plan.json
go run "$here/policy.go" plan.json plan.jsonl
