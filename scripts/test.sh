#!/usr/bin/env bash
# Runs Go tests, the acceptance tests among them, on one Terraform or OpenTofu. Ends with the totals, which it also
# appends to the file $TEST_RECORD if that is set.
# usage: scripts/test.sh CLI [go test flags] packages
set -euo pipefail
cd "$(dirname "$0")/.."

export TF_ACC=1 TF_ACC_TERRAFORM_PATH=$1
shift

read -r version < <("$TF_ACC_TERRAFORM_PATH" version)
if [[ $version == OpenTofu* ]]; then
	# The test framework's own defaults are Terraform's, and OpenTofu refuses them.
	export TF_ACC_PROVIDER_NAMESPACE=hashicorp TF_ACC_PROVIDER_HOST=registry.opentofu.org
fi

# Not from the test cache: it does not see what a CLI under test reads.
go test -json -count=1 -timeout=30m "$@" |
	go run ./internal/tools/testsummary -label "$version" ${TEST_RECORD:+-record "$TEST_RECORD"}
