#!/usr/bin/env bash
# Copies the provider to where the CLIs look for local providers. The address of a provider begins with a host, which
# for one and the same source in a configuration differs between Terraform and OpenTofu.
# usage: scripts/install.sh BINARY VERSION
set -euo pipefail

for host in registry.terraform.io registry.opentofu.org; do
	dir=$HOME/.terraform.d/plugins/$host/terraform-provider-inference/inference/$2/$(go env GOOS)_$(go env GOARCH)
	mkdir -p "$dir"
	cp "$1" "$dir/terraform-provider-inference_v$2"
	echo "installed $dir/terraform-provider-inference_v$2"
done
