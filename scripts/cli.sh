#!/usr/bin/env bash
# Prints the path of the Terraform or OpenTofu to work with: the one asked for, one that is installed, else a built one.
set -euo pipefail

if [[ -n ${TF_ACC_TERRAFORM_PATH:-} ]]; then
	echo "$TF_ACC_TERRAFORM_PATH"
else
	command -v terraform || command -v tofu || "$(dirname "$0")/tool.sh" opentofu
fi
