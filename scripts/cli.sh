#!/usr/bin/env bash
# Prints the path of the Terraform or OpenTofu to use: $TF_ACC_TERRAFORM_PATH, an installed one, or one that it builds.
set -euo pipefail

if [[ -n ${TF_ACC_TERRAFORM_PATH:-} ]]; then
	echo "$TF_ACC_TERRAFORM_PATH"
else
	command -v terraform || command -v tofu || "$(dirname "$0")/tool.sh" opentofu
fi
