#!/usr/bin/env bash
# Copies the provider to the directories where the CLIs look for local providers. There is one for each registry, because
# Terraform and OpenTofu resolve the same source address to different hosts.
# usage: scripts/install.sh BINARY VERSION
set -euo pipefail

for host in registry.terraform.io registry.opentofu.org; do
	dir=$HOME/.terraform.d/plugins/$host/terraform-provider-inference/inference/$2/$(go env GOOS)_$(go env GOARCH)
	mkdir -p "$dir"
	cp "$1" "$dir/terraform-provider-inference_v$2"
	echo "installed $dir/terraform-provider-inference_v$2"
done
