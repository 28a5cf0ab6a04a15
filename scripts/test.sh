#!/usr/bin/env bash
# Runs Go tests, including the acceptance tests, with one version of Terraform or OpenTofu. Prints the totals at the end,
# and appends them to the file $TEST_RECORD if it is set.
# usage: scripts/test.sh CLI [go test flags] packages
set -euo pipefail
cd "$(dirname "$0")/.."

export TF_ACC=1 TF_ACC_TERRAFORM_PATH=$1
shift

read -r version < <("$TF_ACC_TERRAFORM_PATH" version)
if [[ $version == OpenTofu* ]]; then
	# OpenTofu refuses the defaults of the test framework, which are those of Terraform.
	export TF_ACC_PROVIDER_NAMESPACE=hashicorp TF_ACC_PROVIDER_HOST=registry.opentofu.org
fi

# The test cache is disabled because it does not track the files that the CLI reads. Acceptance tests wait for processes much
# of the time, so that twice as many as there are processors keep them busy.
go test -json -count=1 -timeout=30m -parallel $((2 * $(getconf _NPROCESSORS_ONLN))) "$@" |
	go run ./internal/tools/testsummary -label "$version" ${TEST_RECORD:+-record "$TEST_RECORD"}
