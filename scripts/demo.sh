#!/usr/bin/env bash
# Applies examples/quickstart as a user would: installs the provider in a filesystem mirror, then runs init, apply, a
# second plan, and destroy, in a temporary directory that is removed afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."

cli=$(scripts/cli.sh)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step() { printf '\n==> %s\n' "$1"; }

step "Build the provider"
for host in registry.terraform.io registry.opentofu.org; do
	dir=$work/mirror/$host/terraform-provider-inference/inference/0.1.0/$(go env GOOS)_$(go env GOARCH)
	mkdir -p "$dir"
	if [[ -z ${built:-} ]]; then
		built=$dir/terraform-provider-inference_v0.1.0
		go build -o "$built" .
	else
		cp "$built" "$dir/"
	fi
done
cat >"$work/cli.tfrc" <<END
provider_installation {
  filesystem_mirror {
    path = "$work/mirror"
  }
}
END
export TF_CLI_CONFIG_FILE=$work/cli.tfrc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
cp -r examples/quickstart "$work/quickstart"
cd "$work/quickstart"

# Runs a command and prints its output only if it fails.
quietly() {
	if ! "$@" >"$work/said" 2>&1; then
		cat "$work/said" >&2
		exit 1
	fi
}

step "Apply the quickstart on the embedded target, with the simulator"
quietly "$cli" init -no-color
quietly "$cli" plan -no-color -out="$work/create.tfplan"
"$cli" apply -no-color "$work/create.tfplan"

step "Plan again: nothing to do"
"$cli" plan -no-color -detailed-exitcode

step "Destroy"
quietly "$cli" plan -no-color -destroy -out="$work/destroy.tfplan"
"$cli" apply -no-color "$work/destroy.tfplan"
